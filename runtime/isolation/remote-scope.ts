import { FallibleCall, handled } from '../fallible-call.js';
import type { Hook } from '../level.js';
import type { Op, OpResult } from '../link/ops.js';
import { strayError } from '../refusals.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { RegisterPort } from '../registers/register.js';
import type { StateSavepoint } from '../nested.js';
import type { RemoteCall } from './remote-call.js';

const DONE = Promise.resolve();

/** A call, or one that it has made, as its code has it inside the worker: what `Scope` is where the board is. */
export class RemoteScope extends FallibleCall implements RegisterPort {
  readonly #remote: RemoteCall;
  readonly #level: number;
  #nested: RemoteScope | undefined;

  constructor(remote: RemoteCall, call: string, level = 0) {
    super(call);
    this.#remote = remote;
    this.#level = level;
  }

  delay(us: number): Promise<void> {
    return this.post({ op: 'delay', us });
  }

  onRollback(hook: Hook): void {
    this.#remote.addHook('rollback', this.#level, hook);
  }

  onCommit(hook: Hook): void {
    this.#remote.addHook('commit', this.#level, hook);
  }

  numberOf(peripheral: CompiledPeripheral): number {
    return this.#remote.indexOf(peripheral);
  }

  post(op: Op): Promise<void> {
    return this.#put(op) ?? DONE;
  }

  defer(op: Op): Promise<void> {
    return this.#put(op, true) ?? DONE;
  }

  ask(op: Op): Promise<OpResult> {
    const refusal = this.#refusal(op);
    if (refusal) return refusal;
    const failed = (cause: unknown): never => {
      // The call fails before its code hears of it, as in a transaction.
      this.fail(cause);
      throw this.failure ? this.failure.cause : cause;
    };
    return handled(this.#remote.ask({ op, level: this.#level }).catch(failed));
  }

  /** Whether it may be had at all is for the other side to say. */
  take(op: Op): Promise<OpResult> {
    return this.ask(op);
  }

  refuse(error: unknown): Promise<never> {
    this.fail(error);
    return handled(Promise.reject(error));
  }

  override fail(cause: unknown): void {
    if (this.closed) return;
    super.fail(cause);
    this.#nested?.fail(cause);
  }

  /** This call, or one inside it, has failed on the other side. */
  abort(level: number, cause: unknown): void {
    if (level === this.#level) this.fail(cause);
    else this.#nested?.abort(level, cause);
  }

  async nested<Result>(
    call: string,
    run: (scope: RemoteScope) => Promise<Result> | Result,
    openState: () => StateSavepoint,
  ): Promise<Result> {
    const endTurn = await this.takeTurn();
    try {
      if (this.failure) throw this.failure.cause;
      const scope = new RemoteScope(this.#remote, call, this.#remote.nextLevel());
      // From here on it fails with this one.
      this.#nested = scope;
      await this.#remote.ask({ begin: call, level: scope.#level, parent: this.#level });
      return await this.#runNested(scope, run, openState());
    } finally {
      this.#nested = undefined;
      endTurn();
    }
  }

  async #runNested<Result>(
    scope: RemoteScope,
    run: (scope: RemoteScope) => Promise<Result> | Result,
    state: StateSavepoint,
  ): Promise<Result> {
    const ended = await Promise.race([run(scope), scope.failed]).then(
      (result) => ({ result }),
      (cause: unknown) => ({ error: this.#remote.errors.send(cause) }),
    );
    scope.closed = true;
    try {
      // Where it has failed, the other side answers with what became of it, as an error.
      await this.#remote.ask({ end: scope.#level, ...('error' in ended && ended) });
      state.release();
      return (ended as { result: Result }).result;
    } catch (error) {
      state.revert();
      throw error;
    }
  }

  #put(op: Op, final?: true): Promise<never> | undefined {
    const refusal = this.#refusal(op);
    if (!refusal) this.#remote.put({ op, level: this.#level, ...(final && { final }) });
    return refusal;
  }

  #refusal(op: Op): Promise<never> | undefined {
    if (this.failure) return handled(Promise.reject(this.failure.cause));
    if (!this.closed) return undefined;
    // The other side is told nevertheless: it refuses it too, and puts it into the trace.
    this.#remote.put({ op, level: this.#level });
    return handled(Promise.reject(strayError(this.call, op)));
  }
}
