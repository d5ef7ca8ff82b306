import assert from 'node:assert/strict';
import { bareChip, readyChip } from '../bare-chip.js';

const CLOCKS = 0x40008000;
const REG = {
  refCtrl: CLOCKS + 0x30,
  refDiv: CLOCKS + 0x34,
  refSelected: CLOCKS + 0x38,
  sysSelected: CLOCKS + 0x44,
  adcDiv: CLOCKS + 0x64,
  rtcCtrl: CLOCKS + 0x6c,
  rtcDiv: CLOCKS + 0x70,
  source: CLOCKS + 0x94,
  status: CLOCKS + 0x98,
  result: CLOCKS + 0x9c,
} as const;
const DONE = 1 << 4;
const ENABLE = 1 << 11;
const FROM_XOSC = 3 << 5;

describe('The clock generators', () => {
  it('divide by 1 out of reset, and keep the bits of their dividers', () => {
    const { chip } = bareChip();
    for (const [at, all] of [
      [REG.refDiv, 0x300],
      [REG.adcDiv, 0x300],
      [REG.rtcDiv, 0xffffffff],
    ] as const) {
      assert.equal(chip.read32(at), 0x100);
      chip.write32(at, 0xffffffff);
      assert.equal(chip.read32(at), all);
    }
  });

  it('show which input of a glitchless multiplexer is selected', () => {
    const { chip } = readyChip();
    assert.equal(chip.read32(REG.refSelected), 1 << 2, 'the crystal');
    assert.equal(chip.read32(REG.sysSelected), 1 << 1, 'the PLL');
    chip.write32(REG.refCtrl, 0);
    assert.equal(chip.read32(REG.refSelected), 1);
  });

  it('measure a frequency, in 1/32 kHz', () => {
    const { chip } = readyChip();
    const measure = (source: number): number => {
      chip.write32(REG.source, source);
      assert.equal(chip.read32(REG.status) & DONE, DONE);
      return chip.read32(REG.result) / 32;
    };
    assert.equal(measure(5), 12_000, 'the crystal');
    assert.equal(measure(9), 125_000, 'clk_sys');
    chip.write32(REG.rtcDiv, 256 << 8);
    chip.write32(REG.rtcCtrl, ENABLE | FROM_XOSC);
    assert.equal(measure(13), 46.875, 'clk_rtc');
  });
});
