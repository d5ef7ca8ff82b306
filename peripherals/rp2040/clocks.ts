import { definePeripheral, field, flag, type FieldSpec } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: CLOCKS_BASE. */
const CLOCKS_BASE = 0x40008000;

const enabling = { KILL: flag(10), ENABLE: flag(11) };
const phase = { PHASE: field(16, 2), NUDGE: flag(20) };
/** What clk_usb, clk_adc and clk_rtc can run from. */
const SOURCES = { 'pll-usb': 0, 'pll-sys': 1, 'rosc-ph': 2, xosc: 3, gpin0: 4, gpin1: 5 } as const;
const FRACTIONAL = { FRAC: field(0, 8), INT: field(8, 24) };
const WHOLE = { INT: field(8, 2) };

const register = <const F extends Readonly<Record<string, FieldSpec>>>(offset: number, reset: number, fields: F) =>
  ({ address: CLOCKS_BASE + offset, access: 'ro', reset, fields }) as const;

/** Which input of the multiplexer is selected, a bit each. */
const selected = (offset: number) => ({ address: CLOCKS_BASE + offset, access: 'ro', reset: 1 }) as const;

/**
 * The clock generators (RP2040 datasheet 2.15): what each clock runs from, and what it is divided by, to work out the
 * rate of a peripheral. They belong to the firmware, so a driver can only look. The SVD file has a CLK_PERI_DIV, too; but
 * clk_peri has no divider (2.15.3), so a driver that divided by it would be wrong.
 */
export const clocks = definePeripheral({
  name: 'clocks',
  source: 'RP2040 datasheet 2.15.7',
  registers: {
    CLK_REF_CTRL: register(0x30, 0, {
      SRC: field(0, 2, { values: { 'rosc-ph': 0, aux: 1, xosc: 2 } }),
      AUXSRC: field(5, 2, { values: { 'pll-usb': 0, gpin0: 1, gpin1: 2 } }),
    }),
    CLK_REF_DIV: register(0x34, 0x100, WHOLE),
    CLK_REF_SELECTED: selected(0x38),
    CLK_SYS_CTRL: register(0x3c, 0, {
      SRC: field(0, 1, { values: { 'clk-ref': 0, aux: 1 } }),
      AUXSRC: field(5, 3, { values: { 'pll-sys': 0, 'pll-usb': 1, rosc: 2, xosc: 3, gpin0: 4, gpin1: 5 } }),
    }),
    CLK_SYS_DIV: register(0x40, 0x100, FRACTIONAL),
    CLK_SYS_SELECTED: selected(0x44),
    CLK_PERI_CTRL: register(0x48, 0, {
      AUXSRC: field(5, 3, {
        values: { 'clk-sys': 0, 'pll-sys': 1, 'pll-usb': 2, 'rosc-ph': 3, xosc: 4, gpin0: 5, gpin1: 6 },
      }),
      ...enabling,
    }),
    CLK_USB_CTRL: register(0x54, 0, { AUXSRC: field(5, 3, { values: SOURCES }), ...enabling, ...phase }),
    CLK_USB_DIV: register(0x58, 0x100, WHOLE),
    CLK_ADC_CTRL: register(0x60, 0, { AUXSRC: field(5, 3, { values: SOURCES }), ...enabling, ...phase }),
    CLK_ADC_DIV: register(0x64, 0x100, WHOLE),
    CLK_RTC_CTRL: register(0x6c, 0, { AUXSRC: field(5, 3, { values: SOURCES }), ...enabling, ...phase }),
    CLK_RTC_DIV: register(0x70, 0x100, FRACTIONAL),
  },
  save: [],
});

export type Clocks = typeof clocks;
