import type { Answer } from './link.js';
import type { Op } from './ops.js';

/** A request from the moment when it is made until it is answered. */
export interface Pending {
  readonly ops: readonly Op[];
  readonly transaction: number;
  /** How long its answer may take, in ms. */
  readonly waitMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  onSent: (() => void) | undefined;
  /** The number of its frame, and the frame, from when it is sent. */
  sequence: number;
  bytes: Uint8Array;
  /** When it is to be answered at the latest. */
  due: number;
}

const NO_BYTES = new Uint8Array(0);

/** A request that has not been sent; its answer may take `answerTimeoutMs` beyond the waits that its ops ask for. */
export function pendingRequest(
  ops: readonly Op[],
  transaction: number,
  answerTimeoutMs: number,
  settle: Pick<Pending, 'resolve' | 'reject'>,
): Pending {
  const waitMs = answerTimeoutMs + ops.reduce((ms, op) => ms + waitOf(op), 0);
  return { ops, transaction, waitMs, ...settle, onSent: undefined, sequence: -1, bytes: NO_BYTES, due: 0 };
}

/** Milliseconds that an op may legitimately take on the controller. */
function waitOf(op: Op): number {
  if (op.op === 'delay') return op.us / 1000;
  return op.op === 'poll' ? op.timeoutUs / 1000 : 0;
}
