/** A call of an entry point as far as it can fail; the same where the board is and inside a worker. */
export class FallibleCall {
  /** The entry point: `Servo.angle`. */
  readonly call: string;
  /** Its end has started: what its code still does is stray work. */
  closed = false;
  failure: { readonly cause: unknown } | undefined;
  #turn: Promise<void> = Promise.resolve();
  #failed: Promise<never> | undefined;
  #reject: ((cause: unknown) => void) | undefined;
  #abort: AbortController | undefined;

  constructor(call: string) {
    this.call = call;
  }

  /** Fires when the call has failed, so that code which waits for something else can stop. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.failure) this.#abort.abort(this.failure.cause);
    return this.#abort.signal;
  }

  /** Rejects when the call fails, never resolves. */
  get failed(): Promise<never> {
    this.#failed ??= new Promise((_, reject) => {
      if (this.failure) reject(this.failure.cause);
      else this.#reject = reject;
    });
    return this.#failed;
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
    this.#reject?.(cause);
    this.#abort?.abort(cause);
  }
}

/** A promise whose rejection is known to the call, so that a driver need not await it. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
