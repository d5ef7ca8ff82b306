import type { Environment } from '../../environment.js';
import type { AvrChip } from './chip.js';
import { NANOS_PER_CYCLE } from './io.js';
import type { UartLine } from './line.js';

/** Instructions between two looks at the event loop: about 2 ms of the host's time. */
const SLICE_STEPS = 50_000;
/** Instructions that may run in microtasks, one answer after the other, before timers and I/O get their turn. */
const STEPS_PER_TURN = 500_000;

/**
 * Decides when the chip runs: while its processor is awake or something is on the serial line, as that of the emulated Pico does.
 * Otherwise time stands still, unless `advance` lets it pass.
 */
export class AvrRunner {
  readonly #chip: AvrChip;
  readonly #line: UartLine;
  readonly #environment: Environment;
  #isScheduled = false;
  #isRunning = false;
  #isDisposed = false;
  #steps = 0;

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
    const until = this.#chip.cycles + nanos / NANOS_PER_CYCLE;
    this.#run(() => {
      while (this.#chip.cycles < until) this.#chip.run(SLICE_STEPS, () => false, until);
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

  #slice(): void {
    this.#isScheduled = false;
    if (this.#isDisposed) return;
    let left = 0;
    this.#run(() => (left = this.#chip.run(SLICE_STEPS, () => !this.#line.isBusy)));
    this.#steps += SLICE_STEPS - left;
    if (left > 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#nextTurn();
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
