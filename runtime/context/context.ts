/** A call of an entry point, as its code is known by. */
export interface RunningCall {
  /** A promise that its code had made was rejected, and nobody has looked at it. */
  unhandled(reason: unknown): void;
}

/**
 * Knows which call some code belongs to, however many awaits later. The platform has to help: `fgft/context/node`;
 * browsers have nothing like it yet.
 */
export interface CallContext {
  readonly current: RunningCall | undefined;
  /** Runs the code of a call. */
  run<Result>(call: RunningCall, code: () => Result): Result;
}
