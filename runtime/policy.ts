import type { Environment } from '../transports/environment.js';

/**
 * How well a call is protected:
 * - `native`: not at all; the method runs as it is written, and what it does stays.
 * - `inline`: as a transaction, in the same realm.
 * - `worker`: as a transaction, in a thread of its own that can be stopped; `inline` until `isolate` has given it one.
 */
export type Isolation = 'native' | 'inline' | 'worker';

/** What protects a call unless somebody says otherwise. */
export const PROTECTION: Isolation = 'worker';

/** Decides call by call, and hears how each has ended. Every entry point of every driver has its own. */
export interface PolicyState {
  choose(args: readonly unknown[], environment: Environment): Isolation;
  ended?(failed: boolean): void;
}

/** Always the same, or one that decides call by call. */
export type Policy = Isolation | { start(): PolicyState };

/** Computed from the arguments of each call: `byArguments((degrees: number) => (degrees > 90 ? 'worker' : 'native'))`. */
export const byArguments = (choose: (...args: never[]) => Isolation): Policy => ({
  start: () => ({ choose: (args) => choose(...(args as never[])) }),
});

/** Native until a call fails; then `protection`, until `good` calls in a row have succeeded. */
export const adaptive = (good: number, protection: Isolation = PROTECTION): Policy => ({
  start() {
    let left = 0;
    return {
      choose: () => (left > 0 ? protection : 'native'),
      ended(failed) {
        left = failed ? good : Math.max(0, left - 1);
      },
    };
  },
});

/** One call in so many, drawn at random, has the protection; the others are native. */
export const sampled = (oneIn: number, protection: Isolation = PROTECTION): Policy => ({
  start: () => ({ choose: (_, environment) => (environment.random() % oneIn === 0 ? protection : 'native') }),
});

/** The policy at work. */
export const startPolicy = (policy: Policy): PolicyState =>
  typeof policy === 'string' ? { choose: () => policy } : policy.start();
