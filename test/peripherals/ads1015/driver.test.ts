import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ads1015, VoltageError, type Input, type Range, type Rate } from '../../../peripherals/ads1015/index.js';
import { ads1015Model, type Ads1015Model } from '../../../peripherals/ads1015/model.js';
import { RegisterError } from '../../../runtime/index.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x48;
const PAIRS: Readonly<Record<Input, readonly [number, number | undefined]>> = {
  AIN0: [0, undefined],
  AIN1: [1, undefined],
  AIN2: [2, undefined],
  AIN3: [3, undefined],
  '0-1': [0, 1],
  '0-3': [0, 3],
  '1-3': [1, 3],
  '2-3': [2, 3],
};
const VOLTS: Readonly<Record<Range, number>> = {
  '6.144V': 6.144,
  '4.096V': 4.096,
  '2.048V': 2.048,
  '1.024V': 1.024,
  '0.512V': 0.512,
  '0.256V': 0.256,
};
const RATES: readonly Rate[] = ['128sps', '250sps', '490sps', '920sps', '1600sps', '2400sps', '3300sps'];

const input = fc.constantFrom(...(Object.keys(PAIRS) as Input[]));
const range = fc.constantFrom(...(Object.keys(VOLTS) as Range[]));
const rate = fc.constantFrom(...RATES);
const voltage = fc.double({ min: 0, max: 5, noNaN: true });

