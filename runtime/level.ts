import type { RestoreReport } from './errors.js';
import type { Queued } from './outbox.js';

/** What a transaction leaves to do for its end: `fn` of `onRollback`, `onCommit`. */
export type Hook = () => void | Promise<void>;

/**
 * A call of an entry point inside a transaction: the outermost one, or one that another has called. Each can fail, and
 * be undone, without those around it.
 */
export class Level {
  /** The entry point: `Servo.angle`. */
  readonly call: string;
  /** 0 for the transaction's own call. */
  readonly depth: number;
  /** A savepoint for it has been queued; of the transaction's own call, BEGIN says that. */
  begun = false;
  /** Its end has started: what its code still does is stray work. */
  closed = false;
  failure: { readonly cause: unknown } | undefined;
  /** The rollback that the controller did by itself when an op of this level failed there. */
  restored: RestoreReport | undefined;
  /** What this level asks for while one that it has called is running. */
  readonly parked: Queued[] = [];
  readonly onRollback: Hook[] = [];
  readonly onCommit: Hook[] = [];
  #turn: Promise<void> = Promise.resolve();
  #waiting: ((cause: unknown) => void)[] = [];
  #abort: AbortController | undefined;

  constructor(call: string, depth: number) {
    this.call = call;
    this.depth = depth;
  }

  /** Fires when the level has failed, so that code which waits for something else can stop. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.failure) this.#abort.abort(this.failure.cause);
    return this.#abort.signal;
  }

  /** Rejects when the level fails, never resolves. */
  get failed(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.failure) reject(this.failure.cause);
      else this.#waiting.push(reject);
    });
  }

  /** The calls that this one makes run one after another, even if it does not await them; resolves with the end of a turn. */
  async takeTurn(): Promise<() => void> {
    const before = this.#turn;
    let end = () => {};
    this.#turn = new Promise((resolve) => (end = resolve));
    await before;
    return end;
  }

  /** Resolves when none of the calls that this one has made is running any more. */
  get alone(): Promise<void> {
    return this.#turn;
  }

  /** The first cause stands. */
  fail(cause: unknown): void {
    if (this.failure) return;
    this.failure = { cause };
    for (const reject of this.#waiting.splice(0)) reject(cause);
    for (const { reject } of this.parked.splice(0)) reject(cause);
    this.#abort?.abort(cause);
  }
}
