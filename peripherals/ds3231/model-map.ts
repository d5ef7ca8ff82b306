/* Registers of the DS3231 that do not hold time, what power-on puts into all of them, and its times (datasheet 19-5170). */

/** DS3231 figure 1. */
export const ALARMS_END = 0x0e;
export const CONTROL = 0x0e;
export const STATUS = 0x0f;
export const AGING = 0x10;
export const TEMPERATURE_HIGH = 0x11;
export const TEMPERATURE_LOW = 0x12;
export const LAST = 0x12;
export const TIME_BYTES = 7;

/** DS3231 "Control Register (0Eh)". */
export const CONTROL_BITS = { EOSC: 0x80, BBSQW: 0x40, CONV: 0x20, INTCN: 0x04, ALARM_ENABLES: 0x03 } as const;
/** DS3231 "Status Register (0Fh)"; A2F and A1F stand where A2IE and A1IE stand in the control register. */
export const STATUS_BITS = { OSF: 0x80, EN32KHZ: 0x08, BSY: 0x04, A2F: 0x02, A1F: 0x01 } as const;

/**
 * First application of power: 01/01/00, day 1, 00:00:00 ("Clock and Calendar"), control 1Ch, OSF and EN32kHz set, aging
 * and temperature 0. Alarm registers and flags are "not defined"; here they are 0.
 */
export const POWER_ON: ReadonlyMap<number, number> = new Map([
  [0x03, 0x01],
  [0x04, 0x01],
  [0x05, 0x01],
  [CONTROL, 0x1c],
  [STATUS, STATUS_BITS.OSF | STATUS_BITS.EN32KHZ],
]);

/** Bits of the time that can be written (figure 1: the others are 0). All bits of the alarms can. */
export const TIME_BITS = [0x7f, 0x7f, 0x7f, 0x07, 0x3f, 0x9f, 0xff] as const;

/** DS3231 "Control Register", RS2 and RS1. */
export const SQUARE_WAVE_HERTZ = [1, 1024, 4096, 8192] as const;

export const SECOND = 1e9;
/** DS3231 "Power Control": about 2 s after power is first applied, then every 64 s. */
export const FIRST_CONVERSION = 2 * SECOND;
export const CONVERSION_INTERVAL = 64 * SECOND;
/** DS3231 "Electrical Characteristics": t_CONV, at most 200 ms. */
export const CONVERSION_NANOS = 200e6;
/** DS3231 "Control Register", CONV: BSY does not show a conversion that the user asked for "for approximately 2ms". */
export const BUSY_DELAY = 2e6;
