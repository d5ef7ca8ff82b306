import { chipName, defineChip, type I2cAddress } from '../../runtime/registers/chip.js';
import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** 8.6.3, OS and MODE. */
const OS = 0x8000;
/** MODE = 1: the chip sleeps when it has done the conversion that is under way. COMP_QUE = 11: it gives no alert (8.6.3). */
const ASLEEP = 0x0183;
/** 7.5: in µs, at so many samples a second, less 10 % for the oscillator; and 25 µs to wake up (8.4.2.1). */
export const conversionUs = (samples: number): number => Math.ceil(1e6 / (samples * 0.9)) + 25;
/** 8.6.3: the slowest rate is 128 a second. */
export const LONGEST_CONVERSION_US = conversionUs(128);

const word = { access: 'rw', width: 16 } as const;

/**
 * An ADS1015 on an I²C bus. Sections are those of the ADS1013/ADS1014/ADS1015 datasheet, SBAS473E.
 *
 * A conversion ends with the settings that it began with, and another one that is asked for meanwhile is ignored
 * (8.4.2.2, 8.6.3), so the restore puts the chip to sleep and waits for the end: nobody takes a result of the failed call
 * for his own. For the same reason it waits for a result if the chip measures again and again. Thresholds come before
 * the comparator that uses them.
 *
 * One converter and one comparator serve all inputs, so the chip is one peripheral.
 */
export const ads1015 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('ads1015', { bus: 'i2c', index, target }),
    source: 'TI ADS1015 SBAS473E, 8.6',
    space: { bus: 'i2c', index, target, highByteFirst: true, wholeRegisters: true },
    registers: {
      /** 8.6.2: 12 bits in two's complement, left-justified. Reading it ends an alert that is latched (8.3.7). */
      CONVERSION: { address: 0, width: 16, access: 'rc' },
      /** 8.6.3. */
      CONFIG: {
        ...word,
        address: 1,
        // It reads as 0x8583; to write OS would start a conversion.
        reset: 0x0583,
        fields: {
          /** Written 1: begin a conversion, if the chip sleeps. Read: 1 while it does none. */
          OS: flag(15, { access: 'self-clearing' }),
          MUX: field(12, 3, {
            values: { '0-1': 0, '0-3': 1, '1-3': 2, '2-3': 3, AIN0: 4, AIN1: 5, AIN2: 6, AIN3: 7 },
          }),
          /** 6 and 7 are 0.256 V, too. */
          PGA: field(9, 3, {
            values: { '6.144V': 0, '4.096V': 1, '2.048V': 2, '1.024V': 3, '0.512V': 4, '0.256V': 5 },
          }),
          MODE: field(8, 1, { values: { continuous: 0, 'single-shot': 1 } }),
          /** Samples in a second; 7 is 3300, too. */
          DR: field(5, 3, {
            values: { '128sps': 0, '250sps': 1, '490sps': 2, '920sps': 3, '1600sps': 4, '2400sps': 5, '3300sps': 6 },
          }),
          COMP_MODE: field(4, 1, { values: { traditional: 0, window: 1 } }),
          COMP_POL: field(3, 1, { values: { 'active-low': 0, 'active-high': 1 } }),
          COMP_LAT: flag(2),
          /** After how many conversions beyond the thresholds it gives an alert. */
          COMP_QUE: field(0, 2, { values: { one: 0, two: 1, four: 2, off: 3 } }),
        },
      },
      /** 8.6.4. */
      LO_THRESH: { ...word, address: 2, reset: 0x8000, fields: { LEVEL: field(4, 12) } },
      HI_THRESH: { ...word, address: 3, reset: 0x7fff, fields: { LEVEL: field(4, 12) } },
    },
    save: ['LO_THRESH', 'HI_THRESH', 'CONFIG'],
    restore: [
      { step: 'write', register: 'CONFIG', mask: 0xffff, value: ASLEEP },
      { step: 'poll', register: 'CONFIG', mask: OS, value: OS, timeoutUs: 2 * LONGEST_CONVERSION_US },
      { step: 'saved' },
      { step: 'delay', us: LONGEST_CONVERSION_US },
    ],
    irrevocable: [
      'the last result: after a rollback CONVERSION holds what the call has measured, until the next conversion',
      'an alert that was given or ended, and how many conversions have been beyond the thresholds',
      'a single conversion that was under way: it has ended',
    ],
  }),
);

export type Ads1015Registers = ReturnType<typeof ads1015>;
