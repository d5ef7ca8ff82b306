import type { Environment } from '../environment.js';
import type { Chip } from './chip.js';
import type { UsbHost } from './usb-host.js';

/** Instructions between two looks at the event loop: about 2 ms of the host's time. */
const SLICE_STEPS = 50_000;
/** Instructions that may run in microtasks, one round trip after the other, before timers and I/O get their turn. */
const STEPS_PER_TURN = 500_000;

/**
 * Decides when the chip runs. It runs when there is something to do: the first slice in a microtask, so that all that
 * was submitted in one go is queued before it starts and a round trip needs no turn of the event loop; further slices
 * in turns of their own, so that no firmware can freeze the host.
 *
 * While the processor sleeps, time passes only for what is under way on the bus, or when it is made to by `advance`.
 */
export class Runner {
  readonly #chip: Chip;
  readonly #host: UsbHost;
  readonly #environment: Environment;
  readonly #timePasses: () => boolean;
  #scheduled = false;
  #running = false;
  #disposed = false;
  #steps = 0;
  /** Transfers that the host had finished when the slice began. */
  #finished = 0;

  /** `timePasses`: another reason for time to pass while the processor sleeps. */
  constructor(chip: Chip, host: UsbHost, environment: Environment, timePasses: () => boolean) {
    this.#chip = chip;
    this.#host = host;
    this.#environment = environment;
    this.#timePasses = timePasses;
    host.onWork = () => this.wake();
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#scheduled || this.#disposed) return;
    this.#scheduled = true;
    if (this.#steps < STEPS_PER_TURN) queueMicrotask(() => this.#slice());
    else this.#nextTurn();
  }

  /** Lets `nanos` of emulated time pass at once, running all that falls due in it, and returns after that. */
  advance(nanos: number): void {
    if (this.#running) throw new Error('Time cannot be advanced from inside the emulator, in a listener for instance.');
    if (this.#disposed) return;
    const { clock } = this.#chip;
    const target = clock.nanos + nanos;
    const alarm = clock.createAlarm(() => this.#chip.interrupt());
    alarm.schedule(nanos);
    try {
      this.#running = true;
      while (clock.nanos < target) this.#chip.run(SLICE_STEPS, () => target);
    } finally {
      this.#running = false;
      alarm.cancel();
    }
    this.wake();
  }

  dispose(): void {
    this.#disposed = true;
  }

  #nextTurn(): void {
    this.#environment.turn(() => {
      this.#steps = 0;
      this.#slice();
    });
  }

  #slice(): void {
    this.#scheduled = false;
    if (this.#disposed) return;
    let left: number;
    this.#finished = this.#host.counters.transfers;
    try {
      this.#running = true;
      left = this.#chip.run(SLICE_STEPS, () => this.#passUntil());
    } finally {
      this.#running = false;
    }
    this.#steps += SLICE_STEPS - left;
    if (this.#scheduled || (left > 0 && !(this.#host.busy && this.#isHostsTurn))) return;
    this.#scheduled = true;
    this.#nextTurn();
  }

  /**
   * Whoever has submitted a transfer that has finished may be about to submit the next, which the device may need before
   * it goes on: no time passes until it has had its turn.
   */
  get #isHostsTurn(): boolean {
    return this.#host.quiet && this.#host.counters.transfers !== this.#finished;
  }

  #passUntil(): number {
    return (this.#host.busy && !this.#isHostsTurn) || this.#timePasses() ? Infinity : this.#chip.nanos;
  }
}
