import assert from 'node:assert/strict';
import { axes, bench, FIRST, MILLISECOND, read, SECOND, source, write } from './bench.js';

describe('ADXL345 model: interrupts and FIFO', () => {
  it('drives its interrupt pins as enabled, mapped and inverted', () => {
    const { clock, chip } = bench();
    write(chip, 0x2e, 0x80);
    write(chip, 0x2d, 0x08);
    assert.deepEqual([chip.int1, chip.int2], [false, false]);
    clock.nanos = FIRST;
    assert.deepEqual([chip.int1, chip.int2], [true, false]);
    write(chip, 0x2f, 0x80);
    assert.deepEqual([chip.int1, chip.int2], [false, true]);
    write(chip, 0x31, 0x20);
    assert.deepEqual([chip.int1, chip.int2], [true, false]);
    axes(chip);
    assert.deepEqual([chip.int1, chip.int2], [true, true]);
  });

  it('collects up to 32 samples in FIFO mode, and gives the oldest first', () => {
    const { clock, chip } = bench();
    write(chip, 0x38, 0x40 | 3);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST + 10 * MILLISECOND;
    chip.acceleration = { x: 1, y: 0, z: 0 };
    assert.deepEqual(read(chip, 0x39, 1), [2]);
    assert.equal(source(chip), 0x80);
    clock.nanos += 10 * MILLISECOND;
    assert.equal(source(chip), 0x82);
    assert.deepEqual(axes(chip), [0, 0, 256]);
    assert.equal(source(chip), 0x80);
    assert.deepEqual(read(chip, 0x32, 1), [0]);
    assert.deepEqual(read(chip, 0x39, 1), [1]);
    assert.deepEqual(axes(chip), [256, 0, 0]);
    assert.equal(source(chip), 0x00);
    clock.nanos += SECOND;
    assert.deepEqual(read(chip, 0x39, 1), [32]);
    assert.equal(source(chip), 0x83);
  });

  it('pops a sample when a read goes on from 37 to 38', () => {
    const { clock, chip } = bench();
    write(chip, 0x38, 0x40 | 31);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST + 20 * MILLISECOND;
    assert.deepEqual(read(chip, 0x32, 8).slice(6), [0x5f, 2]);
    assert.deepEqual(read(chip, 0x39, 1), [2]);
  });

  it('keeps the latest 32 samples in stream mode, and none in bypass mode', () => {
    const { clock, chip } = bench();
    write(chip, 0x38, 0x80 | 16);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST;
    chip.acceleration = { x: 2, y: 0, z: 0 };
    clock.nanos += 320 * MILLISECOND;
    assert.deepEqual(axes(chip), [511, 0, 0]);
    assert.deepEqual(read(chip, 0x39, 1), [31]);
    write(chip, 0x2d, 0x00);
    assert.deepEqual(read(chip, 0x39, 1), [31]);
    write(chip, 0x38, 0x00);
    assert.deepEqual(read(chip, 0x39, 1), [0]);
  });

  it('keeps the last samples before a trigger, then collects until full', () => {
    const { clock, chip } = bench();
    write(chip, 0x24, 24); // 1.5 g
    write(chip, 0x27, 0x70);
    write(chip, 0x2f, 0x10);
    write(chip, 0x2e, 0x10);
    write(chip, 0x38, 0xe0 | 4);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST + 100 * MILLISECOND;
    assert.deepEqual(read(chip, 0x39, 1), [11]);
    chip.acceleration = { x: 0, y: -2, z: 1 };
    clock.nanos += 10 * MILLISECOND;
    assert.equal(chip.int2, true);
    assert.deepEqual(read(chip, 0x39, 1), [0x84]);
    assert.deepEqual(read(chip, 0x2b, 1), [0x20]);
    clock.nanos += SECOND;
    assert.deepEqual(read(chip, 0x39, 1), [0xa0]);
    for (let index = 0; index < 3; index++) assert.deepEqual(axes(chip), [0, 0, 256]);
    assert.deepEqual(axes(chip), [0, -512, 256]);
    write(chip, 0x38, 0x00);
    assert.deepEqual(read(chip, 0x39, 1), [0]);
  });

  it('clears activity when INT_SOURCE is read, not when it looks at itself', () => {
    const { clock, chip } = bench();
    write(chip, 0x24, 8);
    write(chip, 0x27, 0x10);
    write(chip, 0x2e, 0x10);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST;
    assert.equal((chip.registers[0x30] ?? 0) & 0x10, 0x10);
    assert.equal(chip.int1, true);
    assert.equal(source(chip) & 0x10, 0x10);
    assert.equal(chip.int1, false);
    assert.equal(source(chip) & 0x10, 0);
  });

  it('takes AC-coupled activity from where it began', () => {
    const { clock, chip } = bench();
    write(chip, 0x24, 8); // 0.5 g
    write(chip, 0x27, 0xf0);
    write(chip, 0x2e, 0x10);
    write(chip, 0x2d, 0x08);
    clock.nanos = SECOND;
    assert.equal(source(chip) & 0x10, 0);
    chip.acceleration = { x: 0.6, y: 0, z: 1 };
    clock.nanos += 10 * MILLISECOND;
    assert.equal(source(chip) & 0x10, 0x10);
    assert.deepEqual(read(chip, 0x2b, 1), [0x40]);
  });

  it('finds inactivity and free fall after their times', () => {
    const { clock, chip } = bench();
    write(chip, 0x25, 20, 2, 0x07); // 1.25 g for 2 s
    write(chip, 0x28, 6, 20); // 0.375 g for 100 ms
    write(chip, 0x2e, 0x0c);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST + 2 * SECOND - 1;
    assert.equal(source(chip) & 0x0c, 0);
    clock.nanos += 1;
    assert.equal(source(chip) & 0x0c, 0x08);
    chip.acceleration = { x: 0, y: 0, z: 0.1 };
    clock.nanos += 10 * MILLISECOND;
    clock.nanos += 99 * MILLISECOND;
    assert.equal(source(chip) & 0x0c, 0);
    clock.nanos += MILLISECOND;
    assert.equal(source(chip) & 0x0c, 0x04);
  });

  it('falls asleep and wakes up with link and auto-sleep', () => {
    const { clock, chip } = bench();
    write(chip, 0x24, 24, 20, 1, 0x77);
    write(chip, 0x2e, 0x18);
    write(chip, 0x2d, 0x38);
    clock.nanos = FIRST + SECOND;
    assert.equal(source(chip) & 0x18, 0x08);
    assert.deepEqual(read(chip, 0x2b, 1), [0x08]);
    axes(chip);
    chip.acceleration = { x: 2, y: 0, z: 1 };
    clock.nanos += 124 * MILLISECOND;
    assert.equal(source(chip) & 0x90, 0);
    clock.nanos += MILLISECOND;
    assert.equal(source(chip) & 0x90, 0x90);
    assert.deepEqual(read(chip, 0x2b, 1), [0x40]);
  });
});
