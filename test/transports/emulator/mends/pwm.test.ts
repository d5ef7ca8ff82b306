import assert from 'node:assert/strict';
import { clear, readyChip, set, type BareChip } from '../bare-chip.js';

const slice = (index: number) => {
  const base = 0x40050000 + 0x14 * index;
  return { csr: base, div: base + 4, ctr: base + 8, cc: base + 12, top: base + 16 } as const;
};
const EN = 0x400500a0;
const INTR = 0x400500a4;
const INTE = 0x400500a8;
const INTS = 0x400500b0;
const ctrl = (pin: number): number => 0x40014004 + 8 * pin;
const FUNCTION_PWM = 4;
const CYCLE = 8;

/** Edges on a pin, in cycles since now. */
function edges({ chip, pass }: BareChip, pin: number, cycles: number): string[] {
  const { nanos } = chip;
  const seen: string[] = [];
  const stop = chip.onPin((each, level) => {
    if (each === pin) seen.push(`${Math.round((chip.nanos - nanos) / CYCLE)}${level ? '↑' : '↓'}`);
  });
  pass(cycles * CYCLE);
  stop();
  return seen;
}

describe('The PWM', () => {
  it('shows the enable bits of all slices in EN, and the other way round', () => {
    const { chip } = readyChip();
    chip.write32(slice(3).csr, 1);
    assert.equal(chip.read32(EN), 1 << 3);
    chip.write32(EN, 0b101);
    assert.equal(chip.read32(slice(0).csr), 1);
    assert.equal(chip.read32(slice(2).csr), 1);
    assert.equal(chip.read32(slice(3).csr), 0);
  });

  it('changes with SET and CLR on EN the slices that are named, and no others', () => {
    const { chip } = readyChip();
    chip.write32(slice(0).csr, 1);
    chip.write32(set(EN), 1 << 1);
    assert.equal(chip.read32(EN), 0b11);
    chip.write32(clear(EN), 1 << 0);
    assert.equal(chip.read32(EN), 0b10);
  });

  it('keeps the other bits of CSR when EN changes', () => {
    const { chip } = readyChip();
    chip.write32(slice(0).csr, 0b101110);
    chip.write32(EN, 1);
    assert.equal(chip.read32(slice(0).csr), 0b101111);
  });

  it('keeps of CSR and DIV the bits that exist', () => {
    const { chip } = readyChip();
    chip.write32(slice(0).csr, 0xffffffff);
    assert.equal(chip.read32(slice(0).csr), 0x3f);
    chip.write32(slice(1).div, 0xffffffff);
    assert.equal(chip.read32(slice(1).div), 0xfff);
  });

  it('does not start a stopped counter when DIV is written', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(2).div, 0x10);
    pass(1000);
    assert.equal(chip.read32(slice(2).ctr), 0);
  });

  it('counts up to TOP and starts again, one count a cycle at DIV 1', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(0).top, 9);
    chip.write32(slice(0).csr, 1);
    pass(7 * CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 7);
    pass(5 * CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 2);
  });

  it('divides by 256 at INT 0, and by sixteenths with FRAC', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(0).div, 0);
    chip.write32(slice(1).div, 0x28);
    chip.write32(EN, 0b11);
    pass(2560 * CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 10);
    assert.equal(chip.read32(slice(1).ctr), 1024);
  });

  it('counts up and down again in phase-correct mode, in twice the time', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(0).top, 3);
    chip.write32(slice(0).csr, 0b11);
    const counts = Array.from({ length: 9 }, () => {
      const count = chip.read32(slice(0).ctr);
      pass(CYCLE);
      return count;
    });
    assert.deepEqual(counts, [0, 1, 2, 3, 3, 2, 1, 0, 0]);
  });

  it('takes over CC and TOP at once while the slice stands still', () => {
    const bare = readyChip();
    const { chip } = bare;
    chip.write32(ctrl(0), FUNCTION_PWM);
    chip.write32(slice(0).cc, 5);
    assert.equal(chip.pin(0), true, 'the counter is below CC');
    chip.write32(slice(0).cc, 0);
    assert.equal(chip.pin(0), false);
    chip.write32(slice(0).top, 9);
    chip.write32(slice(0).cc, 5);
    chip.write32(slice(0).csr, 1);
    assert.deepEqual(edges(bare, 0, 20), ['5↓', '10↑', '15↓', '20↑']);
  });

  it('takes over CC and TOP at the wrap while the slice runs', () => {
    const bare = readyChip();
    const { chip, pass } = bare;
    chip.write32(ctrl(0), FUNCTION_PWM);
    chip.write32(slice(0).top, 9);
    chip.write32(slice(0).cc, 5);
    chip.write32(slice(0).csr, 1);
    pass(CYCLE);
    chip.write32(slice(0).cc, 2);
    chip.write32(slice(0).top, 4);
    assert.equal(chip.read32(slice(0).cc), 2, 'the register shows what was written');
    assert.deepEqual(edges(bare, 0, 16), ['4↓', '9↑', '11↓', '14↑', '16↓']);
  });

  it('takes over at once what was still waiting when the slice is stopped', () => {
    const { chip, pass } = readyChip();
    chip.write32(ctrl(0), FUNCTION_PWM);
    chip.write32(slice(0).csr, 1);
    pass(3 * CYCLE);
    chip.write32(slice(0).cc, 100);
    assert.equal(chip.pin(0), false);
    chip.write32(slice(0).csr, 0);
    assert.equal(chip.pin(0), true);
  });

  it('gives 0 % at CC 0 and 100 % at CC TOP + 1, without a spike', () => {
    const bare = readyChip();
    const { chip } = bare;
    chip.write32(ctrl(0), FUNCTION_PWM);
    chip.write32(ctrl(1), FUNCTION_PWM);
    chip.write32(slice(0).top, 9);
    chip.write32(slice(0).cc, 10 << 16);
    chip.write32(slice(0).csr, 1);
    assert.deepEqual(edges(bare, 0, 100), []);
    assert.deepEqual(edges(bare, 1, 100), []);
    assert.equal(chip.pin(1), true);
  });

  it('inverts its outputs, and drives both pins of a slice', () => {
    const { chip } = readyChip();
    for (const pin of [0, 1, 16, 17]) chip.write32(ctrl(pin), FUNCTION_PWM);
    chip.write32(slice(0).csr, 0b1000);
    assert.deepEqual(
      [0, 1, 16, 17].map((pin) => chip.pin(pin)),
      [false, true, false, true],
    );
  });

  it('moves its phase by one count, and clears the bit that asked for it', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(0).csr, 1);
    pass(10 * CYCLE);
    chip.write32(slice(0).csr, 1 | (1 << 7));
    assert.equal(chip.read32(slice(0).ctr), 11);
    assert.equal(chip.read32(slice(0).csr), 1);
    chip.write32(set(slice(0).csr), 1 << 6);
    assert.equal(chip.read32(slice(0).ctr), 10);
  });

  it('raises its flag at every wrap, and the interrupt when that is enabled', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(4).top, 9);
    chip.write32(slice(4).csr, 1);
    pass(9 * CYCLE);
    assert.equal(chip.read32(INTR), 0);
    pass(CYCLE);
    assert.equal(chip.read32(INTR), 1 << 4);
    assert.equal(chip.read32(INTS), 0);
    chip.write32(INTE, 1 << 4);
    assert.equal(chip.read32(INTS), 1 << 4);
    assert.notEqual(chip.silicon.core.pendingInterrupts & (1 << 4), 0);
    chip.write32(INTR, 1 << 4);
    assert.equal(chip.read32(INTS), 0);
    assert.equal(chip.silicon.core.pendingInterrupts & (1 << 4), 0);
  });

  it('counts only while B is high when B gates it, and edges of B in the edge modes', () => {
    const { chip, pass } = readyChip();
    chip.write32(ctrl(1), FUNCTION_PWM);
    chip.write32(slice(0).csr, 1 | (1 << 4));
    pass(10 * CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 0);
    chip.setPin(1, true);
    pass(10 * CYCLE);
    chip.setPin(1, false);
    pass(10 * CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 10);
    chip.write32(slice(0).csr, 1 | (2 << 4));
    for (const level of [true, false, true, false]) chip.setPin(1, level);
    assert.equal(chip.read32(slice(0).ctr), 12);
  });

  it('keeps its count when it is stopped, and goes on from there', () => {
    const { chip, pass } = readyChip();
    chip.write32(slice(0).csr, 1);
    pass(10 * CYCLE);
    chip.write32(slice(0).csr, 0);
    pass(10 * CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 10);
    chip.write32(slice(0).ctr, 20);
    chip.write32(slice(0).csr, 1);
    pass(CYCLE);
    assert.equal(chip.read32(slice(0).ctr), 21);
  });

  it('schedules nothing while nobody can see an edge', () => {
    const { chip } = readyChip();
    chip.write32(slice(0).top, 1);
    chip.write32(EN, 0xff);
    assert.equal(chip.clock.nextDue, Infinity);
  });
});
