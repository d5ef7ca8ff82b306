import type { BoardSession } from './board.js';
import {
  ControllerError,
  DefinitionError,
  EntryPointError,
  LinkError,
  RegisterError,
  TransactionError,
  TransportError,
  type FailureDetector,
} from './errors.js';
import type { Release } from './locks.js';
import { StateError } from './state/index.js';
import { Transaction } from './transaction.js';

export const LOCK_TIMEOUT_MS = 10_000;

export interface EntryPointOptions {
  /** Milliseconds after which the call fails and is rolled back, even if it never returns. */
  readonly deadline?: number;
}

/** One call of an entry point that is about to start. */
export interface Call extends EntryPointOptions {
  readonly board: BoardSession;
  /** For messages and traces: `Servo.angle`. */
  readonly name: string;
  /** What it locks from its start to its end. */
  readonly locks: Iterable<object>;
}

/** What a call does, and what becomes of the driver's state. */
export interface Body<Result> {
  run(): Promise<Result> | Result;
  /** Throws when the state cannot be kept; what it returns keeps it, and cannot fail. */
  prepare(): () => void;
  /** After the rollback. */
  discard(): void | Promise<void>;
  /** Whatever happened, the call is over. */
  ended?(): void;
}

/** Runs a call as a transaction: registers and state change together, or neither does. */
export async function runAsTransaction<Result>(
  call: Call,
  begin: (transaction: Transaction) => Body<Result>,
): Promise<Result> {
  const release = await takeLocks(call);
  const transaction = new Transaction(call.board, call.name);
  const body = begin(transaction);
  const cancelDeadline = startDeadline(call, transaction);
  try {
    const result = await Promise.race([body.run(), transaction.failed]);
    const commitState = body.prepare();
    await transaction.commit();
    commitState();
    return result;
  } catch (cause) {
    const rollback = await transaction.rollback(cause);
    await body.discard();
    throw new EntryPointError(detectorOf(cause), call.name, cause, rollback, transaction.roundTrips);
  } finally {
    cancelDeadline?.();
    body.ended?.();
    release();
  }
}

/** An entry point called by another one of the same driver is part of it: if it fails, the outer one cannot commit. */
export async function joinTransaction<Result>(
  outer: Transaction,
  name: string,
  run: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    outer.fail(new TransactionError('nested-failure', `${name}, called by ${outer.call}, failed.`, { cause }));
    throw cause;
  }
}

/** Two-phase locking: the locks that are known before the call, released after its end. */
async function takeLocks({ board, name, locks }: Call): Promise<Release> {
  try {
    return await board.locks.acquire([...locks], LOCK_TIMEOUT_MS, name);
  } catch (cause) {
    const nothing = { outcome: 'nothing', registers: 0, mismatches: [], permanent: [], ms: 0 } as const;
    throw new EntryPointError(detectorOf(cause), name, cause, nothing, 0);
  }
}

function startDeadline({ board, name, deadline }: Call, transaction: Transaction): (() => void) | undefined {
  if (deadline === undefined) return undefined;
  return board.environment.after(deadline, () =>
    transaction.fail(new TransactionError('deadline', `${name} took longer than its ${deadline} ms.`)),
  );
}

/** Which detector an error comes from; anything that is not ours is an exception of the driver's code. */
function detectorOf(cause: unknown): FailureDetector {
  if (cause instanceof RegisterError || cause instanceof DefinitionError) return 'register-contract';
  if (cause instanceof StateError) return 'state-contract';
  if (cause instanceof ControllerError) return 'controller-fault';
  if (cause instanceof LinkError || cause instanceof TransportError) return 'link-failure';
  if (!(cause instanceof TransactionError)) return 'exception';
  const { code } = cause;
  return code === 'transaction-ended' || code === 'outside-transaction' ? 'stray-work' : code;
}
