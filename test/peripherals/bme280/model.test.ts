import assert from 'node:assert/strict';
import { bme280Model, type Bme280Model, type Bme280Options } from '../../../peripherals/bme280/model.js';

const MS = 1e6;

function bench(options: Partial<Bme280Options> = {}) {
  const clock = { nanos: 0 };
  const chip = bme280Model({ clock, ...options });
  return { clock, chip };
}

function write(chip: Bme280Model, ...bytes: number[]): void {
  assert.ok(chip.start('write'));
  for (const byte of bytes) assert.ok(chip.write(byte));
  chip.stop();
}

function read(chip: Bme280Model, register: number, count = 1): number[] {
  assert.ok(chip.start('write'));
  assert.ok(chip.write(register));
  assert.ok(chip.start('read'));
  const bytes = Array.from({ length: count }, () => chip.read());
  chip.stop();
  return bytes;
}

/** The fixed-point compensation of 4.2.3, from the bytes of the bus alone: °C, Pa, %RH. */
function compensated(chip: Bme280Model): { t: number; p: number; h: number } {
  const low = new DataView(Uint8Array.from(read(chip, 0x88, 26)).buffer);
  const high = new DataView(Uint8Array.from(read(chip, 0xe1, 7)).buffer);
  const data = read(chip, 0xf7, 8) as [number, number, number, number, number, number, number, number];
  const rawP = (data[0] << 12) | (data[1] << 4) | (data[2] >> 4);
  const rawT = (data[3] << 12) | (data[4] << 4) | (data[5] >> 4);
  const rawH = (data[6] << 8) | data[7];
  const [t1, t2, t3] = [low.getUint16(0, true), low.getInt16(2, true), low.getInt16(4, true)];
  const a = (((rawT >> 3) - (t1 << 1)) * t2) >> 11;
  const b = (((((rawT >> 4) - t1) * ((rawT >> 4) - t1)) >> 12) * t3) >> 14;
  const fine = a + b;
  const t = (fine * 5 + 128) >> 8;

  const p1 = BigInt(low.getUint16(6, true));
  const [p2, p3, p4, p5, p6, p7, p8, p9] = Array.from({ length: 8 }, (_, i) => BigInt(low.getInt16(8 + 2 * i, true)));
  let v1 = BigInt(fine) - 128000n;
  let v2 = v1 * v1 * p6! + ((v1 * p5!) << 17n) + (p4! << 35n);
  v1 = ((v1 * v1 * p3!) >> 8n) + ((v1 * p2!) << 12n);
  v1 = (((1n << 47n) + v1) * p1) >> 33n;
  let p = (((1048576n - BigInt(rawP)) << 31n) - v2) * 3125n;
  p /= v1;
  v1 = (p9! * (p >> 13n) * (p >> 13n)) >> 25n;
  v2 = (p8! * p) >> 19n;
  p = ((p + v1 + v2) >> 8n) + (p7! << 4n);

  const h1 = low.getUint8(25);
  const [h2, h3] = [high.getInt16(0, true), high.getUint8(2)];
  const h4 = (high.getInt8(3) << 4) | (high.getUint8(4) & 0xf);
  const h5 = (high.getInt8(5) << 4) | (high.getUint8(4) >> 4);
  const h6 = high.getInt8(6);
  let x = BigInt(fine - 76800);
  const first = ((BigInt(rawH) << 14n) - (BigInt(h4) << 20n) - BigInt(h5) * x + 16384n) >> 15n;
  const gain = ((((x * BigInt(h6)) >> 10n) * (((x * BigInt(h3)) >> 11n) + 32768n)) >> 10n) + 2097152n;
  x = first * ((gain * BigInt(h2) + 8192n) >> 14n);
  x -= ((((x >> 15n) * (x >> 15n)) >> 7n) * BigInt(h1)) >> 4n;
  return { t: t / 100, p: Number(p) / 256, h: Number(x >> 12n) / 1024 };
}

