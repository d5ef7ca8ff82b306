import { crc32 } from '../../transports/crc32.js';
import { decodeResult, encodeOp, opSize, rollbackReportSize, type Op, type OpResult } from './ops.js';
import {
  ANSWER_MAGIC,
  POKE_MAGIC,
  PROTOCOL_VERSION,
  REQUEST_MAGIC,
  SIZES,
  STATUS,
  type StatusName,
} from './protocol.js';

/** A request frame before it is bytes. `transaction` 0 means none. */
export interface Request {
  readonly session: number;
  readonly sequence: number;
  readonly transaction: number;
  readonly ops: readonly Op[];
}

/** The head of an answer; its body is read by `decodeAnswer`, which needs the ops that were asked. */
export interface AnswerHead {
  readonly version: number;
  readonly session: number;
  readonly sequence: number;
  readonly epoch: number;
  readonly status: StatusName | undefined;
  readonly ran: number;
}

export interface Failure {
  readonly peripheral: number;
  readonly block: number;
  readonly offset: number;
  readonly expected: number;
  readonly found: number;
}

/** A mismatch in the controller's terms: numbers of the peripheral and of the entry in its save list. */
export interface RawMismatch {
  readonly peripheral: number;
  readonly save: number;
  readonly expected: number;
  readonly found: number;
}

export interface RawRestoreReport {
  readonly outcome: 'nothing' | 'restored' | 'mismatch';
  readonly registers: number;
  readonly mismatches: readonly RawMismatch[];
}

export interface AnswerBody {
  readonly results: readonly OpResult[];
  /** Present when the status is not `ok`. */
  readonly failure?: Failure;
  readonly restore: RawRestoreReport;
}

export const NOTHING_RESTORED: RawRestoreReport = { outcome: 'nothing', registers: 0, mismatches: [] };

const STATUS_NAMES = new Map(Object.entries(STATUS).map(([name, code]) => [code as number, name as StatusName]));

/** Bytes of a request with these ops. */
export const requestSize = (ops: readonly Op[]): number =>
  ops.reduce((size, op) => size + opSize(op), SIZES.requestHeader + SIZES.crc);

export function encodeRequest(request: Request): Uint8Array {
  const bytes = new Uint8Array(requestSize(request.ops));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, REQUEST_MAGIC);
  view.setUint8(1, PROTOCOL_VERSION);
  view.setUint16(2, bytes.length, true);
  view.setUint16(4, request.session, true);
  view.setUint16(6, request.sequence, true);
  view.setUint8(8, request.transaction);
  view.setUint8(9, request.ops.length);
  let at: number = SIZES.requestHeader;
  for (const op of request.ops) at = encodeOp(op, view, at);
  view.setUint32(at, crc32(bytes, 0, at), true);
  return bytes;
}

/** Whether these bytes are no answer, but the poke that events are waiting. */
export function isPoke(bytes: Uint8Array): boolean {
  if (bytes.length !== SIZES.poke || bytes[0] !== POKE_MAGIC) return false;
  const end = bytes.length - SIZES.crc;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true) === crc32(bytes, 0, end);
}

/** The head of an answer, or undefined when the bytes are damaged. */
export function decodeAnswerHead(bytes: Uint8Array): AnswerHead | undefined {
  if (bytes.length < SIZES.answerHeader + SIZES.crc || bytes[0] !== ANSWER_MAGIC) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - SIZES.crc;
  if (view.getUint16(2, true) !== bytes.length || view.getUint32(end, true) !== crc32(bytes, 0, end)) return undefined;
  return {
    version: view.getUint8(1),
    session: view.getUint16(4, true),
    sequence: view.getUint16(6, true),
    epoch: view.getUint32(8, true),
    status: STATUS_NAMES.get(view.getUint8(12)),
    ran: view.getUint8(13),
  };
}

/**
 * The body of an undamaged answer to `ops`. Returns undefined when it does not have the shape that the ops ask for:
 * then the other side does not speak our protocol, whatever its version says.
 */
export function decodeAnswerBody(bytes: Uint8Array, head: AnswerHead, ops: readonly Op[]): AnswerBody | undefined {
  const end = bytes.length - SIZES.crc;
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  if (head.ran > ops.length || (head.status === 'ok' && head.ran !== ops.length)) return undefined;
  try {
    let at: number = SIZES.answerHeader;
    const results = ops.slice(0, head.ran).map((op) => {
      const { result, size } = decodeResult(op, view, at);
      at += size;
      return result;
    });
    if (head.status === 'ok') return at === end ? { results, restore: NOTHING_RESTORED } : undefined;
    const failure = readFailure(view, at);
    const restore = readRestoreReport(view, at + SIZES.failure);
    at += SIZES.failure + rollbackReportSize(view, at + SIZES.failure);
    return at === end ? { results, failure, restore } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const readFailure = (view: DataView, at: number): Failure => ({
  peripheral: view.getUint8(at),
  block: view.getUint8(at + 1),
  offset: view.getUint16(at + 2, true),
  expected: view.getUint32(at + 4, true),
  found: view.getUint32(at + 8, true),
});

const OUTCOMES = ['nothing', 'restored', 'mismatch'] as const;

/** Reads a rollback report, as the result of `rollback` and at the end of a failed answer. */
export function readRestoreReport(view: DataView, at: number): RawRestoreReport {
  const count = view.getUint8(at + 1);
  return {
    outcome: OUTCOMES[view.getUint8(at)] ?? 'mismatch',
    registers: view.getUint16(at + 2, true),
    mismatches: Array.from({ length: count }, (_, i) => {
      const entry = at + SIZES.rollbackReport + i * SIZES.mismatch;
      return {
        peripheral: view.getUint8(entry),
        save: view.getUint8(entry + 1),
        expected: view.getUint32(entry + 2, true),
        found: view.getUint32(entry + 6, true),
      };
    }),
  };
}
