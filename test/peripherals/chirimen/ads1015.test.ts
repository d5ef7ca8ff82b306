import assert from 'node:assert/strict';
import ADS1015 from '@chirimen/ads1015';
import { ads1015 } from '../../../peripherals/ads1015/index.js';
import { ads1015Model } from '../../../peripherals/ads1015/model.js';
import { protect } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { assertUndoneEverywhere, driverBench, type DriverBench } from './bench.js';

const TARGET = 0x48;
const chips = { [TARGET]: ads1015({ index: 0, target: TARGET }) };
/** SBAS473E 8.6.1: CONVERSION is 0; what was measured last is no setting. */
const SETTINGS = { first: 1, last: 3 };

describe('@chirimen/ads1015, unmodified and protected', () => {
  let bench: DriverBench<ReturnType<typeof ads1015Model>>;
  let driver: ADS1015;
  const settings = () => [...bench.chip.registers].slice(SETTINGS.first, SETTINGS.last + 1);

  beforeEach(async () => {
    bench = await driverBench(TARGET, (clock) => ads1015Model({ clock, inputs: [1, 2, 3, 0.5] }), chips);
    driver = protect(new ADS1015(bench.port, TARGET), ['init', 'read'], { board: bench.board, name: 'ADS1015' });
  });
  afterEach(() => bench.dispose());

  it('opens its device in init, which is a plain one afterwards', async () => {
    await driver.init();
    const device = driver.i2cSlave;
    assert.equal(device?.address, TARGET);
    await device.write16(0x02, 0x3412);
    assert.equal(bench.chip.registers[2], 0x1230);
  });

  it('measures each channel: 4.096 V are 2048', async () => {
    await driver.init();
    const values: number[] = [];
    for (const channel of [0, 1, 2, 3]) values.push(await driver.read(channel));
    assert.deepEqual(values, [500, 1000, 1500, 250]);
  });

  it('fails as it did before, with its own error as the cause, and changes nothing', async () => {
    const early = await failureOf(driver.read(0));
    assert.match(early.message, /ADS1015\.read failed \(exception\): i2cSlave is not open yet/);
    await driver.init();
    const before = settings();
    const error = await failureOf(driver.read(4));
    assert.match(error.message, /channel error4.*No register had been changed/);
    assert.deepEqual(settings(), before);
  });

  for (const kind of ['throws', 'is refused', 'is cut off', 'is not acknowledged'] as const)
    it(`has chip, bus and fields back when an operation of read ${kind}, each in turn`, async () => {
      await driver.init();
      const failures = await assertUndoneEverywhere(bench, kind, driver, () => driver.read(1), settings);
      // One write and one read; the checkpoint reads three registers, each by a START and a repeated one.
      assert.equal(failures, { throws: 2, 'is refused': 2, 'is cut off': 1, 'is not acknowledged': 9 }[kind]);
    });

  it('has its field back when init is refused, because nobody has described the chip', async () => {
    const other = protect(new ADS1015(bench.port, 0x49), ['init'], { board: bench.board });
    const error = await failureOf(other.init());
    assert.equal(error.code, 'register-contract');
    assert.match(error.message, /No definition says what is at 0x49 on I2C0/);
    assert.equal(other.i2cSlave, null);
  });
});
