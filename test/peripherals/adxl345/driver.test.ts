import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Adxl345, type Acceleration, type Adxl345Settings } from '../../../peripherals/adxl345/index.js';
import { EntryPointError } from '../../../runtime/index.js';
import type { SpiTarget } from '../../../transports/emulator/bus-targets.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { adxl345Board, AT, settingsOf, type ChipBench } from './board.js';

/** Table 7, from 25 Hz on. */
const RATES = [25, 50, 100, 200, 400, 800, 1600, 3200];
const settings: fc.Arbitrary<Adxl345Settings> = fc.record({
  range: fc.constantFrom(2, 4, 8, 16),
  hertz: fc.constantFrom(...RATES),
});
const axis = fc.double({ min: -1, max: 1, noNaN: true });
const unit = fc.record({ x: axis, y: axis, z: axis });
const times = ({ x, y, z }: Acceleration, factor: number): Acceleration => ({
  x: x * factor,
  y: y * factor,
  z: z * factor,
});

/** To half a step of 3.9 mg, or a whole one where "Data Formatting of Upper Data Rates" says that the lowest bit is 0. */
function assertAcceleration(found: Acceleration, expected: Acceleration, tolerance = 0.5 / 256): void {
  for (const name of ['x', 'y', 'z'] as const)
    assert.ok(
      Math.abs(found[name] - expected[name]) <= tolerance * 1.001,
      `${name}: ${found[name]}, not ${expected[name]}`,
    );
}

const REST: Acceleration = { x: 0, y: 0, z: 1 };

