import assert from 'node:assert/strict';
import { clear, readyChip, set, xor } from '../bare-chip.js';

const pad = (pin: number): number => 0x4001c004 + 4 * pin;
const status = (pin: number): number => 0x40014000 + 8 * pin;
const ctrl = (pin: number): number => status(pin) + 4;
const SIO = { in: 0xd0000004, out: 0xd0000010, outSet: 0xd0000014, outClear: 0xd0000018, oeSet: 0xd0000024 } as const;
const INTR0 = 0x400140f0;
const FUNCTION_SIO = 5;
const EDGE_HIGH = 1 << 3;

describe('The pads', () => {
  it('start with the input on, pulled down, Schmitt trigger, 4 mA', () => {
    const { chip } = readyChip();
    for (let pin = 0; pin < 30; pin++) assert.equal(chip.read32(pad(pin)), 0x56);
    assert.equal(chip.read32(0x4001c07c), 0xda, 'SWCLK');
    assert.equal(chip.read32(0x4001c080), 0x5a, 'SWD');
  });

  it('keep the bits that exist and no others, through every alias', () => {
    const { chip } = readyChip();
    chip.write32(pad(3), 0xffffffff);
    assert.equal(chip.read32(pad(3)), 0xff);
    chip.write32(clear(pad(3)), 0x0f);
    assert.equal(chip.read32(pad(3)), 0xf0);
    chip.write32(set(pad(3)), 0x101);
    assert.equal(chip.read32(pad(3)), 0xf1);
    chip.write32(xor(pad(3)), 0xff);
    assert.equal(chip.read32(pad(3)), 0x0e);
  });
});

describe('The function selectors', () => {
  it('start with no function and keep the bits that exist and no others', () => {
    const { chip } = readyChip();
    assert.equal(chip.read32(ctrl(29)), 0x1f);
    chip.write32(ctrl(29), 0xffffffff);
    assert.equal(chip.read32(ctrl(29)), 0x3003331f);
  });

  it('have interrupt registers for the second core and for waking up, of the right width', () => {
    const { chip } = readyChip();
    chip.write32(0x4001413c, 0xffffffff);
    assert.equal(chip.read32(0x4001413c), 0x00ffffff);
    chip.write32(0x40014130, 0xffffffff);
    assert.equal(chip.read32(0x40014130), 0xffffffff);
  });
});

describe('The interrupts of a pin', () => {
  const EDGE_LOW = 1 << 2;
  const IE = 1 << 6;

  it('see nothing of a pad whose input is off', () => {
    const { chip } = readyChip();
    chip.write32(clear(pad(0)), IE);
    chip.write32(INTR0, 0xf);
    chip.setPin(0, true);
    chip.setPin(0, false);
    assert.equal(chip.read32(INTR0) & (EDGE_LOW | EDGE_HIGH), 0);
  });

  it('see an edge when the input of a pad that is high is turned off or on', () => {
    const { chip } = readyChip();
    chip.setPin(0, true);
    chip.write32(INTR0, 0xf);
    chip.write32(clear(pad(0)), IE);
    assert.equal(chip.read32(INTR0) & (EDGE_LOW | EDGE_HIGH), EDGE_LOW);
    chip.write32(INTR0, 0xf);
    chip.write32(set(pad(0)), IE);
    assert.equal(chip.read32(INTR0) & (EDGE_LOW | EDGE_HIGH), EDGE_HIGH);
  });

  it('of line 25 too stay pending for as long as there is a reason', () => {
    const { chip } = readyChip();
    const [RTC_INTF, ICPR] = [0x4005c028, 0xe000e280];
    chip.write32(RTC_INTF, 1);
    chip.write32(ICPR, 1 << 25);
    assert.equal(chip.read32(ICPR) & (1 << 25), 1 << 25);
    chip.write32(RTC_INTF, 0);
    assert.equal(chip.read32(ICPR) & (1 << 25), 0);
  });
});

describe('A pin', () => {
  it('reads what the chip itself drives', () => {
    const { chip } = readyChip();
    chip.write32(ctrl(3), FUNCTION_SIO);
    chip.write32(SIO.oeSet, 1 << 3);
    chip.write32(SIO.outSet, 1 << 3);
    assert.equal(chip.read32(SIO.in), 1 << 3);
    assert.equal(chip.pin(3), true);
    chip.write32(SIO.outClear, 1 << 3);
    assert.equal(chip.read32(SIO.in), 0);
  });

  it('reads its pulls while nobody drives it', () => {
    const { chip } = readyChip();
    assert.equal(chip.read32(SIO.in) & (1 << 4), 0, 'down');
    chip.write32(pad(4), 0x4a);
    assert.equal(chip.read32(SIO.in) & (1 << 4), 1 << 4, 'up');
    chip.write32(pad(4), 0x4e);
    assert.equal(chip.read32(SIO.in) & (1 << 4), 1 << 4, 'both: it keeps its level');
    chip.write32(pad(4), 0x42);
    assert.equal(chip.read32(SIO.in) & (1 << 4), 0, 'none');
  });

  it('reads what drives it from outside, against the pulls', () => {
    const { chip } = readyChip();
    chip.setPin(5, true);
    assert.equal(chip.read32(SIO.in), 1 << 5);
    chip.setPin(5, undefined);
    assert.equal(chip.read32(SIO.in), 0);
  });

  it('reads low while its input is off', () => {
    const { chip } = readyChip();
    chip.setPin(5, true);
    chip.write32(pad(5), 0x16);
    assert.equal(chip.read32(SIO.in), 0);
    chip.write32(pad(5), 0x56);
    assert.equal(chip.read32(SIO.in), 1 << 5);
  });

  it('is not driven while its output is disabled', () => {
    const { chip } = readyChip();
    chip.write32(ctrl(3), FUNCTION_SIO);
    chip.write32(SIO.oeSet, 1 << 3);
    chip.write32(SIO.outSet, 1 << 3);
    chip.write32(pad(3), 0xd6);
    assert.equal(chip.pin(3), false);
  });

  it('lets the overrides of its selector win', () => {
    const { chip } = readyChip();
    chip.write32(ctrl(3), FUNCTION_SIO | (3 << 8) | (3 << 12));
    assert.equal(chip.pin(3), true);
    assert.notEqual(chip.read32(status(3)) & (1 << 9), 0, 'OUTTOPAD');
  });

  it('raises its edge interrupt when its level rises, and only then', () => {
    const { chip } = readyChip();
    const flag = EDGE_HIGH << (4 * 5);
    chip.write32(INTR0, flag);
    chip.write32(pad(5), 0x56);
    assert.equal(chip.read32(INTR0) & flag, 0);
    chip.setPin(5, true);
    assert.equal(chip.read32(INTR0) & flag, flag);
    chip.write32(INTR0, flag);
    assert.equal(chip.read32(INTR0) & flag, 0);
  });

  it('tells its listeners of every change of level', () => {
    const { chip } = readyChip();
    const seen: [number, boolean][] = [];
    chip.onPin((pin, level) => seen.push([pin, level]));
    chip.write32(ctrl(3), FUNCTION_SIO);
    chip.write32(SIO.oeSet, 1 << 3);
    chip.write32(SIO.out, 1 << 3);
    chip.write32(SIO.out, 1 << 3);
    chip.write32(SIO.out, 0);
    assert.deepEqual(seen, [
      [3, true],
      [3, false],
    ]);
  });
});
