import assert from 'node:assert/strict';
import { clear, readyChip, RESETS, set, type BareChip } from '../bare-chip.js';

const ADC = 0x4004c000;
const REG = {
  cs: ADC,
  result: ADC + 0x04,
  fcs: ADC + 0x08,
  fifo: ADC + 0x0c,
  div: ADC + 0x10,
  intr: ADC + 0x14,
  inte: ADC + 0x18,
} as const;
const CS = { en: 1, once: 4, many: 8, ready: 0x100 } as const;
const FULL = 1 << 9;
const EMPTY = 1 << 8;
const UNDER = 1 << 10;
const OVER = 1 << 11;
const CONVERSION = 2000;
const INPUTS = [0x100, 0x211, 0x322, 0x433, 0x544];

function withInputs(): BareChip {
  const bare = readyChip();
  bare.chip.silicon.adc.channelValues.splice(0, INPUTS.length, ...INPUTS);
  return bare;
}

const drain = ({ chip }: BareChip): number[] =>
  Array.from({ length: (chip.read32(REG.fcs) >> 16) & 0xf }, () => chip.read32(REG.fifo));

describe('The ADC', () => {
  it('is ready only when it is on, and takes 2 µs for a conversion', () => {
    const { chip, pass } = withInputs();
    assert.equal(chip.read32(REG.cs), 0);
    chip.write32(REG.cs, CS.en | (3 << 12));
    assert.equal(chip.read32(REG.cs) & CS.ready, CS.ready);
    chip.write32(set(REG.cs), CS.once);
    assert.equal(chip.read32(REG.cs) & (CS.ready | CS.once), 0);
    pass(CONVERSION - 10);
    assert.equal(chip.read32(REG.result), 0);
    pass(20);
    assert.equal(chip.read32(REG.result), INPUTS[3]);
    assert.equal(chip.read32(REG.cs) & CS.ready, CS.ready);
  });

  it('goes round the chosen inputs, beginning with the selected one', () => {
    const bare = withInputs();
    bare.chip.write32(REG.fcs, 1);
    bare.chip.write32(REG.cs, CS.en | CS.many | (2 << 12) | (0b10101 << 16));
    bare.pass(4 * CONVERSION + 10);
    assert.deepEqual(drain(bare), [INPUTS[2], INPUTS[4], INPUTS[0], INPUTS[2]]);
  });

  it('samples at the pace that DIV sets', () => {
    const bare = withInputs();
    bare.chip.write32(REG.fcs, 1);
    bare.chip.write32(REG.div, 479 << 8);
    bare.chip.write32(REG.cs, CS.en | CS.many);
    bare.pass(CONVERSION + 2 * 10_000 + 10);
    assert.equal(drain(bare).length, 3);
    bare.chip.write32(clear(REG.cs), CS.many);
    bare.pass(100_000);
    assert.equal(drain(bare).length, 0);
  });

  it('says when the FIFO overflowed or was read empty, until a 1 clears that', () => {
    const bare = withInputs();
    const { chip } = bare;
    chip.write32(REG.fcs, 1);
    chip.write32(REG.cs, CS.en | CS.many);
    bare.pass(5 * CONVERSION + 10);
    assert.equal(chip.read32(REG.fcs) & (FULL | OVER), FULL | OVER);
    chip.write32(REG.cs, CS.en);
    bare.pass(CONVERSION);
    assert.deepEqual(drain(bare), Array(4).fill(INPUTS[0]));
    chip.read32(REG.fifo);
    assert.equal(chip.read32(REG.fcs) & (OVER | UNDER | EMPTY), OVER | UNDER | EMPTY);
    chip.write32(REG.fcs, 1 | OVER);
    assert.equal(chip.read32(REG.fcs) & (OVER | UNDER), UNDER);
  });

  it('shifts samples to bytes where FCS asks for it, and interrupts at the threshold', () => {
    const bare = withInputs();
    const { chip } = bare;
    chip.write32(REG.fcs, 1 | 2 | (2 << 24));
    chip.write32(REG.inte, 1);
    chip.write32(REG.cs, CS.en | CS.once | (4 << 12));
    bare.pass(CONVERSION + 10);
    assert.equal(chip.read32(REG.intr), 0);
    chip.write32(set(REG.cs), CS.once);
    bare.pass(CONVERSION + 10);
    assert.equal(chip.read32(REG.intr), 1);
    assert.notEqual(chip.silicon.core.pendingInterrupts & (1 << 22), 0);
    assert.deepEqual(drain(bare), [0x54, 0x54]);
    assert.equal(chip.read32(REG.intr), 0);
  });

  it('forgets everything with a reset, a conversion that is going on as well', () => {
    const bare = withInputs();
    const { chip } = bare;
    chip.write32(REG.fcs, 1);
    chip.write32(REG.div, 0x1234);
    chip.write32(REG.cs, CS.en | CS.many);
    bare.pass(3 * CONVERSION);
    chip.write32(set(RESETS), 1);
    chip.write32(clear(RESETS), 1);
    bare.pass(10 * CONVERSION);
    assert.deepEqual(
      [REG.cs, REG.result, REG.fcs, REG.div].map((at) => chip.read32(at)),
      [0, 0, EMPTY, 0],
    );
  });
});
