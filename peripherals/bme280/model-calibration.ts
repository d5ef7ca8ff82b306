/**
 * What an emulated BME280 has in its non-volatile memory, and which readings of the converters stand for which world.
 * Sections are those of the BME280 datasheet, BST-BME280-DS002 revision 1.6.
 */

/** The air around the sensor: degrees Celsius, pascals, percent relative humidity. */
export interface Air {
  readonly temperature: number;
  readonly pressure: number;
  readonly humidity: number;
}

/** Compensation words (4.2.2, table 16). */
export interface Calibration {
  readonly t: readonly [t1: number, t2: number, t3: number];
  readonly p: readonly [number, number, number, number, number, number, number, number, number];
  readonly h: readonly [h1: number, h2: number, h3: number, h4: number, h5: number, h6: number];
}

/** Temperature and pressure are those of the worked example in the BMP280 datasheet, 3.12; humidity is a usual chip's. */
export const SAMPLE_CALIBRATION: Calibration = {
  t: [27504, 26435, -1000],
  p: [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000],
  h: [75, 362, 0, 333, 50, 30],
};

/** A conversion's raw results before they are cut to the resolution in use: 20, 20 and 16 bits. */
export interface RawAir {
  readonly temperature: number;
  readonly pressure: number;
  readonly humidity: number;
}

const RAW_20_BITS = 2 ** 20 - 1;
const RAW_16_BITS = 2 ** 16 - 1;

/** Where the words stand, low byte first except for the two that share 0xE5 (4.2.2, table 16). */
export function calibrationBytes({ t, p, h }: Calibration): ReadonlyMap<number, number> {
  const bytes = new Map<number, number>();
  const word = (address: number, value: number): void => {
    bytes.set(address, value & 0xff);
    bytes.set(address + 1, (value >> 8) & 0xff);
  };
  t.forEach((value, index) => word(0x88 + 2 * index, value));
  p.forEach((value, index) => word(0x8e + 2 * index, value));
  const [h1, h2, h3, h4, h5, h6] = h;
  bytes.set(0xa1, h1);
  word(0xe1, h2);
  bytes.set(0xe3, h3);
  bytes.set(0xe4, (h4 >> 4) & 0xff);
  bytes.set(0xe5, (h4 & 0xf) | ((h5 & 0xf) << 4));
  bytes.set(0xe6, (h5 >> 4) & 0xff);
  bytes.set(0xe7, h6 & 0xff);
  return bytes;
}

/**
 * The readings that the official compensation turns into `air`. The compensation is monotonic in each reading, so they
 * are found by bisection; air beyond what the converters can tell gives their ends.
 */
export function rawAir(calibration: Calibration, air: Air): RawAir {
  const temperature = nearest(RAW_20_BITS, air.temperature, (raw) => fineTemperature(calibration, raw) / 5120);
  const fine = fineTemperature(calibration, temperature);
  return {
    temperature,
    // Pressure falls while its reading rises, so both sides are negated.
    pressure: nearest(RAW_20_BITS, -air.pressure, (raw) => -pressureOf(calibration, raw, fine)),
    humidity: nearest(RAW_16_BITS, air.humidity, (raw) => humidityOf(calibration, raw, fine)),
  };
}

/** 8.1, `t_fine` in double precision; temperature is a 5120th of it. */
function fineTemperature({ t: [t1, t2, t3] }: Calibration, raw: number): number {
  const linear = (raw / 16384 - t1 / 1024) * t2;
  const quadratic = (raw / 131072 - t1 / 8192) ** 2 * t3;
  return linear + quadratic;
}

/** 8.1, pressure in pascals in double precision. */
function pressureOf({ p: [p1, p2, p3, p4, p5, p6, p7, p8, p9] }: Calibration, raw: number, fine: number): number {
  const t = fine / 2 - 64000;
  const offset = ((t * t * p6) / 32768 + t * p5 * 2) / 4 + p4 * 65536;
  const gain = (1 + ((p3 * t * t) / 524288 + p2 * t) / 524288 / 32768) * p1;
  const pressure = ((1048576 - raw - offset / 4096) * 6250) / gain;
  return pressure + ((p9 * pressure * pressure) / 2147483648 + (pressure * p8) / 32768 + p7) / 16;
}

/** 8.1, relative humidity in percent in double precision, before it is limited to 0 … 100. */
function humidityOf({ h: [h1, h2, h3, h4, h5, h6] }: Calibration, raw: number, fine: number): number {
  const t = fine - 76800;
  const scale = (h2 / 65536) * (1 + (h6 / 67108864) * t * (1 + (h3 / 67108864) * t));
  const humidity = (raw - (h4 * 64 + (h5 / 16384) * t)) * scale;
  return humidity * (1 - (h1 * humidity) / 524288);
}

/** The integer from 0 to `top` for which rising `value` comes closest to `wanted`. */
function nearest(top: number, wanted: number, value: (raw: number) => number): number {
  let low = 0;
  let high = top;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value(middle) <= wanted) low = middle;
    else high = middle;
  }
  return wanted - value(low) <= value(high) - wanted ? low : high;
}
