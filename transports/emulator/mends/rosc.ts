import type { RP2040 } from 'rp2040js';
import { RegisterBlock } from './registers.js';

const RANDOMBIT = 0x1c;
const STABLE = 0x80000000;
const DIVIDER_RUNNING = 1 << 16;
const ENABLED = 1 << 12;

/** The ring oscillator (RP2040 datasheet 2.17.8); absent in the package. Its random bit draws on `random`. */
export class Rosc extends RegisterBlock {
  readonly #random: () => number;
  #bits = 0;
  #left = 0;

  constructor(rp: RP2040, random: () => number) {
    super(rp, 'ROSC', {
      0x00: { reset: 0xaa0, writable: 0xffffff },
      0x04: { writable: 0x7777 },
      0x08: { writable: 0x7777 },
      0x0c: { writable: 0xffffffff },
      0x10: { reset: 0xab0, writable: 0xfff },
      0x14: { reset: 0x8, writable: 0xf },
      0x18: { reset: STABLE | DIVIDER_RUNNING | ENABLED, clearable: 1 << 24 },
      [RANDOMBIT]: {},
      0x20: {},
    });
    this.#random = random;
  }

  protected override read(offset: number, stored: number): number {
    if (offset !== RANDOMBIT) return stored;
    if (this.#left === 0) {
      this.#bits = this.#random();
      this.#left = 32;
    }
    this.#left -= 1;
    return (this.#bits >>> this.#left) & 1;
  }
}
