import assert from 'node:assert/strict';
import { failedBy, PERIPHERAL, ref, STATUS, u16, u32 } from './frame.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x1091;
/** PWM slice 0: CSR, DIV, CTR, CC, TOP (RP2040 datasheet 4.5.3). */
const PWM = 0x40050000;
const [CC, TOP] = [0x0c, 0x10];
/** UART0 data register: reading it takes a character (4.2.8). */
const UART0_DR = 0x40034000;
const [RW, JOURNAL, SIDE_EFFECTS, WORD] = [3, 1 << 6, 1 << 7, 2 << 4];

const op = {
  begin: [0x06],
  rollback: [0x08],
  write: (block: number, offset: number, value: number) => [0x91, ...ref(block, offset), ...u32(value)],
  masked: (offset: number, mask: number, value: number) => [0x92, ...ref(0, offset), ...u32(mask), ...u32(value)],
};

function definition(): number[] {
  const block = (flags: number, size: number, base: number) => [
    0,
    flags | WORD,
    ...u16(size),
    ...u32(base),
    ...u32(0xffffffff),
  ];
  return [0x04, PERIPHERAL, 2, 0, 0, ...block(RW | JOURNAL, 0x14, PWM), ...block(RW | SIDE_EFFECTS, 4, UART0_DR)];
}

describe('firmware/rp2040: a peripheral without a save list', () => {
  let link: Link;
  let session: Session;
  beforeEach(async () => {
    link = await plugged();
    session = await link.open(SESSION);
    await session.run([definition()]);
  });
  afterEach(() => link.dispose());

  it('gets back what each register held before its first change', async () => {
    link.board.write32(PWM + CC, 0x12345678);
    link.board.write32(PWM + TOP, 0x4321);
    const writes = [op.write(0, CC, 1), op.masked(TOP, 0xff, 0), op.write(0, CC, 2)];
    await session.run([op.begin, ...writes], 1);
    assert.deepEqual([link.board.read32(PWM + CC), link.board.read32(PWM + TOP)], [2, 0x4300]);
    const { body } = await session.run([op.rollback], 1);
    assert.deepEqual([body.getUint8(0), body.getUint16(2, true)], [1, 2]);
    assert.deepEqual([link.board.read32(PWM + CC), link.board.read32(PWM + TOP)], [0x12345678, 0x4321]);
  });

  it('keeps 255 registers of a peripheral, and touches no more', async () => {
    const [blocks, size, each] = [6, 0xb4, 45];
    const block = [0, RW | JOURNAL | WORD, ...u16(size), ...u32(PWM), ...u32(0xffffffff)];
    const define = [0x04, PERIPHERAL, blocks, 0, 0, ...Array.from({ length: blocks }, () => block).flat()];
    await session.run([define]);
    const write = (number: number, count: number) => {
      const values = Array.from({ length: count }, () => u32(0)).flat();
      return [0x94, ...ref(number, 0), count, ...values];
    };
    link.board.write32(PWM + TOP, 0x4321);
    await session.run([op.begin, write(0, each), write(1, each), write(2, each)], 1);
    await session.run([write(3, each), write(4, each), write(5, 30)], 1);
    const answer = await session.send([write(5, 31)], 1);
    assert.deepEqual([answer.status, failedBy(answer)], [STATUS['arena-full'], [0, 8]]);
    assert.equal(link.board.read32(PWM + TOP), 0x4321);
  });

  it('is rolled back when an op cannot be revoked', async () => {
    link.board.write32(PWM + CC, 0x77);
    const answer = await session.send([op.begin, op.write(0, CC, 1), op.write(1, 0, 0x41)], 1);
    assert.deepEqual([answer.status, answer.ran], [STATUS.irrevocable, 2]);
    assert.equal(link.board.read32(PWM + CC), 0x77);
  });
});
