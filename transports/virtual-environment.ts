import { systemEnvironment, type Environment } from './environment.js';

/** A clock that moves when a test moves it, and random numbers from a seed. */
export interface VirtualEnvironment extends Environment {
  /** Lets `ms` pass, running what falls due in order. */
  advance(ms: number): void;
  /** How many timers are waiting. */
  readonly timers: number;
}

export function virtualEnvironment(seed = 1): VirtualEnvironment {
  let now = 0;
  let state = seed >>> 0;
  const waiting = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    turn: (run) => systemEnvironment.turn(run),
    random() {
      // xorshift32 (Marsaglia 2003), enough for session numbers.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>>= 0);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...waiting].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        waiting.delete(due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = end;
    },
    get timers() {
      return waiting.size;
    },
  };
}

/** Virtual time passes when so many turns of the event loop have brought nothing: somebody waits for it. */
const IDLE_TURNS = 50;
const STEP_MS = 20;
const PATIENCE_TURNS = 200_000;

/**
 * Lets turns, and where nothing else happens time, pass until the promise is settled, whichever way; resolves with how many
 * turns. Rejects where it never is.
 */
export async function passUntilSettled(promise: Promise<unknown>, environment: VirtualEnvironment): Promise<number> {
  const state = { settled: false };
  const settle = (): void => void (state.settled = true);
  promise.then(settle, settle);
  for (let turn = 1; turn < PATIENCE_TURNS; turn++) {
    await new Promise<void>((resolve) => environment.turn(resolve));
    if (state.settled) return turn;
    if (turn % IDLE_TURNS === 0) environment.advance(STEP_MS);
  }
  throw new Error('A call hangs: nothing ends it, however much time passes.');
}
