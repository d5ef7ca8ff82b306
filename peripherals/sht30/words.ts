import { FgftError } from '../../runtime/index.js';

/**
 * - `bad-checksum`: what came over the bus is not what the chip has sent: check wires, pull-ups and speed.
 * - `wrong-mode`: a single measurement while the chip measures periodically, or a fetch while it does not.
 * - `bad-setting`: a value that the chip does not have; the message names those that it has.
 */
export class Sht30Error extends FgftError<'bad-checksum' | 'wrong-mode' | 'bad-setting'> {}

/** SHT3x table 20: CRC-8, polynomial 31h, from FFh on, nothing reflected or inverted. */
export function checksum(high: number, low: number): number {
  let crc = 0xff;
  for (const byte of [high, low]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
  }
  return crc;
}

/** A word as it goes over the bus. */
export function toBytes(word: number): [high: number, low: number, checksum: number] {
  const [high, low] = [word >> 8, word & 0xff];
  return [high, low, checksum(high, low)];
}

/** The words of an answer; throws where a checksum is wrong. */
export function toWords(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 3 }, (_, index) => {
    const [high, low, found] = bytes.subarray(3 * index, 3 * index + 3) as unknown as [number, number, number];
    const expected = checksum(high, low);
    if (found === expected) return (high << 8) | low;
    throw new Sht30Error(
      'bad-checksum',
      `Word ${index} of the SHT30's answer has the checksum ${found} instead of ${expected}: check the wires of the bus, its pull-ups and its speed.`,
    );
  });
}

/** SHT3x 4.13: degrees Celsius and percent. */
export const toCelsius = (word: number): number => -45 + (175 * word) / 0xffff;
export const toPercent = (word: number): number => (100 * word) / 0xffff;

export interface Climate {
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Relative humidity in percent. */
  readonly humidity: number;
}

/** The chip compares so many of the highest bits (Alert Mode, figure 2). */
const HUMIDITY_SHIFT = 16 - 7;
const TEMPERATURE_SHIFT = 16 - 9;

/** Alert Mode 2.4: the highest seven bits of the humidity, then the highest nine of the temperature. */
export function toLimit({ temperature, humidity }: Climate): number {
  if (!(temperature >= -45 && temperature <= 130 && humidity >= 0 && humidity <= 100))
    throw new Sht30Error(
      'bad-setting',
      `A limit is -45 to 130 °C and 0 to 100 %, not ${temperature} °C and ${humidity} %.`,
    );
  const words = [(humidity / 100) * 0xffff, ((temperature + 45) / 175) * 0xffff].map(Math.round) as [number, number];
  return ((words[0] >> HUMIDITY_SHIFT) << 9) | (words[1] >> TEMPERATURE_SHIFT);
}

/** Where the chip draws the line. */
export const fromLimit = (word: number): Climate => ({
  temperature: toCelsius((word & 0x1ff) << TEMPERATURE_SHIFT),
  humidity: toPercent((word >> 9) << HUMIDITY_SHIFT),
});
