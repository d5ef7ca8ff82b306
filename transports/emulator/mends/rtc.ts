import type { Silicon } from '../silicon.js';
import { dividedClock } from './divided-clock.js';
import { RegisterBlock } from './registers.js';

const CLKDIV_M1 = 0x00;
const SETUP_0 = 0x04;
const SETUP_1 = 0x08;
const CTRL = 0x0c;
const IRQ_SETUP_0 = 0x10;
const IRQ_SETUP_1 = 0x14;
const RTC_1 = 0x18;
const RTC_0 = 0x1c;
const INTR = 0x20;
const INTE = 0x24;
const INTF = 0x28;
const INTS = 0x2c;

const CTRL_BITS = { enable: 1, active: 2, load: 1 << 4, noLeapYear: 1 << 8 } as const;
const MATCH = { enable: 1 << 28, active: 1 << 29 } as const;
/** Day 4:0, month 11:8, year 23:12; seconds 5:0, minutes 13:8, hour 20:16, day of the week 26:24 (4.8.6). */
const DATE_BITS = 0x00ffff1f;
const TIME_BITS = 0x071f3f3f;
/** Which bits of the date and of the time each enable bit has matched. */
const MATCHED_DATE = [
  [24, 0x0000001f],
  [25, 0x00000f00],
  [26, 0x00fff000],
] as const;
const MATCHED_TIME = [
  [28, 0x0000003f],
  [29, 0x00003f00],
  [30, 0x001f0000],
  [31, 0x07000000],
] as const;

const IRQ_RTC = 25;
/** 4.8.4: periods of clk_rtc until a write has arrived in its domain. */
const CROSSING = 2;

/**
 * The real-time clock (RP2040 datasheet 4.8). In the package it takes the host's time zone, ignores CLKDIV_M1 and
 * clk_rtc, has no alarm, and does not latch the date.
 */
export class Rtc extends RegisterBlock {
  readonly #silicon: Silicon;
  readonly #second: ReturnType<Silicon['clock']['createAlarm']>;
  readonly #crossing: ReturnType<Silicon['clock']['createAlarm']>;
  #date = 0;
  #time = 0;
  #latchedDate = 0;
  /** CTRL.RTC_ENABLE and IRQ_SETUP_0.MATCH_ENA as the other clock domain has them. */
  #running = false;
  #matching = false;

  constructor(silicon: Silicon) {
    super(silicon, 'RTC', {
      [CLKDIV_M1]: { writable: 0xffff },
      [SETUP_0]: { writable: DATE_BITS },
      [SETUP_1]: { writable: TIME_BITS },
      [CTRL]: { writable: CTRL_BITS.enable | CTRL_BITS.noLeapYear },
      [IRQ_SETUP_0]: { writable: MATCH.enable | 0x07000000 | DATE_BITS },
      [IRQ_SETUP_1]: { writable: 0xf0000000 | TIME_BITS },
      [RTC_1]: {},
      [RTC_0]: {},
      [INTR]: {},
      [INTE]: { writable: 1 },
      [INTF]: { writable: 1 },
      [INTS]: {},
    });
    this.#silicon = silicon;
    this.#second = silicon.clock.createAlarm(() => this.#tick());
    this.#crossing = silicon.clock.createAlarm(() => this.#arrive());
  }

  override reset(): void {
    super.reset();
    this.#date = this.#time = this.#latchedDate = 0;
    this.#running = this.#matching = false;
    this.#second.cancel();
    this.#crossing.cancel();
    this.#signal();
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case CTRL:
        return stored | (this.#running ? CTRL_BITS.active : 0);
      case IRQ_SETUP_0:
        return stored | (this.#matching ? MATCH.active : 0);
      case RTC_0:
        this.#latchedDate = this.#date;
        return this.#time;
      case RTC_1:
        return this.#latchedDate;
      case INTR:
        return Number(this.#matches);
      case INTS:
        return this.#status;
      default:
        return stored;
    }
  }

  protected override written(offset: number, _before: number, _after: number, onBus: number): void {
    if (offset === CTRL && onBus & CTRL_BITS.load) {
      this.#date = this.get(SETUP_0);
      this.#time = this.get(SETUP_1);
    }
    if (offset === CTRL || offset === IRQ_SETUP_0) this.#crossing.schedule(CROSSING * this.#period);
    this.#signal();
  }

  /** Of clk_rtc, in nanoseconds; Infinity while it stands still. */
  get #period(): number {
    const { rtcCtrl, rtcDiv } = this.#silicon.clocks;
    return 1e9 / dividedClock(this.#silicon, rtcCtrl, rtcDiv);
  }

  #arrive(): void {
    const running = (this.get(CTRL) & CTRL_BITS.enable) !== 0;
    this.#matching = (this.get(IRQ_SETUP_0) & MATCH.enable) !== 0;
    if (running !== this.#running) {
      this.#running = running;
      if (running) this.#scheduleSecond();
      else this.#second.cancel();
    }
    this.#signal();
  }

  #scheduleSecond(): void {
    this.#second.schedule((this.get(CLKDIV_M1) + 1) * this.#period);
  }

  #tick(): void {
    this.#scheduleSecond();
    this.#advance();
    this.#signal();
  }

  #advance(): void {
    const { seconds, minutes, hours, weekday } = timeOf(this.#time);
    if (seconds !== 59) this.#time = timeBits(seconds + 1, minutes, hours, weekday);
    else if (minutes !== 59) this.#time = timeBits(0, minutes + 1, hours, weekday);
    else if (hours !== 23) this.#time = timeBits(0, 0, hours + 1, weekday);
    else {
      this.#time = timeBits(0, 0, 0, weekday === 6 ? 0 : weekday + 1);
      this.#date = nextDay(this.#date, (this.get(CTRL) & CTRL_BITS.noLeapYear) === 0);
    }
  }

  /** 4.8.3: the interrupt lasts as long as everything that is to match does. */
  get #matches(): boolean {
    if (!this.#matching) return false;
    const [date, time] = [this.get(IRQ_SETUP_0), this.get(IRQ_SETUP_1)];
    return (
      MATCHED_DATE.every(([bit, mask]) => !((date >>> bit) & 1) || ((date ^ this.#date) & mask) === 0) &&
      MATCHED_TIME.every(([bit, mask]) => !((time >>> bit) & 1) || ((time ^ this.#time) & mask) === 0)
    );
  }

  get #status(): number {
    return (Number(this.#matches) & this.get(INTE)) | this.get(INTF);
  }

  #signal(): void {
    this.#silicon.setInterrupt(IRQ_RTC, this.#status !== 0);
  }
}

const timeOf = (bits: number) => ({
  seconds: bits & 0x3f,
  minutes: (bits >> 8) & 0x3f,
  hours: (bits >> 16) & 0x1f,
  weekday: (bits >> 24) & 7,
});

const timeBits = (seconds: number, minutes: number, hours: number, weekday: number): number =>
  (weekday << 24) | (hours << 16) | (minutes << 8) | seconds;

/** 4.8.2: a year that 4 divides is a leap year, unless CTRL says otherwise. */
function nextDay(date: number, leapYears: boolean): number {
  const [day, month, year] = [date & 0x1f, (date >> 8) & 0xf, date >>> 12];
  const february = leapYears && year % 4 === 0 ? 29 : 28;
  const last = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 31;
  if (day < last) return date + 1;
  return month < 12 ? (year << 12) | ((month + 1) << 8) | 1 : (((year + 1) & 0xfff) << 12) | (1 << 8) | 1;
}