describe('ADS1015, its driver', () => {
  let bench: ChipBench<Ads1015Model>;
  let driver: Ads1015;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => ads1015Model({ clock, inputs: [0.5, 1, 1.5, 2] }));
    driver = new Ads1015(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  function assertMeasured(found: number, inputs: readonly number[], of: Input, within: Range): void {
    const [positive, negative] = PAIRS[of];
    const volts = inputs[positive]! - (negative === undefined ? 0 : inputs[negative]!);
    const step = VOLTS[within] / 2048;
    const expected = Math.min(2047 * step, Math.max(-2048 * step, volts));
    assert.ok(Math.abs(found - expected) <= step / 2 + 1e-9, `${found} V for ${expected} V`);
  }

  for (const oscillator of [0.9, 1.1])
    it(`measures any input in any range at any rate, to half a step, with an oscillator of ${oscillator}`, async () => {
      await bench.dispose();
      bench = await chipBench(ADDRESS, (clock) => ads1015Model({ clock, oscillator }));
      driver = new Ads1015(bench.board, bench.at);
      const inputs = fc.array(voltage, { minLength: 4, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(inputs, input, range, rate, async (volts, of, within, speed) => {
          volts.forEach((each, index) => bench.chip.setInput(index, each));
          assertMeasured(await driver.read({ input: of, range: within, rate: speed }), volts, of, within);
          assert.equal(bench.chip.converting, false);
          await driver.start({ input: 'AIN3', rate: '3300sps' });
          await driver.start({ input: of, range: within, rate: speed });
          assertMeasured(await driver.latest(), volts, of, within);
          const halves = volts.map((each) => each / 2);
          halves.forEach((each, index) => bench.chip.setInput(index, each));
          bench.advance(20);
          assertMeasured(await driver.latest(), halves, of, within);
        }),
        { numRuns: 15 },
      );
    }).timeout(20_000);

  it('measures once while it measures another input again and again, and then sleeps', async () => {
    await driver.start({ input: 'AIN1', range: '4.096V' });
    assertMeasured(await driver.read({ input: 'AIN2', range: '2.048V' }), [0.5, 1, 1.5, 2], 'AIN2', '2.048V');
    assert.equal(bench.chip.converting, false);
    const { cause } = await failureOf(driver.latest());
    assert.ok(cause instanceof VoltageError && cause.code === 'not-started');
  });

  it('reads in one round trip, besides its commit', async () => {
    await driver.read({ input: 'AIN0' });
    let frames = 0;
    const subscription = bench.board.trace.subscribe(({ type }) => (frames += type === 'sent' ? 1 : 0));
    await driver.read({ input: 'AIN1' });
    subscription.unsubscribe();
    assert.equal(frames, 2);
  });

  describe('with an alert', () => {
    const at = async (volts: number): Promise<boolean> => {
      bench.chip.setInput(0, volts);
      bench.advance(10);
      return bench.chip.alert;
    };

    it('above a voltage, tells until it is below another', async () => {
      await driver.start({ input: 'AIN0' });
      await driver.alert({ low: 0.5, high: 1, when: 'above', activeHigh: true });
      assert.deepEqual(
        [await at(0.9), await at(1.1), await at(0.7), await at(0.4), await at(0.9)],
        [false, true, true, false, false],
      );
    });

    it('outside of a window, tells while it is outside, and stays until it has been read if latched', async () => {
      await driver.start({ input: 'AIN0' });
      await driver.alert({ low: 0.5, high: 1, when: 'outside' });
      const levels = async () => [await at(0.7), await at(1.1), await at(0.7), await at(0.4), await at(0.7)];
      assert.deepEqual(await levels(), [true, false, true, false, true]);
      await driver.alert({ low: 0.5, high: 1, when: 'outside', latched: true });
      assert.deepEqual(await levels(), [true, false, false, false, false]);
      await driver.latest();
      assert.equal(bench.chip.alert, true);
      await driver.quiet();
      assert.equal(await at(1.1), true);
    });

    it('keeps its voltages when the range changes', async () => {
      await driver.alert({ low: 0.5, high: 1, when: 'above', activeHigh: true });
      for (const within of ['6.144V', '2.048V', '4.096V'] as const) {
        await driver.start({ input: 'AIN0', range: within });
        assert.deepEqual([await at(0.4), await at(0.9), await at(1.1), await at(0.6)], [false, false, true, true]);
        bench.chip.setInput(0, 0.4);
        await driver.read({ input: 'AIN0', range: within });
      }
    });

    it('refuses thresholds that the range does not reach, now or when it changes, and touches nothing', async () => {
      await driver.alert({ low: 0.5, high: 1.5, when: 'above' });
      await driver.start({ input: 'AIN0' });
      bench.advance(10);
      const before = [...bench.chip.registers];
      const refused = async (call: Promise<unknown>) => {
        const { cause, rollback } = await failureOf(call);
        assert.ok(cause instanceof VoltageError && cause.code === 'impossible-threshold', String(cause));
        assert.notEqual(rollback.outcome, 'mismatch');
        assert.deepEqual([...bench.chip.registers], before);
      };
      for (const [low, high] of [
        [1, 0.5],
        [1, 1],
        [-2.1, 1],
        [0, 2.048],
        [NaN, 1],
        [0, NaN],
      ] as const)
        await refused(driver.alert({ low, high, when: 'outside' }));
      await refused(driver.start({ input: 'AIN0', range: '1.024V' }));
      await refused(driver.read({ input: 'AIN0', range: '1.024V' }));
      assert.equal(await driver.latest(), 0.5);
    });
  });

  it('refuses inputs, ranges and rates that there are not', async () => {
    for (const wrong of [{ input: 'AIN4' }, { input: 'AIN0', range: '5V' }, { input: 'AIN0', rate: '1sps' }]) {
      const { cause, rollback } = await failureOf(driver.read(wrong as { input: Input }));
      assert.ok(cause instanceof RegisterError && cause.code === 'unknown-value', String(cause));
      assert.equal(rollback.outcome, 'nothing');
    }
  });

  it('has everything back when an operation of a call fails, whichever it is', async () => {
    await driver.alert({ low: 0.25, high: 0.75, when: 'outside' });
    await driver.start({ input: 'AIN0', range: '4.096V', rate: '920sps' });
    const calls: [number, () => Promise<unknown>][] = [
      [4, () => driver.alert({ low: 0, high: 1, when: 'above', after: 'four' })],
      [1, () => driver.quiet()],
      [1, () => driver.latest()],
      [4, () => driver.start({ input: 'AIN1' })],
      [5, () => driver.read({ input: 'AIN2', range: '2.048V' })],
      [2, () => driver.stop()],
    ];
    for (const [operations, call] of calls) {
      const observe = () => {
        bench.advance(10);
        return [[...bench.chip.registers], bench.chip.alert];
      };
      await driver.alert({ low: 0.25, high: 0.75, when: 'outside' });
      await driver.start({ input: 'AIN0', range: '4.096V', rate: '920sps' });
      const count = await assertUndoneAtEveryOperation(bench.board, bench.fault, call, [driver.chip], observe);
      assert.ok(count >= operations, `${String(call)} has ${count} operations`);
    }
  }).timeout(30_000);

  it('goes on with what it did when a call fails', async () => {
    await driver.start({ input: 'AIN0', range: '4.096V' });
    assert.ok(await bench.fault.at(4, () => driver.read({ input: 'AIN3', range: '2.048V' })));
    assert.equal(await driver.latest(), 0.5);
    assert.ok(await bench.fault.at(1, () => driver.stop()));
    assert.equal(await driver.latest(), 0.5);
  });

  it('of a chip that is missing fails every call with its reason, and works when it is there again', async () => {
    await driver.start({ input: 'AIN0' });
    bench.disconnect();
    for (const call of [
      () => driver.read({ input: 'AIN0' }),
      () => driver.start({ input: 'AIN0' }),
      () => driver.latest(),
      () => driver.stop(),
      () => driver.alert({ low: 0, high: 1, when: 'above' }),
      () => driver.quiet(),
    ])
      await assertMissing(call());
    bench.connect();
    assert.equal(await driver.latest(), 0.5);
    assert.equal(await driver.read({ input: 'AIN1' }), 1);
  });

  it('of a chip that vanishes while it measures says that, and names what could not be brought back', async () => {
    const start = bench.chip.start.bind(bench.chip);
    let starts = 0;
    bench.chip.start = (direction) => {
      // A checkpoint of three registers, the settings (twice), and then the poll for OS.
      if (++starts === 3 * 2 + 3 + 3) bench.disconnect();
      return start(direction);
    };
    const error = await failureOf(driver.read({ input: 'AIN0', rate: '128sps' }));
    bench.chip.start = start;
    assert.equal(error.code, 'controller-fault');
    assert.equal(error.rollback.outcome, 'mismatch');
    assert.deepEqual(
      error.rollback.mismatches
        .map(({ peripheral, register }) => `${peripheral}.${register}`)
        .toSorted((a, b) => a.localeCompare(b)),
      ['CONFIG', 'HI_THRESH', 'LO_THRESH'].map((register) => `ads1015@i2c0:0x48.${register}`),
    );
    bench.connect();
    assert.equal(await driver.read({ input: 'AIN0' }), 0.5);
  });
});
