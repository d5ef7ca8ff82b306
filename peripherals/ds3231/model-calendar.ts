/*
 * What the DS3231's counters do once a second, on its registers as they are: BCD (DS3231 figure 1, "Clock and
 * Calendar", table 2). Times and dates that do not exist are "undefined operation"; here they count on in BCD.
 */

/** DS3231 figure 1. */
export const SECONDS = 0x00;
const MINUTES = 0x01;
const HOURS = 0x02;
const DAY = 0x03;
const DATE = 0x04;
const MONTH = 0x05;
const YEAR = 0x06;
const ALARM_1 = { seconds: 0x07, minutes: 0x08, hours: 0x09, day: 0x0a } as const;
const ALARM_2 = { minutes: 0x0b, hours: 0x0c, day: 0x0d } as const;

const TWELVE_HOURS = 0x40;
const PM = 0x20;
const CENTURY = 0x80;
/** Bit 7 of an alarm register: it matches whatever the time. Bit 6 of its day: day of the week, not date. */
const MASK = 0x80;
const DAY_OF_WEEK = 0x40;

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const fromBcd = (bcd: number): number => (bcd >> 4) * 10 + (bcd & 0x0f);
const toBcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);

const at = (registers: Uint8Array, address: number): number => registers[address] ?? 0;

/** Counts a BCD register up to `last`, then from `first` again. True when it wrapped. */
function count(registers: Uint8Array, address: number, first: number, last: number): boolean {
  const value = fromBcd(at(registers, address));
  const wraps = value >= last;
  registers[address] = toBcd(wraps ? first : value + 1);
  return wraps;
}

/** True at midnight. */
function countHour(registers: Uint8Array): boolean {
  const hours = at(registers, HOURS);
  if ((hours & TWELVE_HOURS) === 0) return count(registers, HOURS, 0, 23);
  const hour = fromBcd(hours & 0x1f);
  // 11 AM, 12 PM, 1 PM: the half of the day changes before twelve, the number after it.
  const half = (hours & PM) ^ (hour === 11 ? PM : 0);
  registers[HOURS] = TWELVE_HOURS | half | toBcd(hour >= 12 ? 1 : hour + 1);
  return hour === 11 && half === 0;
}

/** Every fourth year has a 29 February, 2100 too: the datasheet promises leap years "up to 2100". */
function lastDate(month: number, year: number): number {
  return month === 2 && year % 4 === 0 ? 29 : (DAYS_OF_MONTH[month - 1] ?? 31);
}

function countDate(registers: Uint8Array): void {
  count(registers, DAY, 1, 7);
  const month = fromBcd(at(registers, MONTH) & 0x1f);
  if (!count(registers, DATE, 1, lastDate(month, fromBcd(at(registers, YEAR))))) return;
  const century = at(registers, MONTH) & CENTURY;
  registers[MONTH] = century | toBcd(month >= 12 ? 1 : month + 1);
  if (month < 12) return;
  // DS3231 "Clock and Calendar": the century bit toggles when the years overflow from 99 to 00.
  if (count(registers, YEAR, 0, 99)) registers[MONTH] = at(registers, MONTH) ^ CENTURY;
}

/** One second on. */
export function tick(registers: Uint8Array): void {
  if (!count(registers, SECONDS, 0, 59)) return;
  if (!count(registers, MINUTES, 0, 59)) return;
  if (countHour(registers)) countDate(registers);
}

const matches = (registers: Uint8Array, alarm: number, time: number): boolean =>
  (at(registers, alarm) & MASK) !== 0 || (at(registers, alarm) & 0x7f) === at(registers, time);

function matchesDay(registers: Uint8Array, address: number): boolean {
  const alarm = at(registers, address);
  if ((alarm & MASK) !== 0) return true;
  return (alarm & DAY_OF_WEEK) === 0 ? (alarm & 0x3f) === at(registers, DATE) : (alarm & 0x0f) === at(registers, DAY);
}

/** DS3231 table 2, alarm 1. */
export const alarm1Matches = (registers: Uint8Array): boolean =>
  matches(registers, ALARM_1.seconds, SECONDS) &&
  matches(registers, ALARM_1.minutes, MINUTES) &&
  matches(registers, ALARM_1.hours, HOURS) &&
  matchesDay(registers, ALARM_1.day);

/** DS3231 table 2, alarm 2: it has no seconds, and goes off at 00 seconds of every minute that matches. */
export const alarm2Matches = (registers: Uint8Array): boolean =>
  at(registers, SECONDS) === 0 &&
  matches(registers, ALARM_2.minutes, MINUTES) &&
  matches(registers, ALARM_2.hours, HOURS) &&
  matchesDay(registers, ALARM_2.day);
