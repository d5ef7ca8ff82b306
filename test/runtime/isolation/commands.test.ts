import assert from 'node:assert/strict';
import { Sht30 } from '../../../peripherals/sht30/index.js';
import { sht30Model, type Sht30Model } from '../../../peripherals/sht30/model.js';
import { isolate, type DriverIsolation } from '../../../runtime/isolation/index.js';
import { nodeThreads } from '../../../runtime/isolation/node.js';
import { compiled } from '../../compiled.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../../peripherals/i2c-chip.js';

const ADDRESS = 0x45;

describe('In a worker, a chip that takes messages', function () {
  this.timeout(60_000);
  let bench: ChipBench<Sht30Model>;
  let sensor: Sht30;
  let isolation: DriverIsolation;

  before(async () => {
    bench = await chipBench(ADDRESS, (clock) => sht30Model({ clock, address: ADDRESS }));
    sensor = new Sht30(bench.board, bench.at);
    isolation = isolate(sensor, {
      module: compiled('test/runtime/isolation/drivers.ts'),
      threads: nodeThreads({ entry: compiled('runtime/isolation/node-worker.ts') }),
    });
  });
  after(async () => {
    isolation.close();
    await bench.dispose();
  });

  const framesOf = async (call: () => Promise<unknown>): Promise<number> => {
    const before = bench.board.link.framesSent;
    await call();
    return bench.board.link.framesSent - before;
  };

  it('answers at the cost of as many round trips as inline: what is harmless needs no commit', async () => {
    bench.chip.temperature = 21;
    const inline = new Sht30(bench.board, bench.at);
    assert.equal(Math.round((await sensor.measure()).temperature), 21);
    assert.equal(await framesOf(() => sensor.measure()), await framesOf(() => inline.measure()));
  });

  it('is set by its settings, which are sent again when the call fails', async () => {
    await sensor.heater(true);
    assert.equal((await sensor.status()).heater, true);
    // The ninth operation: the reset has switched the heater off by then.
    assert.ok(await bench.fault.at(8, () => sensor.reset()));
    assert.equal((await sensor.status()).heater, true);
  });

  it('gets what could not be undone with the commit', async () => {
    assert.equal((await sensor.status()).resetDetected, true);
    assert.ok(await bench.fault.at(0, () => sensor.clearStatus()));
    assert.equal((await sensor.status()).resetDetected, true);
    await sensor.clearStatus();
    assert.equal((await sensor.status()).resetDetected, false);
  });

  it('that is missing fails the call with the reason', async () => {
    bench.disconnect();
    assert.equal((await failureOf(sensor.measure())).code, 'controller-fault');
    bench.connect();
    await sensor.measure();
  });
});
