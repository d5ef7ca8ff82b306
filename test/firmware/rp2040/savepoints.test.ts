import assert from 'node:assert/strict';
import { failedBy, STATUS, u16, u32 } from './frame.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x5a7e;
/** PWM slices 0 to 6, five registers each, and slice 7: CC, TOP (RP2040 datasheet 4.5.3). */
const PWM = 0x40050000;
const SLICE7_CC = PWM + 0x98;
const [MANY, FEW] = [1, 2];
const [BLOCKS, REGISTERS, TOP] = [8, 35, 0x10];
const [RW, JOURNAL, WORD] = [3, 1 << 6, 2 << 4];

/** Peripheral MANY has the same registers in each of its blocks, so that there can be more than 255 pre-images. */
const define = (peripheral: number, blocks: number, base: number, registers: number) => {
  const block = [0, RW | JOURNAL | WORD, ...u16(4 * registers), ...u32(base), ...u32(0xffffffff)];
  return [0x04, peripheral, blocks, 0, 0, ...Array.from({ length: blocks }, () => block).flat()];
};

const op = {
  begin: [0x06],
  rollback: [0x08],
  savepoint: [0x09],
  release: [0x0a],
  revert: [0x0b],
  write: (offset: number, value: number) => [0x91, FEW, 0, ...u16(offset), ...u32(value)],
  /** The first registers of a block. */
  clear: (block: number, count: number) => [0x94, MANY, block, ...u16(0), count, ...Array<number>(4 * count).fill(0)],
};

describe('firmware/rp2040: nested calls', () => {
  let link: Link;
  let session: Session;
  beforeEach(async () => {
    link = await plugged();
    session = await link.open(SESSION);
    await session.run([define(MANY, BLOCKS, PWM, REGISTERS), define(FEW, 1, SLICE7_CC, 2)]);
  });
  afterEach(() => link.dispose());

  const run = (...ops: number[][]) => session.run(ops, 1);

  it('hand over all that they have noted, or are undone as a whole', async () => {
    link.board.write32(SLICE7_CC, 0x1111);
    link.board.write32(SLICE7_CC + 4, 0x2222);
    link.board.write32(PWM + TOP, 0x4321);
    await run(op.begin, op.write(0, 1), op.clear(0, 35), op.clear(1, 35), op.clear(2, 35), op.clear(3, 35));
    await run(op.savepoint, op.write(4, 2), op.clear(4, 35), op.clear(5, 35), op.clear(6, 35));
    await run(op.clear(7, 11));
    const answer = await session.send([op.release], 1);
    assert.deepEqual([answer.status, failedBy(answer)], [STATUS['arena-full'], [115 * 8, 116 * 8]]);
    assert.deepEqual([link.board.read32(SLICE7_CC), link.board.read32(SLICE7_CC + 4)], [1, 0x2222]);
    await run(op.revert, op.savepoint, op.clear(4, 35), op.clear(5, 35), op.clear(6, 35), op.release, op.clear(7, 10));
    await run(op.rollback);
    assert.deepEqual([link.board.read32(SLICE7_CC), link.board.read32(PWM + TOP)], [0x1111, 0x4321]);
  });

  it('may nest deeper than a byte can count', async () => {
    const savepoints = Array.from({ length: 128 }, () => op.savepoint);
    await run(op.begin, op.write(0, 1), ...savepoints);
    await run(...savepoints, op.write(0, 2));
    assert.equal(link.board.read32(SLICE7_CC), 2);
    await run(op.revert);
    assert.equal(link.board.read32(SLICE7_CC), 1);
    await run(op.rollback);
    assert.equal(link.board.read32(SLICE7_CC), 0);
  });
});
