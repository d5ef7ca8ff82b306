import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Sht30, Sht30Error, SHT30_LIMITS, type LimitName } from '../../../peripherals/sht30/index.js';
import { sht30Model, type Sht30Model } from '../../../peripherals/sht30/model.js';
import { ControllerError } from '../../../runtime/index.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x45;
const NAMES = Object.keys(SHT30_LIMITS) as LimitName[];
const REPEATABILITIES = ['low', 'medium', 'high'] as const;

describe('SHT30, its driver', () => {
  let bench: ChipBench<Sht30Model>;
  let sensor: Sht30;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => sht30Model({ clock, address: ADDRESS }));
    sensor = new Sht30(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  async function assertRefused(call: Promise<unknown>, code: Sht30Error['code']): Promise<void> {
    const { cause } = await failureOf(call);
    assert.ok(cause instanceof Sht30Error, String(cause));
    assert.equal(cause.code, code);
  }

  /** SHT3x 4.13: half a step of the sixteen bits. */
  const near = (found: number, expected: number, range: number): boolean =>
    Math.abs(found - expected) <= range / 0xffff / 2 + 1e-9;

  it('measures temperature and humidity, at any repeatability, with and without clock stretching', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -400, max: 1250 }),
        fc.nat(1000),
        fc.constantFrom(...REPEATABILITIES),
        fc.boolean(),
        async (tenths, permille, repeatability, stretch) => {
          bench.chip.temperature = tenths / 10;
          bench.chip.humidity = permille / 10;
          const { temperature, humidity } = await sensor.measure({ repeatability, stretch });
          assert.ok(near(temperature, tenths / 10, 175), `${temperature} °C`);
          assert.ok(near(humidity, permille / 10, 100), `${humidity} %`);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('costs one round trip a measurement', async () => {
    let sent = 0;
    const subscription = bench.board.trace.subscribe(({ type }) => {
      if (type === 'sent') sent++;
    });
    await sensor.measure();
    subscription.unsubscribe();
    // What a measurement sends is harmless: there is nothing to commit.
    assert.equal(sent, 1);
  });

  it('measures by itself, and each measurement can be fetched once', async () => {
    for (const hertz of [0.5, 1, 2, 4, 10] as const)
      for (const repeatability of REPEATABILITIES) {
        bench.chip.temperature = hertz;
        await sensor.periodic(hertz, repeatability);
        bench.advance(20);
        assert.ok(near((await sensor.fetch()).temperature, hertz, 175));
        const { cause, rollback } = await failureOf(sensor.fetch());
        assert.ok(cause instanceof ControllerError && cause.code === 'bus-fault');
        assert.notEqual(rollback.outcome, 'mismatch');
        bench.advance(1000 / hertz);
        await sensor.fetch();
        assert.equal(bench.chip.registers.mode, 'periodic');
      }
    await sensor.stop();
    assert.equal(bench.chip.registers.mode, 'idle');
    await sensor.measure();
  });

  it('refuses to measure once while it measures by itself, and to fetch while it does not', async () => {
    await assertRefused(sensor.fetch(), 'wrong-mode');
    await sensor.periodic(1);
    await assertRefused(sensor.measure(), 'wrong-mode');
    assert.equal(bench.chip.registers.mode, 'periodic');
  });

  it('switches the heater, and tells so in its status', async () => {
    assert.equal((await sensor.status()).heater, false);
    await sensor.heater(true);
    assert.equal((await sensor.status()).heater, true);
    await sensor.heater(false);
    assert.equal((await sensor.status()).heater, false);
  });

  it('tells of a reset until the status is cleared, which happens with the commit', async () => {
    const { resetDetected, alertPending, commandFailed, checksumFailed } = await sensor.status();
    assert.deepEqual([resetDetected, alertPending, commandFailed, checksumFailed], [true, true, false, false]);
    assert.ok(await bench.fault.at(0, () => sensor.clearStatus()));
    assert.equal((await sensor.status()).resetDetected, true);
    await sensor.clearStatus();
    assert.equal((await sensor.status()).resetDetected, false);
    assert.equal((await sensor.status()).alertPending, false);
  });

  it('sets alert limits, as near as the chip can hold them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.double({ min: -45, max: 130, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        async (name, temperature, humidity) => {
          await sensor.setLimit(name, { temperature, humidity });
          const limit = await sensor.limit(name);
          // Seven and nine bits: what the chip holds is lower by less than a step.
          assert.ok(
            limit.temperature <= temperature + 0.002 && temperature - limit.temperature < 0.345,
            `${limit.temperature}`,
          );
          assert.ok(limit.humidity <= humidity + 0.001 && humidity - limit.humidity < 0.785, `${limit.humidity}`);
          assert.equal((await sensor.status()).checksumFailed, false);
        },
      ),
      { numRuns: 15 },
    );
    await assertRefused(sensor.setLimit('lowSet', { temperature: -46, humidity: 0 }), 'bad-setting');
    await assertRefused(sensor.setLimit('lowSet', { temperature: 0, humidity: NaN }), 'bad-setting');
    await assertRefused(sensor.limit('middle' as LimitName), 'bad-setting');
  });

  it('knows the limits that a reset sets', async () => {
    const limits = await Promise.all(NAMES.map((name) => sensor.limit(name)));
    assert.deepEqual(
      limits.map(({ temperature, humidity }) => [Math.round(temperature), Math.round(humidity)]),
      [
        [60, 80],
        [58, 78],
        [-9, 22],
        [-10, 20],
      ],
    );
  });

  it('sets everything back with a reset, which the chip sees with the commit', async () => {
    await sensor.clearStatus();
    await sensor.periodic(10);
    await sensor.heater(true);
    await sensor.setLimit('highSet', { temperature: 1, humidity: 1 });
    const before = { ...bench.chip.registers, limits: bench.chip.limits };
    assert.ok(await bench.fault.at(10, () => sensor.reset()));
    assert.deepEqual({ ...bench.chip.registers, limits: bench.chip.limits }, before);
    await sensor.reset();
    assert.deepEqual(bench.chip.registers, { mode: 'idle', status: 0x8010 });
    assert.deepEqual(bench.chip.limits, [0xcd33, 0xc92d, 0x3869, 0x3466]);
    // At once: the call itself has waited until the chip was there again.
    await sensor.measure();
  });

  it('has mode, heater and limits back when an operation of a call fails, whichever it is', async () => {
    await sensor.periodic(4, 'medium');
    await sensor.heater(true);
    await sensor.setLimit('lowClear', { temperature: 5, humidity: 6 });
    const touched = [sensor.chip, sensor.mode, sensor.heating, ...sensor.limits];
    const observe = () => [
      bench.chip.registers.mode,
      bench.chip.registers.status & 0x2000,
      bench.chip.limits,
      sensor.hertz,
    ];
    const calls: [number, () => Promise<unknown>][] = [
      [4, () => sensor.periodic(10)],
      [2, () => sensor.heater(false)],
      [2, () => sensor.setLimit('lowClear', { temperature: 1, humidity: 1 })],
      [4, () => sensor.status()],
      [2, () => sensor.stop()],
      [14, () => sensor.reset()],
    ];
    for (const [operations, call] of calls)
      assert.equal(await assertUndoneAtEveryOperation(bench.board, bench.fault, call, touched, observe), operations);
  });

  it('tells by the checksum what came over the bus damaged', async () => {
    const { chip } = bench;
    const read = chip.read.bind(chip);
    let damaged = -1;
    let count = 0;
    chip.read = () => (count++ === damaged ? read() ^ 0x10 : read());
    for (damaged = 0; damaged < 6; damaged++) {
      count = 0;
      await assertRefused(sensor.measure(), 'bad-checksum');
    }
    for (damaged = 0; damaged < 3; damaged++) {
      count = 0;
      await assertRefused(sensor.status(), 'bad-checksum');
    }
    damaged = -1;
    await sensor.measure();
  });

  it('refuses rates and repeatabilities that there are not', async () => {
    await assertRefused(sensor.periodic(3 as 1), 'bad-setting');
    await assertRefused(sensor.periodic(1, 'best' as 'high'), 'bad-setting');
    await assertRefused(sensor.measure({ repeatability: 'best' as 'high' }), 'bad-setting');
    assert.equal(sensor.hertz, undefined);
  });

  it('that is missing fails every call with the reason, and works when it is there again', async () => {
    bench.disconnect();
    await assertMissing(sensor.measure());
    await assertMissing(sensor.periodic(1));
    await assertMissing(sensor.heater(true));
    await assertMissing(sensor.status());
    bench.connect();
    await sensor.measure();
  });
});
