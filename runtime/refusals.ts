/** What code is told that asks a transaction for what it cannot have. */
import { TransactionError } from './errors.js';
import type { Op } from './link/ops.js';
import { sentence } from './sentence.js';

export const irrevocableError = (call: string, { op }: Op): TransactionError =>
  new TransactionError(
    'irrevocable',
    op === 'readFifo'
      ? `${call} wants values out of a FIFO: a rollback could not put them back. Read it in a native method, outside of the entry point.`
      : `${call} wants the answer to a command that a rollback could not undo. Send it in a native method, outside of the entry point.`,
  );

export const strayError = (call: string, op: Op): TransactionError =>
  new TransactionError(
    'transaction-ended',
    `${call} has ended, but code it left behind still tries to ${op.op}: it was refused. Await everything that the entry point starts.`,
  );

export const reentrancyError = (outer: string, call: string): TransactionError =>
  new TransactionError(
    're-entrancy',
    `${outer} has its driver until it ends, and its own code has called ${call} on it: that would wait for its own caller. Call it on \`this\`, which makes it a part of the call, or leave the method native.`,
  );

export const rejectionError = (call: string, reason: unknown): TransactionError =>
  new TransactionError(
    'rejection',
    `A promise of ${call} was rejected, and nobody looked: ${sentence(reason)} Await everything that the entry point starts.`,
    { cause: reason },
  );

export const lateCallError = (call: string, nested: string): TransactionError =>
  new TransactionError(
    'transaction-ended',
    `${call} has ended, but code it left behind still calls ${nested}: it was refused. Await everything that the entry point starts.`,
  );

export const strayCallError = (call: string, nested: string): TransactionError =>
  new TransactionError(
    'transaction-ended',
    `${call} has returned while ${nested}, which it had called, was still running. Await everything that the entry point starts.`,
  );
