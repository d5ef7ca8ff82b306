/** What fits into the frames that a controller has announced. */
import { LinkError } from '../errors.js';
import { requestSize } from './frame.js';
import type { Hello } from './hello.js';
import { opSize, resultSize, type Op } from './ops.js';
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
  if (!fits) throw tooLong(`A frame of ${requestSize(ops)} bytes with ${results} bytes of results`, limit);
}

/** The number of values in an op is one byte. */
const MOST_VALUES = 0xff;
const BEGIN_SIZE = 1;

/** Throws `frame-too-long` for an op that fits into no frame, not even alone behind BEGIN. */
export function checkOpSize(op: Op, hello: Hello): void {
  const values = 'values' in op ? op.values.length : 0;
  if (values > MOST_VALUES || BEGIN_SIZE + opSize(op) > requestCapacity(hello))
    throw tooLong(`An operation of ${opSize(op)} bytes with ${values} values`, hello.limits.frameBytes);
}

const tooLong = (what: string, limit: number): LinkError =>
  new LinkError(
    'frame-too-long',
    `${what} does not fit: this board takes ${limit} bytes, and at most ${MOST_VALUES} values at once. Split the operation.`,
  );
