import type { IsolationErrorCode } from './errors.js';

/** Why a thread is no more, although nobody here has killed it. */
export interface Death {
  readonly code: Extract<IsolationErrorCode, 'worker-died' | 'worker-out-of-memory'>;
  readonly message: string;
  readonly cause?: unknown;
}

export interface ThreadEvents {
  message(message: unknown): void;
  /** At most once, and never after `kill`. */
  died(death: Death): void;
}

/** A thread of execution with a memory of its own, running what `serve` (serve.ts) does. */
export interface Thread {
  post(message: unknown): void;
  /** Stops it wherever it is, even inside a loop. No event comes from it any more. */
  kill(): void;
  /** Whether the process must stay alive for it. */
  hold(held: boolean): void;
}

/** Makes threads. Node's are in `fgft/isolation/node`, those of browsers in `fgft/isolation/web`. */
export interface Threads {
  start(events: ThreadEvents): Thread;
}
