import type { Environment } from '../../transports/environment.js';

/**
 * Keeps the controller's lease alive while somebody holds a transaction open and sends nothing: an empty frame for each
 * third of the lease that went by in silence. A timer is started by the first holder and goes to sleep by itself when
 * nobody is left, so that a quick call costs none.
 */
export class KeepAlive {
  leaseMs = Infinity;
  readonly #environment: Environment;
  readonly #lastSent: () => number;
  readonly #send: () => void;
  #holders = 0;
  #stopped = false;
  #cancel: (() => void) | undefined;

  /** `lastSent` tells when the last frame was sent, `send` sends an empty one. */
  constructor(environment: Environment, lastSent: () => number, send: () => void) {
    this.#environment = environment;
    this.#lastSent = lastSent;
    this.#send = send;
  }

  hold(): void {
    this.#holders++;
    if (!this.#stopped) this.#cancel ??= this.#later();
  }

  release(): void {
    this.#holders--;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #later(): () => void {
    const third = this.leaseMs / 3;
    return this.#environment.after(third, () => {
      this.#cancel = undefined;
      if (this.#holders === 0) return;
      if (this.#environment.now() - this.#lastSent() >= third) this.#send();
      if (!this.#stopped) this.#cancel = this.#later();
    });
  }
}
