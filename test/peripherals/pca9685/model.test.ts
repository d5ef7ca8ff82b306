import assert from 'node:assert/strict';
import { pca9685Model, type Pca9685Model } from '../../../peripherals/pca9685/model.js';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';

const US = 1e3;
const MS = 1e6;

function bench() {
  const clock = { nanos: 0 };
  return { clock, chip: pca9685Model({ clock }) };
}

function write(chip: I2cTarget, ...bytes: number[]): void {
  assert.ok(chip.start('write'));
  for (const byte of bytes) assert.ok(chip.write(byte));
  chip.stop();
}

function read(chip: I2cTarget, register: number, count = 1): number[] {
  assert.ok(chip.start('write'));
  assert.ok(chip.write(register));
  assert.ok(chip.start('read'));
  const bytes = Array.from({ length: count }, () => chip.read());
  chip.stop();
  return bytes;
}

/** Awake, at 200 Hz, channel 0 at a quarter, its cycle running since the returned clock's 500 µs. */
function running() {
  const { chip, clock } = bench();
  write(chip, 0x00, 0x21);
  clock.nanos += 500 * US;
  write(chip, 0x06, 0x00, 0x00, 0x00, 0x04);
  return { chip, clock };
}

/** Running, then put to sleep and left until RESTART is set. */
function asleep() {
  const { chip, clock } = running();
  write(chip, 0x00, 0x31);
  clock.nanos += 10 * MS;
  assert.deepEqual(read(chip, 0x00), [0xb1]);
  return { chip, clock };
}

const duty = (chip: Pca9685Model, channel = 0): number => chip.output(channel).duty;

