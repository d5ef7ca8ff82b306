import assert from 'node:assert/strict';
import { clear, readyChip, RESETS, set } from '../bare-chip.js';

const BASE = 0x50000000;
const channel = (index: number) => {
  const base = BASE + 0x40 * index;
  return { read: base, write: base + 4, count: base + 8, trigger: base + 0xc, ctrl: base + 0x10 } as const;
};
const INTR = BASE + 0x400;
const INTE0 = BASE + 0x404;
const INTS0 = BASE + 0x40c;
const TIMER0 = BASE + 0x420;
const MULTI_CHAN_TRIGGER = BASE + 0x430;
const CHAN_ABORT = BASE + 0x444;
const DBG_TCR = BASE + 0x804;

const [EN, WORD, INCR_READ, INCR_WRITE] = [1, 2 << 2, 1 << 4, 1 << 5] as const;
const [RING_ON_WRITE, IRQ_QUIET, BSWAP] = [1 << 10, 1 << 21, 1 << 22] as const;
const [BUSY, WRITE_ERROR, READ_ERROR, AHB_ERROR] = [1 << 24, 1 << 29, 1 << 30, 2 ** 31] as const;
const request = (number: number): number => number << 15;
const chainTo = (index: number): number => index << 11;
const PERMANENT = request(63);
const [FROM, TO] = [0x20020000, 0x20021000] as const;
const CYCLE = 8;
const IRQ_DMA0 = 11;
const DMA_RESET = 1 << 2;

function bench() {
  const { chip, pass } = readyChip();
  for (let i = 0; i < 16; i++) {
    chip.write32(FROM + 4 * i, 0x11223344 + i);
    chip.write32(TO + 4 * i, 0);
  }
  const start = (index: number, ctrl: number, count: number, from: number = FROM, to: number = TO): void => {
    const { read, write, count: transfers, trigger } = channel(index);
    chip.write32(read, from);
    chip.write32(write, to);
    chip.write32(transfers, count);
    chip.write32(trigger, EN | ctrl);
  };
  const words = (count: number): number[] => Array.from({ length: count }, (_, i) => chip.read32(TO + 4 * i));
  return { chip, pass, start, words };
}

