import type { RP2040 } from 'rp2040js';

type Pin = RP2040['gpio'][number];

/** The pad pulls up only, or up and down at once, which holds the last level (RP2040 datasheet 2.19.4.1). */
const PULLS = { up: 1 << 3, down: 1 << 2 } as const;

/**
 * The levels on the user pins. In the package an input sees only what a test feeds into it; on silicon the input
 * buffer looks at the pad, whoever drives it: the chip's own output, something outside, or the pulls (RP2040 datasheet
 * 2.19.4, 2.3.1.2). Interrupts of a pin follow what its input buffer lets through: with that off, as the pad's IE says, it is
 * low whatever the pad does (2.19.4, 2.19.6.3). In the package a pad that moves makes falling edges then, and turning the buffer off
 * or on makes none.
 */
export class PinLevels {
  readonly #rp: RP2040;
  readonly #pins: readonly Pin[];
  readonly #outside: readonly (boolean | undefined)[];
  readonly #wire: (pin: number, low: boolean) => boolean | undefined;
  readonly #changed: (pin: number, level: boolean) => void;
  readonly #levels: boolean[];
  /** What the input buffers let through. */
  readonly #seen: boolean[];

  /**
   * `outside`: what drives each pin from outside, undefined for nothing; read again at every `update`. `wire`: told
   * whether a pin is driven low, it tells the level of the wire with pull-up that the pin is on, undefined for none.
   */
  constructor(
    rp: RP2040,
    outside: readonly (boolean | undefined)[],
    wire: (pin: number, low: boolean) => boolean | undefined,
    changed: (pin: number, level: boolean) => void,
  ) {
    this.#rp = rp;
    this.#pins = rp.gpio;
    this.#outside = outside;
    this.#wire = wire;
    this.#changed = changed;
    this.#levels = rp.gpio.map(() => false);
    this.#seen = rp.gpio.map(() => false);
    for (const [index, pin] of rp.gpio.entries()) pin.addListener(() => this.update(index));
  }

  level(index: number): boolean {
    return this.#levels[index] ?? false;
  }

  update(index: number): void {
    const pin = this.#pins[index]!;
    const level = this.#resolve(index, pin);
    const seen = level && pin.inputEnable;
    const isChanged = level !== this.#levels[index];
    if (!isChanged && seen === this.#seen[index]) return;
    this.#levels[index] = level;
    const { irqStatus } = pin;
    pin.setInputValue(level);
    if (seen === this.#seen[index]) {
      pin.irqStatus = irqStatus;
      this.#rp.updateIOInterrupt();
    }
    this.#seen[index] = seen;
    if (isChanged) this.#changed(index, level);
  }

  updateAll(): void {
    for (let index = 0; index < this.#pins.length; index++) this.update(index);
  }

  #resolve(index: number, pin: Pin): boolean {
    const driven = pin.outputEnable && !pin.outputDisable ? pin.outputValue : undefined;
    const outside = this.#outside[index];
    const wire = this.#wire(index, driven === false || outside === false);
    if (wire !== undefined) return wire;
    if (driven !== undefined) return driven;
    if (outside !== undefined) return outside;
    if (pin.padValue & PULLS.up) return pin.padValue & PULLS.down ? this.#levels[index]! : true;
    return false;
  }
}
