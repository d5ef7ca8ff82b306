import assert from 'node:assert/strict';
import { mcp23017Model, type Mcp23017Model } from '../../../peripherals/mcp23017/model.js';

function write(chip: Mcp23017Model, ...bytes: number[]): void {
  assert.ok(chip.start('write'));
  for (const byte of bytes) assert.ok(chip.write(byte));
  chip.stop();
}

function read(chip: Mcp23017Model, register: number, count = 1): number[] {
  assert.ok(chip.start('write'));
  assert.ok(chip.write(register));
  assert.ok(chip.start('read'));
  const bytes = Array.from({ length: count }, () => chip.read());
  chip.stop();
  return bytes;
}

describe('the emulated MCP23017', () => {
  it('starts with all pins as inputs and everything else 0', () => {
    const chip = mcp23017Model();
    assert.deepEqual(read(chip, 0x00, 22), [0xff, 0xff, ...Array<number>(20).fill(0)]);
    assert.equal(chip.interruptPin('a'), true);
  });

  it('drives its outputs from the latch, which GPIO writes and OLAT reads', () => {
    const chip = mcp23017Model();
    write(chip, 0x12, 0x0f, 0xf0);
    assert.equal(chip.pin(0), false);
    write(chip, 0x00, 0xfe, 0x7f);
    assert.deepEqual([chip.pin(0), chip.pin(1), chip.pin(15), chip.pin(14)], [true, false, true, false]);
    assert.deepEqual([chip.drives(0), chip.drives(1)], [true, false]);
    assert.deepEqual(read(chip, 0x12, 4), [0x01, 0x80, 0x0f, 0xf0]);
    write(chip, 0x14, 0x00);
    assert.equal(chip.pin(0), false);
  });

  it('reads inputs from outside, from the pull-ups, and inverted by IPOL', () => {
    const chip = mcp23017Model();
    chip.setPin(0, true);
    chip.setPin(1, false);
    write(chip, 0x0c, 0x06);
    assert.deepEqual(read(chip, 0x12), [0x05]);
    write(chip, 0x02, 0x0f);
    assert.deepEqual(read(chip, 0x12), [0x0a]);
    chip.setPin(0, undefined);
    assert.equal(chip.pin(0), false);
  });

  it('counts its address pointer, from the last register to the first', () => {
    const chip = mcp23017Model();
    write(chip, 0x14, 0x11, 0x22, 0x33);
    assert.deepEqual(read(chip, 0x14, 3), [0x11, 0x22, 0x33]);
  });

  it('toggles within a pair in byte mode, and stays with BANK', () => {
    const chip = mcp23017Model();
    write(chip, 0x0a, 0x20);
    write(chip, 0x14, 0x01, 0x02, 0x03);
    assert.deepEqual(read(chip, 0x15, 3), [0x02, 0x03, 0x02]);
    write(chip, 0x0a, 0xa0);
    write(chip, 0x0a, 0x11, 0x12);
    assert.deepEqual(read(chip, 0x0a, 2), [0x12, 0x12]);
    assert.deepEqual(read(chip, 0x1a), [0x02]);
  });

  it('moves all registers with BANK, and leaves the pointer on an address that is none', () => {
    const chip = mcp23017Model();
    write(chip, 0x0a, 0x81, 0x55); // the pointer is 0x0b now, which has no register
    assert.deepEqual(read(chip, 0x05), [0x80]);
    assert.deepEqual(read(chip, 0x15), [0x80]);
    write(chip, 0x10, 0x0f);
    write(chip, 0x0b, 0x77);
    assert.deepEqual(read(chip, 0x10), [0x0f]);
    assert.deepEqual(read(chip, 0x00), [0xff]);
    assert.deepEqual(read(chip, 0x0b), [0]);
    assert.deepEqual(read(chip, 0x1a, 2), [0, 0xff]);
    write(chip, 0x05, 0x00);
    assert.deepEqual(read(chip, 0x00, 2), [0xff, 0x0f]);
  });

  it('reads on from its pointer without a new register address', () => {
    const chip = mcp23017Model();
    write(chip, 0x01);
    assert.ok(chip.start('read'));
    assert.deepEqual([chip.read(), chip.read()], [0xff, 0]);
    chip.stop();
  });

  it('captures the port on a pin change, and clears on reading INTCAP or GPIO', () => {
    const chip = mcp23017Model();
    write(chip, 0x04, 0x01);
    chip.setPin(1, true);
    assert.equal(chip.interruptPin('a'), true);
    chip.setPin(0, true);
    assert.equal(chip.interruptPin('a'), false);
    assert.equal(chip.interruptPin('b'), true);
    chip.setPin(1, false);
    assert.deepEqual(read(chip, 0x0e), [0x01]);
    assert.equal(chip.interruptPin('a'), false);
    assert.deepEqual(read(chip, 0x10), [0x03]);
    assert.equal(chip.interruptPin('a'), true);
    assert.deepEqual(read(chip, 0x0e), [0]);
    assert.deepEqual(read(chip, 0x10), [0x03]);
    chip.setPin(0, false);
    assert.deepEqual(read(chip, 0x12), [0x00]);
    assert.equal(chip.interruptPin('a'), true);
  });

  it('keeps a second change pending until the first is cleared', () => {
    const chip = mcp23017Model();
    write(chip, 0x04, 0x03);
    chip.setPin(0, true);
    chip.setPin(1, true);
    assert.deepEqual(read(chip, 0x0e), [0x01]);
    assert.deepEqual(read(chip, 0x12), [0x03]);
    assert.equal(chip.interruptPin('a'), false);
    assert.deepEqual(read(chip, 0x0e), [0x02]);
    assert.deepEqual(read(chip, 0x10), [0x03]);
    assert.equal(chip.interruptPin('a'), true);
  });

  it('interrupts for as long as a pin differs from DEFVAL', () => {
    const chip = mcp23017Model();
    chip.setPin(15, true);
    write(chip, 0x07, 0x80);
    write(chip, 0x09, 0x80);
    write(chip, 0x05, 0x80);
    assert.equal(chip.interruptPin('b'), true);
    chip.setPin(15, false);
    assert.deepEqual(read(chip, 0x11), [0x00]);
    assert.equal(chip.interruptPin('b'), false);
    chip.setPin(15, true);
    assert.equal(chip.interruptPin('b'), false);
    assert.deepEqual(read(chip, 0x11), [0x00]);
    assert.equal(chip.interruptPin('b'), true);
  });

  it('does not interrupt for outputs, nor for a change before the pin was enabled', () => {
    const chip = mcp23017Model();
    chip.setPin(0, true);
    write(chip, 0x04, 0x03);
    assert.equal(chip.interruptPin('a'), true);
    write(chip, 0x00, 0xfd);
    write(chip, 0x12, 0x02);
    assert.equal(chip.interruptPin('a'), true);
  });

  it('ignores writes to INTF and INTCAP', () => {
    const chip = mcp23017Model();
    write(chip, 0x0e, 0xff, 0xff, 0xff, 0xff);
    assert.deepEqual(read(chip, 0x0e, 4), [0, 0, 0, 0]);
  });

  it('mirrors, turns over and opens its interrupt pins by IOCON', () => {
    const chip = mcp23017Model();
    write(chip, 0x04, 0x01);
    chip.setPin(0, true);
    write(chip, 0x0a, 0x40);
    assert.deepEqual([chip.interruptPin('a'), chip.interruptPin('b')], [false, false]);
    write(chip, 0x0a, 0x02);
    assert.deepEqual([chip.interruptPin('a'), chip.interruptPin('b')], [true, false]);
    write(chip, 0x0a, 0x06);
    assert.deepEqual([chip.interruptPin('a'), chip.interruptPin('b')], [false, undefined]);
  });

  it('forgets everything without power, except what is on its pins', () => {
    const chip = mcp23017Model();
    chip.setPin(3, true);
    write(chip, 0x00, 0x00);
    chip.power(false);
    assert.equal(chip.start('write'), false);
    assert.equal(chip.pin(3), false);
    chip.power(true);
    assert.deepEqual(read(chip, 0x00), [0xff]);
    assert.equal(chip.pin(3), true);
    assert.equal(chip.registers[0x12], 0x08);
  });
});
