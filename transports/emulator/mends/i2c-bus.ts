import type { I2cTarget } from '../bus-targets.js';
import { TargetEnd, type Line } from './i2c-target-end.js';

/**
 * The two wires of an I²C bus, with the targets on them. Each is pulled up and low while anybody pulls it down
 * (UM10204 3.1.1). They outlive the chip in front of them, as wires do: a target that was in the middle of a byte when
 * the chip was reset still is.
 *
 * A bus is wired from the moment when a chip is first put on it; before that, its pins have nothing but their own pulls.
 */
export class I2cBus {
  /** Told which pins may have another level: whoever is in front of the bus now. */
  onChange: (pins: Iterable<number>) => void = () => {};
  readonly #ends = new Map<number, TargetEnd>();
  /** Who pulls each wire down: the pins of the chip by their number, targets, and what `hold` stands for. */
  readonly #pulls: Readonly<Record<Line, Set<unknown>>> = { sda: new Set(), scl: new Set() };
  /** The pins that the wires reach. */
  readonly #pins: Record<Line, ReadonlySet<number>> = { sda: new Set(), scl: new Set() };
  #wired = false;

  /** Puts a target on the bus at an address; returns what takes it off again, whatever it is in the middle of. */
  connect(address: number, target: I2cTarget): () => void {
    if (this.#ends.has(address))
      throw new RangeError(`There is a target at 0x${address.toString(16)} on this bus already.`);
    const end: TargetEnd = new TargetEnd(address, target, {
      level: (line) => this.level(line),
      // Its model may take it off the bus while it is asked something.
      pull: (line, low) => this.#pull(line, end, low && this.#ends.get(address) === end),
    });
    this.#ends.set(address, end);
    this.#wire();
    return () => {
      if (this.#ends.get(address) === end) this.#ends.delete(address);
      for (const line of LINES) this.#pull(line, end, false);
    };
  }

  /** True is high. */
  level(line: Line): boolean {
    return this.#pulls[line].size === 0;
  }

  /** Pulls a wire low, as a chip does that hangs or that stretches the clock, until the returned function is called. */
  hold(line: Line): () => void {
    const holder = {};
    this.#wire();
    this.#pull(line, holder, true);
    return () => this.#pull(line, holder, false);
  }

  /** A pin pulls its wire down, or lets go. Returns the level of the wire; undefined where no wire reaches the pin. */
  join(line: Line, pin: number, low: boolean): boolean | undefined {
    if (!this.#wired || !this.#pins[line].has(pin)) return undefined;
    this.#pull(line, pin, low);
    return this.level(line);
  }

  /** The wire goes to these pins from now on, and to no others. */
  reach(line: Line, pins: readonly number[]): void {
    const before = this.#pins[line];
    this.#pins[line] = new Set(pins);
    for (const pin of before) if (!this.#pins[line].has(pin)) this.#pull(line, pin, false);
    if (this.#wired) this.onChange(new Set([...before, ...pins]));
  }

  /** The chip in front of the bus has lost its power, or is about to be another one. */
  leave(): void {
    this.onChange = () => {};
    for (const line of LINES) for (const pin of this.#pins[line]) this.#pull(line, pin, false);
  }

  #wire(): void {
    if (this.#wired) return;
    this.#wired = true;
    for (const line of LINES) this.onChange(this.#pins[line]);
  }

  #pull(line: Line, who: unknown, low: boolean): void {
    const pulls = this.#pulls[line];
    const before = this.level(line);
    if (low) pulls.add(who);
    else pulls.delete(who);
    if (this.level(line) === before) return;
    // First the chip, then the targets: what they answer with comes after the edge that they answer to.
    this.onChange(this.#pins[line]);
    for (const end of this.#ends.values()) end.changed(line, !before);
  }
}

const LINES = ['sda', 'scl'] as const;
