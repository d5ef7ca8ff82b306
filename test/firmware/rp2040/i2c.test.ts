import assert from 'node:assert/strict';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { i2cOf } from '../../../transports/emulator/mends/i2c.js';
import { PERIPHERAL, STATUS, u16, u32, type Answer } from './frame.js';
import { plugged, type Link } from './link.js';

const SESSION = 0x12c0;
const ADDRESS = 0x42;
const BUS_FAULT = 18;
const RESTORE_MISMATCH = 19;
const REASON = { noAddress: 1, noData: 2, stuck: 3 } as const;
const I2C0 = 0x40044000;
const [IC_TAR, IC_FS_SCL_HCNT, IC_FS_SCL_LCNT, IC_INTR_MASK, IC_RAW_INTR_STAT, IC_ENABLE] = [
  0x04, 0x1c, 0x20, 0x30, 0x34, 0x6c,
];
const TX_ABRT = 1 << 6;
const RW = 3;
const FIFO = 8;

/** A chip with 256 registers of a byte behind an address that counts up; it writes down what it sees. */
class Chip implements I2cTarget {
  readonly cells = new Uint8Array(256);
  log = '';
  present = true;
  /** Bytes from now on that it acknowledges. */
  patience = Infinity;
  #at: number | undefined;

  start(direction: 'read' | 'write'): boolean {
    this.log += direction === 'read' ? 'R ' : 'W ';
    if (direction === 'write') this.#at = undefined;
    return this.present;
  }

