import type { BoardSession } from './board.js';
import { notBegun } from './detectors.js';
import { TransactionError } from './errors.js';
import type { Hook } from './level.js';
import type { Circuit } from './recovery/breaker.js';
import type { Scope } from './scope.js';
import { Transaction } from './transaction.js';

/** One call of an entry point that is about to start. */
export interface Call {
  readonly board: BoardSession;
  /** Milliseconds after which it fails. */
  readonly deadline?: number | undefined;
  /** For messages and traces: `Servo.angle`. */
  readonly name: string;
  /** The drivers whose calls run one after another. */
  readonly drivers: readonly object[];
}

/** What a call does, and what becomes of the driver's state. */
export interface Body<Result> {
  run(): Promise<Result> | Result;
  /** Throws when what the call leaves cannot be kept; what it returns keeps the state, and cannot fail. */
  prepare(result: Result): (() => void) | Promise<() => void>;
  /** After the rollback. */
  discard(): void | Promise<void>;
  /** Whatever happened, the call is over. */
  ended?(): void;
}

/** Runs a call as a transaction: registers and state change together, or neither does. */
export function runAsTransaction<Result>(call: Call, begin: (scope: Scope) => Body<Result>): Promise<Result> {
  const circuit = call.board.breakers.of(call);
  return circuit ? runInCircuit(circuit, call, begin) : attempt(call, begin);
}

async function runInCircuit<Result>(
  circuit: Circuit,
  call: Call,
  begin: (scope: Scope) => Body<Result>,
): Promise<Result> {
  try {
    circuit.admit();
  } catch (cause) {
    throw notBegun(call.name, cause);
  }
  try {
    const result = await attempt(call, begin);
    circuit.succeeded();
    return result;
  } catch (error) {
    circuit.failed(error);
    throw error;
  }
}

async function attempt<Result>(call: Call, begin: (scope: Scope) => Body<Result>): Promise<Result> {
  const transaction = new Transaction(call.board, call.name, call.board.context?.current);
  await enter(transaction, call);
  const body = begin(transaction.scope);
  try {
    const { result, hooks } = await toCommit(transaction, call, body);
    await runAfterCommit(call.name, hooks);
    return result;
  } finally {
    body.ended?.();
  }
}

/** Runs the body and commits; resolves with what it has left to do, or undoes everything and rejects. */
async function toCommit<Result>(
  transaction: Transaction,
  call: Call,
  body: Body<Result>,
): Promise<{ result: Result; hooks: readonly Hook[] }> {
  const cancelDeadline = startDeadline(call, transaction);
  try {
    const result = await Promise.race([inContext(transaction, () => body.run()), transaction.failed]);
    const preparing = body.prepare(result);
    const commitState =
      typeof preparing === 'function' ? preparing : await Promise.race([preparing, transaction.failed]);
    const hooks = await transaction.commit();
    commitState();
    return { result, hooks };
  } catch (cause) {
    const rollback = await transaction.rollback(cause);
    await body.discard();
    throw transaction.errorOf(call.name, cause, rollback);
  } finally {
    cancelDeadline?.();
  }
}

/** Runs the code of a call such that it is known by it, where the platform can do that. */
function inContext<Result>(transaction: Transaction, code: () => Result): Result {
  const { context } = transaction.board;
  return context ? context.run(transaction, code) : code();
}

/** A nested call that is one with its caller: if it fails, the outer one cannot commit. */
export async function joinTransaction<Result>(
  { transaction }: Scope,
  name: string,
  run: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    transaction.fail(
      new TransactionError('nested-failure', `${name}, called by ${transaction.call}, failed.`, { cause }),
    );
    throw cause;
  }
}

async function enter(transaction: Transaction, call: Call): Promise<void> {
  try {
    await transaction.enter(call.drivers);
  } catch (cause) {
    throw notBegun(call.name, cause);
  }
}

function startDeadline({ board, name, deadline }: Call, transaction: Transaction): (() => void) | undefined {
  if (deadline === undefined) return undefined;
  return board.environment.after(deadline, () =>
    transaction.fail(new TransactionError('deadline', `${name} took longer than its ${deadline} ms.`)),
  );
}

/** A call that has committed can no longer fail; that something behind it did must not be lost either. */
async function runAfterCommit(call: string, hooks: readonly Hook[]): Promise<void> {
  for (const hook of hooks) {
    try {
      await hook();
    } catch (cause) {
      throw new TransactionError(
        'after-commit',
        `${call} has committed, and stays so, but an onCommit hook of it failed. Hooks behind it did not run.`,
        { cause },
      );
    }
  }
}
