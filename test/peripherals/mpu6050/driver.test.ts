import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Mpu6050, type Motion, type Mpu6050Settings, type Vector } from '../../../peripherals/mpu6050/index.js';
import { ControllerError, EntryPointError } from '../../../runtime/index.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { AT, mpu6050Bench, settingsOf, type ChipBench } from './bench.js';

const G = 9.80665;
const settings: fc.Arbitrary<Mpu6050Settings> = fc.record({
  acceleration: fc.constantFrom(2, 4, 8, 16),
  rotation: fc.constantFrom(250, 500, 1000, 2000),
  bandwidth: fc.constantFrom(184, 94, 44, 21, 10, 5),
  hertz: fc.constantFrom(1000, 500, 100, 62.5, 25),
});
const axes = (most: number) => {
  const axis = fc.double({ min: -most, max: most, noNaN: true });
  return fc.tuple(axis, axis, axis);
};
/** g, °/s and °C, within what the finest ranges show. */
const motion = fc.record({
  acceleration: axes(1.99),
  rotation: axes(249),
  temperature: fc.double({ min: -40, max: 85, noNaN: true }),
});
type Moves = typeof motion extends fc.Arbitrary<infer T> ? T : never;

function assertVector({ x, y, z }: Vector, expected: readonly number[], tolerance: number): void {
  for (const [index, value] of [x, y, z].entries())
    assert.ok(Math.abs(value - expected[index]!) <= tolerance, `${value}, not ${expected[index]}`);
}

/** To half a step of the results in that range. */
function assertMotion(found: Partial<Motion>, moves: Moves, { acceleration, rotation }: Mpu6050Settings): void {
  const radians = moves.rotation.map((degrees) => (degrees * Math.PI) / 180);
  const metres = moves.acceleration.map((g) => g * G);
  assertVector(found.acceleration!, metres, (acceleration * G * 0.5001) / 32768);
  assertVector(found.rotation!, radians, (rotation * (Math.PI / 180) * 0.51) / 32768);
  assert.ok(Math.abs(found.temperature! - moves.temperature) <= 0.5001 / 340, String(found.temperature));
}

