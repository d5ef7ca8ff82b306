import { chipName, defineChip, type I2cAddress } from '../../runtime/registers/chip.js';
import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** 5.4.2. */
const RESET_WORD = 0xb6;
/** Table 1, t_startup: from the supply, or from a reset, to the first communication, at most. */
export const STARTUP_US = 2000;

/** Tables 20, 23 and 24; 110 and 111 mean x16, too. */
const OVERSAMPLING = { skip: 0, x1: 1, x2: 2, x4: 3, x8: 4, x16: 5 } as const;

const byte = { access: 'rw', width: 8 } as const;

/**
 * A BME280 on an I²C bus. Sections are those of its datasheet, BST-BME280-DS002 revision 1.6.
 *
 * The restore goes through the chip's reset (5.4.2), which leaves it asleep, as a power-down does. Nothing less ends
 * every state: a change of mode waits for the end of a running measurement, and another one that follows meanwhile is
 * ignored (3.3.1), so a command that a failed call has left waiting could not be recalled; config may be ignored in
 * normal mode (5.4.6); and the filter would remember what was measured with the call's settings. ctrl_hum counts from
 * the next write to ctrl_meas on (5.4.3), which therefore comes last and sets the mode.
 *
 * MODE changes by itself: the end of a forced measurement makes it `sleep`. So it is written back, in one write with
 * the rest of ctrl_meas, but not compared. A checkpoint in the middle of a forced measurement means that somebody waits
 * for a result, and after the rollback the chip measures again.
 *
 * The whole chip is one peripheral, because one reset or loss of power takes all of it.
 */
export const bme280 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('bme280', { bus: 'i2c', index, target }),
    source: 'BST-BME280-DS002 1.6, table 18',
    space: { bus: 'i2c', index, target },
    registers: {
      /** Table 16: the compensation words of temperature and pressure, and dig_H1. */
      CALIB00: { address: 0x88, access: 'ro', width: 8, count: 26 },
      /** 5.4.1: 0x60. */
      ID: { address: 0xd0, access: 'ro', width: 8, reset: 0x60 },
      /** 5.4.2: reads as 0. */
      RESET: {
        address: 0xe0,
        access: 'wo',
        width: 8,
        fields: { RESET: field(0, 8, { values: { reset: RESET_WORD } }) },
      },
      /** Table 16: dig_H2 to dig_H6. */
      CALIB26: { address: 0xe1, access: 'ro', width: 8, count: 7 },
      /** 5.4.3. */
      CTRL_HUM: { ...byte, address: 0xf2, fields: { OSRS_H: field(0, 3, { values: OVERSAMPLING }) } },
      /** 5.4.4. */
      STATUS: { address: 0xf3, access: 'ro', width: 8, fields: { MEASURING: flag(3), IM_UPDATE: flag(0) } },
      /** 5.4.5. MODE 2 is forced, too. */
      CTRL_MEAS: {
        ...byte,
        address: 0xf4,
        fields: {
          OSRS_T: field(5, 3, { values: OVERSAMPLING }),
          OSRS_P: field(2, 3, { values: OVERSAMPLING }),
          MODE: field(0, 2, { access: 'volatile', values: { sleep: 0, forced: 1, normal: 3 } }),
        },
      },
      /** 5.4.6, tables 27 and 28: milliseconds between two measurements; 101 and above mean a filter of x16, too. */
      CONFIG: {
        ...byte,
        address: 0xf5,
        fields: {
          T_SB: field(5, 3, {
            values: { '0.5': 0, '62.5': 1, '125': 2, '250': 3, '500': 4, '1000': 5, '10': 6, '20': 7 },
          }),
          FILTER: field(2, 3, { values: { off: 0, x2: 1, x4: 2, x8: 3, x16: 4 } }),
          SPI3W_EN: flag(0),
        },
      },
      /** 5.4.7 to 5.4.9: pressure, temperature, humidity. Read all in one block: then they are of one measurement (4.1). */
      DATA: { address: 0xf7, access: 'ro', width: 8, count: 8 },
    },
    save: ['CTRL_HUM', 'CONFIG', 'CTRL_MEAS', { register: 'CTRL_MEAS', mask: 0xff, volatile: true }],
    restore: [
      // The power may have just come back: that may be why the call has failed.
      { step: 'delay', us: STARTUP_US },
      { step: 'write', register: 'RESET', mask: 0xff, value: RESET_WORD },
      { step: 'delay', us: STARTUP_US },
      { step: 'saved' },
    ],
    irrevocable: [
      'the results of the last measurement: after a rollback DATA reads as after a reset until the next one',
      'what the filter had in memory: after a rollback it begins anew',
      'a ctrl_hum that was written but not in effect yet: after a rollback it is in effect',
    ],
  }),
);

export type Bme280Registers = ReturnType<typeof bme280>;
