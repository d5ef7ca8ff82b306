import { SPACES } from '../link/protocol.js';

/**
 * Where registers are that are not on the controller's own bus (docs/protocol.md, "Address spaces"). Their `address` is
 * the number that the chip's datasheet gives them. Pins, speed and mode of the bus are set through its own peripheral.
 */
export type Space = I2cSpace | SpiSpace;

export interface I2cSpace {
  readonly bus: 'i2c';
  readonly index: 0 | 1;
  /** The target's address, 7 bits. */
  readonly target: number;
  /** Bytes of a register's address; 1 if left out. */
  readonly addressBytes?: 0 | 1 | 2;
  /** A value's high byte comes first; its low byte if left out. */
  readonly highByteFirst?: true;
  /** One register address is one register, however wide; one byte if left out. */
  readonly wholeRegisters?: true;
}

export interface SpiSpace {
  readonly bus: 'spi';
  readonly index: 0 | 1;
  /** GPIO of the chip select, active low. */
  readonly chipSelect: number;
  readonly highByteFirst?: true;
  /** Which bits of the first byte say what follows: 7 for a read or a write, 6 for more than one byte. */
  readonly readBit?: true;
  readonly writeBit?: true;
  readonly manyBit?: true;
}

/** The `space` of a block. */
export const spaceCode = (space: Space | undefined): number => (space ? SPACES[space.bus] : SPACES.mmio);

/** How many bytes one register address stands for, in registers of so many bits. */
export const bytesAnAddress = (space: Space | undefined, width: number): number =>
  space?.bus === 'i2c' && space.wholeRegisters ? width / 8 : 1;

/** The `base` of a block that begins at register `first`, packed as docs/protocol.md says. */
export function packBase(space: Space | undefined, first: number): number {
  if (!space) return first;
  const common = (space.index << 8) | (space.highByteFirst ? 1 << 12 : 0) | (first << 16);
  if (space.bus === 'i2c') {
    const { target, addressBytes = 1, wholeRegisters } = space;
    return (common | target | (addressBytes << 10) | (wholeRegisters ? 1 << 13 : 0)) >>> 0;
  }
  const { chipSelect, readBit, manyBit, writeBit } = space;
  return (common | chipSelect | (readBit ? 1 << 13 : 0) | (manyBit ? 1 << 14 : 0) | (writeBit ? 1 << 15 : 0)) >>> 0;
}