describe('The driver of an MPU-6050', () => {
  let bench: ChipBench;
  let sensor: Mpu6050;

  before(async () => {
    bench = await mpu6050Bench({ deviceResetTime: 2e6 });
    sensor = new Mpu6050(bench.board, AT);
  });
  after(() => bench.dispose());
  beforeEach(async () => {
    await sensor.init({ hertz: 500 });
  });

  it('reads acceleration, rotation and temperature in every range', async () => {
    const property = fc.asyncProperty(settings, motion, async (to, moves) => {
      bench.chip.setMotion(moves);
      await sensor.configure(to);
      assertMotion(await sensor.read(), moves, to);
    });
    await fc.assert(property, { numRuns: 25, seed: 60500 });
  });

  it('takes samples as often as it is told to, and says how often that is', async () => {
    await sensor.configure({ hertz: 300 });
    assert.equal(sensor.settings.hertz, 250);
    await sensor.record(['temperature']);
    bench.emulated.advance(1000);
    assert.ok(Math.abs(bench.chip.fifoCount / 2 - 250) <= 1, String(bench.chip.fifoCount));
  });

  it('keeps what is recorded in the FIFO until it is taken, the oldest first', async () => {
    const slow: Moves = { acceleration: [0, 0, 1], rotation: [1, 2, 3], temperature: 20 };
    const fast: Moves = { acceleration: [0.5, 0, 1], rotation: [-1, -2, -3], temperature: 21 };
    bench.chip.setMotion(slow);
    await sensor.record(['rotation', 'temperature', 'acceleration']);
    bench.emulated.advance(40);
    bench.chip.setMotion(fast);
    bench.emulated.advance(40);
    const samples = (await sensor.takeRecorded()) as Motion[];
    assert.ok(samples.length >= 40 && samples.length <= 42, String(samples.length));
    assertMotion(samples[0]!, slow, sensor.settings);
    assertMotion(samples.at(-1)!, fast, sensor.settings);
    const temperatures = samples.map(({ temperature }) => Math.round(temperature));
    assert.deepEqual(
      temperatures,
      temperatures.toSorted((a, b) => a - b),
    );
    bench.emulated.advance(10);
    assert.ok((await sensor.takeRecorded()).length >= 5);
  });

  it('records only what it is told to, and nothing when it is told to stop', async () => {
    await sensor.record(['acceleration']);
    bench.emulated.advance(20);
    const samples = await sensor.takeRecorded();
    assert.ok(samples.length >= 10);
    assert.deepEqual(Object.keys(samples[0]!), ['acceleration']);
    await sensor.record([]);
    bench.emulated.advance(20);
    assert.equal(bench.chip.fifoCount, 0);
    assert.deepEqual(await sensor.takeRecorded(), []);
  });

  it('says when samples were lost, and records anew', async () => {
    await sensor.record(['acceleration', 'rotation']);
    bench.emulated.advance(1000);
    await assert.rejects(sensor.takeRecorded(), { code: 'data-lost', message: /mpu6050@i2c1:0x69 has overflowed/ });
    bench.emulated.advance(20);
    const samples = await sensor.takeRecorded();
    assert.ok(samples.length >= 10 && samples.length <= 12);
    assertVector(
      samples[0]!.acceleration!,
      bench.chip.motion.acceleration.map((g) => g * G),
      0.01,
    );
  });

  it('gives right samples or says that some were lost, however full the FIFO is when it begins to take them', async () => {
    const moves: Moves = { acceleration: [1, -0.5, 0.25], rotation: [10, -20, 200], temperature: 60 };
    bench.chip.setMotion(moves);
    await sensor.configure({ hertz: 1000 });
    const all = ['acceleration', 'temperature', 'rotation'] as const;
    const outcomes: string[] = [];
    // 1024 bytes are 73 samples and two bytes.
    for (let ms = 72; ms <= 74.5; ms += 0.125) {
      await sensor.record(all);
      bench.emulated.advance(ms);
      const taken = await sensor.takeRecorded().catch((error: { code?: string }) => error.code);
      outcomes.push(Array.isArray(taken) ? 'taken' : String(taken));
      if (!Array.isArray(taken)) bench.emulated.advance(5);
      const samples = Array.isArray(taken) ? taken : await sensor.takeRecorded();
      assert.ok(samples.length >= (Array.isArray(taken) ? 71 : 5), `${samples.length} after ${ms} ms`);
      for (const sample of samples) assertMotion(sample, moves, sensor.settings);
    }
    // Right at the border it depends on when in a millisecond recording began.
    assert.deepEqual([outcomes[0], outcomes.at(-1)], ['taken', 'data-lost'], outcomes.join(' '));
  });

  it('says nothing of samples that were lost before it began to record', async () => {
    await sensor.record(['acceleration', 'rotation']);
    bench.emulated.advance(1000);
    await sensor.record(['temperature']);
    bench.emulated.advance(20);
    assert.ok((await sensor.takeRecorded()).length >= 10);
  });

  it('measures nothing while it sleeps, and goes on with the same settings when it is woken', async () => {
    await sensor.configure({ acceleration: 8 });
    await sensor.sleep();
    assert.equal(bench.chip.sampling, false);
    await sensor.wake();
    bench.chip.setMotion({ acceleration: [0, 0, -1] });
    bench.emulated.advance(5);
    assertVector((await sensor.read()).acceleration, [0, 0, -G], 0.01);
  });

  it('undoes every call that fails, at whichever operation', async () => {
    const observe = () => [settingsOf(bench.chip), sensor.settings, sensor.recorded];
    const undone = (call: () => Promise<unknown>) =>
      assertUndoneAtEveryOperation(bench.board, bench.fault, call, [sensor.chip], observe);
    await sensor.configure({ acceleration: 16, hertz: 1000 });
    await sensor.record(['rotation']);
    assert.equal(await undone(() => sensor.configure({ acceleration: 4, rotation: 1000 })), 10);
    assert.equal(await undone(() => sensor.record(['acceleration'])), 5);
    assert.equal(await undone(() => sensor.sleep()), 1);
    assert.equal(await undone(() => sensor.wake()), 2);
    assert.equal(await undone(() => sensor.init({ hertz: 250 })), 11);
  }).timeout(60_000);

  it('reads right values although a failed call has changed the ranges', async () => {
    const moves: Moves = { acceleration: [1, -1, 0.5], rotation: [100, 50, -200], temperature: 30 };
    bench.chip.setMotion(moves);
    await sensor.configure({ hertz: 4 });
    assert.ok(await bench.fault.at(4, () => sensor.configure({ acceleration: 16, rotation: 2000, hertz: 1000 })));
    assertMotion(await sensor.read(), moves, sensor.settings);
  });

  it('says that no chip is there', async () => {
    const other = new Mpu6050(bench.board, { index: 1, target: 0x68 });
    await assert.rejects(other.init(), (error) => {
      assert.ok(error instanceof EntryPointError && error.cause instanceof ControllerError);
      assert.equal(error.cause.code, 'bus-fault');
      assert.match(error.message, /mpu6050@i2c1:0x68\.WHO_AM_I: no chip acknowledges that address/);
      return true;
    });
  });

  it('says that another chip is there, and does not touch it', async () => {
    const written: number[] = [];
    /** A DS3231 is at the same address. */
    const clock = { start: () => true, write: (byte: number) => written.push(byte) > 0, read: () => 0x12, stop() {} };
    const disconnect = bench.emulated.connectI2c(1, 0x68, clock);
    const other = new Mpu6050(bench.board, { index: 1, target: 0x68 });
    await assert.rejects(other.init(), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal((error.cause as { code?: string }).code, 'wrong-chip');
      assert.match(error.message, /mpu6050@i2c1:0x68 says that it is 0x12, not 0x68/);
      return true;
    });
    assert.deepEqual(written, [0x75]);
    disconnect();
  });
});
