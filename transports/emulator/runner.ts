import type { Environment } from '../environment.js';
import type { Chip } from './chip.js';
import { TIMING } from './usb-bus.js';
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
 * Where the device refuses what the host offers, nobody knows how long it will: it may be waiting for a timer, or for
 * the host to fetch something first, which the host cannot do while the chip runs. So the host gets its turn, and if it
 * has nothing to say, time passes by a frame; and so on.
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
  #slices = 0;

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

  /** Lets a frame pass while the device refuses, unless the host has something else for it to do in its turn. */
  #nextFrame(): void {
    const slices = this.#slices;
    this.#environment.turn(() => {
      if (slices !== this.#slices || this.#scheduled) return;
      this.#steps = 0;
      this.#slice(TIMING.frame);
    });
  }

  /** `nanosOfRefusal`: how long the device may sleep while it refuses. */
  #slice(nanosOfRefusal = 0): void {
    this.#scheduled = false;
    if (this.#disposed) return;
    this.#slices += 1;
    const refusedUntil = this.#chip.nanos + nanosOfRefusal;
    let left: number;
    try {
      this.#running = true;
      left = this.#chip.run(SLICE_STEPS, () => this.#passUntil(refusedUntil));
    } finally {
      this.#running = false;
    }
    this.#steps += SLICE_STEPS - left;
    if (this.#scheduled) return;
    if (left > 0) {
      if (this.#host.offering) this.#nextFrame();
      return;
    }
    this.#scheduled = true;
    this.#nextTurn();
  }

  #passUntil(refusedUntil: number): number {
    if (this.#host.busy || this.#timePasses()) return Infinity;
    return this.#host.offering ? Math.max(refusedUntil, this.#chip.nanos) : this.#chip.nanos;
  }
}
