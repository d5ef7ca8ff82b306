import assert from 'node:assert/strict';
import { axes, bench, FIRST, MILLISECOND, read, SECOND, source, write } from './bench.js';

/** The value of z after one sample at the given DATA_FORMAT and BW_RATE. */
function measured(z: number, dataFormat: number, rate = 0x0a): number {
  const { clock, chip } = bench();
  chip.acceleration = { x: 0, y: 0, z };
  write(chip, 0x31, dataFormat);
  write(chip, 0x2c, rate);
  write(chip, 0x2d, 0x08);
  clock.nanos = SECOND;
  return axes(chip)[2] ?? NaN;
}

describe('ADXL345 model', () => {
  it('comes up with the reset values of table 19', () => {
    const { chip } = bench();
    const expected = new Uint8Array(0x3a);
    expected[0x00] = 0xe5;
    expected[0x2c] = 0x0a;
    expected[0x30] = 0x02;
    assert.deepEqual(chip.registers, expected);
    assert.deepEqual(read(chip, 0x00, 1), [0xe5]);
  });

  it('takes writes only where and as the map allows', () => {
    const { chip } = bench();
    for (let register = 0; register < 0x3a; register++) if (register !== 0x31) write(chip, register, 0xf7);
    write(chip, 0x31, 0xbf);
    const registers = chip.registers;
    assert.deepEqual([registers[0x00], registers[0x01], registers[0x1c]], [0xe5, 0, 0]);
    for (let register = 0x1d; register <= 0x29; register++) assert.equal(registers[register], 0xf7);
    assert.deepEqual([...registers.subarray(0x2a, 0x30)], [0x07, 0x00, 0x17, 0x37, 0xf7, 0xf7]);
    assert.deepEqual([registers[0x31], registers[0x38], registers[0x39]], [0xaf, 0xf7, 0x00]);
  });

  it('moves to the next register only with the multiple-byte bit', () => {
    const { chip } = bench();
    write(chip, 0x1e, 1, 2, 3);
    assert.deepEqual(read(chip, 0x1e, 3), [1, 2, 3]);
    chip.select(true);
    chip.transfer(0x80 | 0x1e);
    assert.deepEqual([chip.transfer(0), chip.transfer(0)], [1, 1]);
    chip.select(false);
    assert.equal(chip.transfer(0x80), 0xff);
  });

  it('measures nothing in standby, and at its data rate once it measures', () => {
    const { clock, chip } = bench();
    clock.nanos = SECOND;
    assert.equal(source(chip), 0x02);
    write(chip, 0x2d, 0x08);
    clock.nanos += FIRST - 1;
    assert.equal(source(chip), 0x02);
    clock.nanos += 1;
    assert.equal(source(chip), 0x82);
    assert.equal(source(chip), 0x82);
    assert.deepEqual(axes(chip), [0, 0, 256]);
    assert.equal(source(chip), 0x02);
    assert.deepEqual(axes(chip), [0, 0, 256]);
    clock.nanos += 10 * MILLISECOND;
    assert.equal(source(chip), 0x82);
    write(chip, 0x2d, 0x00);
    axes(chip);
    clock.nanos += SECOND;
    assert.equal(source(chip), 0x02);
  });

  it('says overrun when a sample replaces one that was not read', () => {
    const { clock, chip } = bench();
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST + 10 * MILLISECOND;
    assert.equal(source(chip), 0x83);
    axes(chip);
    assert.equal(source(chip), 0x02);
  });

  it('keeps a sample whole while it is read', () => {
    const { clock, chip } = bench();
    chip.acceleration = { x: 1, y: 1, z: 1 };
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST;
    chip.select(true);
    chip.transfer(0xf2);
    assert.deepEqual([chip.transfer(0), chip.transfer(0)], [0, 1]);
    chip.acceleration = { x: -1, y: -1, z: -1 };
    clock.nanos += 10 * MILLISECOND;
    assert.deepEqual([chip.transfer(0), chip.transfer(0)], [0, 1]);
    chip.select(false);
    assert.equal(source(chip) & 0x80, 0x80);
    assert.deepEqual(axes(chip), [-256, -256, -256]);
  });

  it('scales, clips and justifies as DATA_FORMAT says', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((range) => measured(1, range)),
      [256, 128, 64, 32],
    );
    assert.deepEqual(
      [8, 9, 10, 11].map((range) => measured(1.5, range)),
      [384, 384, 384, 384],
    );
    assert.deepEqual(
      [0, 3].map((range) => measured(20, range)),
      [511, 511],
    );
    assert.deepEqual(
      [8, 9, 10, 11].map((range) => measured(-20, range)),
      [-512, -1024, -2048, -4096],
    );
    assert.equal(measured(1, 0x04), 256 << 6);
    assert.equal(measured(-1, 0x0f), -256 << 3);
    assert.equal(measured(1, 0x80), 256 + 192);
  });

  it('leaves the lowest bit 0 at 1600 and 3200 Hz', () => {
    assert.equal(measured(257 / 256, 0x00, 0x0d), 257);
    assert.equal(measured(257 / 256, 0x00, 0x0e), 256);
    assert.equal(measured(257 / 256, 0x0b, 0x0f), 256);
    assert.equal(measured(129 / 128, 0x01, 0x0f), 129);
  });

  it('adds its offsets', () => {
    const { clock, chip } = bench();
    write(chip, 0x1e, 0x40, 0xff, 0xc0);
    write(chip, 0x2d, 0x08);
    clock.nanos = FIRST;
    assert.deepEqual(axes(chip), [256, -4, 0]);
  });

  it('updates its data in sleep mode without DATA_READY', () => {
    const { clock, chip } = bench();
    write(chip, 0x2d, 0x0f);
    clock.nanos = 1.0011 * SECOND;
    assert.equal(source(chip), 0x02);
    assert.deepEqual(axes(chip), [0, 0, 256]);
  });

  it('answers with ones in 3-wire mode on four wires', () => {
    const { chip } = bench();
    write(chip, 0x31, 0x40);
    assert.deepEqual(read(chip, 0x00, 1), [0xff]);
    write(chip, 0x31, 0x00);
    assert.deepEqual(read(chip, 0x00, 1), [0xe5]);
  });

  it('is the same chip on I²C', () => {
    const { clock, chip } = bench();
    const { i2c } = chip;
    assert(i2c.start('write'));
    for (const byte of [0x2d, 0x08]) assert(i2c.write(byte));
    i2c.stop();
    clock.nanos = FIRST;
    i2c.start('write');
    i2c.write(0x32);
    assert(i2c.start('read'));
    assert.deepEqual(
      Array.from({ length: 6 }, () => i2c.read()),
      [0, 0, 0, 0, 0, 1],
    );
    assert.equal((chip.registers[0x30] ?? 0) & 0x80, 0x80);
    i2c.stop();
    assert.equal((chip.registers[0x30] ?? 0) & 0x80, 0);
  });

  it('keeps nothing without power', () => {
    const { clock, chip } = bench();
    write(chip, 0x38, 0x40);
    write(chip, 0x2d, 0x08);
    clock.nanos = SECOND;
    chip.power(false);
    assert.equal(chip.i2c.start('read'), false);
    assert.deepEqual(read(chip, 0x00, 1), [0xff]);
    chip.power(true);
    assert.deepEqual(read(chip, 0x38, 2), [0, 0]);
    assert.equal(chip.registers[0x2d], 0);
  });
});
