import type { RP2040 } from 'rp2040js';
import { RegisterBlock, repeated, type RegisterRows } from './registers.js';

const PAD_BITS = 0xff;
const VOLTAGE_SELECT = { 0: { writable: 1 } } as const;
const FIRST_PAD = 4;
const BANK0_PINS = 30;

/** RP2040 datasheet 2.19.6.3: input on, pulled down, 4 mA, Schmitt trigger. */
export const BANK0_PAD_RESET = 0x56;

/** RP2040 datasheet 2.19.6.3, table of PADS_BANK0: 30 pins, SWCLK and SWD. */
const BANK0: RegisterRows = {
  ...VOLTAGE_SELECT,
  ...repeated({ reset: BANK0_PAD_RESET, writable: PAD_BITS }, FIRST_PAD, BANK0_PINS),
  0x7c: { reset: 0xda, writable: PAD_BITS },
  0x80: { reset: 0x5a, writable: PAD_BITS },
};

/** RP2040 datasheet 2.19.6.4: SCLK, SD0 to SD3, SS. */
const QSPI: RegisterRows = {
  ...VOLTAGE_SELECT,
  0x04: { reset: 0x56, writable: PAD_BITS },
  ...repeated({ reset: 0x52, writable: PAD_BITS }, 0x08, 4),
  0x18: { reset: 0x5a, writable: PAD_BITS },
};

/**
 * The pads of the user pins. In the package they start with the input off (0x36) and keep bits that do not exist.
 * `changed` is told the number of every pin whose pad was written.
 */
export class PadsBank0 extends RegisterBlock {
  readonly #changed: (pin: number) => void;

  constructor(rp: RP2040, changed: (pin: number) => void) {
    super(rp, 'PADS_BANK0', BANK0);
    this.#changed = changed;
    for (const pin of rp.gpio) pin.padValue = BANK0_PAD_RESET;
  }

  override reset(): void {
    super.reset();
    for (let pin = 0; pin < BANK0_PINS; pin++) this.#apply(pin);
  }

  protected override written(offset: number): void {
    const pin = (offset - FIRST_PAD) / 4;
    if (pin >= 0 && pin < BANK0_PINS) this.#apply(pin);
  }

  #apply(index: number): void {
    const pin = this.rp2040.gpio[index]!;
    const inputWasOn = pin.inputEnable;
    pin.padValue = this.get(FIRST_PAD + index * 4);
    pin.checkForUpdates();
    this.#changed(index);
    if (pin.inputEnable !== inputWasOn) pin.refreshInput();
  }
}

export function padsQspi(rp: RP2040): RegisterBlock {
  return new RegisterBlock(rp, 'PADS_QSPI', QSPI);
}