  write(byte: number): boolean {
    this.log += `${byte.toString(16).padStart(2, '0')} `;
    if (this.patience-- <= 0) return false;
    if (this.#at === undefined) this.#at = byte;
    else this.cells[this.#at++ & 0xff] = byte;
    return true;
  }

  read(): number {
    const at = this.#at ?? 0;
    this.#at = at + 1;
    return this.cells[at & 0xff]!;
  }

  stop(): void {
    this.log += 'P ';
  }
}

const ref = (block: number, offset: number) => [PERIPHERAL, block, ...u16(offset)];
const op = {
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
function definition(address = ADDRESS): number[] {
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

describe('firmware/rp2040: chips behind I²C', () => {
  let link: Link;
  let chip: Chip;
  let next: number;
  beforeEach(async () => {
    link = await plugged();
    chip = new Chip();
    next = 1;
    i2cOf(link.board.chip.silicon, 0).bus.connect(ADDRESS, chip);
    for (const [register, value] of [
      [IC_ENABLE, 0],
      [IC_FS_SCL_HCNT, 120],
      [IC_FS_SCL_LCNT, 180],
      [IC_TAR, 0x33],
      [IC_INTR_MASK, 0],
    ] as const)
      link.board.write32(I2C0 + register, value);
    await link.hello(SESSION);
    assert.equal((await send([definition()])).status, STATUS.ok);
  });
  afterEach(() => link.dispose());

  const send = (ops: readonly (readonly number[])[], transaction = 0): Promise<Answer> =>
    link.exchange({ session: SESSION, sequence: next++, transaction, ops: ops.map((each) => [...each]) });
  const bytesOf = ({ body }: Answer): number[] => [...new Uint8Array(body.buffer, body.byteOffset, body.byteLength)];
  /** `found` in the failure record. */
  const foundIn = ({ body }: Answer): number => body.getUint32(8, true);

  it('are read: address, register, repeated START, bytes, STOP', async () => {
    chip.cells.set([0x5a], 0x15);
    chip.cells.set([0x12, 0x34], 0x82);
    const answer = await send([op.read(5), op.readPair(2)]);
    assert.deepEqual([answer.status, bytesOf(answer)], [STATUS.ok, [0x5a, 0x34, 0x12]]);
    assert.equal(chip.log, 'W 15 R P W 82 R P ');
  });

  it('are written in one transfer', async () => {
    assert.equal((await send([op.write(5, 0xa5), op.writePair(2, 0x1234)])).status, STATUS.ok);
    assert.equal(chip.log, 'W 15 a5 P W 82 12 34 P ');
  });

  it('take and give blocks in one burst, longer than the FIFOs', async () => {
    const values = Array.from({ length: 60 }, (_, i) => (i * 7) & 0xff);
    const answer = await send([op.writeBlock(0, values), op.readBlock(0, 60)]);
    assert.deepEqual([answer.status, bytesOf(answer)], [STATUS.ok, values]);
    assert.equal(chip.log.split('P').length, 3);
  });

  it('change bit by bit, read and written back', async () => {
    chip.cells[0x15] = 0xf0;
    assert.equal((await send([op.masked(5, 0x0f, 0x0c)])).status, STATUS.ok);
    assert.equal(chip.cells[0x15], 0xfc);
  });

  it('take raw bytes', async () => {
    chip.cells.set([1, 2, 3], 0x30);
    const answer = await send([op.transfer([0x30], 3), op.transfer([0x40, 9], 0), op.transfer([], 1)]);
    assert.equal(answer.status, STATUS.ok);
    assert.deepEqual(bytesOf(answer).slice(0, 3), [1, 2, 3]);
    assert.equal(chip.log, 'W 30 R P W 40 09 P R P ');
  });

  it('are checkpointed and restored', async () => {
    chip.cells.set([0x11, 0x22], 0x10);
    chip.cells[0x15] = 0x33;
    assert.equal((await send([op.begin, op.write(0, 1), op.write(5, 2)], 1)).status, STATUS.ok);
    assert.equal((await send([op.rollback], 1)).status, STATUS.ok);
    assert.deepEqual([chip.cells[0x10], chip.cells[0x11], chip.cells[0x15]], [0x11, 0x22, 0x33]);
  });

  it('leave IC_TAR, IC_ENABLE and IC_INTR_MASK as they were, and no abort pending', async () => {
    chip.present = false;
    for (const enabled of [0, 1]) {
      link.board.write32(I2C0 + IC_ENABLE, enabled);
      await send([op.read(0)]);
      const read = (register: number) => link.board.read32(I2C0 + register);
      assert.deepEqual([read(IC_TAR), read(IC_ENABLE), read(IC_INTR_MASK)], [0x33, enabled, 0]);
      assert.equal(read(IC_RAW_INTR_STAT) & TX_ABRT, 0);
    }
  });

  it('that do not answer are told apart from chips that stop listening', async () => {
    chip.present = false;
    let answer = await send([op.read(0)]);
    assert.deepEqual([answer.status, foundIn(answer)], [BUS_FAULT, REASON.noAddress]);
    chip.present = true;
    chip.patience = 2;
    answer = await send([op.writeBlock(0, [1, 2, 3, 4])]);
    assert.deepEqual([answer.status, foundIn(answer)], [BUS_FAULT, REASON.noData]);
    chip.patience = Infinity;
    assert.equal((await send([op.read(0)])).status, STATUS.ok);
  });

  it('are not touched when their checkpoint fails', async () => {
    chip.patience = 1;
    const answer = await send([op.begin, op.write(0, 1)], 1);
    assert.deepEqual([answer.status, answer.ran, foundIn(answer)], [BUS_FAULT, 1, REASON.noData]);
    assert.equal(chip.cells[0x10], 0);
  });

  it('that are gone at the rollback are a mismatch', async () => {
    assert.equal((await send([op.begin, op.write(0, 1)], 1)).status, STATUS.ok);
    chip.present = false;
    assert.equal((await send([op.rollback], 1)).status, RESTORE_MISMATCH);
  });

  it('on a bus that is stuck cost one time-out, and the bus works again when it is free', async () => {
    const { bus } = i2cOf(link.board.chip.silicon, 0);
    assert.equal((await send([op.begin, op.write(0, 1)], 1)).status, STATUS.ok);
    bus.heldLow = true;
    assert.equal((await send([op.rollback], 1)).status, RESTORE_MISMATCH);
    const answer = await send([op.read(0)]);
    assert.deepEqual([answer.status, foundIn(answer)], [BUS_FAULT, REASON.stuck]);
    bus.heldLow = false;
    chip.cells[0x10] = 0x77;
    const again = await send([op.read(0)]);
    assert.deepEqual([again.status, bytesOf(again)], [STATUS.ok, [0x77]]);
  });
});
