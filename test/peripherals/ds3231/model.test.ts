import assert from 'node:assert/strict';
import { ds3231Model, type Ds3231Model, type Ds3231Options } from '../../../peripherals/ds3231/model.js';

const MILLISECOND = 1e6;
const SECOND = 1e9;

function bench(options: Omit<Ds3231Options, 'clock'> = {}): { clock: { nanos: number }; chip: Ds3231Model } {
  const clock = { nanos: 0 };
  return { clock, chip: ds3231Model({ clock, ...options }) };
}

function write(chip: Ds3231Model, ...bytes: number[]): void {
  assert(chip.start('write'));
  for (const byte of bytes) assert(chip.write(byte));
  chip.stop();
}

function read(chip: Ds3231Model, register: number, count: number): number[] {
  assert(chip.start('write'));
  chip.write(register);
  assert(chip.start('read'));
  const bytes = Array.from({ length: count }, () => chip.read());
  chip.stop();
  return bytes;
}

const status = (chip: Ds3231Model): number => read(chip, 0x0f, 1)[0] ?? -1;
const control = (chip: Ds3231Model): number => read(chip, 0x0e, 1)[0] ?? -1;

/** Sets the time, waits, and reads it. */
function after(seconds: number, ...time: number[]): string {
  const { clock, chip } = bench();
  write(chip, 0x00, ...time);
  clock.nanos += seconds * SECOND;
  return Buffer.from(read(chip, 0, 7)).toString('hex');
}

