import type { Hook } from '../level.js';
import type { Op, OpResult } from '../link/ops.js';
import { strayError } from '../refusals.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { RegisterPort } from '../registers/register.js';
import type { StateSavepoint } from '../transaction.js';
import type { RemoteCall } from './remote-call.js';

const DONE = Promise.resolve();

/** A call, or one that it has made, as its code has it inside the worker: what `Scope` is where the board is. */
export class RemoteScope implements RegisterPort {
  /** The entry point, for messages and traces. */
  readonly call: string;
  readonly #remote: RemoteCall;
  readonly #level: number;
  readonly #abort = new AbortController();
  #reject: ((cause: unknown) => void) | undefined;
  #failure: { readonly cause: unknown } | undefined;
  #ended = false;
  #nested: RemoteScope | undefined;
  #turn: Promise<void> = DONE;

  constructor(remote: RemoteCall, call: string, level = 0) {
    this.#remote = remote;
    this.call = call;
    this.#level = level;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The first failure that ends the call's chance to commit. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure;
  }

  /** Rejects when the call fails, never resolves. */
  get failed(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.#failure) reject(this.#failure.cause);
      this.#reject = reject;
    });
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
    const result = this.#remote.ask({ op, level: this.#level });
    // The call fails before its code hears of it, as in a transaction.
    return handled(Promise.race([result.catch((cause: unknown) => this.refuse(cause)), this.failed]));
  }

  /** Whether it may be had at all is for the other side to say. */
  take(op: Op): Promise<OpResult> {
    return this.ask(op);
  }

  refuse(error: unknown): Promise<never> {
    this.fail(error);
    return handled(Promise.reject(error));
  }

  fail(cause: unknown): void {
    if (this.#failure || this.#ended) return;
    this.#failure = { cause };
    this.#abort.abort(cause);
    this.#reject?.(cause);
    this.#nested?.fail(cause);
  }

  /** What its code does from now on is stray work. */
  end(): void {
    this.#ended = true;
  }

  async nested<Result>(
    call: string,
    run: (scope: RemoteScope) => Promise<Result> | Result,
    openState: () => StateSavepoint,
  ): Promise<Result> {
    const endTurn = await this.#takeTurn();
    try {
      if (this.#failure) throw this.#failure.cause;
      const scope = new RemoteScope(this.#remote, call, this.#remote.nextLevel());
      await this.#remote.ask({ begin: call, level: scope.#level, parent: this.#level });
      this.#nested = scope;
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
    scope.end();
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

  /** The calls that this one makes run one after another, even if it does not await them. */
  async #takeTurn(): Promise<() => void> {
    const before = this.#turn;
    let end = (): void => {};
    this.#turn = new Promise((resolve) => (end = resolve));
    await before;
    return end;
  }

  #put(op: Op, final?: true): Promise<never> | undefined {
    const refusal = this.#refusal(op);
    if (!refusal) this.#remote.put({ op, level: this.#level, ...(final && { final }) });
    return refusal;
  }

  #refusal(op: Op): Promise<never> | undefined {
    if (this.#failure) return handled(Promise.reject(this.#failure.cause));
    if (!this.#ended) return undefined;
    // The other side is told nevertheless: it refuses it too, and puts it into the trace.
    this.#remote.put({ op, level: this.#level });
    return handled(Promise.reject(strayError(this.call, op)));
  }
}

/** A promise whose rejection is known to the call, so that a driver need not await it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
