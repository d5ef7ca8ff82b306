import assert from 'node:assert/strict';
import { readyChip, set, type BareChip } from '../bare-chip.js';
import { Program } from '../program.js';

const WATCHDOG = {
  ctrl: 0x40058000,
  load: 0x40058004,
  reason: 0x40058008,
  scratch: 0x4005800c,
  tick: 0x4005802c,
} as const;
const PSM_WDSEL = 0x40010008;
const RESETS_WDSEL = 0x4000c004;
const RESETS = 0x4000c000;
const CHIP_RESET = 0x40064008;
const AIRCR = 0xe000ed0c;
const RAM = 0x20000100;
const PWM_TOP = 0x40050010;
const ENABLE = 1 << 30;
const TRIGGER = 0x80000000;
/** All stages but the oscillators, as the SDK selects them; the processors only. */
const [WHOLE_CHIP, PROCESSORS] = [0x1fffc, 0x18000];
const MICROS = 1000;

function causes({ chip }: BareChip): string[] {
  const seen: string[] = [];
  chip.onReset((cause) => seen.push(cause));
  return seen;
}

describe('The watchdog', () => {
  it('counts down by two at every tick (erratum RP2040-E1)', () => {
    const { chip, pass } = readyChip();
    chip.write32(WATCHDOG.load, 1000);
    chip.write32(WATCHDOG.ctrl, ENABLE);
    pass(100 * MICROS);
    assert.equal(chip.read32(WATCHDOG.ctrl) & 0xffffff, 800);
  });

  it('resets the chip when it is not fed, and returns', () => {
    const bare = readyChip();
    const { chip, pass } = bare;
    const seen = causes(bare);
    chip.write32(PSM_WDSEL, WHOLE_CHIP);
    chip.write32(WATCHDOG.load, 1000);
    chip.write32(set(WATCHDOG.ctrl), ENABLE);
    pass(499 * MICROS);
    assert.deepEqual(seen, []);
    pass(2 * MICROS);
    assert.deepEqual(seen, ['watchdog']);
    assert.equal(chip.read32(WATCHDOG.reason), 1);
    assert.equal(chip.read32(WATCHDOG.ctrl) & ENABLE, 0);
  });

  it('does not reset a chip that feeds it', () => {
    const bare = readyChip();
    const { chip, pass } = bare;
    const seen = causes(bare);
    chip.write32(PSM_WDSEL, WHOLE_CHIP);
    chip.write32(WATCHDOG.ctrl, 0);
    chip.write32(WATCHDOG.load, 1000);
    chip.write32(set(WATCHDOG.ctrl), ENABLE);
    for (let round = 0; round < 20; round++) {
      pass(400 * MICROS);
      chip.write32(WATCHDOG.load, 1000);
    }
    assert.deepEqual(seen, []);
  });

  it('resets the chip at once when it is triggered', () => {
    const bare = readyChip();
    const { chip, step } = bare;
    const seen = causes(bare);
    chip.write32(PSM_WDSEL, WHOLE_CHIP);
    chip.write32(set(WATCHDOG.ctrl), TRIGGER);
    step(10);
    assert.deepEqual(seen, ['watchdog']);
    assert.equal(chip.read32(WATCHDOG.reason), 2);
  });

  it('is triggered by firmware, which starts again', () => {
    const bare = readyChip(
      new Program()
        .increment(WATCHDOG.scratch)
        .store(PSM_WDSEL, WHOLE_CHIP)
        .store(set(WATCHDOG.ctrl), TRIGGER)
        .forever(),
    );
    bare.step(100);
    assert.ok(bare.chip.read32(WATCHDOG.scratch) >= 10);
  });

  it('leaves scratch registers, its tick, RAM, flash and the cause of the last power-on alone, but no peripheral', () => {
    const bare = readyChip();
    const { chip, step } = bare;
    const flash = chip.read32(0x10000100);
    chip.write32(WATCHDOG.scratch + 4 * 7, 0x5c7a7c4);
    chip.write32(RAM, 0xcafe);
    chip.write32(PWM_TOP, 99);
    chip.write32(PSM_WDSEL, WHOLE_CHIP);
    chip.write32(set(WATCHDOG.ctrl), TRIGGER);
    step(10);
    assert.equal(chip.read32(WATCHDOG.scratch + 4 * 7), 0x5c7a7c4);
    assert.equal(chip.read32(WATCHDOG.tick) & 0x1ff, 12);
    assert.equal(chip.read32(RAM), 0xcafe);
    assert.equal(chip.read32(0x10000100), flash);
    assert.equal(chip.read32(CHIP_RESET), 1 << 8);
    chip.write32(RESETS, 0);
    assert.equal(chip.read32(PWM_TOP), 0xffff);
    assert.equal(chip.read32(PSM_WDSEL), 0);
  });

  it('restarts only the processor when no earlier stage is selected, and the blocks that RESETS.WDSEL names', () => {
    const bare = readyChip();
    const { chip, step } = bare;
    const seen = causes(bare);
    chip.write32(PWM_TOP, 99);
    chip.write32(0x4001c018, 0xda);
    chip.write32(PSM_WDSEL, PROCESSORS);
    chip.write32(RESETS_WDSEL, 1 << 8);
    chip.write32(set(WATCHDOG.ctrl), TRIGGER);
    step(10);
    assert.deepEqual(seen, ['core']);
    assert.equal(chip.read32(PWM_TOP), 99);
    assert.equal(chip.read32(0x4001c018), 0x56);
  });

  it('resets nothing while nothing is selected', () => {
    const bare = readyChip();
    const seen = causes(bare);
    bare.chip.write32(set(WATCHDOG.ctrl), TRIGGER);
    bare.step(10);
    assert.deepEqual(seen, []);
    assert.equal(bare.chip.read32(WATCHDOG.reason), 2);
  });
});

describe('The cause of a reset', () => {
  it('is power-on after power-on, with RAM that holds anything', () => {
    const { chip } = readyChip();
    assert.equal(chip.read32(CHIP_RESET), 1 << 8);
    assert.equal(chip.read32(WATCHDOG.reason), 0);
    assert.notEqual(chip.read32(RAM), 0);
  });

  it('is the RUN pin after that was pulled; scratch registers are lost, RAM is not', () => {
    const bare = readyChip();
    const { chip, step } = bare;
    const seen = causes(bare);
    chip.write32(WATCHDOG.scratch, 1);
    chip.write32(RAM, 0xcafe);
    chip.pressReset();
    step(10);
    assert.deepEqual(seen, ['run-pin']);
    assert.equal(chip.read32(CHIP_RESET), 1 << 16);
    assert.equal(chip.read32(WATCHDOG.scratch), 0);
    assert.equal(chip.read32(RAM), 0xcafe);
  });

  it('leaves the peripherals alone when the processor has asked for it', () => {
    const bare = readyChip();
    const { chip, step } = bare;
    const seen = causes(bare);
    chip.write32(PWM_TOP, 99);
    chip.write32(AIRCR, 0x05fa0004);
    step(10);
    assert.deepEqual(seen, ['core']);
    assert.equal(chip.read32(PWM_TOP), 99);
  });

  it('goes on counting cycles and time over a reset', () => {
    const { chip, pass } = readyChip(new Program().forever());
    pass(10 * MICROS);
    const { cycles, nanos } = chip;
    chip.pressReset();
    pass(10 * MICROS);
    assert.ok(chip.cycles > cycles);
    assert.ok(chip.nanos > nanos);
  });
});
