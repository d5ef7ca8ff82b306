import assert from 'node:assert/strict';
import { BUS_FAULTS, bytesOf, failedBy, STATUS } from './frame.js';
import { ADDRESS, Chip, I2C0, REGISTER, busOf, definition, op, setUpBus } from './i2c-chip.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x12c0;
const TX_ABRT = 1 << 6;

describe('firmware/rp2040: chips behind I²C', () => {
  let link: Link;
  let chip: Chip;
  let session: Session;
  beforeEach(async () => {
    link = await plugged();
    chip = new Chip();
    busOf(link).connect(ADDRESS, chip);
    setUpBus(link);
    session = await link.open(SESSION);
    await session.run([definition()]);
  });
  afterEach(() => link.dispose());

  it('are read: address, register, repeated START, bytes, STOP', async () => {
    chip.cells.set([0x5a], 0x15);
    chip.cells.set([0x12, 0x34], 0x82);
    const answer = await session.send([op.read(5), op.readPair(2)]);
    assert.deepEqual([answer.status, bytesOf(answer)], [STATUS.ok, [0x5a, 0x34, 0x12]]);
    assert.equal(chip.log, 'W 15 R P W 82 R P ');
  });

  it('are written in one transfer', async () => {
    await session.run([op.write(5, 0xa5), op.writePair(2, 0x1234)]);
    assert.equal(chip.log, 'W 15 a5 P W 82 12 34 P ');
  });

  it('take and give blocks in one burst, longer than the FIFOs', async () => {
    const values = Array.from({ length: 60 }, (_, i) => (i * 7) & 0xff);
    const answer = await session.send([op.writeBlock(0, values), op.readBlock(0, 60)]);
    assert.deepEqual([answer.status, bytesOf(answer)], [STATUS.ok, values]);
    assert.equal(chip.log.split('P').length, 3);
  });

  it('change bit by bit, read and written back', async () => {
    chip.cells[0x15] = 0xf0;
    await session.run([op.masked(5, 0x0f, 0x0c)]);
    assert.equal(chip.cells[0x15], 0xfc);
  });

  it('take raw bytes', async () => {
    chip.cells.set([1, 2, 3], 0x30);
    const answer = await session.send([op.transfer([0x30], 3), op.transfer([0x40, 9], 0), op.transfer([], 1)]);
    assert.equal(answer.status, STATUS.ok);
    assert.deepEqual(bytesOf(answer).slice(0, 3), [1, 2, 3]);
    assert.equal(chip.log, 'W 30 R P W 40 09 P R P ');
  });

  it('are checkpointed and restored', async () => {
    chip.cells.set([0x11, 0x22], 0x10);
    chip.cells[0x15] = 0x33;
    await session.run([op.begin, op.write(0, 1), op.write(5, 2)], 1);
    await session.run([op.rollback], 1);
    assert.deepEqual([chip.cells[0x10], chip.cells[0x11], chip.cells[0x15]], [0x11, 0x22, 0x33]);
  });

  it('leave IC_TAR, IC_ENABLE and IC_INTR_MASK as they were, and no abort pending', async () => {
    chip.present = false;
    for (const enabled of [0, 1]) {
      link.board.write32(I2C0 + REGISTER.ENABLE, enabled);
      await session.send([op.read(0)]);
      const read = (register: number) => link.board.read32(I2C0 + register);
      assert.deepEqual([read(REGISTER.TAR), read(REGISTER.ENABLE), read(REGISTER.INTR_MASK)], [0x33, enabled, 0]);
      assert.equal(read(REGISTER.RAW_INTR_STAT) & TX_ABRT, 0);
    }
  });

  it('that do not answer are told apart from chips that stop listening', async () => {
    chip.present = false;
    let answer = await session.send([op.read(0)]);
    assert.deepEqual([answer.status, failedBy(answer)[1]], [STATUS['bus-fault'], BUS_FAULTS['no-address']]);
    chip.present = true;
    chip.patience = 2;
    answer = await session.send([op.writeBlock(0, [1, 2, 3, 4])]);
    assert.deepEqual([answer.status, failedBy(answer)[1]], [STATUS['bus-fault'], BUS_FAULTS['no-data']]);
    chip.patience = Infinity;
    await session.run([op.read(0)]);
  });

  it('are not touched when their checkpoint fails', async () => {
    chip.patience = 1;
    const answer = await session.send([op.begin, op.write(0, 1)], 1);
    assert.deepEqual([answer.status, answer.ran, failedBy(answer)[1]], [STATUS['bus-fault'], 1, BUS_FAULTS['no-data']]);
    assert.equal(chip.cells[0x10], 0);
  });

  it('that are gone at the rollback are a mismatch', async () => {
    await session.run([op.begin, op.write(0, 1)], 1);
    chip.present = false;
    assert.equal((await session.send([op.rollback], 1)).status, STATUS['restore-mismatch']);
  });
});
