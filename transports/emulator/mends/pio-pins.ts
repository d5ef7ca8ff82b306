import { ones } from './pio-shift.js';

/** The pins of a PIO block, a bit each. */
export interface BlockPins {
  /** Levels on all pins, as an input of the block sees them. */
  inputs(): number;
  setLevels(mask: number, values: number): void;
  setDirections(mask: number, values: number): void;
}

const SIDE_PINDIR = 1 << 29;
const SIDE_EN = 1 << 30;
const INLINE_OUT_EN = 1 << 18;
/** The bits of an instruction that delay and side-set share. */
const DELAY_BITS = 5;

export type Drive = 'setLevels' | 'setDirections';

const rotate = (value: number, by: number): number => ((value << by) | (value >>> ((32 - by) & 31))) >>> 0;

/** Which pins a state machine reads and drives: PINCTRL and its part of EXECCTRL (RP2040 datasheet 3.5.6). */
export class PioPins {
  pinctrl = 0;
  execctrl = 0;
  readonly #block: BlockPins;

  constructor(block: BlockPins) {
    this.#block = block;
  }

  get inBase(): number {
    return (this.pinctrl >> 15) & 0x1f;
  }

  /** All inputs, the first of its own in bit 0. */
  read(): number {
    return rotate(this.#block.inputs(), (32 - this.inBase) & 31);
  }

  set(drive: Drive, data: number): void {
    const base = (this.pinctrl >> 5) & 0x1f;
    this.#block[drive](rotate(ones((this.pinctrl >> 26) & 7), base), rotate(data, base));
  }

  out(drive: Drive, data: number): void {
    // One bit of the data may say whether it is to be written at all.
    const selector = (this.execctrl >> 19) & 0x1f;
    if (this.execctrl & INLINE_OUT_EN && !((data >>> selector) & 1)) return;
    const base = this.pinctrl & 0x1f;
    this.#block[drive](rotate(ones((this.pinctrl >> 20) & 0x3f), base), rotate(data, base));
  }

  /** 3.5.1: the highest bits of the delay field, of which the first may say whether there is a side-set at all. */
  sideSet(field: number): void {
    const optional = this.execctrl & SIDE_EN ? 1 : 0;
    const pins = this.#sideCount - optional;
    if (pins <= 0 || (optional && !(field & 0x10))) return;
    const value = (field >> (DELAY_BITS - this.#sideCount)) & ones(pins);
    const base = (this.pinctrl >> 10) & 0x1f;
    const drive = this.execctrl & SIDE_PINDIR ? 'setDirections' : 'setLevels';
    this.#block[drive](rotate(ones(pins), base), rotate(value, base));
  }

  /** What is left of the delay field. */
  delay(field: number): number {
    return field & ones(DELAY_BITS - this.#sideCount);
  }

  get #sideCount(): number {
    return Math.min(DELAY_BITS, this.pinctrl >>> 29);
  }
}
