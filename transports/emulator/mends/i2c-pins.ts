import type { Silicon } from '../silicon.js';
import type { I2cBus } from './i2c-bus.js';
import type { I2cLines } from './i2c-master.js';
import type { Line } from './i2c-target-end.js';

type Pin = Silicon['gpio'][number];

/** RP2040 datasheet 2.19.2. */
const FUNCTION_I2C = 3;

/** SDA and SCL of I2C0, SDA and SCL of I2C1, and so on over all pins (RP2040 datasheet 2.19.2). */
export const i2cOfPin = (pin: number): { readonly index: 0 | 1; readonly line: Line } => ({
  index: pin & 2 ? 1 : 0,
  line: pin & 1 ? 'scl' : 'sda',
});

/**
 * Where an I²C block meets its pins, and the pins the wires of its bus.
 *
 * The block sees the pins that are routed to it, with their pads and overrides: high if any of them is (2.19.2), low if
 * there is none. It only ever pulls down, through the same overrides; the package routes nothing of I²C. The wires are
 * where the chip looks for them: at the pins that are routed to the block, and they stay where they were while
 * none is, so that a pin can become a GPIO which drives the wire.
 */
export class I2cPins implements I2cLines {
  readonly #silicon: Silicon;
  readonly #index: 0 | 1;
  readonly #bus: I2cBus;
  readonly #pulls: Record<Line, boolean> = { sda: false, scl: false };
  readonly #routed: Record<Line, readonly Pin[]> = { sda: [], scl: [] };

  constructor(silicon: Silicon, index: 0 | 1, bus: I2cBus) {
    this.#silicon = silicon;
    this.#index = index;
    this.#bus = bus;
    for (const pin of silicon.gpio) if (i2cOfPin(pin.index).index === index) this.#connect(pin);
  }

  level(line: Line): boolean {
    return this.#routed[line].some((pin) => pin.inputValue);
  }

  drive(line: Line, low: boolean): void {
    this.#pulls[line] = low;
    for (const pin of this.#routed[line]) pin.checkForUpdates();
  }

  /** A pin of this block has got another function. */
  routed(changed: number): void {
    const { line } = i2cOfPin(changed);
    const pins = this.#silicon.gpio.filter((pin) => pin.functionSelect === FUNCTION_I2C && this.#serves(pin, line));
    this.#routed[line] = pins;
    if (pins.length > 0)
      this.#bus.reach(
        line,
        pins.map(({ index }) => index),
      );
  }

  #serves({ index }: Pin, line: Line): boolean {
    const place = i2cOfPin(index);
    return place.index === this.#index && place.line === line;
  }

  #connect(pin: Pin): void {
    const { line } = i2cOfPin(pin.index);
    const others = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(pin), 'rawOutputEnable')!.get!.bind(pin);
    Object.defineProperty(pin, 'rawOutputEnable', {
      get: (): boolean => (pin.functionSelect === FUNCTION_I2C ? this.#pulls[line] : others()),
    });
  }
}
