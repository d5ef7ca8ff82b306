import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, state, type Handle, type I2cAddress } from '../../runtime/index.js';
import { checkIdentity, notInitialised } from '../chip-error.js';
import {
  calibrationOf,
  celsius,
  fineTemperature,
  pascals,
  readingsOf,
  relativeHumidity,
  type Calibration,
} from './compensation.js';
import { bme280, STARTUP_US, type Bme280Registers } from './definition.js';

/** 5.4.1. */
const CHIP_ID = 0x60;

/** Samples that each result is the mean of. */
export type Oversampling = keyof typeof SAMPLES;
const SAMPLES = { x1: 1, x2: 2, x4: 4, x8: 8, x16: 16 } as const;

export interface Bme280Settings {
  /** `forced`: the chip sleeps, and each read measures (3.3.3). `normal`: it measures again and again (3.3.4). */
  readonly mode: 'forced' | 'normal';
  readonly temperature: Oversampling;
  /** `skip`: it is not measured. */
  readonly pressure: Oversampling | 'skip';
  readonly humidity: Oversampling | 'skip';
  /** Over how many measurements of temperature and pressure it smooths (3.4.4). */
  readonly filter: 'off' | 'x2' | 'x4' | 'x8' | 'x16';
  /** Milliseconds from one measurement to the next in `normal` mode. */
  readonly standby: 0.5 | 10 | 20 | 62.5 | 125 | 250 | 500 | 1000;
}

/** 3.5.1, "weather monitoring". */
const ONE_OF_EACH: Bme280Settings = {
  mode: 'forced',
  temperature: 'x1',
  pressure: 'x1',
  humidity: 'x1',
  filter: 'off',
  standby: 1000,
};

/** The air around the sensor; what is not measured is undefined. */
export interface Air {
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Pascals. */
  readonly pressure: number | undefined;
  /** Percent relative humidity. */
  readonly humidity: number | undefined;
}

/** 9.1: how long a measurement takes, at most, in microseconds. */
function measurementUs({ temperature, pressure, humidity }: Bme280Settings): number {
  const more = [pressure, humidity].map((each) => (each === 'skip' ? 0 : 2300 * SAMPLES[each] + 575));
  return 1250 + 2300 * SAMPLES[temperature] + more[0]! + more[1]!;
}

/** The longest of all: x16, three times. */
const LONGEST_US = measurementUs({ ...ONE_OF_EACH, temperature: 'x16', pressure: 'x16', humidity: 'x16' });

/** What DATA reads as from a reset to the end of the first measurement (5.4.7 to 5.4.9). */
const NO_RESULT = [0x80, 0, 0, 0x80, 0, 0, 0x80, 0] as const;

/** Air pressure, temperature and humidity, measured by a Bosch BME280. */
export class Bme280 extends Driver {
  @peripheral accessor chip: Handle<Bme280Registers>;
  @state accessor settings: Bme280Settings = ONE_OF_EACH;
  @state accessor calibration: Calibration | undefined;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.chip = attach(bme280(at), board);
  }

  /** Looks whether it is a BME280, reads its compensation words, and sets it up. */
  @entryPoint
  async init(settings: Partial<Bme280Settings> = {}): Promise<void> {
    const { ID, CALIB00, CALIB26 } = this.chip;
    checkIdentity(this.chip, await ID.read(), CHIP_ID);
    const [low, high] = await Promise.all([CALIB00.readBlock(0, 26), CALIB26.readBlock(0, 7)]);
    this.calibration = calibrationOf(low, high);
    await this.configure({ ...ONE_OF_EACH, ...settings });
  }

  /**
   * Changes some of the settings. Goes through a reset, which ends a running measurement at once, so that no change has to
   * wait (3.3.1) or is ignored (5.4.6), and no read sees a result that was measured with other settings.
   */
  @entryPoint
  async configure(settings: Partial<Bme280Settings>): Promise<void> {
    const { RESET, CONFIG, CTRL_HUM, CTRL_MEAS } = this.chip;
    const next = { ...this.settings, ...settings };
    this.settings = next;
    await RESET.write({ RESET: 'reset' });
    await this.tx.delay(STARTUP_US);
    await CONFIG.write({ T_SB: `${next.standby}`, FILTER: next.filter });
    await CTRL_HUM.write({ OSRS_H: next.humidity });
    const { temperature, pressure, mode } = next;
    // 5.4.3: makes ctrl_hum count, so it comes last.
    await CTRL_MEAS.write({ OSRS_T: temperature, OSRS_P: pressure, MODE: mode === 'normal' ? 'normal' : 'sleep' });
  }

  /** In `forced` mode, measures; in `normal` mode, resolves with the last result. */
  @entryPoint
  async read(): Promise<Air> {
    const { CTRL_MEAS, STATUS, DATA } = this.chip;
    const { settings, calibration } = this;
    if (!calibration) throw notInitialised('Bme280');
    const duration = measurementUs(settings);
    const forced = settings.mode === 'forced';
    if (forced) {
      await CTRL_MEAS.modify({ MODE: 'forced' });
      await this.tx.delay(duration);
    }
    // 3.3.1: another measurement may have come before this one. In one frame with the results.
    const ready = forced ? STATUS.poll({ MEASURING: false }, LONGEST_US) : undefined;
    let [data] = await Promise.all([DATA.readBlock(0, 8), ready]);
    if (!forced && NO_RESULT.every((byte, index) => data[index] === byte)) {
      await this.tx.delay(duration);
      data = await DATA.readBlock(0, 8);
    }
    const raw = readingsOf(data);
    const fine = fineTemperature(calibration, raw.temperature);
    return {
      temperature: celsius(fine),
      pressure: settings.pressure === 'skip' ? undefined : pascals(calibration, raw.pressure, fine),
      humidity: settings.humidity === 'skip' ? undefined : relativeHumidity(calibration, raw.humidity, fine),
    };
  }

  /** Ends measuring again and again: from now on each read measures. */
  @entryPoint
  async sleep(): Promise<void> {
    await this.chip.CTRL_MEAS.modify({ MODE: 'sleep' });
    this.settings = { ...this.settings, mode: 'forced' };
  }
}
