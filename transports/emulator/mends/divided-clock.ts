import type { Silicon } from '../silicon.js';

/** CLK_USB_CTRL, CLK_ADC_CTRL and CLK_RTC_CTRL (RP2040 datasheet 2.15.7). */
const CTRL = { source: 5, kill: 1 << 10, enable: 1 << 11 } as const;
/** The dividers are in 1/256; a whole part of 0 stands for 2^16. */
const ONE = 256;

/**
 * In hertz, from the control and divider register: clk_usb, clk_adc and clk_rtc choose alike from the PLLs and the
 * oscillators. 0 for a clock that stands still, or whose source is not modelled.
 */
export function dividedClock(silicon: Silicon, control: number, divider: number): number {
  const { pllSys, pllUsb, roscFreq, xoscFreq } = silicon;
  if (!(control & CTRL.enable) || control & CTRL.kill) return 0;
  const source = [pllUsb.frequency, pllSys.frequency, roscFreq, xoscFreq][(control >> CTRL.source) & 7] ?? 0;
  return source / ((divider >>> 8 || 65536) + (divider & 0xff) / ONE);
}
