/**
 * An entry point that the code of another one of the same driver has called: a savepoint before its first op, and if it
 * fails and its caller catches the error, only what it did is undone.
 */
import type { EntryPointError, RollbackReport } from './errors.js';
import type { Level } from './level.js';
import type { Levels } from './levels.js';
import type { Outbox } from './outbox.js';

/** State that can be brought back to where it was when a nested call began. */
export interface StateSavepoint {
  release(): void;
  revert(): void;
}

/** The transaction that nested calls are part of, as far as they need it. */
export interface Around {
  readonly levels: Levels;
  readonly outbox: Outbox;
  /** The error for a call that is refused before it has begun. */
  refuse(parent: Level, call: string): EntryPointError;
  /** Brings back what the level has changed, and fails it. */
  undo(level: Level, cause: unknown): Promise<RollbackReport>;
  errorOf(call: string, cause: unknown, rollback: RollbackReport): EntryPointError;
  /** Queues what the caller has asked for in the meantime. */
  resume(parent: Level): void;
}

/** Runs the call. Rejects with its EntryPointError when it has failed; the caller goes on where it could be undone. */
export async function runNested<Result>(
  around: Around,
  parent: Level,
  call: string,
  run: (level: Level) => Promise<Result> | Result,
  openState: () => StateSavepoint,
): Promise<Result> {
  const { levels, outbox } = around;
  const endTurn = await parent.takeTurn();
  if (parent.closed || parent.failure) {
    endTurn();
    throw around.refuse(parent, call);
  }
  const level = levels.open(parent, call);
  let state: StateSavepoint | undefined;
  try {
    state = openState();
    const result = await Promise.race([run(level), level.failed]);
    await release(around, level, parent);
    state.release();
    return result;
  } catch (cause) {
    const rollback = await around.undo(level, cause);
    // Where the registers could not be brought back, nobody may go on as if they were. The controller has ended it all.
    const { outcome } = rollback;
    if (outcome === 'mismatch') levels.root.restored ??= { ...rollback, outcome };
    if (outcome === 'unknown' || outcome === 'mismatch') levels.failAll(cause);
    revertState(levels, state);
    throw around.errorOf(call, cause, rollback);
  } finally {
    levels.end(level);
    endTurn();
    around.resume(parent);
    outbox.flushSoon();
  }
}

/** A nested call has returned: it has succeeded when the controller has run all that it asked for. */
async function release({ levels, outbox }: Around, level: Level, parent: Level): Promise<void> {
  levels.refuseRunning(level);
  level.closed = true;
  const waiting = outbox.locked(level);
  if (waiting) await waiting;
  if (level.begun && !level.failure) outbox.control('release', level);
  await outbox.settled();
  if (level.failure) throw level.failure.cause;
  outbox.passDeferred(level, parent);
  parent.onRollback.push(...level.onRollback);
  parent.onCommit.push(...level.onCommit);
}

/** State that cannot be brought back fails the call as a whole: then none of it is kept. */
function revertState(levels: Levels, state: StateSavepoint | undefined): void {
  try {
    state?.revert();
  } catch (error) {
    levels.failAll(error);
  }
}
