import { chipName, defineChip, type SpiSelect } from '../../runtime/registers/chip.js';
import { definePeripheral } from '../../runtime/registers/definition.js';
import { registers } from './registers.js';

/**
 * An ADXL345 on an SPI bus in mode 3, at 5 MHz at most (table 10). What is quoted are headings of its datasheet, rev. G.
 *
 * The restore goes through standby: there it is to be set up ("Power Sequencing"), and link, auto-sleep and sleep are to be
 * cleared ("POWER_CTL"). DATA_FORMAT is next, because in three-wire mode the chip answers no read. Bypass mode
 * empties the FIFO and alone rearms its trigger ("Trigger Mode"), so that no sample of the failed call is in it; no interrupt
 * is on while the functions behind them are set up ("INT_ENABLE"). POWER_CTL comes last, and starts measuring.
 *
 * The whole chip is one peripheral, the offsets included, because a loss of power takes all of it. It has no reset.
 */
export const adxl345 = defineChip(({ index, chipSelect }: SpiSelect) =>
  definePeripheral({
    name: chipName('adxl345', { bus: 'spi', index, chipSelect }),
    source: 'ADXL345 rev. G, table 19',
    space: { bus: 'spi', index, chipSelect, readBit: true, manyBit: true },
    registers,
    save: [
      // As a whole, because in three-wire mode the bits of no field would be taken from a read that is not answered.
      { register: 'DATA_FORMAT', mask: 0xff },
      'BW_RATE',
      'OFS',
      'THRESH_TAP',
      'DUR',
      'LATENT',
      'WINDOW',
      'TAP_AXES',
      'THRESH_ACT',
      'THRESH_INACT',
      'TIME_INACT',
      'ACT_INACT_CTL',
      'THRESH_FF',
      'TIME_FF',
      'INT_MAP',
      'FIFO_CTL',
      'INT_ENABLE',
      'POWER_CTL',
    ],
    restore: [
      { step: 'write', register: 'POWER_CTL', mask: 0xff, value: 0 },
      { step: 'write', register: 'INT_ENABLE', mask: 0xff, value: 0 },
      { step: 'write', register: 'FIFO_CTL', mask: 0xff, value: 0 },
      { step: 'saved' },
    ],
    irrevocable: [
      'what is in the FIFO: a rollback empties it, because it may hold samples of two kinds',
      'samples that were read, and interrupts that were raised, or cleared by reading',
      'what the detection of activity and inactivity had come to: after a rollback it begins anew',
    ],
  }),
);

export type Adxl345Registers = ReturnType<typeof adxl345>;
