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
