import type { Environment } from '../../environment.js';
import type { AvrChip } from './chip.js';
import { CPU_HZ, NANOS_PER_CYCLE } from './io.js';
import type { UartLine } from './line.js';

/** Instructions between two looks at the event loop: about 2 ms of the host's time. */
const SLICE_STEPS = 50_000;
/** Instructions that may run in microtasks, one answer after the other, before timers and I/O get their turn. */
const STEPS_PER_TURN = 500_000;

/** What passes in a turn of the event loop while the host waits for an answer: 0.1 ms. */
const TURN_CYCLES = 1600;
/** After so long there will be none: what the host has sent was damaged. 3 s. */
const PATIENCE_CYCLES = 3 * CPU_HZ;

/**
 * Decides when the chip runs: while its processor works, or something is on the serial line. While it sleeps or waits, time stands
 * still, unless `advance` lets it pass. If the chip owes the host an answer, it may be waiting for a time to pass, as a `delay` does:
 * then a little of it passes in each turn of the event loop in which the host has nothing else to say.
 */
export class AvrRunner {
  readonly #chip: AvrChip;
  readonly #line: UartLine;
  readonly #environment: Environment;
  #isScheduled = false;
  #isRunning = false;
  #isDisposed = false;
  #steps = 0;
  #slices = 0;

  constructor(chip: AvrChip, line: UartLine, environment: Environment) {
    this.#chip = chip;
    this.#line = line;
    this.#environment = environment;
    chip.onWork = () => this.wake();
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isScheduled || this.#isDisposed) return;
    this.#isScheduled = true;
    if (this.#steps < STEPS_PER_TURN) queueMicrotask(() => this.#slice());
    else this.#nextTurn();
  }

  /** Lets `nanos` of emulated time pass at once, running all that falls due in it, and returns after that. */
  advance(nanos: number): void {
    if (this.#isRunning)
      throw new Error('Time cannot be advanced from inside the emulator, in a listener for instance.');
    if (this.#isDisposed) return;
    const end = this.#chip.cycles + nanos / NANOS_PER_CYCLE;
    this.#run(() => {
      while (this.#chip.cycles < end) this.#chip.run(SLICE_STEPS, () => end, end);
    });
    this.wake();
  }

  dispose(): void {
    this.#isDisposed = true;
  }

  #nextTurn(): void {
    this.#environment.turn(() => {
      this.#steps = 0;
      this.#slice();
    });
  }

  /** `pass`: how long the processor may wait. */
  #slice(pass = 0): void {
    this.#isScheduled = false;
    if (this.#isDisposed) return;
    this.#slices += 1;
    const waitsUntil = this.#chip.cycles + pass;
    let left = 0;
    this.#run(() => (left = this.#chip.run(SLICE_STEPS, () => (this.#line.isBusy ? Infinity : waitsUntil))));
    this.#steps += SLICE_STEPS - left;
    if (this.#isScheduled) return;
    if (left === 0) {
      this.#isScheduled = true;
      this.#nextTurn();
    } else if ((this.#line.unanswered(this.#chip.cycles) ?? Infinity) < PATIENCE_CYCLES) this.#waitOn();
  }

  /** Unless the host has something for the chip to do in its turn. */
  #waitOn(): void {
    const slices = this.#slices;
    this.#environment.turn(() => {
      if (slices !== this.#slices || this.#isScheduled) return;
      this.#steps = 0;
      this.#slice(TURN_CYCLES);
    });
  }

  #run(work: () => void): void {
    this.#isRunning = true;
    try {
      work();
    } finally {
      this.#isRunning = false;
    }
  }
}
