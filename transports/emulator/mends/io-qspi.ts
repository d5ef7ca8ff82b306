import type { RP2040 } from 'rp2040js';
import { CTRL_BITS, CTRL_RESET } from './io-bank0.js';
import { RegisterBlock, repeated } from './registers.js';

const PINS = 6;
const SS_CTRL = 0x0c;
const OUTOVER_SHIFT = 8;
const FUNCTION_XIP = 0;
const INTERRUPT_BITS = 0xffffff;

/** Values of OUTOVER (RP2040 datasheet 2.19.6.2, GPIO_QSPI_SS_CTRL). */
const OVERRIDE = ['peripheral', 'inverted', 'low', 'high'] as const;
export type ChipSelect = (typeof OVERRIDE)[number];

/**
 * The function selectors of the flash pins (RP2040 datasheet 2.19.6.2); absent in the package. Firmware that talks to
 * the flash chip by itself forces the chip select with GPIO_QSPI_SS_CTRL.OUTOVER; `selected` is told of that.
 */
export class IoQspi extends RegisterBlock {
  readonly #selected: (how: ChipSelect) => void;

  constructor(rp: RP2040, selected: (how: ChipSelect) => void) {
    super(rp, 'IO_QSPI', {
      ...repeated({}, 0x00, PINS, 8),
      ...repeated({ reset: CTRL_RESET, writable: CTRL_BITS }, 0x04, PINS, 8),
      ...repeated({ writable: INTERRUPT_BITS }, 0x30, 10),
    });
    this.#selected = selected;
    this.connectFlash();
  }

  /** As the boot ROM leaves the pins: all on the flash interface (RP2040 datasheet 2.8.1.2). */
  connectFlash(): void {
    for (let pin = 0; pin < PINS; pin++) this.set(pin * 8 + 4, FUNCTION_XIP);
  }

  override reset(): void {
    super.reset();
    this.#selected('peripheral');
  }

  protected override written(offset: number, _before: number, after: number): void {
    if (offset === SS_CTRL) this.#selected(OVERRIDE[(after >> OUTOVER_SHIFT) & 3]!);
  }
}
