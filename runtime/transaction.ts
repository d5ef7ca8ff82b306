import { admit, type Entrant } from './admission.js';
import type { BoardSession } from './board.js';
import type { RunningCall } from './context/context.js';
import { detectorOf, notBegun } from './detectors.js';
import type { Fate } from './events/events.js';
import { EntryPointError, type RollbackReport } from './errors.js';
import { handled } from './fallible-call.js';
import type { Hook, Level } from './level.js';
import { Levels } from './levels.js';
import { hasFeature } from './link/hello.js';
import { missingFeature } from './link/link-errors.js';
import type { Link } from './link/link.js';
import type { Op, OpResult } from './link/ops.js';
import { runNested, type Around, type StateSavepoint } from './nested.js';
import { Outbox, POSTED, type Queued } from './outbox.js';
import type { CompiledPeripheral } from './registers/compile.js';
import { Scope } from './scope.js';
import { irrevocableError, lateCallError, rejectionError, strayError } from './refusals.js';
import { recover, restore, restoredAlready, restoredBy, runBackwards, wasCommitted } from './undo.js';

const DONE = Promise.resolve();
const NONE: readonly object[] = [];

/**
 * One call of an entry point, as the controller sees it.
 *
 * Writes are posted: they wait in a queue and leave in one frame, at the next read, at the commit, or in the next turn
 * of the event loop. The first frame that changes a register starts with BEGIN, so a call that only reads costs the
 * controller nothing; the last one ends with COMMIT, so a call that only writes is one round trip. The controller
 * checkpoints each peripheral before its first change; here it is locked when the call first touches it, until its end.
 *
 * When an op fails on the controller, the transaction has been rolled back there by the time we read of it. When
 * anything fails on this side, `rollback` has the controller do it. Either way the transaction is over: what its code
 * still does afterwards is stray work, and is refused.
 *
 * An entry point that is called by this one is a level of its own: a savepoint before its first op, and if it fails,
 * only what it did is undone, by the same rules.
 */
export class Transaction implements Entrant, RunningCall {
  readonly board: BoardSession;
  /** The entry point, for messages and traces: `Servo.angle`. */
  readonly call: string;
  /** The drivers that it has locked. */
  drivers: readonly object[] = NONE;
  /** The call whose code has made this one, where the platform can tell. */
  #caller: Transaction | undefined;
  readonly #levels: Levels;
  readonly #root: Level;
  readonly #outbox: Outbox;
  readonly #around: Around;
  /** Of its own nested calls: their causes are this transaction's, too. */
  readonly #nestedErrors: EntryPointError[] = [];

