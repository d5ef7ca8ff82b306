import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bme280, type Bme280Registers } from '../../../peripherals/bme280/index.js';
import { attach, EntryPointError, type Handle } from '../../../runtime/index.js';
import { assertUndone, assertUndoneAfter, Messy, scribble, type Scribble } from '../failing-call.js';
import { AT, bme280Bench, settingsOf, type ChipBench } from './bench.js';

const FORCED = 0x01;
const NORMAL = 0x03;
const RESET_WORD = 0xb6;
/** x16 of all three: 112.8 ms (9.1). */
const LONG = { CTRL_HUM: 5, CTRL_MEAS: 0b101_101_00, CONFIG: 0 };

const setup = fc.record({
  CTRL_HUM: fc.nat(7),
  CTRL_MEAS: fc.tuple(fc.nat(0x3f), fc.constantFrom(0, NORMAL)).map(([samples, mode]) => (samples << 2) | mode),
  // Bit 1 is reserved.
  CONFIG: fc.nat(0xff).map((bits) => bits & 0xfd),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

const mess: fc.Arbitrary<readonly Scribble[]> = fc.array(
  fc.record({
    register: fc.constantFrom('CTRL_HUM', 'CTRL_MEAS', 'CONFIG', 'RESET'),
    bits: fc.oneof(fc.nat(0xff), fc.constant(RESET_WORD)),
    us: fc.constantFrom(0, 0, 100, 3000),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('A BME280, on real firmware', () => {
  let bench: ChipBench;
  let block: Handle<Bme280Registers>;
  let driver: Messy<Bme280Registers>;

  before(async () => {
    bench = await bme280Bench();
    block = attach(bme280(AT), bench.board);
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  /** From a power-up on; in an order in which the chip takes it (5.4.3, 5.4.6). */
  async function configure(to: Setup): Promise<void> {
    bench.chip.powerCycle();
    bench.emulated.advance(3);
    await block.CONFIG.writeBits(to.CONFIG);
    await block.CTRL_HUM.writeBits(to.CTRL_HUM);
    await block.CTRL_MEAS.writeBits(to.CTRL_MEAS);
  }

  /** What can be seen of the chip: its settings, how often it measures, and with which result. */
  function behaviour(): { settings: number[]; result: Uint8Array; measurements: number } {
    const before = bench.chip.measurements;
    bench.emulated.advance(4000);
    const { registers, measurements } = bench.chip;
    const result = measurements === before ? new Uint8Array(0) : registers.slice(0xf7, 0xff);
    return { settings: settingsOf(bench.chip), result, measurements: measurements - before };
  }

  it('is as it was after a failed call, whatever the call wrote, its reset included', async () => {
    const property = fc.asyncProperty(setup, mess, async (to, list) => {
      await configure(to);
      const settings = settingsOf(bench.chip);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.deepEqual(settingsOf(bench.chip), settings);
    });
    await fc.assert(property, { numRuns: 60, seed: 280 });
  });

  it('measures as often, and with the same results, as before the failed call', async () => {
    const property = fc.asyncProperty(setup, mess, async (to, list) => {
      await configure(to);
      const before = behaviour();
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      const after = behaviour();
      assert.deepEqual([after.settings, after.result], [before.settings, before.result]);
      // The two stretches of time begin at different points of a cycle.
      assert.ok(Math.abs(after.measurements - before.measurements) <= 1, `${after.measurements}`);
      assert.equal(before.measurements > 0, (to.CTRL_MEAS & NORMAL) === NORMAL);
    });
    await fc.assert(property, { numRuns: 25, seed: 281 });
  });

  it('sleeps again although the call has left a change of mode that waits for the end of a measurement', async () => {
    await configure(LONG);
    await assertUndoneAfter(driver, async ({ CTRL_MEAS, STATUS }) => {
      await CTRL_MEAS.writeBits(LONG.CTRL_MEAS | FORCED);
      await CTRL_MEAS.writeBits(LONG.CTRL_MEAS | NORMAL);
      assert.equal((await STATUS.read()).MEASURING, true);
    });
    const { measurements } = bench.chip;
    assert.equal(bench.chip.state, 'sleep');
    bench.emulated.advance(1000);
    assert.equal(bench.chip.measurements, measurements);
  });

  it('finishes a forced measurement that the failed call has cut off', async () => {
    await configure(LONG);
    await block.CTRL_MEAS.writeBits(LONG.CTRL_MEAS | FORCED);
    assert.equal(bench.chip.state, 'measuring');
    await assertUndone(driver, ({ RESET }) => RESET.write({ RESET: 'reset' }));
    const { measurements } = bench.chip;
    assert.equal(bench.chip.state, 'measuring');
    bench.emulated.advance(120);
    assert.deepEqual([bench.chip.measurements, bench.chip.state], [measurements + 1, 'sleep']);
    assert.notDeepEqual(bench.chip.registers.slice(0xf7, 0xff), Uint8Array.of(0x80, 0, 0, 0x80, 0, 0, 0x80, 0));
  });

  it('is as it was although a forced measurement has ended by itself in the meantime', async () => {
    await configure(LONG);
    await block.CTRL_MEAS.writeBits(LONG.CTRL_MEAS | FORCED);
    await assertUndone(driver, async ({ CTRL_HUM }, delay) => {
      await CTRL_HUM.writeBits(1);
      await delay(200_000);
    });
    bench.emulated.advance(120);
    assert.deepEqual(settingsOf(bench.chip), [LONG.CTRL_HUM, LONG.CTRL_MEAS, LONG.CONFIG]);
  });

  it('is set up again when it has lost its power in the middle of a call', async () => {
    const property = fc.asyncProperty(setup, fc.boolean(), async (to, atOnce) => {
      await configure(to);
      await assertUndone(driver, async ({ CTRL_HUM, ID }, delay) => {
        await CTRL_HUM.writeBits(to.CTRL_HUM ^ 7);
        await ID.read();
        bench.chip.powerCycle();
        if (!atOnce) await delay(10_000);
      });
      assert.deepEqual(settingsOf(bench.chip), [to.CTRL_HUM, to.CTRL_MEAS, to.CONFIG]);
    });
    await fc.assert(property, { numRuns: 10, seed: 282 });
  });

  it('is set up again when the call has failed because its power was lost, and is back', async () => {
    await configure(LONG);
    const fails = driver.failAfter(async ({ CTRL_HUM, ID }) => {
      await CTRL_HUM.writeBits(1);
      await ID.read();
      bench.chip.powerCycle();
      await ID.read();
    });
    await assert.rejects(fails, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.code, 'controller-fault');
      assert.equal(error.rollback.outcome, 'restored', error.message);
      return true;
    });
    assert.deepEqual(settingsOf(bench.chip), [LONG.CTRL_HUM, LONG.CTRL_MEAS, LONG.CONFIG]);
  });

  it('that stays without power is reported with the registers that could not be brought back', async () => {
    await configure(LONG);
    const fails = driver.failAfter(async ({ CTRL_HUM, ID }) => {
      await CTRL_HUM.writeBits(1);
      await ID.read();
      bench.chip.power(false);
    });
    await assert.rejects(fails, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'mismatch');
      assert.deepEqual(
        error.rollback.mismatches.map(({ peripheral, register, expected }) => [peripheral, register, expected]),
        [
          ['bme280@i2c0:0x77', 'CTRL_HUM', LONG.CTRL_HUM],
          ['bme280@i2c0:0x77', 'CONFIG', LONG.CONFIG],
          ['bme280@i2c0:0x77', 'CTRL_MEAS', LONG.CTRL_MEAS],
        ],
      );
      return true;
    });
    await configure(LONG);
    assert.deepEqual(settingsOf(bench.chip), [LONG.CTRL_HUM, LONG.CTRL_MEAS, LONG.CONFIG]);
  });
});
