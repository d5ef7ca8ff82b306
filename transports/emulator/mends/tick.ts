import type { Silicon } from '../silicon.js';

/**
 * The tick that TIMER and the watchdog count (RP2040 datasheet 4.7.2): clk_ref divided by WATCHDOG TICK.CYCLES.
 * Firmware that does not set it has a timer that stands still.
 */
export class Tick {
  readonly #silicon: Silicon;
  readonly #listeners: (() => void)[] = [];
  #nanos = Infinity;

  constructor(silicon: Silicon) {
    this.#silicon = silicon;
  }

  /** Nanoseconds from one tick to the next; Infinity while it is off. */
  get nanos(): number {
    return this.#nanos;
  }

  /** Called after the tick has changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  set(enabled: boolean, cycles: number): void {
    this.#nanos = enabled && cycles > 0 ? (cycles * 1e9) / this.#silicon.clocks.refFreq : Infinity;
    for (const listener of this.#listeners) listener();
  }
}
