import { ClockError, toBcd, toHours } from './calendar.js';

/**
 * When an alarm goes off: whenever the time matches what is given here, in UTC. Nothing given: every second (alarm 2: every
 * minute). Each value needs the smaller ones: an hour needs its minute, and for alarm 1 its second.
 */
export interface AlarmTime {
  /** 0 to 59; alarm 1 only. Alarm 2 goes off as the minute begins. */
  readonly second?: number;
  readonly minute?: number;
  readonly hour?: number;
  /** Day of the month, 1 to 31, or of the week, 1 (Monday) to 7; not both. */
  readonly date?: number;
  readonly weekday?: number;
}

interface Part {
  readonly name: string;
  readonly value: number | undefined;
  readonly least: number;
  readonly most: number;
}

const part = (name: string, value: number | undefined, least: number, most: number): Part => ({
  name,
  value,
  least,
  most,
});

/** DS3231 table 2: the alarms that there are. Throws ClockError for others. */
function check(parts: readonly Part[], { date, weekday }: AlarmTime): void {
  if (date !== undefined && weekday !== undefined)
    throw new ClockError('bad-alarm', 'An alarm matches a date or a weekday, not both.');
  parts.forEach(({ name, value, least, most }, index) => {
    if (value === undefined) return;
    if (!Number.isInteger(value) || value < least || value > most)
      throw new ClockError(
        'bad-alarm',
        `The ${name} of an alarm is a whole number from ${least} to ${most}, not ${value}.`,
      );
    const smaller = parts[index - 1];
    if (smaller && smaller.value === undefined)
      throw new ClockError('bad-alarm', `An alarm with ${name} needs its ${smaller.name}, too.`);
  });
}

function partsOf({ minute, hour, date, weekday }: AlarmTime): readonly [Part, Part, Part] {
  const day = weekday === undefined ? part('date', date, 1, 31) : part('weekday', weekday, 1, 7);
  return [part('minute', minute, 0, 59), part('hour', hour, 0, 23), day];
}

const bcd = ({ value }: Part): number => toBcd(value ?? 0);
const hours = ({ value }: Part, twelve: boolean): number => toHours(value ?? 0, twelve);
const masked = ({ value }: Part): boolean => value === undefined;

/** The fields of ALARM_1; `twelve`: for a clock of twelve hours. */
export function alarm1(when: AlarmTime, twelve: boolean) {
  const second = part('second', when.second, 0, 59);
  const [minute, hour, day] = partsOf(when);
  check([second, minute, hour, day], when);
  return {
    A1M1: masked(second),
    SECONDS: bcd(second),
    A1M2: masked(minute),
    MINUTES: bcd(minute),
    A1M3: masked(hour),
    HOURS: hours(hour, twelve),
    A1M4: masked(day),
    DY_DT: when.weekday !== undefined,
    DAY_DATE: bcd(day),
  };
}

/** The fields of ALARM_2 and ALARM_2_DAY; `twelve`: for a clock of twelve hours. */
export function alarm2(when: AlarmTime, twelve: boolean) {
  if (when.second !== undefined)
    throw new ClockError('bad-alarm', 'Alarm 2 has no seconds: it goes off as a minute begins. Take alarm 1.');
  const [minute, hour, day] = partsOf(when);
  check([minute, hour, day], when);
  return {
    time: { A2M2: masked(minute), MINUTES: bcd(minute), A2M3: masked(hour), HOURS: hours(hour, twelve) },
    day: { A2M4: masked(day), DY_DT: when.weekday !== undefined, DAY_DATE: bcd(day) },
  };
}
