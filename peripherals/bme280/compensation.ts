/** From what the converters of a BME280 say to the air around it. Sections are those of BST-BME280-DS002 revision 1.6. */

/** Compensation words (4.2.2, table 16). */
export interface Calibration {
  readonly t: readonly [number, number, number];
  readonly p: readonly [number, number, number, number, number, number, number, number, number];
  readonly h: readonly [number, number, number, number, number, number];
}

/** What the converters say: 20, 20 and 16 bits. */
export interface Readings {
  readonly temperature: number;
  readonly pressure: number;
  readonly humidity: number;
}

/** `low` begins at 0x88, `high` at 0xe1 (4.2.2, table 16). */
export function calibrationOf(low: ArrayLike<number>, high: ArrayLike<number>): Calibration {
  const first = new DataView(Uint8Array.from(low).buffer);
  const second = new DataView(Uint8Array.from(high).buffer);
  const signed = (address: number): number => first.getInt16(address - 0x88, true);
  return {
    t: [first.getUint16(0, true), signed(0x8a), signed(0x8c)],
    p: [
      first.getUint16(6, true),
      signed(0x90),
      signed(0x92),
      signed(0x94),
      signed(0x96),
      signed(0x98),
      signed(0x9a),
      signed(0x9c),
      signed(0x9e),
    ],
    h: [
      first.getUint8(0xa1 - 0x88),
      second.getInt16(0, true),
      second.getUint8(2),
      // dig_H4 is 0xe4 and the low half of 0xe5, dig_H5 the high half of 0xe5 and 0xe6; the sign is in the whole byte.
      (second.getInt8(3) << 4) | (second.getUint8(4) & 0xf),
      (second.getInt8(5) << 4) | (second.getUint8(4) >> 4),
      second.getInt8(6),
    ],
  };
}

/** The bytes from 0xf7 on (5.4.7 to 5.4.9): pressure, temperature, humidity, high bits first. */
export function readingsOf(data: ArrayLike<number>): Readings {
  const [p2 = 0, p1 = 0, p0 = 0, t2 = 0, t1 = 0, t0 = 0, h1 = 0, h0 = 0] = Array.from(data);
  return {
    pressure: (p2 << 12) | (p1 << 4) | (p0 >> 4),
    temperature: (t2 << 12) | (t1 << 4) | (t0 >> 4),
    humidity: (h1 << 8) | h0,
  };
}

/** 4.2.3, in 32 bits: the temperature that the other two are compensated with; 5120 of it are a degree. */
export function fineTemperature({ t: [t1, t2, t3] }: Calibration, raw: number): number {
  const linear = (((raw >> 3) - (t1 << 1)) * t2) >> 11;
  const distance = (raw >> 4) - t1;
  return linear + ((((distance * distance) >> 12) * t3) >> 14);
}

/** 4.2.3: degrees Celsius, to a hundredth. */
export const celsius = (fine: number): number => ((fine * 5 + 128) >> 8) / 100;

type InBits64<Words> = { readonly [Index in keyof Words]: bigint };

/** 4.2.3, in 64 bits: pascals, to a 256th; 0 where the compensation words are not those of a chip. */
export function pascals({ p }: Calibration, raw: number, fine: number): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = p.map(BigInt) as unknown as InBits64<Calibration['p']>;
  const t = BigInt(fine) - 128000n;
  const offset = t * t * p6 + ((t * p5) << 17n) + (p4 << 35n);
  const gain = (((1n << 47n) + ((t * t * p3) >> 8n) + ((t * p2) << 12n)) * p1) >> 33n;
  if (gain === 0n) return 0;
  const linear = (((1048576n - BigInt(raw)) << 31n) - offset) * 3125n;
  const pressure = linear / gain;
  const quadratic = (p9 * (pressure >> 13n) * (pressure >> 13n)) >> 25n;
  return Number(((pressure + quadratic + ((p8 * pressure) >> 19n)) >> 8n) + (p7 << 4n)) / 256;
}

/** 4.2.3, in 32 bits: percent relative humidity, 0 to 100, to a 1024th. */
export function relativeHumidity({ h: [h1, h2, h3, h4, h5, h6] }: Calibration, raw: number, fine: number): number {
  const t = fine - 76800;
  const distance = ((raw << 14) - (h4 << 20) - Math.imul(h5, t) + 16384) >> 15;
  const gain = (Math.imul(Math.imul(t, h6) >> 10, (Math.imul(t, h3) >> 11) + 32768) >> 10) + 2097152;
  const humidity = Math.imul(distance, (Math.imul(gain, h2) + 8192) >> 14);
  const bent = humidity - (Math.imul(Math.imul(humidity >> 15, humidity >> 15) >> 7, h1) >> 4);
  // 419430400 is 100 %.
  return (Math.min(Math.max(bent, 0), 419430400) >> 12) / 1024;
}