describe('The driver of an ADXL345', () => {
  let bench: ChipBench;
  let sensor: Adxl345;

  before(async () => {
    bench = await adxl345Board();
    sensor = new Adxl345(bench.board, AT);
  });
  after(() => bench.dispose());
  beforeEach(async () => {
    bench.chip.acceleration = REST;
    await sensor.init();
  });

  it('reads the acceleration in every range and at every rate', async () => {
    const property = fc.asyncProperty(settings, unit, async (to, direction) => {
      bench.chip.acceleration = times(direction, to.range * 0.99);
      await sensor.configure(to);
      const tolerance = (to.hertz >= 1600 ? 1.5 : 0.5) / 256;
      assertAcceleration(await sensor.read(), bench.chip.acceleration, tolerance);
    });
    await fc.assert(property, { numRuns: 60, seed: 3450 });
  });

  it('takes the next slower rate, and says which that is', async () => {
    for (const [asked, hertz] of [
      [3200, 3200],
      [5000, 3200],
      [3199, 1600],
      [12.5, 12.5],
      [12, 6.25],
      [1, 1.5625],
    ] as const) {
      await sensor.configure({ hertz: asked });
      assert.equal(sensor.settings.hertz, hertz);
      // Table 7: the code of 3200 Hz is 15, that of 12.5 Hz is 7.
      assert.equal(bench.chip.registers[0x2c], 15 - Math.log2(3200 / hertz));
    }
  });

  it('adds offsets to what it measures', async () => {
    await sensor.offset({ x: 0.5, y: -0.25, z: -1 });
    bench.emulated.advance(20);
    assertAcceleration(await sensor.read(), { x: 0.5, y: -0.25, z: 0 });
    await sensor.offset({ x: 9, y: -9, z: 0 });
    bench.emulated.advance(20);
    assertAcceleration(await sensor.read(), { x: 127 / 64, y: -2, z: 1 });
  });

  it('keeps up to 32 samples until they are taken, the oldest first', async () => {
    await sensor.record(true);
    bench.emulated.advance(100);
    bench.chip.acceleration = { x: 1, y: 0, z: 0 };
    bench.emulated.advance(100);
    const frames = bench.board.link.framesSent;
    const samples = await sensor.takeRecorded();
    assert.equal(bench.board.link.framesSent - frames, 2);
    assert.ok(samples.length >= 19 && samples.length <= 21, String(samples.length));
    assertAcceleration(samples[0]!, REST);
    assertAcceleration(samples.at(-1)!, { x: 1, y: 0, z: 0 });
    const changes = samples.filter((each, index) => index > 0 && each.x !== samples[index - 1]!.x);
    assert.equal(changes.length, 1);
    assert.equal(bench.chip.registers[0x39], 0);
    bench.emulated.advance(1000);
    assert.equal((await sensor.takeRecorded()).length, 32);
    await sensor.record(false);
    bench.emulated.advance(100);
    assert.deepEqual(await sensor.takeRecorded(), []);
  });

  it('leaves the chip 5 µs to bring up the next sample of the FIFO', async () => {
    const clock = bench.emulated.chip.clock;
    const gaps: number[] = [];
    let ended = -Infinity;
    const watching: SpiTarget = {
      select(selected) {
        if (selected) gaps.push(clock.nanos - ended);
        else ended = clock.nanos;
        bench.chip.select(selected);
      },
      transfer: (byte) => bench.chip.transfer(byte),
    };
    await sensor.record(true);
    bench.emulated.advance(100);
    bench.disconnect();
    const disconnect = bench.emulated.connectSpi(AT.index, AT.chipSelect, watching);
    await sensor.takeRecorded();
    disconnect();
    bench.disconnect = bench.emulated.connectSpi(AT.index, AT.chipSelect, bench.chip);
    assert.ok(gaps.length > 5);
    // "Retrieving Data from FIFO", from the end of a read to the start of the next.
    assert.ok(Math.min(...gaps) >= 5000, `${Math.min(...gaps)} ns`);
  });

  it('detects activity, inactivity and free fall, each when it is told to, and raises INT1', async () => {
    assert.equal(bench.chip.int1, false);
    await sensor.detect({ activity: { above: 0.5 }, inactivity: { below: 0.25, seconds: 2 } });
    bench.emulated.advance(100);
    assert.deepEqual(await sensor.takeEvents(), []);
    bench.chip.acceleration = { x: 0.75, y: 0, z: 1 };
    bench.emulated.advance(100);
    assert.equal(bench.chip.int1, true);
    assert.deepEqual(await sensor.takeEvents(), ['activity']);
    bench.chip.acceleration = REST;
    await sensor.detect({ inactivity: { below: 0.25, seconds: 2 } });
    bench.emulated.advance(1900);
    assert.deepEqual(await sensor.takeEvents(), []);
    bench.emulated.advance(200);
    assert.deepEqual(await sensor.takeEvents(), ['inactivity']);
    await sensor.detect({ freeFall: { below: 0.4375, ms: 100 } });
    bench.chip.acceleration = { x: 0, y: 0, z: 0 };
    bench.emulated.advance(60);
    assert.deepEqual(await sensor.takeEvents(), []);
    bench.emulated.advance(80);
    assert.deepEqual(await sensor.takeEvents(), ['freeFall']);
    await sensor.detect({});
    assert.deepEqual([bench.chip.registers[0x2e], bench.chip.int1], [0, false]);
  });

  it('sets taps up as the datasheet has them', async () => {
    await sensor.detect({ tap: { above: 3, ms: 10 } });
    const { registers } = bench.chip;
    // 48 × 62.5 mg, 16 × 625 µs, all axes, bit 6 of INT_ENABLE.
    assert.deepEqual([registers[0x1d], registers[0x21], registers[0x2a], registers[0x2e]], [48, 16, 0x07, 0x40]);
  });

  it('measures nothing in standby, and goes on with the same settings', async () => {
    await sensor.configure({ range: 16, hertz: 400 });
    await sensor.record(true);
    await sensor.standby();
    await sensor.takeRecorded();
    bench.emulated.advance(100);
    assert.equal(bench.chip.registers[0x39], 0);
    await sensor.record(false);
    bench.chip.acceleration = { x: -12, y: 0, z: 0 };
    await sensor.wake();
    assertAcceleration(await sensor.read(), bench.chip.acceleration);
  });

  it('undoes every call that fails, at whichever operation', async () => {
    const observe = () => [settingsOf(bench.chip), sensor.settings];
    const undone = (call: () => Promise<unknown>) =>
      assertUndoneAtEveryOperation(bench.board, bench.fault, call, [sensor.chip], observe);
    await sensor.offset({ x: 0.5, y: 0, z: 0 });
    await sensor.record(true);
    await sensor.detect({ activity: { above: 1 } });
    assert.equal(await undone(() => sensor.configure({ range: 8, hertz: 800 })), 5);
    assert.equal(await undone(() => sensor.read()), 1);
    assert.equal(await undone(() => sensor.offset({ x: 1, y: 1, z: 1 })), 1);
    assert.equal(await undone(() => sensor.record(false)), 1);
    assert.equal(await undone(() => sensor.detect({ tap: { above: 1, ms: 5 }, freeFall: { below: 1, ms: 5 } })), 8);
    assert.equal(await undone(() => sensor.standby()), 1);
    assert.equal(await undone(() => sensor.wake()), 2);
    assert.equal(await undone(() => sensor.init()), 11);
  });

  it('says that no chip is there, and the bus works afterwards', async () => {
    // Nobody drives MISO: it reads as all ones or all zeros, and an ADXL345 says neither.
    const other = new Adxl345(bench.board, { index: 0, chipSelect: 20 });
    await assert.rejects(other.init(), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal((error.cause as { code?: string }).code, 'wrong-chip');
      assert.match(error.message, /adxl345@spi0:20 says that it is 0x(00|ff), not 0xe5: check which chip is there/);
      assert.equal(error.rollback.outcome, 'nothing');
      return true;
    });
    assertAcceleration(await sensor.read(), REST);
  });
});
