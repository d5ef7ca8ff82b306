import assert from 'node:assert/strict';
import { at24c32Model, type At24c32Model } from '../../../peripherals/at24c32/model.js';

const MILLISECOND = 1e6;

function bench(): { clock: { nanos: number }; chip: At24c32Model } {
  const clock = { nanos: 0 };
  return { clock, chip: at24c32Model({ clock }) };
}

function write(chip: At24c32Model, ...bytes: number[]): boolean {
  const acknowledged = chip.start('write') && bytes.every((byte) => chip.write(byte));
  chip.stop();
  return acknowledged;
}

function read(chip: At24c32Model, address: number, count: number): number[] {
  assert(chip.start('write'));
  chip.write(address >> 8);
  chip.write(address & 0xff);
  assert(chip.start('read'));
  const bytes = Array.from({ length: count }, () => chip.read());
  chip.stop();
  return bytes;
}

describe('AT24C32 model', () => {
  it('is erased when new', () => {
    const { chip } = bench();
    assert.equal(chip.memory.length, 4096);
    assert(chip.memory.every((byte) => byte === 0xff));
  });

  it('keeps a byte after its write cycle, and acknowledges nothing during the cycle', () => {
    const { clock, chip } = bench();
    assert(write(chip, 0x01, 0x23, 0xab));
    assert(chip.busy);
    assert.equal(chip.start('write'), false);
    assert.equal(chip.start('read'), false);
    clock.nanos = 10 * MILLISECOND - 1;
    assert.equal(chip.start('write'), false);
    assert.equal(chip.memory[0x123], 0xff);
    clock.nanos = 10 * MILLISECOND;
    assert.deepEqual(read(chip, 0x123, 1), [0xab]);
    assert.equal(chip.busy, false);
  });

  it('wraps a page write inside its 32 bytes, the later byte winning', () => {
    const { clock, chip } = bench();
    write(chip, 0x00, 0x3e, 1, 2, 3);
    clock.nanos += 10 * MILLISECOND;
    assert.deepEqual(read(chip, 0x3e, 3), [1, 2, 0xff]);
    assert.deepEqual(read(chip, 0x20, 2), [3, 0xff]);
    write(chip, 0x00, 0x40, ...Array.from({ length: 33 }, (_, index) => index));
    clock.nanos += 10 * MILLISECOND;
    assert.deepEqual(read(chip, 0x40, 3), [32, 1, 2]);
    assert.equal(chip.writeCycles, 2);
  });

  it('reads on from where the last access ended, round the end of the memory', () => {
    const { chip } = bench();
    chip.program(0, [7]);
    chip.program(0xffe, [5, 6]);
    assert.deepEqual(read(chip, 0xffe, 1), [5]);
    assert(chip.start('read'));
    assert.equal(chip.read(), 6);
    assert.equal(chip.read(), 7);
    chip.stop();
  });

  it('does not look at the upper four bits of an address', () => {
    const { chip } = bench();
    chip.program(0x234, [9]);
    assert.deepEqual(read(chip, 0xf234, 1), [9]);
  });

  it('starts no cycle for an address alone, nor for a write that a START cuts off', () => {
    const { clock, chip } = bench();
    assert(write(chip, 0, 0));
    assert.equal(chip.busy, false);
    chip.start('write');
    for (const byte of [0, 0, 0x55]) chip.write(byte);
    assert(chip.start('read'));
    chip.stop();
    assert.equal(chip.busy, false);
    clock.nanos += 10 * MILLISECOND;
    assert.equal(chip.memory[0], 0xff);
  });

  it('acknowledges a write to its protected quarter and does not do it', () => {
    const { clock, chip } = bench();
    chip.writeProtect = true;
    assert(write(chip, 0x0c, 0x00, 1));
    assert.equal(chip.busy, false);
    assert(write(chip, 0x0b, 0xff, 2));
    clock.nanos += 10 * MILLISECOND;
    assert.deepEqual(read(chip, 0xbff, 2), [2, 0xff]);
  });

  it('keeps its cells without power, and leaves the bytes of a cut cycle erased', () => {
    const { clock, chip } = bench();
    chip.program(0x100, [1, 2, 3]);
    write(chip, 0x01, 0x01, 0x77);
    clock.nanos += 5 * MILLISECOND;
    chip.power(false);
    assert.equal(chip.start('write'), false);
    chip.power(true);
    assert.deepEqual(read(chip, 0x100, 3), [1, 0xff, 3]);
  });

  it('forgets an unfinished write when power goes', () => {
    const { chip } = bench();
    chip.start('write');
    for (const byte of [0, 0, 0x55]) chip.write(byte);
    chip.power(false);
    chip.power(true);
    chip.stop();
    assert.equal(chip.busy, false);
  });
});
