/** What fits into the frames that a controller has announced. */
import { LinkError } from '../errors.js';
import { requestSize } from './frame.js';
import type { Hello } from './hello.js';
import { resultSize, type Op } from './ops.js';
import { SIZES } from './protocol.js';

/** The length of a frame that every controller takes, before it has said what it takes. */
const HELLO_LIMIT_BYTES = 64;

/** Bytes that ops may take in one request. */
export const requestCapacity = ({ limits }: Hello): number => limits.frameBytes - SIZES.requestHeader - SIZES.crc;

/** Bytes that results may take in one answer: the controller reserves room for a failure and a full report. */
export function resultCapacity({ limits }: Hello): number {
  const reserved = SIZES.failure + SIZES.rollbackReport + limits.mismatches * SIZES.mismatch;
  return limits.frameBytes - SIZES.answerHeader - SIZES.crc - reserved;
}

/** Throws `frame-too-long` for ops that do not fit; `hello` is what the controller has announced, if it has already. */
export function checkSize(ops: readonly Op[], hello: Hello | undefined): void {
  const limit = hello?.limits.frameBytes ?? HELLO_LIMIT_BYTES;
  const results = ops.reduce((size, op) => size + resultSize(op), 0);
  const fits = requestSize(ops) <= limit && (!hello || results <= resultCapacity(hello) || ops.length === 1);
  if (!fits) {
    throw new LinkError(
      'frame-too-long',
      `A frame of ${requestSize(ops)} bytes with ${results} bytes of results does not fit: this board takes ${limit} bytes. Split the operation.`,
    );
  }
}
