import type { Silicon } from '../silicon.js';

/** Nanoseconds: rounding noise when cycles are added up. */
const EPSILON = 1e-3;

/** What has cycles: the state machines of a block, by number. */
export interface Clocked {
  readonly count: number;
  /** The divider of a machine, INT with FRAC behind the point. */
  divider(index: number): number;
  isActive(index: number): boolean;
  /** Those machines have a cycle now, all at once. */
  run(indexes: readonly number[]): void;
}

/**
 * When each state machine of a PIO block has its cycles: every so many of clk_sys, by its own divider, which runs on
 * whether the machine does or not (RP2040 datasheet 3.5.5; 3.7, CTRL.CLKDIV_RESTART).
 */
export class PioClock {
  readonly #silicon: Silicon;
  readonly #machines: Clocked;
  readonly #alarm: ReturnType<Silicon['clock']['createAlarm']>;
  /** When each machine has, or had, its next or last cycle. */
  readonly #due: number[];
  #clockNanos: number;

  constructor(silicon: Silicon, machines: Clocked) {
    this.#silicon = silicon;
    this.#machines = machines;
    this.#due = Array.from({ length: machines.count }, () => 0);
    this.#clockNanos = 1e9 / silicon.clkSys;
    this.#alarm = silicon.clock.createAlarm(() => this.#run());
    silicon.addClockListener((hertz) => {
      this.#clockNanos = 1e9 / hertz;
      this.schedule();
    });
  }

  stop(): void {
    this.#alarm.cancel();
  }

  /** The divider of a machine begins anew. */
  restart(index: number): void {
    this.#due[index] = this.#silicon.clock.nanos;
  }

  /** Which machines are active may have changed. */
  schedule(): void {
    const { nanos } = this.#silicon.clock;
    let next = Infinity;
    for (const index of this.#due.keys()) {
      if (!this.#machines.isActive(index)) continue;
      const late = nanos - this.#due[index]!;
      const period = this.#machines.divider(index) * this.#clockNanos;
      if (late > -EPSILON) this.#due[index]! += period * (Math.max(0, Math.floor(late / period)) + 1);
      next = Math.min(next, this.#due[index]!);
    }
    if (next === Infinity) this.#alarm.cancel();
    else this.#alarm.schedule(next - nanos);
  }

  #run(): void {
    const { nanos } = this.#silicon.clock;
    const isDue = (index: number): boolean => this.#machines.isActive(index) && this.#due[index]! <= nanos + EPSILON;
    this.#machines.run([...this.#due.keys()].filter(isDue));
  }
}
