import assert from 'node:assert/strict';
import { ads1015Model, type Ads1015Model, type Ads1015Options } from '../../../peripherals/ads1015/model.js';

const US = 1e3;
const MS = 1e6;

function bench(options: Partial<Ads1015Options> = {}) {
  const clock = { nanos: 0 };
  return { clock, chip: ads1015Model({ clock, oscillator: 1, ...options }) };
}

function write(chip: Ads1015Model, register: number, value: number): void {
  assert.ok(chip.start('write'));
  for (const byte of [register, value >> 8, value & 0xff]) assert.ok(chip.write(byte));
  chip.stop();
}

function read(chip: Ads1015Model, register: number): number {
  assert.ok(chip.start('write'));
  assert.ok(chip.write(register));
  assert.ok(chip.start('read'));
  const value = (chip.read() << 8) | chip.read();
  chip.stop();
  return value;
}

describe('the emulated ADS1015', () => {
  it('starts powered down with the reset values of 8.6', () => {
    const { chip } = bench();
    assert.deepEqual(
      [0, 1, 2, 3].map((register) => read(chip, register)),
      [0x0000, 0x8583, 0x8000, 0x7fff],
    );
    assert.equal(chip.alert, true);
  });

  it('converts once when OS is written, for 25 µs and the inverse of the data rate', () => {
    const { chip, clock } = bench({ inputs: [1, 0, 0, 0] });
    write(chip, 1, 0xc383); // AIN0, ±4.096 V, 1600 SPS: 625 µs
    assert.equal(read(chip, 1), 0x4383);
    clock.nanos += 649 * US;
    assert.equal(read(chip, 1), 0x4383);
    assert.equal(read(chip, 0), 0);
    clock.nanos += 1 * US;
    assert.equal(read(chip, 1), 0xc383);
    assert.equal(read(chip, 0), 500 << 4);
    clock.nanos += 10 * MS;
    assert.equal(chip.converting, false);
  });

  it('is by default as slow as the datasheet allows', () => {
    const clock = { nanos: 0 };
    const chip = ads1015Model({ clock });
    write(chip, 1, 0xc303); // 128 SPS
    clock.nanos += (1e9 / 128) * 1.11;
    assert.equal(chip.converting, true);
    clock.nanos += 100 * US;
    assert.equal(chip.converting, false);
  });

  it('takes every data rate', () => {
    for (const [field, rate] of [128, 250, 490, 920, 1600, 2400, 3300, 3300].entries()) {
      const { chip, clock } = bench();
      write(chip, 1, 0x8103 | (field << 5));
      clock.nanos += 25 * US + 1e9 / rate - 1;
      assert.equal(chip.converting, true);
      clock.nanos += 2;
      assert.equal(chip.converting, false);
    }
  });

  it('ignores OS during a conversion, which ends with the settings that it began with', () => {
    const { chip, clock } = bench({ inputs: [1, 2, 0, 0] });
    write(chip, 1, 0xc383);
    clock.nanos += 600 * US;
    write(chip, 1, 0xd383);
    clock.nanos += 50 * US;
    assert.equal(read(chip, 0), 500 << 4);
    assert.equal(read(chip, 1), 0xd383);
  });

  it('selects inputs and ranges, left-justifies twelve bits and clips', () => {
    const inputs = [0.1, 0.2, 0.7, 3];
    const expected = [-0.1, -2.9, -2.8, -2.3, 0.1, 0.2, 0.7, 3];
    for (const [mux, volts] of expected.entries()) {
      for (const [pga, range] of [6.144, 4.096, 2.048, 1.024, 0.512, 0.256].entries()) {
        const { chip, clock } = bench({ inputs });
        write(chip, 1, 0x8183 | (mux << 12) | (pga << 9));
        clock.nanos += 1 * MS;
        const code = Math.max(-2048, Math.min(2047, Math.round((volts / range) * 2048)));
        assert.equal(read(chip, 0), (code * 16) & 0xffff);
      }
    }
  });

  it('converts continuously, and finishes a conversion before new settings or power-down', () => {
    const { chip, clock } = bench({ inputs: [1, 2, 0, 0] });
    write(chip, 1, 0x4283);
    assert.equal(read(chip, 1), 0x4283);
    clock.nanos += 650 * US;
    assert.equal(read(chip, 0), 500 << 4);
    chip.setInput(0, 1.5);
    write(chip, 1, 0x5383);
    clock.nanos += 624 * US;
    assert.equal(read(chip, 0), 500 << 4);
    clock.nanos += 1 * US;
    assert.equal(read(chip, 0), 750 << 4);
    assert.equal(read(chip, 1), 0xd383);
    clock.nanos += 1e6 * MS;
    assert.equal(read(chip, 0), 750 << 4);
  });

  it('catches up with hours of continuous conversions', () => {
    const { chip, clock } = bench({ inputs: [1, 0, 0, 0] });
    write(chip, 1, 0x4283);
    clock.nanos += 3600e9;
    assert.equal(read(chip, 0), 500 << 4);
    chip.setInput(0, 2);
    clock.nanos += 625 * US;
    assert.equal(read(chip, 0), 1000 << 4);
  });

  it('keeps its pointer between reads, and reads a conversion as a whole', () => {
    const { chip, clock } = bench({ inputs: [1, 0, 0, 0] });
    write(chip, 1, 0x4283);
    clock.nanos += 1 * MS;
    assert.equal(read(chip, 0), 0x1f40);
    chip.setInput(0, 0);
    assert.ok(chip.start('read'));
    assert.equal(chip.read(), 0x1f);
    clock.nanos += 1 * MS;
    assert.equal(chip.read(), 0x40);
    chip.stop();
    assert.ok(chip.start('read'));
    assert.equal(chip.read(), 0);
    chip.stop();
  });

  it('has read-only bits in its thresholds and a read-only result', () => {
    const { chip } = bench();
    write(chip, 0, 0x1234);
    write(chip, 2, 0x1235);
    write(chip, 3, 0x1230);
    assert.deepEqual([...chip.registers], [0, 0x8583, 0x1230, 0x123f]);
  });

  it('does not write a register of which it got one byte', () => {
    const { chip } = bench();
    assert.ok(chip.start('write') && chip.write(2) && chip.write(0x12));
    chip.stop();
    assert.equal(read(chip, 2), 0x8000);
  });

  it('compares with hysteresis in traditional mode, after as many conversions as COMP_QUE says', () => {
    const { chip, clock } = bench();
    write(chip, 2, 500 << 4);
    write(chip, 3, 1000 << 4);
    write(chip, 1, 0x4281); // two conversions
    chip.setInput(0, 2.1);
    clock.nanos += 650 * US;
    assert.equal(chip.alert, true);
    clock.nanos += 625 * US;
    assert.equal(chip.alert, false);
    chip.setInput(0, 1.5);
    clock.nanos += 10 * MS;
    assert.equal(chip.alert, false);
    read(chip, 0);
    assert.equal(chip.alert, false);
    chip.setInput(0, 0.9);
    clock.nanos += 625 * US;
    assert.equal(chip.alert, true);
  });

  it('latches in window mode until the result is read, or the alert answered', () => {
    const { chip, clock } = bench({ inputs: [0.5, 0, 0, 0], address: 0x49 });
    write(chip, 2, 500 << 4);
    write(chip, 3, 1000 << 4);
    write(chip, 1, 0x429c); // window, active high, latching, one conversion
    assert.equal(chip.alert, false);
    clock.nanos += 650 * US;
    assert.equal(chip.alert, true);
    chip.setInput(0, 1.5);
    clock.nanos += 10 * MS;
    assert.equal(chip.alert, true);
    read(chip, 0);
    assert.equal(chip.alert, false);
    chip.setInput(0, 0.5);
    clock.nanos += 1 * MS;
    chip.setInput(0, 1.5);
    clock.nanos += 1 * MS;
    const smbus = chip.at(0x0c);
    assert.equal(smbus.start('write'), false);
    assert.ok(smbus.start('read'));
    assert.equal(smbus.read() >> 1, 0x49);
    smbus.stop();
    assert.equal(chip.alert, false);
    assert.equal(smbus.start('read'), false);
  });

  it('tells of conversions through ALERT/RDY', () => {
    const { chip, clock } = bench();
    write(chip, 2, 0x0000);
    write(chip, 3, 0x8000);
    write(chip, 1, 0xc380);
    assert.equal(chip.alert, true);
    clock.nanos += 650 * US;
    assert.equal(chip.alert, false);
    clock.nanos += 10 * US;
    write(chip, 1, 0x4280);
    assert.equal(chip.alert, true);
    clock.nanos += 650 * US;
    assert.equal(chip.alert, false);
    clock.nanos += 8 * US;
    assert.equal(chip.alert, true);
  });

  it('is reset by the general call 0x06', () => {
    const { chip } = bench();
    write(chip, 1, 0x4283);
    const call = chip.at(0x00);
    assert.equal(call.start('read'), false);
    assert.ok(call.start('write'));
    assert.equal(call.write(0x04), false);
    call.stop();
    assert.equal(read(chip, 1), 0x4283);
    assert.ok(call.start('write') && call.write(0x06));
    call.stop();
    assert.equal(read(chip, 1), 0x8583);
  });

  it('forgets everything without power', () => {
    const { chip } = bench();
    write(chip, 1, 0x4283);
    chip.power(false);
    assert.equal(chip.start('read'), false);
    assert.equal(chip.at(0x00).start('write'), false);
    chip.power(true);
    assert.equal(read(chip, 1), 0x8583);
    assert.equal(chip.converting, false);
  });
});
