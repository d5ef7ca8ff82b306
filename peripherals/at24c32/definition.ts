import { chipName, defineChip, definePeripheral, type I2cAddress } from '../../runtime/index.js';

/** AT24C32 "Memory Organization": 128 pages of 32 bytes. */
export const AT24C32_BYTES = 4096;
/** AT24C32 "Page Write": past the last byte of a page, an address goes on with the first of the same page. */
export const AT24C32_PAGE = 32;
/** AT24C32 "AC Characteristics": t_WR, at most; nothing is acknowledged meanwhile. (The 1.8 V part: 20 ms.) */
const WRITE_CYCLE_US = 10_000;

/**
 * The cells of an AT24C32, an EEPROM at one of the addresses 50h to 57h (pins A2 to A0).
 *
 * What is written to a cell stays, and wears it, so there is nothing to save and no way back: a call's writes leave with its
 * commit, when nothing else can fail any more. A `writeBlock` is one write cycle and has to stay within a page.
 */
export const at24c32 = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('at24c32', { bus: 'i2c', index, target }),
    source: 'AT24C32 0336K, "Device Operation"',
    space: { bus: 'i2c', index, target, addressBytes: 2 },
    registers: {
      CELLS: { address: 0, width: 8, access: 'permanent', count: AT24C32_BYTES, reset: 0xff, busyUs: WRITE_CYCLE_US },
    },
    save: [],
    irrevocable: [
      'Cells: a call writes them with its commit, page after page. If that fails half-way, rollback.permanent names the pages that were written.',
    ],
  }),
);

export type At24c32Registers = ReturnType<typeof at24c32>;