describe('the emulated PCA9685', () => {
  it('starts with the reset values of tables 5 to 10', () => {
    const { chip } = bench();
    const { registers } = chip;
    assert.deepEqual([...registers.subarray(0, 6)], [0x11, 0x04, 0xe2, 0xe4, 0xe8, 0xe0]);
    for (let led = 0x06; led <= 0x45; led += 4)
      assert.deepEqual([...registers.subarray(led, led + 4)], [0, 0, 0, 0x10]);
    assert.deepEqual([...registers.subarray(0xfa, 0xff)], [0, 0, 0, 0, 0x1e]);
    assert.equal(chip.oscillator, 'off');
    assert.equal(duty(chip), 0);
  });

  it('runs a channel once the oscillator has started, with the frequency of PRE_SCALE', () => {
    const { chip, clock } = bench();
    write(chip, 0x00, 0x21, 0x04);
    write(chip, 0x06, 0x99, 0x01, 0xcc, 0x04);
    assert.equal(chip.oscillator, 'starting');
    assert.equal(duty(chip), 0);
    clock.nanos += 500 * US;
    assert.equal(chip.oscillator, 'running');
    const { duty: on, phase, hertz } = chip.output(0);
    assert.equal(on, 819 / 4096); // 7.3.3, example 1
    assert.equal(phase, 409 / 4096);
    assert.ok(Math.abs(hertz - 196.9) < 0.1);
  });

  it('lets full OFF win over full ON, and an equal ON and OFF count mean off', () => {
    const { chip } = running();
    write(chip, 0x06, 0x00, 0x10, 0x00, 0x00);
    assert.equal(duty(chip), 1);
    write(chip, 0x09, 0x10);
    assert.equal(duty(chip), 0);
    write(chip, 0x0a, 0x34, 0x02, 0x34, 0x02);
    assert.equal(duty(chip, 1), 0);
    write(chip, 0x0a, 0x65, 0x0e, 0xcb, 0x0c);
    assert.equal(duty(chip, 1), 3686 / 4096); // 7.3.3, example 2
  });

  it('does not increment its pointer unless AI is set', () => {
    const { chip } = bench();
    assert.deepEqual(read(chip, 0x02, 3), [0xe2, 0xe2, 0xe2]);
    write(chip, 0x02, 0x10, 0x20);
    assert.deepEqual(read(chip, 0x02), [0x20]);
    assert.deepEqual(read(chip, 0x03), [0xe4]);
  });

  it('increments from the byte on that sets AI, past LED15_OFF_H and past PRE_SCALE to MODE1', () => {
    const { chip } = bench();
    write(chip, 0x00, 0x31, 0x14, 0x66);
    assert.deepEqual(read(chip, 0x00, 3), [0x31, 0x14, 0x66]);
    assert.deepEqual(read(chip, 0x45, 2), [0x10, 0x31]);
    assert.deepEqual(read(chip, 0xfd, 3), [0x00, 0x1e, 0x31]);
    assert.ok(chip.start('read'));
    assert.equal(chip.read(), 0x14);
    chip.stop();
  });

  it('does not acknowledge reserved registers', () => {
    const { chip } = bench();
    for (const register of [0x46, 0x80, 0xf9]) {
      assert.ok(chip.start('write'));
      assert.equal(chip.write(register), false);
      assert.equal(chip.write(0), false);
      chip.stop();
    }
    assert.deepEqual([...chip.registers.subarray(0, 2)], [0x11, 0x04]);
  });

  it('keeps reserved bits at 0', () => {
    const { chip } = bench();
    write(chip, 0x01, 0xff);
    write(chip, 0x02, 0xff);
    write(chip, 0x07, 0xff);
    const { registers } = chip;
    assert.deepEqual([registers[1], registers[2], registers[7]], [0x1f, 0xfe, 0x1f]);
  });

  it('takes PRE_SCALE in sleep only, and not below 3', () => {
    const { chip } = bench();
    write(chip, 0xfe, 0x01);
    assert.deepEqual(read(chip, 0xfe), [3]);
    write(chip, 0x00, 0x01);
    write(chip, 0xfe, 0x79);
    assert.deepEqual(read(chip, 0xfe), [3]);
  });

  it('loads all channels through ALL_LED, which reads 0', () => {
    const { chip } = running();
    write(chip, 0xfa, 0x00, 0x00, 0x00, 0x08);
    for (let channel = 0; channel < 16; channel++) assert.equal(duty(chip, channel), 0.5);
    assert.deepEqual(read(chip, 0xfa, 4), [0, 0, 0, 0]);
    assert.deepEqual(read(chip, 0x42, 4), [0x00, 0x00, 0x00, 0x08]);
  });

  it('changes outputs on STOP, or with OCH on the fourth register of a channel', () => {
    const { chip } = running();
    assert.ok(chip.start('write'));
    for (const byte of [0x06, 0, 0, 0, 0x08]) chip.write(byte);
    assert.equal(duty(chip), 0.25);
    chip.stop();
    assert.equal(duty(chip), 0.5);
    write(chip, 0x01, 0x0c);
    write(chip, 0x09, 0x04);
    assert.equal(duty(chip), 0.5);
    assert.ok(chip.start('write'));
    for (const byte of [0x06, 0, 0, 0]) chip.write(byte);
    assert.equal(duty(chip), 0.25);
    chip.stop();
  });

  it('sets RESTART at the end of the cycle in which a running chip is put to sleep', () => {
    const { chip, clock } = running();
    clock.nanos += 1 * MS;
    write(chip, 0x00, 0x31);
    assert.deepEqual(read(chip, 0x00), [0x31]);
    assert.equal(duty(chip), 0.25);
    clock.nanos += 5 * MS;
    assert.deepEqual(read(chip, 0x00), [0xb1]);
    assert.equal(duty(chip), 0);
    assert.equal(chip.oscillator, 'off');
    assert.deepEqual(read(chip, 0x09), [0x04]);
  });

  it('stays still after waking until 1 is written to RESTART, at least 500 µs later', () => {
    const { chip, clock } = asleep();
    write(chip, 0x00, 0xa1); // clears SLEEP; too early for RESTART
    assert.deepEqual(read(chip, 0x00), [0xa1]);
    clock.nanos += 499 * US;
    write(chip, 0x00, 0xa1);
    assert.deepEqual(read(chip, 0x00), [0xa1]);
    clock.nanos += 1 * US;
    assert.equal(chip.oscillator, 'running');
    assert.equal(duty(chip), 0);
    write(chip, 0x00, 0x21); // 0 has no effect
    assert.deepEqual(read(chip, 0x00), [0xa1]);
    write(chip, 0x00, 0xa1);
    assert.deepEqual(read(chip, 0x00), [0x21]);
    assert.equal(duty(chip), 0.25);
  });

  it('clears RESTART on a write to a PWM register with STOP', () => {
    const { chip, clock } = asleep();
    write(chip, 0x00, 0x21);
    clock.nanos += 500 * US;
    write(chip, 0x09, 0x08);
    assert.deepEqual(read(chip, 0x00), [0x21]);
    assert.equal(duty(chip), 0.5);
  });

  it('does not set RESTART after an orderly shutdown', () => {
    const { chip, clock } = running();
    write(chip, 0xfd, 0x10);
    write(chip, 0x00, 0x31);
    clock.nanos += 20 * MS;
    assert.deepEqual(read(chip, 0x00), [0x31]);
  });

  it('is reset by the general call 0x06, on STOP', () => {
    const { chip, clock } = asleep();
    const call = chip.at(0x00);
    assert.equal(call.start('read'), false);
    assert.ok(call.start('write'));
    assert.equal(call.write(0x05), false);
    call.stop();
    assert.ok(call.start('write') && call.write(0x06));
    assert.equal(call.write(0x06), false);
    call.stop();
    clock.nanos += 1;
    assert.deepEqual(read(chip, 0x00), [0xb1]);
    assert.ok(call.start('write') && call.write(0x06));
    call.stop();
    assert.deepEqual(read(chip, 0x00), [0x11]);
    assert.deepEqual(read(chip, 0x09), [0x10]);
  });

  it('answers to All Call after reset, and to sub-addresses once they are enabled', () => {
    const { chip } = bench();
    write(chip.at(0x70), 0x01, 0x14);
    assert.deepEqual(read(chip, 0x01), [0x14]);
    assert.equal(chip.at(0x71).start('write'), false);
    write(chip, 0x00, 0x18);
    assert.equal(chip.at(0x70).start('write'), false);
    assert.ok(chip.at(0x71).start('write'));
    chip.stop();
    write(chip, 0x02, 0x66 << 1);
    assert.ok(chip.at(0x66).start('read'));
    assert.equal(chip.at(0x71).start('write'), false);
  });

  it('keeps EXTCLK, once written while asleep, until it is reset', () => {
    const clock = { nanos: 0 };
    const chip = pca9685Model({ clock, externalHertz: 50e6 });
    write(chip, 0x00, 0x51);
    write(chip, 0x00, 0x21);
    assert.deepEqual(read(chip, 0x00), [0x61]);
    write(chip, 0x09, 0x08);
    assert.equal(chip.oscillator, 'running');
    assert.equal(Math.round(chip.output(0).hertz), 394);
    chip.powerCycle();
    assert.deepEqual(read(chip, 0x00), [0x11]);
    write(chip, 0x00, 0x01);
    write(chip, 0x00, 0x41);
    assert.deepEqual(read(chip, 0x00), [0x01]);
  });

  it('does not answer without power', () => {
    const { chip } = running();
    chip.power(false);
    assert.equal(chip.start('write'), false);
    assert.equal(chip.at(0x00).start('write'), false);
    assert.equal(duty(chip), 0);
  });
});
