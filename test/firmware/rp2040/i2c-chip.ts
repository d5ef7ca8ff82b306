/** A chip behind I2C0 on the emulated board, and the operations and the definition with which the tests reach it. */
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { i2cOf } from '../../../transports/emulator/mends/i2c.js';
import { PERIPHERAL, ref, u16, u32 } from './frame.js';
import type { Link } from './link.js';

export const ADDRESS = 0x42;
export const I2C0 = 0x40044000;
export const REGISTER = {
  TAR: 0x04,
  FS_SCL_HCNT: 0x1c,
  FS_SCL_LCNT: 0x20,
  INTR_MASK: 0x30,
  RAW_INTR_STAT: 0x34,
  ENABLE: 0x6c,
} as const;
export const [SDA, SCL] = [4, 5];
const FUNCTION_I2C = 3;
const CTRL = (pin: number): number => 0x40014000 + 8 * pin + 4;
/** The counts below at 125 MHz, with spikes of 7: (120 + 7 + 7 + 180 + 1) cycles. */
export const BIT_NANOS = 315 * 8;
const RW = 3;
const FIFO = 8;

/** What a host does before it uses the bus: pins, speed, and values that a transfer must not change. */
export function setUpBus({ board }: Link): void {
  for (const pin of [SDA, SCL]) board.write32(CTRL(pin), FUNCTION_I2C);
  for (const [register, value] of [
    [REGISTER.ENABLE, 0],
    [REGISTER.FS_SCL_HCNT, 120],
    [REGISTER.FS_SCL_LCNT, 180],
    [REGISTER.TAR, 0x33],
    [REGISTER.INTR_MASK, 0],
  ] as const)
    board.write32(I2C0 + register, value);
}

/** The wires of I2C0. */
export const busOf = ({ board }: Link) => i2cOf(board.chip.silicon, 0).bus;

/** A chip with 256 registers of a byte behind an address that counts up; it writes down what it sees. */
export class Chip implements I2cTarget {
  readonly cells = new Uint8Array(256);
  log = '';
  present = true;
  /** Bytes from now on that it acknowledges. */
  patience = Infinity;
  /** Called once, when the next byte that is read has begun. */
  onRead: (() => void) | undefined;
  /** Called once, when the next byte that is written has arrived, and before its acknowledge. */
  onWrite: (() => void) | undefined;
  #at: number | undefined;

  start(direction: 'read' | 'write'): boolean {
    this.log += direction === 'read' ? 'R ' : 'W ';
    if (direction === 'write') this.#at = undefined;
    return this.present;
  }

  write(byte: number): boolean {
    this.log += `${byte.toString(16).padStart(2, '0')} `;
    this.onWrite?.();
    this.onWrite = undefined;
    if (this.patience-- <= 0) return false;
    if (this.#at === undefined) this.#at = byte;
    else this.cells[this.#at++ & 0xff] = byte;
    return true;
  }

  read(): number {
    const at = this.#at ?? 0;
    this.#at = at + 1;
    this.onRead?.();
    this.onRead = undefined;
    return this.cells[at & 0xff]!;
  }

  stop(): void {
    this.log += 'P ';
  }
}

export const op = {
  begin: [0x06],
  commit: [0x07],
  rollback: [0x08],
  read: (offset: number) => [0x10, ...ref(0, offset)],
  write: (offset: number, value: number) => [0x11, ...ref(0, offset), value],
  readPair: (offset: number) => [0x50, ...ref(1, offset)],
  writePair: (offset: number, value: number) => [0x51, ...ref(1, offset), ...u16(value)],
  readBlock: (offset: number, count: number) => [0x13, ...ref(0, offset), count],
  writeBlock: (offset: number, values: number[]) => [0x14, ...ref(0, offset), values.length, ...values],
  masked: (offset: number, mask: number, value: number) => [0x12, ...ref(0, offset), mask, value],
  transfer: (bytes: number[], count: number) => [0x19, ...ref(2, 0), bytes.length, ...bytes, count],
};

/** Registers of a byte from 0x10, pairs with the high byte first from 0x80, raw bytes; two of the first are saved. */
export function definition(address = ADDRESS): number[] {
  const block = (width: number, flags: number, size: number, base: number) => [
    1,
    flags | (width << 4),
    ...u16(size),
    ...u32(base),
    ...u32(width === 0 ? 0xff : 0xffff),
  ];
  const blocks = [
    ...block(0, RW, 64, (0x10 << 16) | (1 << 10) | address),
    ...block(1, RW, 16, (0x80 << 16) | (1 << 12) | (1 << 10) | address),
    ...block(0, RW | FIFO, 1, address),
  ];
  const save = (offset: number) => [0, 0, ...u16(offset), ...u32(0xff)];
  return [0x04, PERIPHERAL, 3, 2, 0, ...blocks, ...save(0), ...save(5)];
}
