import assert from 'node:assert/strict';
import { mpu6050Model, type Mpu6050Model, type Mpu6050Options } from '../../../peripherals/mpu6050/model.js';

const US = 1e3;
const MS = 1e6;

function bench(options: Partial<Mpu6050Options> = {}) {
  const clock = { nanos: 0 };
  return { clock, chip: mpu6050Model({ clock, ...options }) };
}

function write(chip: Mpu6050Model, ...bytes: number[]): void {
  assert.ok(chip.start('write'));
  for (const byte of bytes) assert.ok(chip.write(byte));
  chip.stop();
}

function read(chip: Mpu6050Model, register: number, count = 1): number[] {
  assert.ok(chip.start('write'));
  assert.ok(chip.write(register));
  assert.ok(chip.start('read'));
  const bytes = Array.from({ length: count }, () => chip.read());
  chip.stop();
  return bytes;
}

function words(bytes: number[]): number[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return Array.from({ length: bytes.length / 2 }, (_, index) => view.getInt16(2 * index));
}

/** Awake at 1 kHz: CONFIG has the filter on, PWR_MGMT_1 the gyroscope's clock. */
function awake(options: Partial<Mpu6050Options> = {}) {
  const { chip, clock } = bench(options);
  write(chip, 0x1a, 0x01);
  write(chip, 0x6b, 0x01);
  return { chip, clock };
}

