import type { I2cTarget } from '../bus-targets.js';
import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';

/** The wires of an I²C bus with the targets on them. It outlives the chip in front of it. */
export class I2cBus {
  readonly #targets = new Map<number, I2cTarget>();
  readonly #waiting = new Set<() => void>();
  #heldLow = false;

  /** Puts a target on the bus at an address; returns what takes it off again. */
  connect(address: number, target: I2cTarget): () => void {
    if (this.#targets.has(address))
      throw new RangeError(`There is a target at 0x${address.toString(16)} on this bus already.`);
    this.#targets.set(address, target);
    return () => void this.#targets.delete(address);
  }

  targetAt(address: number): I2cTarget | undefined {
    return this.#targets.get(address);
  }

  /** Something holds SDA low: nothing on the bus ends, and nothing begins. */
  get heldLow(): boolean {
    return this.#heldLow;
  }

  set heldLow(held: boolean) {
    this.#heldLow = held;
    if (held) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const run of waiting) run();
  }

  whenFree(run: () => void): void {
    if (this.#heldLow) this.#waiting.add(run);
    else run();
  }
}

export type Direction = 'read' | 'write';

/** The controller's end of the bus: one step after the other, each in the time that its bits take. */
export class I2cMaster {
  readonly #bus: I2cBus;
  readonly #bitNanos: () => number;
  readonly #alarm: Alarm;
  readonly #finish = (): void => {
    const then = this.#then;
    this.#then = undefined;
    then?.();
  };
  #target: I2cTarget | undefined;
  #then: (() => void) | undefined;
  #open = false;

  constructor(silicon: Silicon, bus: I2cBus, bitNanos: () => number) {
    this.#bus = bus;
    this.#bitNanos = bitNanos;
    this.#alarm = silicon.clock.createAlarm(() => bus.whenFree(this.#finish));
  }

  /** Between a START and the end of its STOP. */
  get open(): boolean {
    return this.#open;
  }

  /** Within a step. */
  get busy(): boolean {
    return this.#then !== undefined;
  }

  /** A START or repeated START, and the address. */
  start(address: number, direction: Direction, addressBytes: number, done: (acknowledged: boolean) => void): void {
    this.#open = true;
    this.#after(1 + 9 * addressBytes, () => {
      const target = this.#bus.targetAt(address);
      const acknowledged = target?.start(direction) ?? false;
      this.#target = acknowledged ? target : undefined;
      done(acknowledged);
    });
  }

  write(byte: number, done: (acknowledged: boolean) => void): void {
    this.#after(9, () => done(this.#target?.write(byte) ?? false));
  }

  read(done: (byte: number) => void): void {
    // A line that nobody drives is high.
    this.#after(9, () => done(this.#target?.read() ?? 0xff));
  }

  stop(done: () => void): void {
    this.#after(1, () => {
      this.#open = false;
      this.#target?.stop();
      this.#target = undefined;
      done();
    });
  }

  /** Lets go of the bus in the middle of whatever is going on: targets see no STOP. */
  letGo(): void {
    this.#alarm.cancel();
    this.#then = undefined;
    this.#target = undefined;
    this.#open = false;
  }

  #after(bits: number, then: () => void): void {
    this.#then = then;
    this.#alarm.schedule(bits * this.#bitNanos());
  }
}