describe('DS3231 model', () => {
  it('comes up with the registers of a first power-on', () => {
    const { chip } = bench();
    assert.equal(Buffer.from(chip.registers).toString('hex'), `00000001010100${'00'.repeat(7)}1c88000000`);
    assert.equal(chip.line, true);
  });

  it('counts in BCD, through minute, hour, day and month', () => {
    assert.equal(after(1, 0x09, 0, 0, 1, 1, 1, 0), '10000001010100');
    assert.equal(after(1, 0x59, 0x59, 0x23, 7, 0x31, 0x12, 0x25), '00000001010126');
    assert.equal(after(1, 0x59, 0x59, 0x23, 3, 0x30, 0x04, 0x25), '00000004010525');
    assert.equal(after(86400, 0, 0, 0, 1, 1, 1, 0), '00000002020100');
  });

  it('knows leap years, and toggles the century when the years overflow', () => {
    assert.equal(after(1, 0x59, 0x59, 0x23, 3, 0x28, 0x02, 0x24), '00000004290224');
    assert.equal(after(1, 0x59, 0x59, 0x23, 3, 0x28, 0x02, 0x25), '00000004010325');
    assert.equal(after(1, 0x59, 0x59, 0x23, 3, 0x31, 0x12, 0x99), '00000004018100');
    assert.equal(after(1, 0x59, 0x59, 0x23, 3, 0x31, 0x92, 0x99), '00000004010100');
  });

  it('counts twelve hours with AM and PM', () => {
    assert.equal(after(1, 0x59, 0x59, 0x51, 1, 1, 1, 0), '00007201010100'); // 11 AM, 12 PM
    assert.equal(after(1, 0x59, 0x59, 0x72, 1, 1, 1, 0), '00006101010100'); // 12 PM, 1 PM
    assert.equal(after(1, 0x59, 0x59, 0x71, 1, 1, 1, 0), '00005202020100'); // 11 PM, 12 AM tomorrow
    assert.equal(after(1, 0x59, 0x59, 0x52, 1, 1, 1, 0), '00004101010100'); // 12 AM, 1 AM
    assert.equal(after(1, 0x59, 0x59, 0x49, 1, 1, 1, 0), '00005001010100'); // 9 AM, 10 AM
  });

  it('keeps the zeros of its map zero', () => {
    const { chip } = bench();
    write(chip, 0x00, ...Array.from({ length: 7 }, () => 0xff));
    assert.deepEqual([...chip.registers.subarray(0, 7)], [0x7f, 0x7f, 0x7f, 0x07, 0x3f, 0x9f, 0xff]);
  });

  it('starts its second anew when the seconds are written', () => {
    const { clock, chip } = bench();
    clock.nanos = 900 * MILLISECOND;
    write(chip, 0x00, 0x30);
    clock.nanos += 999 * MILLISECOND;
    assert.deepEqual(read(chip, 0, 1), [0x30]);
    clock.nanos += MILLISECOND;
    assert.deepEqual(read(chip, 0, 1), [0x31]);
  });

  it('gives the time of the START until the pointer comes to 00 again', () => {
    const { clock, chip } = bench();
    write(chip, 0x00, 0x59, 0x59);
    write(chip, 0x00);
    chip.start('read');
    assert.equal(chip.read(), 0x59);
    clock.nanos += SECOND;
    assert.equal(chip.read(), 0x59);
    for (let register = 2; register <= 0x12; register++) chip.read();
    assert.deepEqual([chip.read(), chip.read(), chip.read()], [0, 0, 1]);
  });

  it('sets A1F when alarm 1 matches, and pulls its line while enabled', () => {
    const { clock, chip } = bench();
    write(chip, 0x07, 0x05, 0x80, 0x80, 0x80, 0, 0, 0, 0x1d);
    clock.nanos = 5 * SECOND - 1;
    assert.equal(status(chip) & 0x03, 0);
    assert.equal(chip.line, true);
    clock.nanos = 5 * SECOND;
    assert.equal(status(chip) & 0x03, 0x01);
    assert.equal(chip.line, false);
    write(chip, 0x0f, 0xff);
    assert.equal(chip.line, false);
    write(chip, 0x0f, 0xfe);
    assert.equal(chip.line, true);
    assert.equal(status(chip) & 0x01, 0);
    clock.nanos = 65 * SECOND;
    assert.equal(chip.line, false);
  });

  it('matches date, or day of the week, as DY/DT says', () => {
    for (const [day, expected] of [
      [0x02, 1],
      [0x03, 0],
      [0x45, 1],
      [0x42, 0],
    ] as const) {
      const { clock, chip } = bench();
      write(chip, 0x07, 0x00, 0x00, 0x00, day);
      write(chip, 0x00, 0x59, 0x59, 0x23, 4, 1, 1, 0); // tomorrow: date 2, day 5
      clock.nanos += SECOND;
      assert.equal(status(chip) & 0x01, expected, `day register ${day}`);
    }
  });

  it('sets A2F at second 00 of a minute that matches', () => {
    const { clock, chip } = bench();
    write(chip, 0x0b, 0x02, 0x80, 0x80, 0x1e);
    clock.nanos = 119 * SECOND;
    assert.equal(status(chip) & 0x02, 0);
    clock.nanos = 120 * SECOND;
    assert.equal(status(chip) & 0x02, 0x02);
    assert.equal(chip.line, false);
  });

  it('puts out a square wave when INTCN is 0', () => {
    const { clock, chip } = bench();
    write(chip, 0x0e, 0x00);
    write(chip, 0x00, 0x00);
    assert.equal(chip.line, false);
    clock.nanos += 499 * MILLISECOND;
    assert.equal(chip.line, false);
    clock.nanos += MILLISECOND;
    assert.equal(chip.line, true);
    clock.nanos += 500 * MILLISECOND;
    assert.equal(chip.line, false);
    write(chip, 0x0e, 0x08);
    clock.nanos += 0.6 * (SECOND / 1024);
    assert.equal(chip.line, true);
  });

  it('converts the temperature 2 s after power-on and every 64 s', () => {
    const { clock, chip } = bench({ temperature: 25.25 });
    clock.nanos = 2 * SECOND - 1;
    assert.equal(status(chip) & 0x04, 0);
    clock.nanos = 2 * SECOND;
    assert.deepEqual(read(chip, 0x11, 2), [0, 0]);
    assert.equal(status(chip) & 0x04, 0x04);
    clock.nanos += 200 * MILLISECOND;
    assert.deepEqual(read(chip, 0x11, 2), [0x19, 0x40]);
    assert.equal(status(chip) & 0x04, 0);
    chip.temperature = -0.25;
    clock.nanos = 66 * SECOND;
    assert.deepEqual(read(chip, 0x11, 2), [0x19, 0x40]);
    clock.nanos += 200 * MILLISECOND;
    assert.deepEqual(read(chip, 0x11, 2), [0xff, 0xc0]);
  });

  it('converts on demand: CONV until the end, BSY after 2 ms', () => {
    const { clock, chip } = bench();
    clock.nanos = SECOND;
    chip.temperature = 30;
    write(chip, 0x0e, 0x3c);
    assert.equal(status(chip) & 0x04, 0);
    clock.nanos += 2 * MILLISECOND;
    assert.equal(status(chip) & 0x04, 0x04);
    write(chip, 0x0e, 0x1c);
    assert.equal(control(chip), 0x3c);
    clock.nanos += 198 * MILLISECOND;
    assert.equal(control(chip), 0x1c);
    assert.deepEqual(read(chip, 0x11, 2), [30, 0]);
  });

  it('takes no writes to its temperature, BSY, and the zeros of its status', () => {
    const { clock, chip } = bench();
    clock.nanos = 3 * SECOND;
    write(chip, 0x11, 0x55, 0x55);
    assert.deepEqual(read(chip, 0x11, 2), [25, 0]);
    write(chip, 0x0f, 0xff);
    assert.equal(status(chip), 0x88);
    write(chip, 0x0f, 0x00);
    assert.equal(status(chip), 0x00);
    write(chip, 0x0f, 0xff);
    assert.equal(status(chip), 0x08);
  });

  it('keeps time and answers on its battery, its line released unless BBSQW is set', () => {
    const { clock, chip } = bench();
    write(chip, 0x0f, 0x00);
    write(chip, 0x0e, 0x00);
    chip.power(false);
    clock.nanos += 10 * SECOND;
    assert.equal(chip.line, true);
    assert.deepEqual(read(chip, 0, 1), [0x10]);
    write(chip, 0x0e, 0x40);
    assert.equal(chip.line, false);
    chip.power(true);
    assert.equal(status(chip) & 0x80, 0);
  });

  it('stops on battery where EOSC says so, and says it in OSF', () => {
    const { clock, chip } = bench();
    write(chip, 0x0f, 0x00);
    write(chip, 0x0e, 0x80);
    clock.nanos = 1.4 * SECOND;
    chip.power(false);
    clock.nanos = 100 * SECOND;
    assert.deepEqual(read(chip, 0, 1), [0x01]);
    assert.equal(status(chip) & 0x80, 0x80);
    chip.power(true);
    clock.nanos += 0.5 * SECOND;
    assert.deepEqual(read(chip, 0, 1), [0x01]);
    clock.nanos += 0.1 * SECOND;
    assert.deepEqual(read(chip, 0, 1), [0x02]);
  });

  it('loses everything without battery and power', () => {
    const { clock, chip } = bench({ battery: false });
    write(chip, 0x00, 0x11, 0x22);
    write(chip, 0x0f, 0x00);
    chip.power(false);
    assert.equal(chip.start('read'), false);
    clock.nanos += 5 * SECOND;
    chip.power(true);
    assert.deepEqual(read(chip, 0, 3), [0, 0, 0]);
    assert.equal(status(chip) & 0x88, 0x88);
    chip.battery = true;
    chip.power(false);
    chip.battery = false;
    assert.equal(chip.start('read'), false);
  });
});
