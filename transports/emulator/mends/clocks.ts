import type { Silicon } from '../silicon.js';
import { dividedClock } from './divided-clock.js';
import { RegisterBlock, repeated, type RegisterRows } from './registers.js';

const STRIDE = 0x0c;
const DIV = 0x04;
const SELECTED = 0x08;
const GPOUTS = 4;
const REF_CTRL = 0x30;
const SYS_CTRL = 0x3c;
const PERI_CTRL = 0x48;
const USB_CTRL = 0x54;
const ADC_CTRL = 0x60;
const RTC_CTRL = 0x6c;
const RESUS_CTRL = 0x78;
const RESUS_STATUS = 0x7c;
/** Registers of the package: the control and divider registers that the chip's frequencies are worked out from. */
const PACKAGED_END = RESUS_CTRL;
const FC0_REF_KHZ = 0x80;
const FC0_SRC = 0x94;
const FC0_STATUS = 0x98;
const FC0_RESULT = 0x9c;
const ENABLED0 = 0xb0;
const ENABLED1 = 0xb4;
const INTR = 0xb8;

const WHOLE = { reset: 0x100, writable: 0x300 } as const;
const FRACTIONAL = { reset: 0x100, writable: 0xffffffff } as const;
const GATES = [0xffffffff, 0x7fff] as const;
/** FC0_STATUS.DONE and DIED. */
const DONE = 1 << 4;
const DIED = 1 << 28;
/** FC0_RESULT counts in 1/32 kHz. */
const RESULT_PER_KHZ = 32;

/** RP2040 datasheet 2.15.7. */
const ROWS: RegisterRows = {
  ...repeated({ writable: 0x131de0 }, 0, GPOUTS, STRIDE),
  ...repeated(FRACTIONAL, DIV, GPOUTS, STRIDE),
  ...repeated({ reset: 1 }, SELECTED, 10, STRIDE),
  [REF_CTRL]: { writable: 0x63 },
  [REF_CTRL + DIV]: WHOLE,
  [SYS_CTRL]: { writable: 0xe1 },
  [SYS_CTRL + DIV]: FRACTIONAL,
  [PERI_CTRL]: { writable: 0xce0 },
  // In the SVD file, but clk_peri has no divider (2.15.3): whatever is written there has no effect.
  [PERI_CTRL + DIV]: FRACTIONAL,
  [USB_CTRL]: { writable: 0x130ce0 },
  [USB_CTRL + DIV]: WHOLE,
  [ADC_CTRL]: { writable: 0x130ce0 },
  [ADC_CTRL + DIV]: WHOLE,
  [RTC_CTRL]: { writable: 0x130ce0 },
  [RTC_CTRL + DIV]: FRACTIONAL,
  [RESUS_CTRL]: { reset: 0xff, writable: 0x111ff },
  [RESUS_STATUS]: {},
  [FC0_REF_KHZ]: { writable: 0xfffff },
  0x84: { writable: 0x1ffffff },
  0x88: { reset: 0x1ffffff, writable: 0x1ffffff },
  0x8c: { reset: 1, writable: 7 },
  0x90: { reset: 8, writable: 0xf },
  [FC0_SRC]: { writable: 0xff },
  [FC0_STATUS]: {},
  [FC0_RESULT]: {},
  ...repeated({ reset: GATES[0], writable: GATES[0] }, 0xa0, 2, 8),
  ...repeated({ reset: GATES[1], writable: GATES[1] }, 0xa4, 2, 8),
  ...repeated({}, ENABLED0, 3),
  ...repeated({ writable: 1 }, INTR + 4, 2),
  0xc4: {},
};

/**
 * The clock generators (RP2040 datasheet 2.15). In the package dividers read back as 0 or with bits that they have not,
 * and the frequency counter and the clock gates are missing. The package goes on working out the frequencies. The
 * counter is done at once; its limits, and resuscitation of clk_sys, are not modelled.
 */
export class Clocks extends RegisterBlock {
  readonly #silicon: Silicon;

  constructor(silicon: Silicon) {
    super(silicon, 'CLOCKS', ROWS);
    this.#silicon = silicon;
  }

  protected override read(offset: number, stored: number): number {
    // 2.15.3.2: the glitchless multiplexers of clk_ref and clk_sys; the others read as 1.
    if (offset === REF_CTRL + SELECTED) return 1 << (this.get(REF_CTRL) & 3);
    if (offset === SYS_CTRL + SELECTED) return 1 << (this.get(SYS_CTRL) & 1);
    if (offset === ENABLED0) return this.get(0xa0);
    if (offset === ENABLED1) return this.get(0xa4);
    return stored;
  }

  protected override written(offset: number, _before: number, after: number): void {
    if (offset < PACKAGED_END) this.#silicon.clocks.writeUint32(offset, after);
    else if (offset === FC0_SRC) this.#measure(after);
  }

  /** 2.15.6.2: writing the source starts the counter. */
  #measure(source: number): void {
    const hertz = this.#frequency(source);
    this.set(FC0_RESULT, Math.round((hertz / 1000) * RESULT_PER_KHZ));
    this.set(FC0_STATUS, source === 0 ? 0 : DONE | (hertz === 0 ? DIED : 0));
  }

  /** Of the clocks by their numbers in FC0_SRC; 0 for one that stands still or is not modelled. */
  #frequency(source: number): number {
    const { pllSys, pllUsb, roscFreq, xoscFreq, clocks } = this.#silicon;
    switch (source) {
      case 1:
        return pllSys.frequency;
      case 2:
        return pllUsb.frequency;
      case 3:
      case 4:
        return roscFreq;
      case 5:
        return xoscFreq;
      case 8:
        return clocks.refFreq;
      case 9:
        return clocks.sysFreq;
      case 10:
        return clocks.periFreq;
      case 11:
        return this.#divided(USB_CTRL);
      case 12:
        return this.#divided(ADC_CTRL);
      case 13:
        return this.#divided(RTC_CTRL);
      default:
        return 0;
    }
  }

  #divided(control: number): number {
    return dividedClock(this.#silicon, this.get(control), this.get(control + DIV));
  }
}
