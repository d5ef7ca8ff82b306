/**
 * The measurement path of an emulated BME280: oversampling, filter, resolution, time. Sections are those of the BME280
 * datasheet, BST-BME280-DS002 revision 1.6.
 */
import { rawAir, type Air, type Calibration } from './model-calibration.js';

/** Pressure and temperature, and humidity, after reset and where the measurement is skipped (5.3, 5.4.7 … 5.4.9). */
const SKIPPED_20_BITS = 0x80000;
const SKIPPED_16_BITS = 0x8000;

/** osrs_h, osrs_p, osrs_t, tables 20, 23 and 24: 101 and above mean 16. */
const OVERSAMPLING = [0, 1, 2, 4, 8, 16, 16, 16];
/** filter[2:0], 5.4.6, table 28: 100 and above mean 16. */
const FILTER = [1, 2, 4, 8, 16, 16, 16, 16];
const MILLISECOND = 1e6;
/** t_sb[2:0], 5.4.6, table 27. */
const STANDBY = [0.5, 62.5, 125, 250, 500, 1000, 10, 20];
/** 9.1, in milliseconds: a fixed part, each sample of a converter, and the start of the pressure and humidity ones. */
const TIMES = {
  typical: { base: 1, sample: 2, start: 0.5 },
  maximum: { base: 1.25, sample: 2.3, start: 0.575 },
};

/** Which times of 9.1 a model takes. */
export type Timing = keyof typeof TIMES;

/** The three registers that rule a measurement. */
export interface Settings {
  readonly ctrlHum: number;
  readonly ctrlMeas: number;
  readonly config: number;
}

/** 9.1, in nanoseconds. */
export function measurementNanos(settings: Settings, timing: Timing): number {
  const { t, p, h } = oversampling(settings);
  const { base, sample, start } = TIMES[timing];
  const starts = (p > 0 ? start : 0) + (h > 0 ? start : 0);
  return Math.round((base + sample * (t + p + h) + starts) * MILLISECOND);
}

/** 5.4.6, in nanoseconds. */
export function standbyNanos({ config }: Settings): number {
  return STANDBY[config >> 5]! * MILLISECOND;
}

function oversampling({ ctrlHum, ctrlMeas }: Settings): { t: number; p: number; h: number } {
  return {
    t: OVERSAMPLING[ctrlMeas >> 5]!,
    p: OVERSAMPLING[(ctrlMeas >> 2) & 7]!,
    h: OVERSAMPLING[ctrlHum & 7]!,
  };
}

/** The converters and the data registers behind them. */
export class Converter {
  readonly #calibration: Calibration;
  #pressure = SKIPPED_20_BITS;
  #temperature = SKIPPED_20_BITS;
  #humidity = SKIPPED_16_BITS;
  #filtered: { pressure?: number; temperature?: number } = {};

  constructor(calibration: Calibration) {
    this.#calibration = calibration;
  }

  /** 0xF7 … 0xFE: pressure and temperature in 20 bits, humidity in 16, high bits first (5.4.7 … 5.4.9). */
  get data(): Uint8Array {
    const bytes = (value: number): number[] => [value >> 12, (value >> 4) & 0xff, (value << 4) & 0xf0];
    const humidity = [this.#humidity >> 8, this.#humidity & 0xff];
    return Uint8Array.from([...bytes(this.#pressure), ...bytes(this.#temperature), ...humidity]);
  }

  reset(): void {
    this.#pressure = this.#temperature = SKIPPED_20_BITS;
    this.#humidity = SKIPPED_16_BITS;
    this.resetFilter();
  }

  /** 3.4.4: the next value passes the filter and is its first memory. */
  resetFilter(): void {
    this.#filtered = {};
  }

  convert(settings: Settings, air: Air): void {
    const raw = rawAir(this.#calibration, air);
    const { t, p, h } = oversampling(settings);
    const filter = FILTER[(settings.config >> 2) & 7]!;
    this.#temperature = t === 0 ? SKIPPED_20_BITS : this.#filter('temperature', raw.temperature, t, filter);
    this.#pressure = p === 0 ? SKIPPED_20_BITS : this.#filter('pressure', raw.pressure, p, filter);
    this.#humidity = h === 0 ? SKIPPED_16_BITS : raw.humidity;
  }

  /** 3.4.2 … 3.4.4: 20 bits with the filter, without it 16 and one more for every doubling of the samples. */
  #filter(quantity: 'temperature' | 'pressure', raw: number, samples: number, coefficient: number): number {
    if (coefficient === 1) {
      const unused = 4 - Math.log2(samples);
      return (raw >> unused) << unused;
    }
    const before = this.#filtered[quantity] ?? raw;
    const filtered = (before * (coefficient - 1) + raw) / coefficient;
    this.#filtered[quantity] = filtered;
    return Math.round(filtered);
  }
}
