import type { Hook, Level } from './level.js';
import type { Op, OpResult } from './link/ops.js';
import type { CompiledPeripheral } from './registers/compile.js';
import type { RegisterPort } from './registers/register.js';
import type { StateSavepoint } from './nested.js';
import type { Transaction } from './transaction.js';

/** A transaction as the code of one entry point has it: `this.tx`, and what its registers work through. */
export class Scope implements RegisterPort {
  readonly transaction: Transaction;
  /** @internal */
  readonly level: Level;

  constructor(transaction: Transaction, level: Level) {
    this.transaction = transaction;
    this.level = level;
  }

  /** The entry point, for messages and traces: `Servo.angle`. */
  get call(): string {
    return this.level.call;
  }

  /** Fires when the call has failed (its deadline too), so that code which waits for something else can stop. */
  get signal(): AbortSignal {
    return this.level.signal;
  }

  /** Waits on the controller, in order with the writes around it. `us` is in microseconds, at most a second. */
  delay(us: number): Promise<void> {
    return this.post({ op: 'delay', us });
  }

  /** What undoes something outside of the board. Run after a rollback, the last one first, before the caller hears of it. */
  onRollback(hook: Hook): void {
    this.level.onRollback.push(hook);
  }

  /** What may happen only when nothing can fail any more. Run after the commit, in order, before the caller hears of it. */
  onCommit(hook: Hook): void {
    this.level.onCommit.push(hook);
  }

  /** Runs an entry point that the code of this one has called: if it fails, it is undone on its own. */
  nested<Result>(
    call: string,
    run: (scope: Scope) => Promise<Result> | Result,
    openState: () => StateSavepoint,
  ): Promise<Result> {
    return this.transaction.nested(this.level, call, run, openState);
  }

  numberOf(peripheral: CompiledPeripheral): number {
    return this.transaction.board.numberOf(peripheral);
  }

  post(op: Op): Promise<void> {
    return this.transaction.post(this.level, op);
  }

  /** What cannot be undone waits until nothing can fail any more: it leaves right before COMMIT. */
  defer(op: Op): Promise<void> {
    return this.transaction.post(this.level, op, true);
  }

  ask(op: Op): Promise<OpResult> {
    return this.transaction.ask(this.level, op);
  }

  take(op: Op): Promise<never> {
    return this.transaction.take(this.level, op);
  }

  refuse(error: Error): Promise<never> {
    return this.transaction.refuse(this.level, error);
  }
}
