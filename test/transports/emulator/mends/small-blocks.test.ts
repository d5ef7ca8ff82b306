import assert from 'node:assert/strict';
import { bareChip, readyChip } from '../bare-chip.js';

const ROSC = { ctrl: 0x40060000, status: 0x40060018, random: 0x4006001c } as const;

describe('The ring oscillator', () => {
  it('draws its random bits from what it was given, one after the other', () => {
    let draws = 0;
    const { chip } = bareChip(undefined, () => {
      draws += 1;
      return 0xa5000000;
    });
    draws = 0;
    const bits = Array.from({ length: 33 }, () => chip.read32(ROSC.random));
    assert.deepEqual(bits.slice(0, 8), [1, 0, 1, 0, 0, 1, 0, 1]);
    assert.equal(draws, 2);
  });

  it('runs and is stable', () => {
    const { chip } = bareChip();
    assert.equal(chip.read32(ROSC.status), 0x80011000);
    assert.equal(chip.read32(ROSC.ctrl), 0xaa0);
  });
});

describe('The rest of the chip', () => {
  it('says that it is a stepping B2, where EP_ABORT works', () => {
    assert.equal(readyChip().chip.read32(0x40000000), 0x20002927);
  });

  it('has a flash cache that is never busy', () => {
    const { chip } = readyChip();
    chip.write32(0x14000004, 1);
    assert.equal(chip.read32(0x14000004), 0);
    assert.equal(chip.read32(0x14000008), 3);
  });

  it('has a regulator that is settled', () => {
    assert.equal(readyChip().chip.read32(0x40064000), 0x10b1);
  });

  it('has an inter-core FIFO that is empty and takes everything', () => {
    const { chip } = readyChip();
    assert.equal(chip.read32(0xd0000050), 2);
    chip.write32(0xd0000054, 1);
    assert.equal(chip.read32(0xd0000058), 0);
  });

  it('reports a register that does not exist, once, with how often', () => {
    const { chip } = readyChip();
    assert.equal(chip.read32(0x40060030), 0);
    chip.read32(0x40060030);
    chip.write32(0xd00001f0, 1);
    assert.deepEqual(
      chip.warnings.map(({ source, message, count }) => ({ source, message, count })),
      [
        { source: 'ROSC', message: 'read of offset 0x30, where no register is', count: 2 },
        { source: 'SIO', message: 'write to offset 0x1f0, where no register is', count: 1 },
      ],
    );
  });
});
