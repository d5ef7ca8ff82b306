import assert from 'node:assert/strict';
import { bareChip, clear, readyChip, RESETS, set } from '../bare-chip.js';

const TIMER = 0x40054000;
const REG = {
  timehw: TIMER,
  timelw: TIMER + 4,
  timehr: TIMER + 8,
  timelr: TIMER + 12,
  alarm0: TIMER + 0x10,
  alarm3: TIMER + 0x1c,
  armed: TIMER + 0x20,
  rawh: TIMER + 0x24,
  rawl: TIMER + 0x28,
  pause: TIMER + 0x30,
  intr: TIMER + 0x34,
  inte: TIMER + 0x38,
  ints: TIMER + 0x40,
} as const;
const TICK = 0x4005802c;
const MICROS = 1000;

describe('The timer', () => {
  it('stands still until the watchdog gives it a tick', () => {
    const { chip, pass } = bareChip();
    chip.write32(clear(RESETS), 1 << 21);
    pass(100 * MICROS);
    assert.equal(chip.read32(REG.rawl), 0);
    chip.write32(0x40008030, 2);
    chip.write32(TICK, 12 | (1 << 9));
    pass(100 * MICROS);
    assert.equal(chip.read32(REG.rawl), 100);
  });

  it('counts microseconds, and latches the high word when the low one is read', () => {
    const { chip, pass } = readyChip();
    chip.write32(REG.timelw, 0xfffffff0);
    chip.write32(REG.timehw, 7);
    assert.equal(chip.read32(REG.timelr), 0xfffffff0);
    pass(32 * MICROS);
    assert.equal(chip.read32(REG.timehr), 7, 'latched before the carry');
    assert.equal(chip.read32(REG.rawh), 8);
    assert.equal(chip.read32(REG.rawl), 16);
  });

  it('fires an alarm at the microsecond that was asked for, not a fraction before', () => {
    const { chip, pass } = readyChip();
    pass(10 * MICROS + 400);
    chip.write32(REG.inte, 1);
    chip.write32(REG.alarm0, 20);
    assert.equal(chip.read32(REG.armed), 1);
    pass(9 * MICROS + 599);
    assert.equal(chip.read32(REG.intr), 0);
    pass(1);
    assert.equal(chip.read32(REG.intr), 1);
    assert.equal(chip.read32(REG.rawl), 20);
    assert.equal(chip.read32(REG.armed), 0);
    assert.notEqual(chip.silicon.core.pendingInterrupts & 1, 0);
    chip.write32(REG.intr, 1);
    assert.equal(chip.read32(REG.ints), 0);
  });

  it('lets an alarm whose time is past wait for the next time round', () => {
    const { chip, pass } = readyChip();
    pass(10 * MICROS);
    chip.write32(REG.alarm3, 9);
    pass(1000 * MICROS);
    assert.equal(chip.read32(REG.armed), 8);
    chip.write32(REG.armed, 8);
    assert.equal(chip.read32(REG.armed), 0);
  });

  it('pauses', () => {
    const { chip, pass } = readyChip();
    chip.write32(REG.alarm0, 20);
    pass(10 * MICROS);
    chip.write32(REG.pause, 1);
    pass(100 * MICROS);
    assert.equal(chip.read32(REG.rawl), 10);
    assert.equal(chip.read32(REG.intr), 0);
    chip.write32(REG.pause, 0);
    pass(10 * MICROS);
    assert.equal(chip.read32(REG.intr), 1);
  });

  it('goes back to zero with a reset', () => {
    const { chip, pass } = readyChip();
    pass(50 * MICROS);
    chip.write32(set(RESETS), 1 << 21);
    chip.write32(clear(RESETS), 1 << 21);
    assert.equal(chip.read32(REG.rawl), 0);
    pass(5 * MICROS);
    assert.equal(chip.read32(REG.rawl), 5);
  });
});
