import assert from 'node:assert/strict';
import SHT30 from '@chirimen/sht30';
import { sht30, sht30Heater, sht30Mode } from '../../../peripherals/sht30/index.js';
import { sht30Model } from '../../../peripherals/sht30/model.js';
import { protect } from '../../../runtime/index.js';
import { assertUndoneEverywhere, driverBench, type DriverBench } from './bench.js';

const TARGET = 0x44;
const at = { index: 0, target: TARGET } as const;
const chips = { [TARGET]: [sht30(at), sht30Mode(at), sht30Heater(at)] };

describe('@chirimen/sht30, unmodified and protected', () => {
  let bench: DriverBench<ReturnType<typeof sht30Model>>;
  let driver: SHT30;
  const registers = () => [bench.chip.registers, bench.chip.limits];

  beforeEach(async () => {
    bench = await driverBench(TARGET, (clock) => sht30Model({ clock, temperature: 21.5, humidity: 40 }), chips);
    driver = protect(new SHT30(bench.port), ['init', 'readData'], { board: bench.board, name: 'SHT30' });
    await driver.init();
  });
  afterEach(() => bench.dispose());

  it('measures', async () => {
    const { temperature, humidity } = await driver.readData();
    assert.ok(Math.abs(temperature - 21.5) < 0.01 && Math.abs(humidity - 40) < 0.01, `${temperature} ${humidity}`);
  });

  for (const kind of ['throws', 'is refused', 'is cut off', 'is not acknowledged'] as const)
    it(`has chip, bus and fields back when an operation of readData ${kind}, each in turn`, async () => {
      const failures = await assertUndoneEverywhere(bench, kind, driver, () => driver.readData(), registers);
      assert.equal(failures, kind === 'is cut off' ? 1 : 2);
    });
});
