import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ads1015 } from '../../../peripherals/ads1015/index.js';
import { ads1015Model, type Ads1015Model } from '../../../peripherals/ads1015/model.js';
import { I2cBus } from '../../../peripherals/rp2040/index.js';
import { attach } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';
import { Messy, scribble, scribbles } from '../failing-call.js';

const ADDRESS = 0x48;
const OS = 0x8000;
const SINGLE_SHOT = 0x0100;
const EVERYTHING = ['CONFIG', 'LO_THRESH', 'HI_THRESH'];
/** The slowest conversion takes 8.7 ms, and an alert may wait for four. */
const CONVERSIONS_MS = 50;

/** Any settings; thresholds inside of the range, the lower one first. */
const setup = fc.record({
  config: fc.nat(0x7fff),
  low: fc.integer({ min: -2000, max: 0 }),
  high: fc.integer({ min: 1, max: 2000 }),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

/** What happens to the chip besides: nothing, losing its power, a reset (8.5.1.2), or time for a conversion. */
const disturbance = fc.constantFrom<(bench: ChipBench<Ads1015Model>) => void>(
  () => {},
  ({ chip }) => chip.powerCycle(),
  ({ chip }) => {
    const everybody = chip.at(0x00);
    everybody.start('write');
    everybody.write(0x06);
    everybody.stop();
  },
  ({ advance }) => advance(2),
);

describe('ADS1015', () => {
  let bench: ChipBench<Ads1015Model>;
  let driver: Messy<ReturnType<typeof ads1015>>;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => ads1015Model({ clock, inputs: [0.1, -0.2, 0.3, 5] }));
    driver = new Messy(bench.board, attach(ads1015(bench.at), bench.board));
  });
  afterEach(() => bench.dispose());

  async function configure(to: Setup): Promise<void> {
    bench.chip.powerCycle();
    const { CONFIG, LO_THRESH, HI_THRESH } = driver.block;
    await LO_THRESH.write({ LEVEL: to.low & 0xfff });
    await HI_THRESH.write({ LEVEL: to.high });
    await CONFIG.writeBits(to.config);
    bench.advance(CONVERSIONS_MS);
  }

  /** Puts so many counts on the selected input; none, and both ends of the range. */
  function drive(to: Setup, counts: number): void {
    const [positive, negative] = [
      [0, 1],
      [0, 3],
      [1, 3],
      [2, 3],
      [0, undefined],
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ][(to.config >> 12) & 7] as [number, number | undefined];
    const range = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256][(to.config >> 9) & 7]!;
    bench.chip.setInput(positive, (counts / 2048) * range);
    if (negative !== undefined) bench.chip.setInput(negative, 0);
  }

  /** Results and alerts while the input moves below, between and above the thresholds. */
  async function behaviour(to: Setup) {
    const seen: unknown[] = [];
    for (const counts of [-2048, 0, 2047, 0, -2048, 0]) {
      drive(to, counts);
      for (let again = 0; again < 4; again++) {
        if (to.config & SINGLE_SHOT) await driver.block.CONFIG.writeBits(to.config | OS);
        bench.advance(CONVERSIONS_MS / 4);
      }
      const { alert } = bench.chip;
      // It ends an alert that is latched.
      seen.push([counts, ((await driver.block.CONVERSION.readBits()) << 16) >> 20, alert]);
    }
    // The first two bring the comparator from whatever was before into a state that is known.
    return seen.slice(2);
  }

  it('has its registers where the datasheet has them, the high byte first', async () => {
    await fc.assert(
      fc.asyncProperty(setup, async (to) => {
        await configure(to);
        assert.deepEqual(Array.from(bench.chip.registers.subarray(2)), [(to.low & 0xfff) << 4, (to.high << 4) | 0xf]);
        assert.equal(bench.chip.registers[1]! & 0x7fff, to.config);
        assert.equal((await driver.block.CONFIG.read()).OS, (to.config & SINGLE_SHOT) !== 0);
      }),
      { numRuns: 20 },
    );
  });

  it('is as it was, and measures and compares as before, after a call that wrote anything and failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        setup,
        scribbles(EVERYTHING),
        disturbance,
        scribbles(EVERYTHING),
        async (to, list, disturb, more) => {
          await configure(to);
          const before = await behaviour(to);
          const settings = [...bench.chip.registers.subarray(1)];
          const digest = await bench.board.digest(driver.block);
          const words = (each: typeof list) => each.map((one) => ({ ...one, bits: one.bits & 0xffff }));
          const error = await failureOf(
            driver.failAfter(async (block, delay) => {
              await scribble(block, words(list), delay);
              await block.CONFIG.readBits();
              disturb(bench);
              await scribble(block, words(more), delay);
            }),
          );
          assert.equal(error.code, 'exception', String(error.cause));
          assert.deepEqual([error.rollback.outcome, error.rollback.mismatches], ['restored', []]);
          assert.deepEqual([...bench.chip.registers.subarray(1)], settings);
          assert.equal(await bench.board.digest(driver.block), digest);
          assert.deepEqual(await behaviour(to), before);
        },
      ),
      { numRuns: 25, seed: 1015 },
    );
  }).timeout(60_000);

  it('that sleeps is left asleep by a rollback: no conversion is started', async () => {
    await configure({ config: 0x4183, low: -1, high: 1 });
    const [result] = bench.chip.registers;
    bench.chip.setInput(0, 1);
    const error = await failureOf(driver.failAfter((block) => block.LO_THRESH.write({ LEVEL: 7 })));
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(bench.chip.converting, false);
    bench.advance(CONVERSIONS_MS);
    assert.equal(bench.chip.registers[0], result);
  });

  it('that measures again and again has a result of its own input when the call has failed', async () => {
    // AIN2 in steps of 1 mV, again and again, 128 times a second.
    await configure({ config: 0x6403, low: -1, high: 1 });
    assert.equal(bench.chip.registers[0], 300 << 4);
    const error = await failureOf(
      driver.failAfter(async (block, delay) => {
        await block.CONFIG.modify({ MUX: 'AIN3', DR: '128sps' });
        await delay(20_000);
        assert.notEqual(await block.CONVERSION.read(), 300 << 4);
      }),
    );
    assert.equal(error.code, 'exception', String(error.cause));
    assert.equal(bench.chip.registers[0], 300 << 4);
  });

  it('has ended a conversion that the failed call has started, so that the next one is not taken for it', async () => {
    await configure({ config: 0x4183, low: -1, high: 1 });
    const error = await failureOf(
      driver.failAfter((block) => block.CONFIG.modify({ MUX: 'AIN3', DR: '128sps', OS: true })),
    );
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(bench.chip.converting, false);
    // AIN0 against ground, 0.1 V of 6.144 V.
    await driver.block.CONFIG.modify({ OS: true });
    bench.advance(CONVERSIONS_MS);
    assert.equal(bench.chip.registers[0], 33 << 4);
  });

  it('compares nothing with thresholds of the failed call while it is restored, even on a slow bus', async () => {
    // AIN0 against ground, 3300 times a second; one result outside is enough, and the alert stays.
    await configure({ config: 0x40c4, low: -2000, high: 2000 });
    await new I2cBus(bench.board, 0).start({ sda: 4, scl: 5, hz: 100_000 });
    assert.equal(bench.chip.alert, true);
    const error = await failureOf(
      driver.failAfter(async (block) => {
        await block.CONFIG.modify({ COMP_QUE: 'off', MODE: 'single-shot' });
        await block.HI_THRESH.write({ LEVEL: 1 });
      }),
    );
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(bench.chip.alert, true, 'the pin is high, which is inactive');
  });
});
