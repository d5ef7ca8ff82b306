/* Register map of the ADXL345 (datasheet rev E, table 19 and "Register Definitions"): addresses, resets, bits, scales. */

export const REGISTER = {
  DEVID: 0x00,
  OFSX: 0x1e,
  OFSY: 0x1f,
  OFSZ: 0x20,
  THRESH_ACT: 0x24,
  THRESH_INACT: 0x25,
  TIME_INACT: 0x26,
  ACT_INACT_CTL: 0x27,
  THRESH_FF: 0x28,
  TIME_FF: 0x29,
  ACT_TAP_STATUS: 0x2b,
  BW_RATE: 0x2c,
  POWER_CTL: 0x2d,
  INT_ENABLE: 0x2e,
  INT_MAP: 0x2f,
  INT_SOURCE: 0x30,
  DATA_FORMAT: 0x31,
  DATAX0: 0x32,
  DATAZ1: 0x37,
  FIFO_CTL: 0x38,
  FIFO_STATUS: 0x39,
} as const;

/** Registers end here; an address has six bits (figure 37). */
export const REGISTERS = 0x3a;
export const ADDRESSES = 0x40;

/** Table 19; all others reset to 0. INT_SOURCE resets to 02: no samples are enough for the watermark, which is 0. */
export const RESETS: ReadonlyMap<number, number> = new Map([
  [REGISTER.DEVID, 0xe5],
  [REGISTER.BW_RATE, 0x0a],
]);

/** Bits that can be written, by address; what is not here is read-only or reserved. */
export const WRITABLE: ReadonlyMap<number, number> = new Map([
  ...Array.from({ length: 13 }, (_, index) => [0x1d + index, 0xff] as const), // 1D to 29
  [0x2a, 0x0f],
  [REGISTER.BW_RATE, 0x1f],
  [REGISTER.POWER_CTL, 0x3f],
  [REGISTER.INT_ENABLE, 0xff],
  [REGISTER.INT_MAP, 0xff],
  [REGISTER.DATA_FORMAT, 0xef],
  [REGISTER.FIFO_CTL, 0xff],
]);

/** Bits of INT_ENABLE, INT_MAP and INT_SOURCE. */
export const INTERRUPT = {
  DATA_READY: 0x80,
  ACTIVITY: 0x10,
  INACTIVITY: 0x08,
  FREE_FALL: 0x04,
  WATERMARK: 0x02,
  OVERRUN: 0x01,
} as const;

/** Bits of POWER_CTL. */
export const POWER = { LINK: 0x20, AUTO_SLEEP: 0x10, MEASURE: 0x08, SLEEP: 0x04, WAKEUP: 0x03 } as const;
/** Table 20: readings per second in sleep mode, by the wakeup bits. */
export const WAKEUP_HERTZ = [8, 4, 2, 1] as const;

/** Bits of DATA_FORMAT. */
export const FORMAT = {
  SELF_TEST: 0x80,
  THREE_WIRE: 0x40,
  INT_INVERT: 0x20,
  FULL_RESOLUTION: 0x08,
  JUSTIFY: 0x04,
  RANGE: 0x03,
} as const;

/** ACT_TAP_STATUS bit 3. */
export const ASLEEP = 0x08;

/** Table 7: 3200 Hz at code 1111, half of it at each code below. */
export const rateHertz = (code: number): number => 3200 / 2 ** (15 - (code & 0x0f));
/** Table 1, note 7: turn-on takes τ + 1.1 ms, τ being the period of the data rate. */
export const TURN_ON_NANOS = 1.1e6;

/** "OFSX": 15.6 mg/LSB, 7F being 2 g; "THRESH_ACT" and others: 62.5 mg/LSB. */
export const OFFSET_G = 1 / 64;
export const THRESHOLD_G = 1 / 16;
/** "TIME_INACT": 1 s/LSB; "TIME_FF": 5 ms/LSB. */
export const TIME_INACT_NANOS = 1e9;
export const TIME_FF_NANOS = 5e6;

export interface Acceleration {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Table 1, self-test: within 0.2 to 2.1 g, −2.1 to −0.2 g, 0.3 to 3.4 g. */
export const SELF_TEST_G: Acceleration = { x: 0.5, y: -0.5, z: 0.75 };
