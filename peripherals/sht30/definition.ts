import { ANY, chipName, defineChip, definePeripheral, type I2cAddress } from '../../runtime/index.js';

/** SHT3x section 4: after a command, so long passes until another can be received; a break takes as long (4.8). */
export const COMMAND_US = 1000;
/** SHT3x table 4: t_SR, from the soft reset to idle, at most. */
export const RESET_US = 1500;

/**
 * An SHT30, 31 or 35 (Sensirion SHT3x-DIS version 6, section 4) as far as nothing lasts: measurements, status, resets.
 *
 * What lasts is in units of its own, each with one setting, for two reasons: what a call has not touched is not sent again when it
 * fails (that would begin a periodic measurement anew); and between two commands there has to be a pause, which is a step of
 * each unit's restore.
 *
 * Commands and answers are separate transfers with a pause between them: table 9 shows one of 1 ms.
 */
export const sht30 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('sht30', { bus: 'i2c', index, target }),
    source: 'SHT3x-DIS version 6, tables 9, 11, 14, 17, 19; Alert Mode of SHT3x version 3.1, table 2',
    space: { bus: 'i2c', index, target },
    registers: {},
    save: [],
    commands: {
      /** Table 9, without clock stretching: 00, 0B or 16 for high, medium or low repeatability. */
      MEASURE: { bytes: [0x24, ANY], harmless: true },
      /** Table 9: the chip holds SCL until it has the answer. 06, 0D, 10. */
      MEASURE_STRETCHING: { bytes: [0x2c, ANY], harmless: true },
      /** Table 11: takes the last measurement of the periodic mode out of the chip; not acknowledged if there is none. */
      FETCH: { bytes: [0xe0, 0x00], harmless: true },
      /** Table 17. */
      STATUS: { bytes: [0xf3, 0x2d], harmless: true },
      /** Alert Mode, table 2: reads a limit. 1F, 14, 09 or 02. */
      LIMIT: { bytes: [0xe1, ANY], harmless: true },
      /** The answer: temperature and humidity, each two bytes and their checksum. */
      PAIR: { bytes: [], reply: 6, harmless: true },
      /** The answer: two bytes and their checksum. */
      WORD: { bytes: [], reply: 3, harmless: true },
      /** Table 19: clears flags for good. */
      CLEAR_STATUS: { bytes: [0x30, 0x41] },
      /** Table 14. Settings are what they are after power-on, so whoever sends this sets them, too. */
      SOFT_RESET: { bytes: [0x30, 0xa2] },
    },
    irrevocable: [
      'A measurement that was taken out of the chip.',
      'Flags of the status register that were cleared, and a reset: a call does both with its commit.',
    ],
  }),
);

/** Whether, how often and how precisely the chip measures by itself (4.5 to 4.8). */
export const sht30Mode = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('sht30.mode', { bus: 'i2c', index, target }),
    source: 'SHT3x-DIS version 6, tables 10, 12, 13',
    space: { bus: 'i2c', index, target },
    registers: {
      /** Commands that begin with 30h, as a register of the address 30h, for the step below: 93h is a break (table 13). */
      COMMAND_30: { address: 0x30, access: 'wo', width: 8 },
    },
    save: [],
    commands: {
      /** The two bytes of table 10 or 12, without bits 7 to 4 of the first. The chip has to be idle: send BREAK first. */
      PERIODIC: { bytes: [{ fixed: 0x20, free: 0x0f }, ANY], sets: 'mode' },
      BREAK: { bytes: [0x30, 0x93], sets: 'mode', initial: [] },
    },
    restore: [
      // The failed call may have just sent a command, or a reset.
      { step: 'delay', us: RESET_US },
      // 4.5 and 4.8: a mode is chosen in the idle state, which a break leads to out of any other.
      { step: 'write', register: 'COMMAND_30', mask: 0xff, value: 0x93 },
      { step: 'delay', us: COMMAND_US },
      { step: 'saved' },
      { step: 'delay', us: COMMAND_US },
    ],
    irrevocable: [
      'When the periodic measurements take place: a rollback begins them anew.',
      'A periodic mode that an earlier session had set, and this one has not: a rollback ends it.',
    ],
  }),
);

/** One setting that is restored by sending it again. */
const SEND_AGAIN = [{ step: 'delay', us: RESET_US }, { step: 'saved' }, { step: 'delay', us: COMMAND_US }] as const;

/** The heater (4.10), for plausibility checks. */
export const sht30Heater = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('sht30.heater', { bus: 'i2c', index, target }),
    source: 'SHT3x-DIS version 6, table 16',
    space: { bus: 'i2c', index, target },
    registers: {},
    save: [],
    commands: {
      HEATER_ON: { bytes: [0x30, 0x6d], sets: 'heater' },
      HEATER_OFF: { bytes: [0x30, 0x66], sets: 'heater', initial: [] },
    },
    restore: SEND_AGAIN,
    irrevocable: ['The warmth.'],
  }),
);

/** The four alert limits, numbered in the order of table 2 of the application note: second byte of the commands, value after a reset. */
export const SHT30_LIMITS = {
  highSet: { read: 0x1f, write: 0x1d, initial: [0xcd, 0x33, 0xfd] },
  highClear: { read: 0x14, write: 0x16, initial: [0xc9, 0x2d, 0x22] },
  lowClear: { read: 0x09, write: 0x0b, initial: [0x38, 0x69, 0x37] },
  lowSet: { read: 0x02, write: 0x00, initial: [0x34, 0x66, 0xad] },
} as const;

export type LimitName = keyof typeof SHT30_LIMITS;
/** Their names, by their numbers. */
export const SHT30_LIMIT_NAMES = Object.keys(SHT30_LIMITS) as readonly LimitName[];

/** An alert limit, by its number: seven bits of humidity, nine of temperature, and their checksum, without which it is not taken. */
export const sht30Limit = defineChip(({ index, target }: I2cAddress, number: number) => {
  const name = SHT30_LIMIT_NAMES[number]!;
  const { write, initial } = SHT30_LIMITS[name];
  return definePeripheral({
    name: chipName(`sht30.${name}`, { bus: 'i2c', index, target }),
    source: 'Alert Mode of SHT3x version 3.1, tables 1, 2 and 4',
    space: { bus: 'i2c', index, target },
    registers: {},
    save: [],
    commands: { LIMIT: { bytes: [0x61, write, ANY, ANY, ANY], sets: name, initial } },
    restore: SEND_AGAIN,
    irrevocable: ['Alerts that were given.', 'A limit that an earlier session had set, and this one has not.'],
  });
});

export type Sht30Data = ReturnType<typeof sht30>;
export type Sht30Mode = ReturnType<typeof sht30Mode>;
export type Sht30Heater = ReturnType<typeof sht30Heater>;
export type Sht30Limit = ReturnType<typeof sht30Limit>;
