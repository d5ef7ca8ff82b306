import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Bme280, type Air, type Bme280Settings } from '../../../peripherals/bme280/index.js';
import { ControllerError, EntryPointError } from '../../../runtime/index.js';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { AT, bme280Bench, settingsOf, type ChipBench } from './bench.js';

const samples = fc.constantFrom('x1', 'x2', 'x4', 'x8', 'x16');
const settings: fc.Arbitrary<Bme280Settings> = fc.record({
  mode: fc.constantFrom('forced', 'normal'),
  temperature: samples,
  pressure: fc.oneof(samples, fc.constant('skip' as const)),
  humidity: fc.oneof(samples, fc.constant('skip' as const)),
  filter: fc.constantFrom('off', 'x2', 'x4', 'x8', 'x16'),
  standby: fc.constantFrom(0.5, 10, 20, 62.5, 125, 250, 500, 1000),
});
const air = fc.record({
  temperature: fc.double({ min: -30, max: 80, noNaN: true }),
  pressure: fc.double({ min: 40_000, max: 108_000, noNaN: true }),
  humidity: fc.double({ min: 5, max: 95, noNaN: true }),
});

/** 3.4.1: at x1 without the filter a step is 5 mK and 2.6 Pa; the compensation rounds a little, too. */
function assertAir(found: Air, { temperature, pressure, humidity }: { [Name in keyof Air]: number | undefined }): void {
  assert.ok(Math.abs(found.temperature - temperature!) < 0.03, `${found.temperature} °C, not ${temperature}`);
  for (const [is, should, tolerance] of [
    [found.pressure, pressure, 6],
    [found.humidity, humidity, 0.1],
  ] as const) {
    if (should === undefined) assert.equal(is, undefined);
    else assert.ok(is !== undefined && Math.abs(is - should) < tolerance, `${is}, not ${should}`);
  }
}

describe('The driver of a BME280', () => {
  let bench: ChipBench;
  let sensor: Bme280;

  before(async () => {
    bench = await bme280Bench();
    sensor = new Bme280(bench.board, AT);
  });
  after(() => bench.dispose());
  beforeEach(async () => {
    await sensor.init();
  });

  it('reads the air in every mode and with all settings', async () => {
    const property = fc.asyncProperty(settings, air, async (to, around) => {
      bench.chip.setAir(around);
      await sensor.configure(to);
      assertAir(await sensor.read(), {
        temperature: around.temperature,
        pressure: to.pressure === 'skip' ? undefined : around.pressure,
        humidity: to.humidity === 'skip' ? undefined : around.humidity,
      });
    });
    await fc.assert(property, { numRuns: 30, seed: 2800 });
  });

  it('measures for each read in forced mode, and the chip sleeps in between', async () => {
    const before = bench.chip.measurements;
    await sensor.read();
    assert.deepEqual([bench.chip.measurements, bench.chip.state], [before + 1, 'sleep']);
    bench.chip.setAir({ temperature: 11 });
    assert.ok(Math.abs((await sensor.read()).temperature - 11) < 0.03);
    bench.emulated.advance(1000);
    assert.equal(bench.chip.measurements, before + 2);
  });

  it('measures again and again in normal mode, until it is put to sleep', async () => {
    await sensor.configure({ mode: 'normal', standby: 62.5 });
    bench.emulated.advance(1000);
    const { measurements } = bench.chip;
    // 1000 ms in cycles of 62.5 and at most 9.3 ms (9.1).
    assert.ok(measurements > 13, String(measurements));
    await sensor.sleep();
    bench.emulated.advance(20);
    const slept = bench.chip.measurements;
    bench.emulated.advance(1000);
    assert.deepEqual([bench.chip.measurements, bench.chip.state], [slept, 'sleep']);
    await sensor.read();
    assert.equal(bench.chip.measurements, slept + 1);
  });

  it('takes one round trip for the measurement, and one for the commit', async () => {
    let roundTrips: number | undefined;
    const watch = bench.board.trace.subscribe((event) => {
      if (event.type === 'committed') roundTrips = event.roundTrips;
    });
    await sensor.read();
    watch.unsubscribe();
    assert.equal(roundTrips, 2);
  });

  it('undoes every call that fails, at whichever operation', async () => {
    const observe = () => [settingsOf(bench.chip), bench.chip.state, sensor.settings, sensor.calibration];
    const undone = (call: () => Promise<unknown>) =>
      assertUndoneAtEveryOperation(bench.board, bench.fault, call, [sensor.chip], observe);
    const to = { mode: 'normal', humidity: 'x16', filter: 'x4', standby: 125 } as const;
    await sensor.configure({ temperature: 'x2', pressure: 'skip' });
    assert.equal(await undone(() => sensor.read()), 4);
    assert.equal(await undone(() => sensor.configure(to)), 5);
    await sensor.sleep();
    assert.equal(await undone(() => sensor.init(to)), 8);
    await sensor.sleep();
    assert.equal(await undone(() => sensor.sleep()), 1);
  });

  it('reads a result that was measured after the rollback, not one of the failed call', async () => {
    bench.chip.setAir({ temperature: 20 });
    await sensor.configure({ mode: 'normal', standby: 1000 });
    bench.emulated.advance(100);
    assert.ok(await bench.fault.at(4, () => sensor.configure({ temperature: 'x16', standby: 0.5 })));
    bench.chip.setAir({ temperature: 30 });
    assert.ok(Math.abs((await sensor.read()).temperature - 30) < 0.03);
  });

  it('wants to be initialised first', async () => {
    const other = new Bme280(bench.board, AT);
    await assert.rejects(other.read(), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal((error.cause as { code?: string }).code, 'not-initialised');
      assert.match(error.message, /call init\(\) first/);
      return true;
    });
  });

  it('says that no chip is there', async () => {
    const other = new Bme280(bench.board, { index: 0, target: 0x76 });
    await assert.rejects(other.init(), (error) => {
      assert.ok(error instanceof EntryPointError && error.cause instanceof ControllerError);
      assert.equal(error.cause.code, 'bus-fault');
      assert.match(error.message, /bme280@i2c0:0x76\.ID: no chip acknowledges that address/);
      return true;
    });
    assertAir(await sensor.read(), bench.chip.air);
  });

  it('says that another chip is there, and does not touch it', async () => {
    const written: number[] = [];
    /** A BMP280, whose identification is 0x58. */
    const bmp280: I2cTarget = {
      start: () => true,
      write: (byte) => written.push(byte) > 0,
      read: () => 0x58,
      stop() {},
    };
    const disconnect = bench.emulated.connectI2c(0, 0x76, bmp280);
    const other = new Bme280(bench.board, { index: 0, target: 0x76 });
    await assert.rejects(other.init(), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal((error.cause as { code?: string }).code, 'wrong-chip');
      assert.match(error.message, /bme280@i2c0:0x76 says that it is 0x58, not 0x60/);
      assert.equal(error.rollback.outcome, 'nothing');
      return true;
    });
    assert.deepEqual(written, [0xd0]);
    disconnect();
  });
});
