import type { Environment } from '../transports/environment.js';
import { TransactionError } from './errors.js';

export type Release = () => void;

interface Waiter {
  readonly keys: readonly object[];
  readonly grant: (release: Release) => void;
}

/**
 * Locks on peripherals and drivers. A call takes all of its locks at once or waits, so calls cannot deadlock over
 * them, and holds them until it has committed or rolled back (strict two-phase locking). First come, first served.
 */
export class Locks {
  readonly #environment: Environment;
  readonly #held = new Set<object>();
  readonly #waiters: Waiter[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Takes the locks: at once where they are free, else later; rejects with `lock-timeout` after `timeoutMs`. */
  acquire(keys: readonly object[], timeoutMs: number, call: string): Release | Promise<Release> {
    if (this.#isFree(keys, this.#waiters)) return this.#take(keys);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        keys,
        grant(release) {
          cancelTimer();
          resolve(release);
        },
      };
      const cancelTimer = this.#environment.after(timeoutMs, () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        this.#grantWaiting();
        reject(
          new TransactionError(
            'lock-timeout',
            `${call} waited ${timeoutMs} ms for a peripheral that another call holds: an entry point that awaits another driver's entry point on the same peripheral never gets it.`,
          ),
        );
      });
      this.#waiters.push(waiter);
    });
  }

  /** Free, and nobody who came earlier waits for one of them. */
  #isFree(keys: readonly object[], earlier: readonly Waiter[]): boolean {
    return keys.every((key) => !this.#held.has(key) && !earlier.some((waiter) => waiter.keys.includes(key)));
  }

  #take(keys: readonly object[]): Release {
    for (const key of keys) this.#held.add(key);
    return () => {
      for (const key of keys) this.#held.delete(key);
      if (this.#waiters.length > 0) this.#grantWaiting();
    };
  }

  #grantWaiting(): void {
    const stillWaiting: Waiter[] = [];
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#isFree(waiter.keys, stillWaiting)) waiter.grant(this.#take(waiter.keys));
      else stillWaiting.push(waiter);
    }
    this.#waiters.push(...stillWaiting);
  }
}
