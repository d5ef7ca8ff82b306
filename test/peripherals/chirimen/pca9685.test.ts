import assert from 'node:assert/strict';
import PCA9685 from '@chirimen/pca9685';
import { pca9685, pca9685Channel } from '../../../peripherals/pca9685/definition.js';
import { pca9685Model } from '../../../peripherals/pca9685/model.js';
import { protect } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { assertUndoneEverywhere, driverBench, fieldsOf, type DriverBench } from './bench.js';

const TARGET = 0x40;
const at = { index: 0, target: TARGET } as const;
const chips = { [TARGET]: [pca9685(at), ...Array.from({ length: 16 }, (_, n) => pca9685Channel(at, n))] };
const LEDS = { first: 0x06, count: 64 };

describe('@chirimen/pca9685, unmodified and protected', () => {
  let bench: DriverBench<ReturnType<typeof pca9685Model>>;
  let driver: PCA9685;
  const registers = () => [...bench.chip.registers];
  const leds = () => registers().slice(LEDS.first, LEDS.first + LEDS.count);
  /** The counts of a channel at which its output goes low again. */
  const offCount = (channel: number) => {
    const [low, high] = leds().slice(4 * channel + 2, 4 * channel + 4) as [number, number];
    return low | (high << 8);
  };
  const strays = () => bench.events.filter(({ type }) => type.startsWith('stray'));
  const make = (Class = PCA9685) =>
    protect(new Class(bench.port, TARGET), ['init', 'setServo'], { board: bench.board, name: 'PCA9685' });

  beforeEach(async () => {
    bench = await driverBench(TARGET, (clock) => pca9685Model({ clock }), chips);
    driver = make();
  });
  afterEach(() => bench.dispose());

  it('sets all sixteen servos to zero in init: the call owns the writes that it does not await', async () => {
    await driver.init(0.001, 0.002, 90);
    for (let channel = 0; channel < 16; channel++) assert.equal(offCount(channel), 375, `channel ${channel}`);
    await bench.quiet();
    assert.deepEqual(strays(), []);
    assert.deepEqual([driver.minPulse, driver.angleRange], [0.001, 90]);
  });

  it('moves a servo', async () => {
    await driver.init(0.001, 0.002, 90);
    await driver.setServo(3, 90);
    assert.deepEqual([offCount(2), offCount(3)], [375, 500]);
  });

  for (const kind of ['throws', 'is refused', 'is cut off'] as const)
    it(`has chip, bus and fields back when an operation of init ${kind}, each in turn`, async function () {
      this.timeout(120_000);
      const failures = await assertUndoneEverywhere(bench, kind, driver, () => driver.init(), registers);
      assert.deepEqual([failures, offCount(15)], [21, 375]);
    });

  for (const kind of ['throws', 'is refused', 'is cut off', 'is not acknowledged'] as const)
    it(`has chip, bus and fields back when an operation of setServo ${kind}, each in turn`, async () => {
      await driver.init();
      const before = offCount(5);
      const failures = await assertUndoneEverywhere(bench, kind, driver, () => driver.setServo(5, 20), registers);
      // The four registers are read for the checkpoint, each by a START and a repeated one.
      assert.equal(failures, kind === 'is not acknowledged' ? 9 : 1);
      assert.notEqual(offCount(5), before);
    });

  it('has its stray work refused when init fails before the sleep: none of the sixteen writes lands', async () => {
    bench.failing.kind = 'is refused';
    bench.failing.left = 3;
    const [fields, before] = [fieldsOf(driver), registers()];
    const error = await failureOf(driver.init());
    bench.failing.left = Infinity;
    assert.equal(error.code, 'controller-fault');
    await bench.quiet();
    assert.equal(strays().length, 16);
    assert.ok(strays().every(({ call }) => call === 'PCA9685.init'));
    assert.deepEqual([registers(), fieldsOf(driver)], [before, fields]);
  });

  it('is told of stray work when the writes are late: none lands, and what was in time is undone', async () => {
    class Staggered extends PCA9685 {
      override async setServo(channel: number, angle: number): Promise<void> {
        await this.sleep(channel);
        await super.setServo(channel, angle);
      }
    }
    const staggered = make(Staggered);
    const before = registers();
    const error = await failureOf(staggered.init());
    assert.equal(error.code, 'stray-work');
    assert.match(error.message, /PCA9685\.init returned, but had work under way.*PCA9685\.setServo, PCA9685\.setServo/);
    await bench.quiet();
    assert.deepEqual(registers(), before);
    assert.ok(strays().length >= 15, String(strays().length));
    assert.deepEqual([staggered.i2cSlave, staggered.minPulse], [null, null]);
  });

  it('is rolled back by its deadline where init never returns', async () => {
    const patient = protect(new PCA9685(bench.port, TARGET), ['init'], { board: bench.board, deadline: 1000 });
    const before = registers();
    const call = failureOf(patient.init(0.001, 0.002, 90, true));
    await bench.quiet();
    await new Promise<void>((resolve) => setTimeout(resolve, 800));
    const error = await call;
    assert.deepEqual([error.code, error.rollback.outcome], ['deadline', 'restored']);
    assert.deepEqual(registers(), before);
  });
});
