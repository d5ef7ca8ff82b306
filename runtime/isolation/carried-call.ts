/** One call in a worker, as this side carries it out. */
import type { CompiledPeripheral } from '../registers/compile.js';
import type { Scope } from '../scope.js';
import { admit } from './contract.js';
import { IsolationError } from './errors.js';
import { ErrorPost } from './failures.js';
import type { Answer, Asked, AskedBegin, AskedEnd, AskedOp, ToWorker } from './messages.js';

interface Settling {
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/** A call that the call has made. */
interface Nested {
  /** How it has ended, once its code has. */
  settling: Settling | undefined;
  readonly outcome: Promise<void>;
}

/** How long a hook may take, or a call that has failed may go on. */
export const PATIENCE_MS = 1000;

export class CarriedCall {
  readonly number: number;
  readonly scope: Scope;
  readonly errors = new ErrorPost();
  /** Settles when the worker has ended the call, or has died. */
  readonly result: Promise<unknown>;
  ended = false;
  /** What the call has made of the state; known when the worker has ended it. */
  changes: readonly (readonly [name: string, value: unknown])[] = [];
  readonly #peripherals: readonly CompiledPeripheral[];
  readonly #post: (message: ToWorker) => void;
  readonly #scopes = new Map<number, Scope>();
  readonly #nested = new Map<number, Nested>();
  readonly #hooks = new Map<number, Settling>();
  #answers: Answer[] = [];
  #resolve!: (result: unknown) => void;
  #reject!: (cause: unknown) => void;
  #lost = false;

  constructor(
    number: number,
    scope: Scope,
    peripherals: readonly CompiledPeripheral[],
    post: (message: ToWorker) => void,
  ) {
    this.number = number;
    this.scope = scope;
    this.#scopes.set(0, scope);
    this.#peripherals = peripherals;
    this.#post = post;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  done(result: unknown, changes: CarriedCall['changes']): void {
    this.ended = true;
    this.changes = changes;
    this.#resolve(result);
  }

  failed(cause: unknown): void {
    this.ended = true;
    this.#reject(cause);
  }

  /** The thread is no more. */
  lost(cause: unknown): void {
    this.#lost = true;
    this.failed(cause);
    for (const { reject } of this.#hooks.values()) reject(cause);
    for (const { settling } of this.#nested.values()) settling?.reject(cause);
  }

  /** Throws RegisterError for what no definition allows. */
  carryOut(asked: Asked): void {
    if ('op' in asked) this.#carryOutOp(asked);
    else if ('begin' in asked) this.#begin(asked);
    else if ('end' in asked) this.#end(asked);
    else if ('failure' in asked) this.scope.transaction.fail(this.errors.receive(asked.failure));
    else {
      const scope = this.#scopeOf(asked.level);
      const hook = (): Promise<void> => this.#runHook(asked.hook);
      if (asked.when === 'commit') scope.onCommit(hook);
      else scope.onRollback(hook);
    }
  }

  /** Tells the code of the call, or only that of a nested one, that it has failed on this side. */
  abort(error: unknown, level = 0): void {
    if (!this.ended) this.#post({ type: 'abort', call: this.number, level, error: this.errors.send(error) });
  }

  hooked(hook: number, error: unknown): void {
    const settling = this.#hooks.get(hook);
    this.#hooks.delete(hook);
    if (error === undefined) settling?.resolve();
    else settling?.reject(error);
  }

  #scopeOf(level: number): Scope {
    const scope = this.#scopes.get(level);
    if (!scope) throw new TypeError(`The worker speaks of a nested call that never began.`);
    return scope;
  }

  #carryOutOp({ op: asked, level = 0, final, ask }: AskedOp): void {
    const scope = this.#scopeOf(level);
    const { op, irrevocable, answers } = admit(asked, this.#peripherals, (each) => scope.numberOf(each));
    if (answers) this.#answerWith(ask!, irrevocable ? scope.take(op) : scope.ask(op));
    // Where it fails, the transaction does: the call hears of it as a whole.
    else (irrevocable || final ? scope.defer(op) : scope.post(op)).catch(() => {});
  }

  #begin({ begin, level, parent, ask }: AskedBegin): void {
    const nested: { -readonly [Key in keyof Nested]: Nested[Key] } = {
      settling: undefined,
      outcome: Promise.resolve(),
    };
    const run = (scope: Scope): Promise<void> => {
      this.#scopes.set(level, scope);
      this.#answer({ ask });
      // An op of it that nobody awaits may have failed: then nothing else ends what its code does.
      scope.level.failed.catch((error: unknown) => this.#nested.has(level) && this.abort(error, level));
      return new Promise<void>((resolve, reject) => (nested.settling = { resolve, reject }));
    };
    nested.outcome = this.#scopeOf(parent).nested(begin, run, () => STATE_IS_ELSEWHERE);
    nested.outcome.catch((error: unknown) => {
      // It could not even begin.
      if (!nested.settling) this.#answer({ ask, error: this.errors.send(error) });
    });
    this.#nested.set(level, nested);
  }

  #end({ end, error, ask }: AskedEnd): void {
    const nested = this.#nested.get(end);
    if (!nested?.settling) throw new TypeError('The worker has ended a nested call that never began.');
    if (error) nested.settling.reject(this.errors.receive(error));
    else nested.settling.resolve();
    this.#nested.delete(end);
    this.#answerWith(ask, nested.outcome);
  }

  #runHook(hook: number): Promise<void> {
    if (this.#lost) return Promise.reject(hookError(this.scope.call, 'its worker is no more'));
    return new Promise((resolve, reject) => {
      const late = (): void => this.hooked(hook, hookError(this.scope.call, `it took longer than ${PATIENCE_MS} ms`));
      const cancel = this.scope.transaction.board.environment.after(PATIENCE_MS, late);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          cancel();
          then(value);
        };
      this.#hooks.set(hook, { resolve: settle(resolve as (value: void) => void), reject: settle(reject) });
      this.#post({ type: 'hook', call: this.number, hook });
    });
  }

  #answerWith(ask: number, result: Promise<Answer['result'] | void>): void {
    result.then(
      (value) => this.#answer({ ask, ...(value !== undefined && { result: value }) }),
      (error: unknown) => this.#answer({ ask, error: this.errors.send(error) }),
    );
  }

  /** Answers that arrive in the same breath cross in one message. */
  #answer(answer: Answer): void {
    if (this.#answers.push(answer) > 1) return;
    queueMicrotask(() => {
      const answers = this.#answers.splice(0);
      if (!this.ended) this.#post({ type: 'answers', call: this.number, answers });
    });
  }
}

/** The worker has it, and brings it back by itself. */
const STATE_IS_ELSEWHERE = { release: () => {}, revert: () => {} };

const hookError = (call: string, why: string): IsolationError =>
  new IsolationError('worker-died', `A hook of ${call} did not run to its end: ${why}.`);
