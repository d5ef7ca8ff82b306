import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, type Handle, type I2cAddress } from '../../runtime/index.js';
import { alarm1, alarm2, type AlarmTime } from './alarm.js';
import { ClockError, countsTwelve, fromRegisters, toRegisters } from './calendar.js';
import { ds3231, ds3231Time, type Ds3231Registers, type Ds3231TimeRegisters } from './definition.js';

/** DS3231 "Electrical Characteristics": t_CONV is at most 200 ms; another conversion may be running when ours begins. */
const CONVERSION_US = 200_000;

/** DS3231 figure 1. */
const HOURS = 2;

const RATES = { 1: '1Hz', 1024: '1.024kHz', 4096: '4.096kHz', 8192: '8.192kHz' } as const;

/**
 * A DS3231, a clock that keeps time on its battery. Its time is UTC here.
 *
 * The INT/SQW pin carries either the alarms or the square wave, whichever was asked for last (`interrupts`, `squareWave`).
 */
export class Ds3231 extends Driver {
  @peripheral accessor clock: Handle<Ds3231TimeRegisters>;
  @peripheral accessor chip: Handle<Ds3231Registers>;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.clock = attach(ds3231Time(at), board);
    this.chip = attach(ds3231(at), board);
  }

  /** What time it is, to the second. Throws ClockError where the clock does not know (`not-set`, `not-a-time`). */
  @entryPoint
  async now(): Promise<Date> {
    const [flags, registers] = await Promise.all([this.chip.FLAGS.read(), this.clock.TIME.readBlock(0, 7)]);
    if (flags.OSF)
      throw new ClockError(
        'not-set',
        'The oscillator of the DS3231 has stood still, so it does not know the time. Set it.',
      );
    return fromRegisters(registers);
  }

  /**
   * Sets the time; a second begins as the chip takes it. `date` is of the years 2000 to 2099; milliseconds are dropped. A clock
   * of twelve hours stays one, because its alarms are of twelve hours, too.
   */
  @entryPoint
  async set(date: Date): Promise<void> {
    await this.clock.TIME.writeBlock(0, toRegisters(date, await this.twelveHours()));
    // With the commit: a time that was not set must not look as if it was.
    await this.chip.FLAGS.write({ OSF: false });
  }

  /**
   * Has alarm 1 or 2 go off whenever the time matches. It then shows in `fired`, and on the pin, until that was called. The pin
   * may go low at once if the alarm has fired before and `fired` was not called since.
   */
  @entryPoint
  async alarm(number: 1 | 2, when: AlarmTime): Promise<void> {
    const { ALARM_1, ALARM_2, ALARM_2_DAY, CONTROL, FLAGS } = this.chip;
    const twelve = when.hour !== undefined && (await this.twelveHours());
    if (number === 1) {
      await CONTROL.modify({ A1IE: false });
      await ALARM_1.write(alarm1(when, twelve));
      await FLAGS.write({ A1F: false });
      await CONTROL.modify({ A1IE: true });
    } else {
      const { time, day } = alarm2(when, twelve);
      await CONTROL.modify({ A2IE: false });
      await ALARM_2.write(time);
      await ALARM_2_DAY.write(day);
      await FLAGS.write({ A2F: false });
      await CONTROL.modify({ A2IE: true });
    }
  }

  /** Keeps an alarm off the pin. The chip has no other way to turn one off: its flag is raised all the same. */
  @entryPoint
  async mute(number: 1 | 2): Promise<void> {
    await this.chip.CONTROL.modify(number === 1 ? { A1IE: false } : { A2IE: false });
  }

  /** Which alarms have gone off since they were set, or since this was last called. */
  @entryPoint
  async fired(): Promise<{ alarm1: boolean; alarm2: boolean }> {
    const { A1F, A2F } = await this.chip.FLAGS.read();
    // Those that go off from here on are not cleared: a written 1 leaves a flag as it is.
    if (A1F || A2F) await this.chip.FLAGS.write({ A1F: !A1F, A2F: !A2F });
    return { alarm1: A1F, alarm2: A2F };
  }

  /** The pin carries the alarms: low while one that is not muted has fired. On the battery only if `onBattery`. */
  @entryPoint
  async interrupts({ onBattery = false } = {}): Promise<void> {
    await this.chip.CONTROL.modify({ INTCN: true, BBSQW: onBattery });
  }

  /** The pin carries a square wave of 1, 1024, 4096 or 8192 Hz; on the battery only if `onBattery`. */
  @entryPoint
  async squareWave(hertz: keyof typeof RATES, { onBattery = false } = {}): Promise<void> {
    const RATE = RATES[hertz];
    if (RATE === undefined)
      throw new ClockError('bad-setting', `A DS3231 makes ${Object.keys(RATES).join(', ')} Hz, not ${String(hertz)}.`);
    await this.chip.CONTROL.modify({ RATE, INTCN: false, BBSQW: onBattery });
  }

  /** The 32 kHz pin: on or off. */
  @entryPoint
  async output32kHz(on: boolean): Promise<void> {
    await this.chip.STATUS.modify({ EN32KHZ: on });
  }

  /** Slows the oscillator down, about 0.1 ppm a step at 25 °C; -128 to 127. It counts from the next conversion on. */
  @entryPoint
  async aging(steps: number): Promise<void> {
    if (!Number.isInteger(steps) || steps < -128 || steps > 127)
      throw new ClockError('bad-setting', `The aging offset is a whole number from -128 to 127, not ${steps}.`);
    await this.chip.AGING.write(steps & 0xff);
  }

  /** Degrees Celsius, in quarters, as of the last conversion: the chip makes one every 64 seconds. */
  @entryPoint
  async temperature(): Promise<number> {
    const { QUARTERS } = await this.chip.TEMPERATURE.read();
    return (QUARTERS >= 0x200 ? QUARTERS - 0x400 : QUARTERS) / 4;
  }

  /** Has the temperature converted now, which takes up to 200 ms, and resolves with it. */
  @entryPoint
  async convert(): Promise<number> {
    const { CONTROL, FLAGS } = this.chip;
    // "Control Register", CONV: not to be set while BSY is.
    await FLAGS.poll({ BSY: false }, CONVERSION_US);
    await CONTROL.modify({ CONV: true });
    await CONTROL.poll({ CONV: false }, CONVERSION_US);
    return this.temperature();
  }

  /** "Clock and Calendar": somebody may have set the clock to twelve hours; an alarm matches only hours of the same form. */
  private async twelveHours(): Promise<boolean> {
    return countsTwelve(await this.clock.TIME[HOURS]!.readBits());
  }
}