  constructor(board: BoardSession, call: string, caller?: RunningCall) {
    this.board = board;
    this.call = call;
    this.#caller = caller instanceof Transaction ? caller : undefined;
    this.#levels = new Levels(call, (levels, cause) => this.#outbox.drop(levels, cause));
    this.#root = this.#levels.root;
    this.#outbox = new Outbox(board, this, this.#levels.running, (level, error) => this.#failed(level, error));
    this.#around = {
      levels: this.#levels,
      outbox: this.#outbox,
      refuse: (parent, name) => this.#refuseCall(parent, name),
      undo: (level, cause) => this.#undo('revert', level, cause),
      errorOf: (name, cause, rollback) => this.errorOf(name, cause, rollback),
      resume: (parent) => {
        for (const queued of parent.parked.splice(0)) this.#enqueue(queued)?.catch(queued.reject);
      },
    };
  }

  get caller(): Transaction | undefined {
    return this.#caller;
  }

  /** What the call's own code works through. */
  get scope(): Scope {
    return new Scope(this, this.#root);
  }

  /** Times that this call waited for the controller. */
  get roundTrips(): number {
    return this.#outbox.roundTrips;
  }

  get link(): Link | undefined {
    return this.#outbox.link;
  }

  /** Rejects when the transaction fails, never resolves. */
  get failed(): Promise<never> {
    return this.#root.failed;
  }

  /** Takes the locks that are known beforehand, and a number on the controller. Rejects with nothing begun. */
  enter(drivers: readonly object[]): Promise<void> {
    return admit(this, drivers);
  }

  admitted(drivers: readonly object[], number: number): void {
    this.drivers = drivers;
    this.#outbox.number = number;
    this.#outbox.link = this.board.link;
    this.board.emit({ type: 'opened', ...this.#label });
  }

  /** The method has returned: what is posted from now on waits for the commit, so that it needs no frame of its own. */
  gather(): void {
    this.#outbox.gathering = true;
  }

  /** Tells the trace that code which the ended call has left behind was refused a field of the driver. */
  refusedState(path: string): void {
    this.board.emit({ type: 'stray-state', ...this.#label, path });
  }

  post(level: Level, op: Op, final?: true): Promise<void> {
    const refusal = this.#enqueue(final ? { op, level, final, ...POSTED } : { op, level, ...POSTED });
    if (refusal) return refusal;
    this.#outbox.flushSoon();
    return DONE;
  }

  ask(level: Level, op: Op): Promise<OpResult> {
    const result = new Promise<OpResult>((resolve, reject) => {
      this.#enqueue({ op, level, resolve, reject })?.catch(reject);
    });
    // Reads that are asked for in the same breath leave in the same frame.
    queueMicrotask(() => this.#outbox.flush());
    return handled(result);
  }

  /** An answer that could not be put back is refused before anything is asked. */
  take(level: Level, op: Op): Promise<never> {
    return this.refuse(level, irrevocableError(level.call, op));
  }

  refuse(level: Level, error: Error): Promise<never> {
    if (!level.closed) this.#levels.fail(level, error);
    return handled(Promise.reject(error));
  }

  /** Ends the transaction's chance to commit; the first cause stands. Once COMMIT is on its way, only its answer counts. */
  fail(cause: unknown): void {
    this.#levels.failAll(cause);
  }

  /** Nobody has looked at a rejected promise of its code: it has failed, whatever else that does. */
  unhandled(reason: unknown): void {
    if (this.#root.closed) this.board.emit({ type: 'stray-rejection', ...this.#label, reason });
    this.fail(rejectionError(this.call, reason));
  }

  /** Sends what is left and COMMIT. Resolves when the controller has acknowledged it; rejects with the first failure. */
  async commit(): Promise<readonly Hook[]> {
    this.#levels.refuseRunning(this.#root);
    const waiting = this.#outbox.locked(this.#root);
    if (waiting) await waiting;
    this.#root.closed = true;
    if (!this.#root.failure && this.#outbox.changes) {
      this.#outbox.releaseDeferred();
      this.#outbox.askForRecord(this.#root);
      this.#outbox.control('commit', this.#root);
    }
    await this.#outbox.settled();
    if (!this.#root.failure) this.#outbox.keepRecord();
    else if (!(await wasCommitted(this.board, this.#outbox, this.#root.failure.cause))) throw this.#root.failure.cause;
    this.#end('committed');
    this.board.emit({ type: 'committed', ...this.#label, roundTrips: this.roundTrips });
    return this.#root.onCommit;
  }

  /** The peripherals that it has changed so far. */
  get changed(): readonly CompiledPeripheral[] {
    return this.#outbox.changed;
  }

  /** Has the controller restore every register that was changed. Never rejects: what it cannot do, the report says. */
  async rollback(cause: unknown): Promise<RollbackReport> {
    const rollback = await this.#undo('rollback', this.#root, cause);
    this.#end(rollback.outcome === 'unknown' ? 'unknown' : 'rolled-back');
    this.board.emit({ type: 'rolled-back', ...this.#label, cause, rollback });
    return rollback;
  }

  /** Runs an entry point that the code of `parent` has called. If it fails, only what it did is undone. */
  nested<Result>(
    parent: Level,
    call: string,
    run: (scope: Scope) => Promise<Result> | Result,
    openState: () => StateSavepoint,
  ): Promise<Result> {
    if (!hasFeature(this.board.hello, 'savepoints'))
      return Promise.reject(missingFeature('savepoints', `${call} was called by another entry point`));
    return runNested(this.#around, parent, call, (level) => run(new Scope(this, level)), openState);
  }

  /** The error for a call that has failed. One that a nested call's failure has failed names that, with the first cause. */
  errorOf(call: string, cause: unknown, rollback: RollbackReport): EntryPointError {
    const inner = cause instanceof EntryPointError && this.#nestedErrors.includes(cause) ? cause : undefined;
    const first = inner ? inner.cause : cause;
    const code = inner ? inner.code : detectorOf(cause);
    const error = new EntryPointError(code, call, first, rollback, this.roundTrips, inner?.within ?? inner?.entryPoint);
    this.#nestedErrors.push(error);
    return error;
  }

  /** A call that has ended cannot make others: what its leftovers call would be part of a call that they do not belong to. */
  #refuseCall(parent: Level, call: string): EntryPointError {
    this.board.emit({ type: 'stray-call', ...this.#label, name: call });
    const cause = parent.closed ? lateCallError(parent.call, call) : parent.failure!.cause;
    return notBegun(call, cause, this.roundTrips);
  }

  /** Undoes what a level has done: registers first, then what its code has left to undo. */
  async #undo(op: 'rollback' | 'revert', level: Level, cause: unknown): Promise<RollbackReport> {
    const start = this.board.environment.now();
    for (const each of this.#levels.from(level)) each.closed = true;
    this.#levels.fail(level, cause);
    // What this one has called fails with it, and is undone first.
    await level.alone;
    const byController = await this.#restore(op, level);
    const restored =
      op === 'rollback'
        ? await recover(this.board, this.#outbox, byController, cause)
        : { ...byController, recovery: [] };
    const failedHooks = await runBackwards(level.onRollback);
    const permanent = op === 'rollback' ? this.#outbox.permanent : [];
    return { ...restored, permanent, failedHooks, ms: this.board.environment.now() - start };
  }

  /** The controller's part of it. A transaction that it does not know, or has ended already, needs none. */
  async #restore(op: 'rollback' | 'revert', level: Level): Promise<Awaited<ReturnType<typeof restore>>> {
    const isOver =
      op === 'rollback' ? !this.#outbox.begun || level.restored : !level.begun || this.#root.failure !== undefined;
    return isOver ? restoredAlready(level) : restore(this.board, this.#outbox, op, level);
  }

  /** An op of the level has failed, on the controller or on the way. */
  #failed(level: Level, error: unknown): void {
    level.restored ??= restoredBy(this.#outbox, error);
    this.#levels.fail(level, error);
  }

  #enqueue(queued: Queued): Promise<never> | undefined {
    const { level } = queued;
    if (level.closed) {
      this.board.emit({ type: 'stray', ...this.#label, op: queued.op });
      return handled(Promise.reject(strayError(level.call, queued.op)));
    }
    if (level.failure) return handled(Promise.reject(level.failure.cause));
    if (level !== this.#levels.innermost) {
      level.parked.push(queued);
      return undefined;
    }
    try {
      this.#outbox.put(queued);
      return undefined;
    } catch (error) {
      this.#levels.fail(level, error);
      return handled(Promise.reject(error));
    }
  }

  #end(fate: Fate): void {
    this.drivers = NONE;
    this.#outbox.end();
    // Calls that timers make one from another must not keep all those before them alive.
    this.#caller = undefined;
    this.board.events.ended(this.#outbox.number, fate);
    this.board.transactions.release(this.#outbox.number);
    this.board.locks.release(this);
    if (this.#outbox.begun) this.#outbox.link.release();
  }

  get #label(): { transaction: number; call: string } {
    return { transaction: this.#outbox.number, call: this.call };
  }
}
