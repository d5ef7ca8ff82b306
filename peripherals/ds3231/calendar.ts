import { FgftError } from '../../runtime/index.js';

/**
 * - `out-of-range`: a Date that this clock cannot hold: no date at all, or not of the years 2000 to 2099.
 * - `not-set`: the oscillator has stood still since the clock was set, or it never was: it does not know the time.
 * - `not-a-time`: the registers hold no time that exists.
 * - `bad-alarm`: an alarm that table 2 of the datasheet does not have.
 * - `bad-setting`: a value that the chip does not have; the message names those that it has.
 */
export class ClockError extends FgftError<'out-of-range' | 'not-set' | 'not-a-time' | 'bad-alarm' | 'bad-setting'> {}

/** The chip counts leap years "up to 2100" (DS3231 "General Description"): every fourth year has a 29 February. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;

/** DS3231 figure 1. */
const TWELVE_HOURS = 0x40;
const PM = 0x20;
const CENTURY = 0x80;

export const toBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
/** NaN where the low digit is none. */
const fromBcd = (bcd: number): number => ((bcd & 0x0f) > 9 ? NaN : (bcd >> 4) * 10 + (bcd & 0x0f));

/** The chip counts days of the week from 1; what 1 stands for is ours to say: Monday, as in ISO 8601. */
const weekdayOf = (date: Date): number => date.getUTCDay() || 7;

/** Whether the hours register, that of the clock or of an alarm, counts twelve hours. */
export const countsTwelve = (hours: number): boolean => (hours & TWELVE_HOURS) !== 0;

/** An hour, 0 to 23, as an hours register holds it. Of twelve hours, midnight is 12 AM and noon is 12 PM. */
export const toHours = (hour: number, twelve: boolean): number =>
  twelve ? TWELVE_HOURS | (hour >= 12 ? PM : 0) | toBcd(hour % 12 || 12) : toBcd(hour);

/** A Date as registers 00h to 06h hold it. What is less than a second is dropped. */
export function toRegisters(date: Date, twelve: boolean): number[] {
  const year = date.getUTCFullYear();
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) {
    const what = Number.isNaN(date.getTime()) ? 'an invalid Date' : date.toISOString();
    throw new ClockError('out-of-range', `A DS3231 holds the years ${FIRST_YEAR} to ${LAST_YEAR}, not ${what}.`);
  }
  return [
    toBcd(date.getUTCSeconds()),
    toBcd(date.getUTCMinutes()),
    toHours(date.getUTCHours(), twelve),
    toBcd(weekdayOf(date)),
    toBcd(date.getUTCDate()),
    toBcd(date.getUTCMonth() + 1),
    toBcd(year - FIRST_YEAR),
  ];
}

/** Of twelve hours, 12 AM is midnight and 12 PM is noon; NaN where there is no such hour. */
function hourOf(register: number): number {
  if (!countsTwelve(register)) return fromBcd(register & 0x3f);
  const hour = fromBcd(register & 0x1f);
  return hour >= 1 && hour <= 12 ? (hour % 12) + (register & PM ? 12 : 0) : NaN;
}

/** Registers 00h to 06h as a Date, whichever mode the hours are in. */
export function fromRegisters(registers: ArrayLike<number>): Date {
  const [second, minute, hours, , day, month, year] = Array.from(registers) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fields = [
    FIRST_YEAR + fromBcd(year) + (month & CENTURY ? 100 : 0),
    fromBcd(month & 0x1f) - 1,
    fromBcd(day),
    hourOf(hours),
    fromBcd(minute),
    fromBcd(second),
  ] as const;
  const date = new Date(Date.UTC(...fields));
  const back = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  if (fields.every((value, index) => value === back[index])) return date;
  const found = Array.from(registers, (each) => each.toString(16).padStart(2, '0')).join(' ');
  throw new ClockError('not-a-time', `The clock holds no time that exists: ${found}. Set it.`);
}
