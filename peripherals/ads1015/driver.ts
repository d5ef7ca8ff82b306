import type { BoardSession } from '../../runtime/board.js';
import {
  attach,
  Driver,
  entryPoint,
  FgftError,
  peripheral,
  state,
  type Handle,
  type I2cAddress,
} from '../../runtime/index.js';
import { ads1015, conversionUs, LONGEST_CONVERSION_US, type Ads1015Registers } from './definition.js';

/**
 * - `impossible-threshold`: the range does not reach so far, or the lower threshold is not below the upper one.
 * - `not-started`: there is no latest result before `start`.
 */
export class VoltageError extends FgftError<'impossible-threshold' | 'not-started'> {}

/** AIN0 to AIN3 against ground, or one against another. */
export type Input = 'AIN0' | 'AIN1' | 'AIN2' | 'AIN3' | '0-1' | '0-3' | '1-3' | '2-3';

/** 8.3.3: the largest voltage that can be told, either way. No input takes more than the supply. */
const VOLTS = { '6.144V': 6.144, '4.096V': 4.096, '2.048V': 2.048, '1.024V': 1.024, '0.512V': 0.512, '0.256V': 0.256 };
export type Range = keyof typeof VOLTS;

const SAMPLES = {
  '128sps': 128,
  '250sps': 250,
  '490sps': 490,
  '920sps': 920,
  '1600sps': 1600,
  '2400sps': 2400,
  '3300sps': 3300,
};
export type Rate = keyof typeof SAMPLES;

export interface Measurement {
  readonly input: Input;
  /** `2.048V` if left out. */
  readonly range?: Range;
  /** `1600sps` if left out. A slower one takes longer and has less noise (7.6). */
  readonly rate?: Rate;
}

/** When the ALERT/RDY pin is active (8.3.7). */
export interface Alert {
  /** In volts. */
  readonly low: number;
  readonly high: number;
  /** `above`: from above `high` until below `low`. `outside`: while above `high` or below `low`. */
  readonly when: 'above' | 'outside';
  /** It stays active until `latest` or `read` (8.3.7). */
  readonly latched?: boolean;
  /** The pin is open-drain, and low while active if left out. */
  readonly activeHigh?: boolean;
  /** After how many results in a row; `one` if left out. */
  readonly after?: 'one' | 'two' | 'four';
}

/** 8.5.4: counts of a range, as far as twelve bits in two's complement go. */
const COUNTS = 2048;

const voltsOf = (bits: number, range: Range): number => (((bits << 16) >> 20) * VOLTS[range]) / COUNTS;

/** What LO_THRESH and HI_THRESH hold for the thresholds. */
function levelsOf({ low, high }: Alert, range: Range): { low: number; high: number } {
  const level = (volts: number) => Math.round((volts / VOLTS[range]) * COUNTS);
  const [lowest, highest] = [level(low), level(high)];
  if (!(lowest >= -COUNTS && lowest < highest && highest < COUNTS))
    throw new VoltageError(
      'impossible-threshold',
      `Thresholds of ${low} and ${high} V do not fit into the range of ${range}: take a larger one, and the lower threshold first.`,
    );
  return { low: lowest & 0xfff, high: highest & 0xfff };
}

/** Four inputs for voltages, 12 bits: a Texas Instruments ADS1015. */
export class Ads1015 extends Driver {
  @peripheral accessor chip: Handle<Ads1015Registers>;
  @state accessor range: Range = '2.048V';
  @state accessor continuous = false;
  @state accessor alarm: Alert | undefined;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.chip = attach(ads1015(at), board);
  }

  /** Measures once, in volts; the chip sleeps before and after. */
  @entryPoint
  async read({ input, range = '2.048V', rate = '1600sps' }: Measurement): Promise<number> {
    const { CONFIG, CONVERSION } = this.chip;
    if (this.continuous) await asleep(this.chip);
    if (range !== this.range) await setThresholds(this.chip, this.alarm, range);
    this.continuous = false;
    this.range = range;
    await CONFIG.modify({ MUX: input, PGA: range, MODE: 'single-shot', DR: rate, OS: true });
    // In one frame, so that it is one round trip.
    const [, bits] = await Promise.all([CONFIG.poll({ OS: true }, 2 * conversionUs(SAMPLES[rate])), CONVERSION.read()]);
    return voltsOf(bits, range);
  }

  /** Measures again and again, until `stop` or `read`. Resolves when there is a result. */
  @entryPoint
  async start({ input, range = '2.048V', rate = '1600sps' }: Measurement): Promise<void> {
    await asleep(this.chip);
    if (range !== this.range) await setThresholds(this.chip, this.alarm, range);
    this.continuous = true;
    this.range = range;
    await this.chip.CONFIG.modify({ MUX: input, PGA: range, MODE: 'continuous', DR: rate });
    await this.tx.delay(conversionUs(SAMPLES[rate]));
  }

  /** The latest result after `start`, in volts. */
  @entryPoint
  async latest(): Promise<number> {
    if (!this.continuous) throw new VoltageError('not-started', 'Nothing is being measured: call start() first.');
    return voltsOf(await this.chip.CONVERSION.read(), this.range);
  }

  @entryPoint
  async stop(): Promise<void> {
    await asleep(this.chip);
    this.continuous = false;
  }

  /** Has the ALERT/RDY pin tell of voltages, whatever input is measured; each result counts. */
  @entryPoint
  async alert(alert: Alert): Promise<void> {
    // Off meanwhile: one threshold of before and one of now would be compared with results, too.
    await this.chip.CONFIG.modify({ COMP_QUE: 'off' });
    await setThresholds(this.chip, alert, this.range);
    await this.chip.CONFIG.modify({
      COMP_MODE: alert.when === 'outside' ? 'window' : 'traditional',
      COMP_POL: alert.activeHigh ? 'active-high' : 'active-low',
      COMP_LAT: alert.latched ?? false,
      COMP_QUE: alert.after ?? 'one',
    });
    this.alarm = alert;
  }

  /** Ends that. */
  @entryPoint
  async quiet(): Promise<void> {
    await this.chip.CONFIG.modify({ COMP_QUE: 'off' });
    this.alarm = undefined;
  }
}

/** 8.4.2.2: settings are for the next conversion, so the one that is under way has to end first. */
async function asleep({ CONFIG }: Handle<Ads1015Registers>): Promise<void> {
  await CONFIG.modify({ MODE: 'single-shot' });
  await CONFIG.poll({ OS: true }, 2 * LONGEST_CONVERSION_US);
}

/** 8.6.4: thresholds are counts, so they change with the range. */
async function setThresholds(
  { LO_THRESH, HI_THRESH }: Handle<Ads1015Registers>,
  alert: Alert | undefined,
  range: Range,
): Promise<void> {
  if (!alert) return;
  const levels = levelsOf(alert, range);
  await LO_THRESH.write({ LEVEL: levels.low });
  await HI_THRESH.write({ LEVEL: levels.high });
}
