import { Driver, entryPoint, peripheral, type Board, type Handle } from '../../runtime/index.js';
import { definePeripheral, flag } from '../../runtime/registers/definition.js';
import type { uno } from './index.js';

type Uno = Board<(typeof uno)['peripherals']>;

/** ATmega328P datasheet 8.4. */
export const EEPROM_BYTES = 1024;

/** 8.6. */
const AT = { EECR: 0x3f, EEDR: 0x40, EEARL: 0x41 } as const;
/** EECR (8.6.3). */
const EEMPE = 1 << 2;
const EEPE = 1 << 1;
/** 8.6.3, table 8-2: 3.4 ms to erase and write a cell. The oscillator that times it may be slow by a tenth (8.4.2, 9.6). */
const WRITE_US = 3740;

/**
 * The EEPROM (ATmega328P datasheet 8.4), seen twice: what reads a cell acts at once, and what writes one leaves with the commit, for what
 * is written to a cell stays, and wears it. `Eeprom` makes cells of both.
 */
export const eeprom = definePeripheral({
  name: 'eeprom',
  source: 'ATmega328P datasheet 8.6',
  registers: {
    /** EEARL, EEARH: the cell. */
    EEAR: { address: AT.EEARL, width: 8, access: 'rw', count: 2 },
    /** `set({ EERE: true })` reads the cell into EEDR. */
    READ: { address: AT.EECR, width: 8, access: 'w1s', owned: 1, fields: { EERE: flag(0) } },
    EEDR: { address: AT.EEDR, width: 8, access: 'ro' },
    /** EEDR, EEARL, EEARH: what will be written, and where. */
    NEXT: { address: AT.EEDR, width: 8, access: 'permanent', count: 3 },
    /** EEMPE and EEPE together write the cell: the firmware keeps the four cycles between them (8.6.3). */
    WRITE: {
      address: AT.EECR,
      width: 8,
      access: 'permanent',
      busyUs: WRITE_US,
      fields: { EEPE: flag(1), EEMPE: flag(2) },
    },
  },
  save: ['EEAR'],
  irrevocable: [
    'Cells: a call writes them with its commit, one after the other, and what fails after that cannot bring them back.',
  ],
});

export type EepromRegisters = typeof eeprom;

/**
 * The cells of the EEPROM, 1024 bytes that stay without power.
 *
 * Inside a call that both reads and writes, `read` finds what they held before the call: writes wait for the commit.
 */
export class Eeprom extends Driver {
  @peripheral accessor registers: Handle<EepromRegisters>;

  constructor(board: Uno) {
    super(board);
    this.registers = board.eeprom;
  }

  /** `count` bytes from `address` on, 0 to 1023. */
  @entryPoint
  async read(address: number, count: number): Promise<Uint8Array> {
    const { EEAR, READ, EEDR } = this.registers;
    const values: Promise<number>[] = [];
    for (let cell = address; cell < address + count; cell++) {
      void EEAR.writeBlock(0, bytesOf(cell));
      void READ.set({ EERE: true });
      values.push(EEDR.read());
    }
    return Uint8Array.from(await Promise.all(values));
  }

  /** Writes bytes from `address` on, 3.7 ms each, all of them with the commit. */
  @entryPoint
  async write(address: number, bytes: ArrayLike<number>): Promise<void> {
    const { NEXT, WRITE } = this.registers;
    for (const [index, byte] of Array.from(bytes).entries()) {
      await NEXT.writeBlock(0, [byte, ...bytesOf(address + index)]);
      await WRITE.writeBits(EEMPE | EEPE);
    }
  }
}

function bytesOf(cell: number): [low: number, high: number] {
  if (!Number.isInteger(cell) || cell < 0 || cell >= EEPROM_BYTES)
    throw new RangeError(`The EEPROM has the cells 0 to ${EEPROM_BYTES - 1}, and none ${cell}.`);
  return [cell & 0xff, cell >> 8];
}
