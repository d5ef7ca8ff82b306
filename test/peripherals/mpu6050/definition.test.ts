import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Mpu6050, mpu6050, type Mpu6050Registers } from '../../../peripherals/mpu6050/index.js';
import { mpu6050Model } from '../../../peripherals/mpu6050/model.js';
import { attach, EntryPointError, type Handle } from '../../../runtime/index.js';
import { assertUndone, assertUndoneAfter, Messy } from '../failing-call.js';
import { savableBits, saveEntry, selfClearingBits, type RegisterSpec } from '../../../runtime/registers/definition.js';
import type { I2cTarget, ModelClock } from '../../../transports/emulator/bus-targets.js';
import { AT, mpu6050Bench, settingsOf, type ChipBench } from './bench.js';

const DEVICE_RESET = 0x80;
const SLEEP = 0x40;
const FIFO_ENABLED = 0x40;
const LATCHED = 0x20;
/** Register 106, bit 3: reserved in revision 4.2; other drivers of the chip reset its motion processor with it. */
const DMP_RESET = 0x08;
const byteOf = (mask: number) => fc.nat(0xff).map((bits) => bits & mask);
const word = fc.nat(0xffffffff);

/** In an order in which they can be written to a chip that is awake: what starts something comes last. */
const setup = fc.record({
  // Not CLKSEL 6, which is reserved.
  PWR_MGMT_1: byteOf(0x2f).filter((bits) => (bits & 7) !== 6),
  SELF_TEST: word.map((bits) => (bits & 0xffffff3f) >>> 0),
  SMPLRT_DIV: fc.oneof(fc.nat(3), fc.nat(0xff)),
  CONFIG: byteOf(0x3f),
  GYRO_CONFIG: byteOf(0xf8),
  ACCEL_CONFIG: byteOf(0xf8),
  AUXILIARY: fc.array(word, { minLength: 4, maxLength: 4 }),
  I2C_SLV4_CTRL: byteOf(0x7f),
  I2C_SLV_DO: word,
  I2C_MST_DELAY_CTRL: byteOf(0x9f),
  // Without INT_RD_CLEAR, with which looking at the chip clears its interrupts.
  INT_PIN_CFG: byteOf(0xee),
  PWR_MGMT_2: byteOf(0xff),
  FIFO_EN: byteOf(0xff),
  INT_ENABLE: byteOf(0x19),
  USER_CTRL: byteOf(0x60),
  asleep: fc.boolean(),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

const WIDE = ['SELF_TEST', 'I2C_SLV_DO'] as const;
const BYTES = [
  'SMPLRT_DIV',
  'CONFIG',
  'GYRO_CONFIG',
  'ACCEL_CONFIG',
  'I2C_MST_CTRL',
  'I2C_SLV4_CTRL',
  'I2C_MST_DELAY_CTRL',
  'INT_PIN_CFG',
  'PWR_MGMT_2',
  'FIFO_EN',
  'INT_ENABLE',
  'SIGNAL_PATH_RESET',
  'USER_CTRL',
  'PWR_MGMT_1',
] as const;
const us = fc.constantFrom(0, 0, 300, 4000);
const mess = fc.array(
  fc.oneof(
    fc.record({ register: fc.constantFrom(...BYTES), bits: fc.nat(0xff), us }),
    fc.record({ register: fc.constant('PWR_MGMT_1' as const), bits: fc.constantFrom(DEVICE_RESET, 0, 1), us }),
    fc.record({ register: fc.constant('I2C_SLV4_CTRL' as const), bits: fc.constant(0x80), us }),
    fc.record({ register: fc.constantFrom(...WIDE, 'AUXILIARY' as const), bits: word, us }),
  ),
  { minLength: 1, maxLength: 8 },
);
type Mess = typeof mess extends fc.Arbitrary<infer T> ? T : never;

async function write(block: Handle<Mpu6050Registers>, register: string, bits: number): Promise<void> {
  if (register === 'AUXILIARY') return block.AUXILIARY.writeBlock(0, [bits, ~bits >>> 0, bits, ~bits >>> 0]);
  await (block as unknown as Record<string, { writeBits(value: number): Promise<void> }>)[register]!.writeBits(bits);
}

async function scramble(block: Handle<Mpu6050Registers>, list: Mess, delay: (us: number) => Promise<void>) {
  for (const each of list) {
    await write(block, each.register, each.bits);
    if (each.us > 0) await delay(each.us);
  }
}

/** Awake at 250 Hz, with acceleration into the FIFO and interrupts for the data. */
const AWAKE: Setup = {
  PWR_MGMT_1: 1,
  SELF_TEST: 0,
  SMPLRT_DIV: 3,
  CONFIG: 3,
  GYRO_CONFIG: 0x08,
  ACCEL_CONFIG: 0x10,
  AUXILIARY: [0, 0, 0, 0],
  I2C_SLV4_CTRL: 0,
  I2C_SLV_DO: 0,
  I2C_MST_DELAY_CTRL: 0,
  INT_PIN_CFG: LATCHED,
  PWR_MGMT_2: 0,
  FIFO_EN: 0x08,
  INT_ENABLE: 0x01,
  USER_CTRL: FIFO_ENABLED,
  asleep: false,
};

/** A chip of which DEVICE_RESET reads 0 after 2 ms, but that drops what is written to it for 99 ms more. */
function slowAfterReset(clock: ModelClock): { readonly target: I2cTarget; readonly settings: () => number[] } {
  const chip = mpu6050Model({ clock, deviceResetTime: 2e6 });
  let register: number | undefined;
  let ready = 0;
  const target: I2cTarget = {
    start(direction) {
      register = undefined;
      return chip.start(direction);
    },
    write(byte) {
      if (register !== undefined && clock.nanos < ready) return true;
      if (register === 0x6b && byte & DEVICE_RESET) ready = clock.nanos + 101e6;
      register ??= byte;
      return chip.write(byte);
    },
    read: () => chip.read(),
    stop: () => chip.stop(),
  };
  return { target, settings: () => settingsOf(chip) };
}

describe('An MPU-6050, on real firmware', () => {
  let bench: ChipBench;
  let block: Handle<Mpu6050Registers>;
  let driver: Messy<Mpu6050Registers>;

  before(async () => {
    const motion = { acceleration: [0.1, -0.2, 0.97], rotation: [30, -60, 90], temperature: 31 } as const;
    bench = await mpu6050Bench({ motion, deviceResetTime: 3e6 });
    block = attach(mpu6050(AT), bench.board);
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  /** From a power-up on, with an empty FIFO. */
  async function configure({ asleep, AUXILIARY, ...to }: Setup): Promise<void> {
    bench.chip.powerCycle();
    await block.PWR_MGMT_1.writeBits(to.PWR_MGMT_1);
    await block.AUXILIARY.writeBlock(0, AUXILIARY);
    for (const [register, bits] of Object.entries(to)) if (register !== 'USER_CTRL') await write(block, register, bits);
    if (asleep) await block.PWR_MGMT_1.writeBits(to.PWR_MGMT_1 | SLEEP);
    await block.USER_CTRL.writeBits(to.USER_CTRL);
  }

  /** What can be seen of the chip from now on: settings, results, how fast the FIFO fills, the interrupt pin. */
  async function behaviour() {
    const filled = bench.chip.fifoCount;
    bench.emulated.advance(20);
    const early = bench.chip.fifoCount;
    bench.emulated.advance(600);
    await block.INT_STATUS.read();
    const settings = settingsOf(bench.chip);
    bench.emulated.advance(600);
    const { registers, sampling, interruptPin } = bench.chip;
    // What is switched off keeps an old result: seven words, the temperature between accelerometers and gyroscopes.
    const off = [0x20, 0x10, 0x08].map((bit) => registers[0x6c]! & bit);
    off.push(registers[0x6b]! & 0x08, ...[0x04, 0x02, 0x01].map((bit) => registers[0x6c]! & bit));
    const data = registers.slice(0x3b, 0x49).filter((_, index) => sampling && !off[index >> 1]);
    return { filled, early, settings, sampling, data, pin: (registers[0x37]! & LATCHED) === 0 ? null : interruptPin };
  }

  it('is as it was after a failed call, whatever the call wrote, its reset included', async () => {
    const property = fc.asyncProperty(setup, mess, async (to, list) => {
      await configure(to);
      const settings = settingsOf(bench.chip);
      await assertUndone(driver, (messy, delay) => scramble(messy, list, delay));
      assert.deepEqual(settingsOf(bench.chip), settings);
    });
    await fc.assert(property, { numRuns: 40, seed: 6050 });
  }).timeout(60_000);

  it('measures, fills its FIFO and raises its interrupt as before the failed call', async () => {
    const property = fc.asyncProperty(setup, mess, async (to, list) => {
      await configure(to);
      const before = await behaviour();
      await assertUndone(driver, (messy, delay) => scramble(messy, list, delay));
      const after = await behaviour();
      assert.deepEqual({ ...after, filled: 0, early: 0 }, { ...before, filled: 0, early: 0 });
      // A sample or two of at most 14 bytes come while the firmware reads back, and two stretches of time begin anyhow.
      assert.ok(Math.abs(after.early - after.filled - (before.early - before.filled)) <= 28, `${after.early}`);
      assert.equal(before.sampling, !to.asleep && (to.PWR_MGMT_1 & 7) !== 7);
      if (to.asleep) assert.equal(after.filled, 0);
    });
    await fc.assert(property, { numRuns: 25, seed: 6051 });
  }).timeout(60_000);

  it('has a sample of the right scale at once, although the next one is a quarter of a second away', async () => {
    // Asleep, with its clock stopped, all in standby, or as slow as before.
    const ends = fc.constantFrom(['PWR_MGMT_1', SLEEP], ['PWR_MGMT_1', 7], ['PWR_MGMT_2', 0x3f], ['SMPLRT_DIV', 255]);
    const property = fc.asyncProperty(ends, async ([register, bits]) => {
      await configure({ ...AWAKE, SMPLRT_DIV: 255 });
      bench.emulated.advance(600);
      const before = await block.DATA.readBlock(0, 7);
      await assertUndone(driver, async (messy, delay) => {
        await messy.SMPLRT_DIV.write(0);
        await messy.ACCEL_CONFIG.write({ AFS_SEL: '16' });
        await messy.GYRO_CONFIG.write({ FS_SEL: '2000' });
        await delay(5000);
        await write(messy, register, bits);
      });
      assert.deepEqual(await block.DATA.readBlock(0, 7), before);
    });
    await fc.assert(property, { numRuns: 12, seed: 6052 });
  }).timeout(60_000);

  it('begins the FIFO anew, so that no sample of another layout is in it', async () => {
    await configure(AWAKE);
    await assertUndone(driver, async ({ FIFO_EN, SMPLRT_DIV }, delay) => {
      await SMPLRT_DIV.write(0);
      await FIFO_EN.writeBits(0x80);
      await delay(11_000);
      await FIFO_EN.writeBits(0xff);
      await delay(3000);
    });
    bench.emulated.advance(100);
    assert.equal(bench.chip.fifoCount % 6, 0);
    const [x, y, z] = await block.FIFO_R_W.pull(6).then((bytes) =>
      [0, 2, 4].map((at) => (bytes[at]! << 8) | bytes[at + 1]!),
    );
    // ±8 g: 4096 units a g.
    assert.deepEqual([x, y! - 0x10000, z], [410, -819, 3973]);
  });

  it('is set up again when the call has reset it, and the reset takes as long as it may', async () => {
    const slow = await mpu6050Bench();
    try {
      const handle = attach(mpu6050(AT), slow.board);
      const { SMPLRT_DIV, PWR_MGMT_1 } = handle;
      await PWR_MGMT_1.writeBits(1);
      await SMPLRT_DIV.write(9);
      await assertUndone(new Messy(slow.board, handle), (messy) => messy.PWR_MGMT_1.write({ DEVICE_RESET: true }));
      assert.deepEqual([await SMPLRT_DIV.read(), await PWR_MGMT_1.readBits()], [9, 1]);
    } finally {
      await slow.dispose();
    }
  });

  it('that takes settings only 100 ms after its reset is set up by its driver, and by a rollback', async () => {
    const at = { index: 1, target: 0x68 } as const;
    const slow = slowAfterReset(bench.emulated.chip.clock);
    const disconnect = bench.emulated.connectI2c(at.index, at.target, slow.target);
    try {
      const sensor = new Mpu6050(bench.board, at);
      await sensor.init({ acceleration: 8, hertz: 250 });
      assert.deepEqual(
        [await sensor.chip.SMPLRT_DIV.read(), (await sensor.chip.ACCEL_CONFIG.read()).AFS_SEL],
        [3, '8'],
      );
      const settings = slow.settings();
      const messy = new Messy(bench.board, sensor.chip);
      await assertUndone(messy, async ({ PWR_MGMT_1 }) => {
        await PWR_MGMT_1.write({ DEVICE_RESET: true });
        await PWR_MGMT_1.poll({ DEVICE_RESET: false }, 100_000);
      });
      assert.deepEqual(slow.settings(), settings);
    } finally {
      disconnect();
    }
  });

  it('has every bit saved that its restore writes, but those that act', () => {
    const { registers, restore = [], save } = mpu6050(AT);
    const entries = save.map(saveEntry);
    for (const step of restore) {
      if (step.step !== 'write') continue;
      const register: RegisterSpec = registers[step.register as keyof typeof registers];
      const saved = entries.find((each) => each.register === step.register);
      const acting = selfClearingBits(register) | (step.register === 'USER_CTRL' ? DMP_RESET : 0);
      assert.ok(saved, step.register);
      assert.equal(saved.mask ?? savableBits(register), step.mask & ~acting, step.register);
    }
  });

  it('sleeps again, with an empty FIFO and no interrupt, although the restore had to wake it', async () => {
    await configure({ ...AWAKE, asleep: true });
    await assertUndoneAfter(driver, async ({ INT_PIN_CFG }) => {
      await INT_PIN_CFG.modify({ INT_LEVEL: true });
      assert.equal((await INT_PIN_CFG.read()).INT_LEVEL, true);
    });
    const { sampling, fifoCount, interruptPin } = bench.chip;
    assert.deepEqual({ sampling, fifoCount, interruptPin }, { sampling: false, fifoCount: 0, interruptPin: false });
    bench.emulated.advance(1000);
    assert.equal(bench.chip.fifoCount, 0);
  });

  it('is set up again when it has lost its power in the middle of a call', async () => {
    await configure(AWAKE);
    const settings = settingsOf(bench.chip);
    await assertUndone(driver, async ({ CONFIG, WHO_AM_I }) => {
      await CONFIG.writeBits(0);
      await WHO_AM_I.read();
      bench.chip.powerCycle();
    });
    assert.deepEqual(settingsOf(bench.chip), settings);
    assert.equal(bench.chip.sampling, true);
  });

  it('that stays without power is reported with every register that could not be brought back', async () => {
    await configure(AWAKE);
    const fails = driver.failAfter(async ({ CONFIG, WHO_AM_I }) => {
      await CONFIG.writeBits(0);
      await WHO_AM_I.read();
      bench.chip.power(false);
    });
    await assert.rejects(fails, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'mismatch');
      const named = error.rollback.mismatches.map(({ peripheral, register }) => `${peripheral}.${register}`);
      assert.equal(named[0], 'mpu6050@i2c1:0x69.ACCEL_CONFIG');
      assert.ok(named.length > 3, named.join(', '));
      return true;
    });
    await configure(AWAKE);
    await assertUndone(driver, ({ CONFIG }) => CONFIG.writeBits(0));
  });
});