describe('the emulated BME280', () => {
  it('starts with the reset values of table 18', () => {
    const { chip } = bench();
    assert.deepEqual(read(chip, 0xf2, 13), [0, 0, 0, 0, 0, 0x80, 0, 0, 0x80, 0, 0, 0x80, 0]);
    assert.deepEqual(read(chip, 0xd0), [0x60]);
    assert.deepEqual(read(chip, 0xe0), [0]);
  });

  it('has calibration data of the BMP280 example, which the BMP280 datasheet turns into 25.08 °C and 100653 Pa', () => {
    const { chip, clock } = bench({ air: { temperature: 25.08, pressure: 100653.27, humidity: 40 } });
    write(chip, 0xf5, 0x04, 0xf2, 1, 0xf4, 0x25);
    clock.nanos += 100 * MS;
    const [p1, p2, p3, t1, t2, t3] = read(chip, 0xf7, 6) as [number, number, number, number, number, number];
    assert.ok(Math.abs(((t1 << 12) | (t2 << 4) | (t3 >> 4)) - 519888) < 32);
    assert.ok(Math.abs(((p1 << 12) | (p2 << 4) | (p3 >> 4)) - 415148) < 32);
  });

  it('gives the air back through the fixed-point compensation of 4.2.3', () => {
    for (const air of [
      { temperature: -20, pressure: 60000, humidity: 10 },
      { temperature: 0, pressure: 95000, humidity: 95 },
      { temperature: 21.5, pressure: 101325, humidity: 45 },
      { temperature: 60, pressure: 108000, humidity: 20 },
    ]) {
      const { chip, clock } = bench({ air });
      write(chip, 0xf2, 5, 0xf4, 0xb5);
      clock.nanos += 200 * MS;
      const { t, p, h } = compensated(chip);
      assert.ok(Math.abs(t - air.temperature) < 0.02, `${t} for ${air.temperature}`);
      assert.ok(Math.abs(p - air.pressure) < 2, `${p} for ${air.pressure}`);
      assert.ok(Math.abs(h - air.humidity) < 0.05, `${h} for ${air.humidity}`);
    }
  });

  it('measures once in forced mode, for the time of 9.1, and sleeps again', () => {
    const { chip, clock } = bench();
    write(chip, 0xf4, 0x2d); // T ×1, P ×4, no humidity: 1.25 + 2.3 + 4 · 2.3 + 0.575 = 13.325 ms
    clock.nanos += 13.3 * MS;
    assert.deepEqual(read(chip, 0xf3, 2), [0x08, 0x2d]);
    assert.deepEqual(read(chip, 0xf7), [0x80]);
    clock.nanos += 0.03 * MS;
    assert.deepEqual(read(chip, 0xf3, 2), [0x00, 0x2c]);
    assert.notDeepEqual(read(chip, 0xf7), [0x80]);
    assert.deepEqual(read(chip, 0xfd, 2), [0x80, 0]);
    assert.equal(chip.measurements, 1);
  });

  it('takes the typical time of 9.1 when asked to', () => {
    const { chip, clock } = bench({ timing: 'typical' });
    write(chip, 0xf4, 0x2d);
    clock.nanos += 11.49 * MS;
    assert.equal(chip.state, 'measuring');
    clock.nanos += 0.01 * MS;
    assert.equal(chip.state, 'sleep');
  });

  it('heeds ctrl_hum only after a write to ctrl_meas', () => {
    const { chip, clock } = bench();
    write(chip, 0xf4, 0x27); // normal, 0.5 ms standby
    clock.nanos += 1 * MS;
    write(chip, 0xf2, 0x01);
    clock.nanos += 20 * MS;
    assert.deepEqual(read(chip, 0xf2), [1]);
    assert.deepEqual(read(chip, 0xfd, 2), [0x80, 0]);
    write(chip, 0xf4, 0x27);
    clock.nanos += 40 * MS;
    assert.notDeepEqual(read(chip, 0xfd, 2), [0x80, 0]);
  });

  it('delays a mode change to the end of a measurement, and ignores what follows it until then', () => {
    const { chip, clock } = bench();
    write(chip, 0xf4, 0x27);
    clock.nanos += 1 * MS;
    write(chip, 0xf4, 0x00);
    write(chip, 0xf4, 0xff, 0xf2, 0x05);
    assert.deepEqual(read(chip, 0xf2, 3), [0, 0x08, 0x27]);
    clock.nanos += 20 * MS;
    assert.deepEqual(read(chip, 0xf2, 3), [0, 0, 0]);
    assert.equal(chip.measurements, 1);
  });

  it('cycles in normal mode with the standby time of table 27, and ignores config there', () => {
    const { chip, clock } = bench();
    write(chip, 0xf5, 0xa0, 0xf4, 0x27); // 1000 ms; 1.25 + 2.3 + 2.3 + 0.575 = 6.425 ms
    write(chip, 0xf5, 0x00);
    clock.nanos += 1006.425 * MS + 6.4 * MS;
    assert.equal(chip.measurements, 1);
    assert.deepEqual(read(chip, 0xf5), [0xa0]);
    clock.nanos += 0.1 * MS;
    assert.equal(chip.measurements, 2);
    assert.equal(chip.state, 'standby');
    clock.nanos += 1e6 * 1006.425 * MS;
    assert.equal(chip.measurements, 1_000_002);
  });

  it('filters pressure and temperature from the first value on, which passes', () => {
    const { chip, clock } = bench({ air: { temperature: 20 } });
    write(chip, 0xf5, 0x04, 0xf4, 0x25);
    clock.nanos += 20 * MS;
    assert.ok(Math.abs(compensated(chip).t - 20) < 0.02);
    chip.setAir({ temperature: 30 });
    write(chip, 0xf4, 0x25);
    clock.nanos += 20 * MS;
    assert.ok(Math.abs(compensated(chip).t - 25) < 0.1);
  });

  it('reads registers in a row but writes them in pairs, and has no writable reserved bits', () => {
    const { chip } = bench();
    write(chip, 0xf2, 0xff, 0xf5, 0xff);
    assert.deepEqual(read(chip, 0xf2, 4), [0x07, 0, 0, 0xfd]);
    write(chip, 0xd0, 0x11, 0x88, 0x11, 0xf3, 0xff);
    assert.deepEqual(read(chip, 0xd0), [0x60]);
    assert.deepEqual(read(chip, 0x88, 2), [27504 & 0xff, 27504 >> 8]);
    assert.ok(chip.start('write') && chip.write(0xd0));
    chip.stop();
    assert.ok(chip.start('read'));
    assert.equal(chip.read(), 0x60);
    chip.stop();
  });

  it('shows one measurement to a burst that a measurement ends in', () => {
    const { chip, clock } = bench();
    write(chip, 0xf4, 0x25);
    assert.ok(chip.start('write') && chip.write(0xf7) && chip.start('read'));
    assert.equal(chip.read(), 0x80);
    clock.nanos += 20 * MS;
    assert.deepEqual([chip.read(), chip.read(), chip.read()], [0, 0, 0x80]);
    chip.stop();
  });

  it('resets on 0xB6 alone, and copies its calibration data for the start-up time', () => {
    const { chip, clock } = bench();
    write(chip, 0xf4, 0x24, 0xe0, 0x01);
    assert.deepEqual(read(chip, 0xf4), [0x24]);
    write(chip, 0xe0, 0xb6);
    assert.deepEqual(read(chip, 0xf3, 2), [0x01, 0]);
    assert.deepEqual(read(chip, 0x88), [0]);
    clock.nanos += 2 * MS;
    assert.deepEqual(read(chip, 0xf3), [0]);
    assert.deepEqual(read(chip, 0x88), [27504 & 0xff]);
  });

  it('loses everything with its supply and answers again after the start-up time', () => {
    const { chip, clock } = bench();
    write(chip, 0xf2, 1, 0xf4, 0x27);
    chip.power(false);
    assert.equal(chip.start('write'), false);
    chip.power(true);
    assert.equal(chip.start('write'), false);
    clock.nanos += 2 * MS;
    assert.deepEqual(read(chip, 0xf2, 3), [0, 0, 0]);
    assert.equal(chip.state, 'sleep');
    assert.equal(chip.registers[0xd0], 0x60);
  });
});