describe('the emulated MPU-6050', () => {
  it('starts asleep, with 0 in all registers but PWR_MGMT_1 and WHO_AM_I', () => {
    const { chip, clock } = bench({ address: 0x69 });
    const expected = new Uint8Array(256);
    expected[0x6b] = 0x40;
    expected[0x75] = 0x68;
    assert.deepEqual(chip.registers, expected);
    clock.nanos += 1000 * MS;
    assert.deepEqual(read(chip, 0x3b, 14), Array<number>(14).fill(0));
  });

  it('keeps and takes register values while asleep', () => {
    const { chip, clock } = awake();
    write(chip, 0x1b, 0x18, 0x10);
    write(chip, 0x6b, 0x41);
    write(chip, 0x19, 0x09);
    clock.nanos += 100 * MS;
    assert.deepEqual(read(chip, 0x19, 4), [0x09, 0x01, 0x18, 0x10]);
    assert.equal(chip.sampling, false);
  });

  it('keeps reserved bits at 0', () => {
    const { chip } = bench();
    write(chip, 0x1a, 0xff, 0xff, 0xff);
    write(chip, 0x37, 0xff, 0xff);
    write(chip, 0x6b, 0x7f, 0xff);
    write(chip, 0x75, 0x00);
    assert.deepEqual(read(chip, 0x1a, 3), [0x3f, 0xf8, 0xf8]);
    assert.deepEqual(read(chip, 0x37, 2), [0xfe, 0x19]);
    assert.deepEqual(read(chip, 0x6b, 2), [0x6f, 0xff]);
    assert.deepEqual(read(chip, 0x75), [0x68]);
  });

  it('measures motion in the units of every full scale, and clips', () => {
    const { chip, clock } = awake({
      motion: { acceleration: [0.5, -1, 3], rotation: [10, -200, 400], temperature: 36.53 },
    });
    const clip = (value: number): number => Math.max(-32768, Math.min(32767, Math.round(value)));
    for (const [scale, perG, perDegree] of [
      [0, 16384, 131],
      [1, 8192, 65.5],
      [2, 4096, 32.8],
      [3, 2048, 16.4],
    ] as const) {
      write(chip, 0x1b, scale << 3, scale << 3);
      clock.nanos += 1 * MS;
      const acceleration = [0.5, -1, 3].map((g) => clip(g * perG));
      const rotation = [10, -200, 400].map((rate) => clip(rate * perDegree));
      assert.deepEqual(words(read(chip, 0x3b, 14)), [...acceleration, 0, ...rotation]);
    }
    chip.setMotion({ temperature: 35 });
    clock.nanos += 1 * MS;
    assert.deepEqual(words(read(chip, 0x41, 2)), [-520]);
  });

  it('samples at the rate of SMPLRT_DIV and DLPF_CFG', () => {
    for (const [config, divider, period] of [
      [0, 0, 125 * US],
      [7, 7, 1 * MS],
      [1, 0, 1 * MS],
      [6, 9, 10 * MS],
    ] as const) {
      const { chip, clock } = bench();
      write(chip, 0x19, divider, config);
      write(chip, 0x6b, 0x00);
      clock.nanos += period - 1;
      assert.deepEqual(words(read(chip, 0x3f, 2)), [0]);
      clock.nanos += 1;
      assert.deepEqual(words(read(chip, 0x3f, 2)), [16384]);
    }
  });

  it('wakes as LP_WAKE_CTRL says in cycle mode, and keeps the results of what is in standby', () => {
    const { chip, clock } = bench();
    write(chip, 0x6c, 0x47);
    write(chip, 0x6b, 0x28);
    clock.nanos += 199 * MS;
    assert.deepEqual(words(read(chip, 0x3f, 2)), [0]);
    chip.setMotion({ rotation: [1, 1, 1] });
    clock.nanos += 1 * MS;
    assert.deepEqual(words(read(chip, 0x3b, 14)), [0, 0, 16384, 0, 0, 0, 0]);
  });

  it('takes no samples with its clock stopped', () => {
    const { chip, clock } = bench();
    write(chip, 0x6b, 0x07);
    clock.nanos += 100 * MS;
    assert.deepEqual(words(read(chip, 0x3f, 2)), [0]);
  });

  it('shows one sample to a burst', () => {
    const { chip, clock } = awake();
    clock.nanos += 1 * MS;
    assert.ok(chip.start('write') && chip.write(0x3f) && chip.start('read'));
    assert.equal(chip.read(), 0x40);
    chip.setMotion({ acceleration: [0, 0, -1], temperature: 50 });
    clock.nanos += 5 * MS;
    assert.deepEqual([chip.read(), chip.read()], [0, 0xf0]);
    chip.stop();
    assert.deepEqual(words(read(chip, 0x3f, 2)), [-16384]);
  });

  it('resets its registers, shows DEVICE_RESET until that is done, and loses writes meanwhile', () => {
    const { chip, clock } = awake();
    write(chip, 0x6b, 0x81);
    assert.deepEqual(read(chip, 0x6b), [0xc0]);
    assert.deepEqual(read(chip, 0x1a), [0x00]);
    write(chip, 0x6b, 0x00);
    clock.nanos += 100 * MS;
    assert.deepEqual(read(chip, 0x6b), [0x40]);
  });

  it('clears INT_STATUS when it is read, or with INT_RD_CLEAR when anything is', () => {
    const { chip, clock } = awake();
    clock.nanos += 1 * MS;
    assert.deepEqual(read(chip, 0x3a), [0]);
    write(chip, 0x38, 0x01);
    clock.nanos += 1 * MS;
    assert.deepEqual(read(chip, 0x3b, 2), [0, 0]);
    assert.equal(chip.registers[0x3a], 0x01);
    assert.deepEqual(read(chip, 0x3a), [0x01]);
    assert.deepEqual(read(chip, 0x3a), [0]);
    write(chip, 0x37, 0x10);
    clock.nanos += 1 * MS;
    read(chip, 0x75);
    assert.deepEqual(read(chip, 0x3a), [0]);
  });

  it('drives its interrupt pin as a pulse or latched, high or low, or open-drain', () => {
    const { chip, clock } = awake();
    write(chip, 0x38, 0x01);
    assert.equal(chip.interruptPin, false);
    clock.nanos += 1 * MS;
    assert.equal(chip.interruptPin, true);
    clock.nanos += 50 * US;
    assert.equal(chip.interruptPin, false);
    write(chip, 0x37, 0xa0);
    assert.equal(chip.interruptPin, false);
    read(chip, 0x3a);
    assert.equal(chip.interruptPin, true);
    write(chip, 0x37, 0xe0);
    assert.equal(chip.interruptPin, undefined);
    clock.nanos += 1 * MS;
    assert.equal(chip.interruptPin, false);
  });

  it('fills its FIFO in the order of the registers, and is read from it in a burst', () => {
    const { chip, clock } = awake({ motion: { acceleration: [1, 0, -1], rotation: [1, 2, 3], temperature: 36.53 } });
    write(chip, 0x23, 0xd8);
    write(chip, 0x6a, 0x40);
    clock.nanos += 1 * MS;
    assert.deepEqual(read(chip, 0x72, 2), [0, 12]);
    assert.deepEqual(words(read(chip, 0x74, 12)), [16384, 0, -16384, 0, 131, 393]);
    assert.equal(chip.fifoCount, 0);
    assert.deepEqual(read(chip, 0x74, 2), [393 & 0xff, 393 & 0xff]);
  });

  it('updates FIFO_COUNT when its high byte is read', () => {
    const { chip, clock } = awake();
    write(chip, 0x23, 0x08);
    write(chip, 0x6a, 0x40);
    clock.nanos += 50 * MS;
    assert.deepEqual(read(chip, 0x73), [0]);
    assert.deepEqual(read(chip, 0x72), [300 >> 8]);
    clock.nanos += 1 * MS;
    assert.deepEqual(read(chip, 0x73), [300 & 0xff]);
    assert.deepEqual(read(chip, 0x72, 2), [306 >> 8, 306 & 0xff]);
  });

  it('loses the oldest bytes of a full FIFO, and so the beginning of a sample', () => {
    const { chip, clock } = awake();
    write(chip, 0x23, 0x08);
    write(chip, 0x6a, 0x40);
    clock.nanos += 170 * MS;
    assert.deepEqual(read(chip, 0x3a), [0x00]);
    clock.nanos += 1 * MS;
    assert.deepEqual(read(chip, 0x3a), [0x10]);
    assert.equal(chip.fifoCount, 1024);
    // Every sample is 00 00 00 00 40 00, and 1024 is no multiple of 6.
    assert.deepEqual(read(chip, 0x74, 8), [0, 0, 0x40, 0, 0, 0, 0, 0]);
  });

  it('ends up with the same FIFO when it is looked at rarely as when often', () => {
    const [slow, fast] = [awake(), awake()];
    for (const { chip } of [slow, fast]) {
      write(chip, 0x23, 0xf8);
      write(chip, 0x6a, 0x40);
    }
    for (let step = 0; step < 36; step += 1) {
      slow.clock.nanos += 100 * MS;
      assert.ok(slow.chip.fifoCount > 0);
    }
    fast.clock.nanos += 3600 * MS;
    assert.deepEqual(read(fast.chip, 0x74, 1024), read(slow.chip, 0x74, 1024));
    fast.clock.nanos += 3600e9;
    assert.equal(fast.chip.fifoCount, 1024);
  });

  it('resets its FIFO only while FIFO_EN is 0, and the bit reads 0', () => {
    const { chip, clock } = awake();
    write(chip, 0x23, 0x08);
    write(chip, 0x6a, 0x40);
    clock.nanos += 1 * MS;
    write(chip, 0x6a, 0x44);
    assert.equal(chip.fifoCount, 6);
    write(chip, 0x6a, 0x00);
    clock.nanos += 1 * MS;
    assert.equal(chip.fifoCount, 6);
    write(chip, 0x6a, 0x04);
    assert.equal(chip.fifoCount, 0);
    assert.deepEqual(read(chip, 0x6a), [0]);
  });

  it('takes bytes into its FIFO through FIFO_R_W', () => {
    const { chip } = bench();
    write(chip, 0x74, 0x11);
    assert.equal(chip.fifoCount, 0);
    write(chip, 0x6a, 0x40);
    write(chip, 0x74, 0x11, 0x22, 0x33);
    assert.deepEqual(read(chip, 0x74, 3), [0x11, 0x22, 0x33]);
  });

  it('clears its sensor registers with SIG_COND_RESET', () => {
    const { chip, clock } = awake();
    clock.nanos += 1 * MS;
    write(chip, 0x6a, 0x01);
    assert.deepEqual(read(chip, 0x3b, 6), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(read(chip, 0x6a), [0]);
  });

  it('forgets everything without power', () => {
    const { chip, clock } = awake();
    write(chip, 0x6b, 0x80);
    chip.power(false);
    assert.equal(chip.start('read'), false);
    assert.equal(chip.interruptPin, undefined);
    chip.power(true);
    clock.nanos += 10 * MS;
    assert.deepEqual(read(chip, 0x6b), [0x40]);
    assert.deepEqual(read(chip, 0x1a), [0x00]);
  });
});
