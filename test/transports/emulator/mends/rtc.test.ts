import assert from 'node:assert/strict';
import { clear, readyChip, RESETS, set, type BareChip } from '../bare-chip.js';

const RTC = 0x4005c000;
const REG = {
  divider: RTC,
  setup0: RTC + 0x04,
  setup1: RTC + 0x08,
  ctrl: RTC + 0x0c,
  match0: RTC + 0x10,
  match1: RTC + 0x14,
  date: RTC + 0x18,
  time: RTC + 0x1c,
  intr: RTC + 0x20,
  inte: RTC + 0x24,
} as const;
const CTRL = { enable: 1, active: 2, load: 1 << 4, noLeapYear: 1 << 8 } as const;
const MATCH = { enable: 1 << 28, active: 1 << 29 } as const;
const SECOND = 1e9;
const CROSSING = 50_000;

const dateBits = (year: number, month: number, day: number): number => (year << 12) | (month << 8) | day;
const timeBits = (weekday: number, hour: number, minute: number, second: number): number =>
  (weekday << 24) | (hour << 16) | (minute << 8) | second;

/** A clock that runs from a time on, with clk_rtc at 46875 Hz from the crystal. */
function clockAt(date: number, time: number, control = 0): BareChip {
  const bare = readyChip();
  const { chip } = bare;
  chip.write32(0x40008070, 256 << 8);
  chip.write32(0x4000806c, (1 << 11) | (3 << 5));
  chip.write32(REG.divider, 46874);
  chip.write32(REG.setup0, date);
  chip.write32(REG.setup1, time);
  chip.write32(REG.ctrl, CTRL.load | control);
  chip.write32(set(REG.ctrl), CTRL.enable);
  bare.pass(CROSSING);
  return bare;
}

/** The time before the date: reading it latches the date. */
const now = ({ chip }: BareChip): [date: number, time: number] => {
  const time = chip.read32(REG.time);
  return [chip.read32(REG.date), time];
};

describe('The real-time clock', () => {
  it('runs two periods of its clock after it was enabled, and stops two after it was disabled', () => {
    const bare = clockAt(dateBits(2026, 1, 1), 0);
    const { chip, pass } = bare;
    assert.equal(chip.read32(REG.ctrl), CTRL.enable | CTRL.active);
    chip.write32(REG.ctrl, 0);
    assert.equal(chip.read32(REG.ctrl), CTRL.active);
    pass(CROSSING);
    assert.equal(chip.read32(REG.ctrl), 0);
    pass(3 * SECOND);
    assert.equal(now(bare)[1], 0);
  });

  it('counts seconds, and carries into the next year', () => {
    const bare = clockAt(dateBits(2026, 12, 31), timeBits(6, 23, 59, 58));
    bare.pass(SECOND);
    assert.deepEqual(now(bare), [dateBits(2026, 12, 31), timeBits(6, 23, 59, 59)]);
    bare.pass(SECOND);
    assert.deepEqual(now(bare), [dateBits(2027, 1, 1), timeBits(0, 0, 0, 0)]);
  });

  it('knows leap years, and leaves one out when it is told to', () => {
    const eve = [dateBits(2100, 2, 28), timeBits(0, 23, 59, 59)] as const;
    const [leap, forced] = [clockAt(...eve), clockAt(...eve, CTRL.noLeapYear)];
    for (const each of [leap, forced]) each.pass(SECOND);
    assert.equal(now(leap)[0], dateBits(2100, 2, 29));
    assert.equal(now(forced)[0], dateBits(2100, 3, 1));
  });

  it('latches the date when the time is read', () => {
    const bare = clockAt(dateBits(2026, 5, 5), timeBits(2, 23, 59, 59));
    bare.chip.read32(REG.time);
    bare.pass(SECOND);
    assert.equal(bare.chip.read32(REG.date), dateBits(2026, 5, 5));
    bare.chip.read32(REG.time);
    assert.equal(bare.chip.read32(REG.date), dateBits(2026, 5, 6));
  });

  it('interrupts for as long as all that is to match does', () => {
    const bare = clockAt(dateBits(2026, 5, 5), timeBits(2, 11, 59, 59));
    const { chip, pass } = bare;
    const pending = (): boolean => (chip.silicon.core.pendingInterrupts & (1 << 25)) !== 0;
    chip.write32(REG.inte, 1);
    chip.write32(REG.match1, (1 << 30) | (1 << 28) | timeBits(0, 12, 33, 0));
    chip.write32(REG.match0, MATCH.enable);
    pass(CROSSING);
    assert.notEqual(chip.read32(REG.match0) & MATCH.active, 0);
    assert.equal(pending(), false);
    pass(SECOND);
    assert.equal(chip.read32(REG.intr), 1);
    assert.equal(pending(), true);
    pass(SECOND);
    assert.equal(chip.read32(REG.intr), 0);
  });

  it('forgets the time with a reset', () => {
    const bare = clockAt(dateBits(2026, 5, 5), timeBits(2, 1, 2, 3));
    bare.chip.write32(set(RESETS), 1 << 15);
    bare.chip.write32(clear(RESETS), 1 << 15);
    assert.deepEqual(now(bare), [0, 0]);
    assert.equal(bare.chip.read32(REG.ctrl), 0);
    bare.pass(3 * SECOND);
    assert.deepEqual(now(bare), [0, 0]);
  });
});
