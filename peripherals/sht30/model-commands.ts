/* Commands, times, status bits and checksum of the SHT30 (datasheet SHT3x-DIS version 5, 2.4 V and more). */

/** SHT3x table 4, maximum values. */
export const POWER_UP_NANOS = 1e6;
export const SOFT_RESET_NANOS = 1.5e6;
export const MEASURE_NANOS = { high: 15e6, medium: 6e6, low: 4e6 } as const;
/** SHT3x 4: after a command, 1 ms goes by until another can be received. */
export const COMMAND_NANOS = 1e6;

/** SHT3x table 9. */
export const SINGLE_SHOT: Readonly<Record<number, { repeatability: keyof typeof MEASURE_NANOS; stretch: boolean }>> = {
  0x2c06: { repeatability: 'high', stretch: true },
  0x2c0d: { repeatability: 'medium', stretch: true },
  0x2c10: { repeatability: 'low', stretch: true },
  0x2400: { repeatability: 'high', stretch: false },
  0x240b: { repeatability: 'medium', stretch: false },
  0x2416: { repeatability: 'low', stretch: false },
};

/** SHT3x table 10, measurements per second; table 12 (ART, at 4 Hz; taken as of high repeatability). */
export const PERIODIC: Readonly<Record<number, { repeatability: keyof typeof MEASURE_NANOS; hertz: number }>> = {
  0x2032: { repeatability: 'high', hertz: 0.5 },
  0x2024: { repeatability: 'medium', hertz: 0.5 },
  0x202f: { repeatability: 'low', hertz: 0.5 },
  0x2130: { repeatability: 'high', hertz: 1 },
  0x2126: { repeatability: 'medium', hertz: 1 },
  0x212d: { repeatability: 'low', hertz: 1 },
  0x2236: { repeatability: 'high', hertz: 2 },
  0x2220: { repeatability: 'medium', hertz: 2 },
  0x222b: { repeatability: 'low', hertz: 2 },
  0x2334: { repeatability: 'high', hertz: 4 },
  0x2322: { repeatability: 'medium', hertz: 4 },
  0x2329: { repeatability: 'low', hertz: 4 },
  0x2737: { repeatability: 'high', hertz: 10 },
  0x2721: { repeatability: 'medium', hertz: 10 },
  0x272a: { repeatability: 'low', hertz: 10 },
  0x2b32: { repeatability: 'high', hertz: 4 },
};

/** SHT3x tables 11, 13, 14, 16, 17, 19. */
export const COMMANDS = {
  FETCH: 0xe000,
  BREAK: 0x3093,
  SOFT_RESET: 0x30a2,
  HEATER_ON: 0x306d,
  HEATER_OFF: 0x3066,
  READ_STATUS: 0xf32d,
  CLEAR_STATUS: 0x3041,
} as const;

/** SHT3x table 18. */
export const STATUS = {
  ALERT_PENDING: 0x8000,
  HEATER: 0x2000,
  RESET_DETECTED: 0x0010,
  COMMAND_FAILED: 0x0002,
  CHECKSUM_FAILED: 0x0001,
} as const;
/** SHT3x 4.11: the bits that 3041 clears. */
export const CLEARED = 0x8c10;

/** SHT3x table 20: CRC-8, polynomial 0x31, from 0xff, nothing reflected. */
export function crc8(bytes: readonly number[]): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) === 0 ? crc << 1 : ((crc << 1) ^ 0x31) & 0xff;
  }
  return crc;
}