describe('The emulated DMA', () => {
  it('moves a word a cycle, and is busy until it has', () => {
    const { chip, pass, start, words } = bench();
    start(0, WORD | INCR_READ | INCR_WRITE | PERMANENT, 4);
    pass(3 * CYCLE);
    assert.equal((chip.read32(channel(0).ctrl) & BUSY) !== 0, true);
    assert.equal(chip.read32(channel(0).count), 1);
    pass(CYCLE);
    assert.deepEqual(words(5), [0x11223344, 0x11223345, 0x11223346, 0x11223347, 0]);
    assert.deepEqual([chip.read32(channel(0).read), chip.read32(channel(0).write)], [FROM + 16, TO + 16]);
    assert.equal(chip.read32(channel(0).ctrl) & BUSY, 0);
    assert.equal(chip.read32(DBG_TCR), 4);
  });

  it('keeps addresses in a ring, swaps bytes, and moves narrow data', () => {
    const { pass, start, words, chip } = bench();
    start(0, WORD | INCR_READ | INCR_WRITE | RING_ON_WRITE | (3 << 6) | BSWAP | PERMANENT, 3);
    pass(10 * CYCLE);
    assert.deepEqual(words(3), [0x46332211, 0x45332211, 0]);
    start(0, INCR_READ | INCR_WRITE | PERMANENT, 3, FROM, TO + 8);
    pass(10 * CYCLE);
    assert.equal(chip.read32(TO + 8), 0x00223344);
  });

  it('goes on with the channel that it chains to, and with those that are triggered together', () => {
    const { chip, pass, start, words } = bench();
    const { read, write, count, ctrl } = channel(1);
    for (const [address, value] of [
      [read, FROM + 4],
      [write, TO + 4],
      [count, 1],
      [ctrl, EN | WORD | PERMANENT | chainTo(1)],
    ] as const)
      chip.write32(address, value);
    start(0, WORD | PERMANENT | chainTo(1), 1);
    pass(10 * CYCLE);
    assert.deepEqual(words(2), [0x11223344, 0x11223345]);
    chip.write32(FROM, 7);
    chip.write32(MULTI_CHAN_TRIGGER, 1);
    pass(10 * CYCLE);
    assert.equal(chip.read32(TO), 7);
  });

  it('waits for the block that paces it, or for a timer of so many requests a cycle', () => {
    const { chip, pass, start } = bench();
    const { dma } = chip.silicon;
    start(0, WORD | request(20), 9);
    pass(100 * CYCLE);
    assert.equal(chip.read32(channel(0).count), 9);
    dma.setDREQ(20);
    pass(2 * CYCLE);
    dma.clearDREQ(20);
    pass(100 * CYCLE);
    assert.equal(chip.read32(channel(0).count), 6, 'one was on its way');
    start(1, WORD | request(59), 9);
    pass(100 * CYCLE);
    assert.equal(chip.read32(channel(1).count), 9);
    chip.write32(TIMER0, (2 << 16) | 20);
    pass(30 * CYCLE);
    assert.equal(chip.read32(channel(1).count), 6);
  });

  it('halts with the error of the bus, which the processor does not see, until that is cleared', () => {
    const { chip, pass, start } = bench();
    start(0, WORD | PERMANENT | IRQ_QUIET, 9, 0xf0000000);
    pass(10 * CYCLE);
    assert.equal(
      chip.read32(channel(0).ctrl) & (AHB_ERROR | READ_ERROR | WRITE_ERROR | BUSY),
      AHB_ERROR | READ_ERROR | 0,
    );
    assert.equal(chip.read32(INTR), 1);
    chip.write32(clear(channel(0).ctrl), EN);
    assert.equal(chip.read32(channel(0).ctrl) & READ_ERROR, READ_ERROR, 'not written through the alias');
    chip.write32(channel(0).ctrl, READ_ERROR);
    assert.equal(chip.read32(channel(0).ctrl), 0);
    start(0, WORD | PERMANENT, 9, FROM, 0xf0000000);
    pass(10 * CYCLE);
    assert.equal(chip.read32(channel(0).ctrl) & WRITE_ERROR, WRITE_ERROR);
    assert.equal(chip.silicon.busError, undefined);
  });

  it('raises its interrupts when it is done, or by a null trigger, as it is told', () => {
    const { chip, pass, start } = bench();
    chip.write32(INTE0, 1);
    start(0, WORD | PERMANENT, 1);
    pass(10 * CYCLE);
    assert.equal(chip.read32(INTS0), 1);
    assert.notEqual(chip.silicon.core.pendingInterrupts & (1 << IRQ_DMA0), 0);
    chip.write32(INTR, 1);
    assert.equal(chip.silicon.core.pendingInterrupts & (1 << IRQ_DMA0), 0);
    start(0, WORD | PERMANENT | IRQ_QUIET, 1);
    pass(10 * CYCLE);
    assert.equal(chip.read32(INTS0), 0);
    chip.write32(BASE + 0x3c, 0);
    assert.equal(chip.read32(INTS0), 1);
  });

  it('pauses without EN, and aborts; what was in flight ends late, and with an interrupt (erratum RP2040-E13)', () => {
    const { chip, pass, start } = bench();
    start(0, WORD | PERMANENT, 1000);
    pass(10 * CYCLE);
    chip.write32(CHAN_ABORT, 1);
    assert.equal(chip.read32(CHAN_ABORT), 0, 'too early');
    assert.notEqual(chip.read32(channel(0).ctrl) & BUSY, 0);
    pass(10 * CYCLE);
    assert.equal(chip.read32(channel(0).ctrl) & BUSY, 0);
    assert.equal(chip.read32(channel(0).count), 0);
    assert.equal(chip.read32(INTR), 1);
    chip.write32(INTR, 1);
    start(0, WORD | PERMANENT, 1000);
    chip.write32(clear(channel(0).ctrl), EN);
    pass(10 * CYCLE);
    assert.equal(chip.read32(channel(0).count), 999);
    assert.notEqual(chip.read32(channel(0).ctrl) & BUSY, 0);
    chip.write32(CHAN_ABORT, 1);
    assert.equal(chip.read32(channel(0).ctrl) & BUSY, 0);
    assert.equal(chip.read32(INTR), 0);
  });

  it('stops and forgets everything when the block is reset', () => {
    const { chip, pass, start } = bench();
    start(5, WORD | PERMANENT, 1000);
    chip.write32(set(RESETS), DMA_RESET);
    chip.write32(clear(RESETS), DMA_RESET);
    const { read, write, count, ctrl } = channel(5);
    assert.deepEqual(
      [read, write, count, ctrl].map((address) => chip.read32(address)),
      [0, 0, 0, 0],
    );
    pass(10 * CYCLE);
    assert.equal(chip.clock.nextDue, Infinity);
  });
});
