import assert from 'node:assert/strict';
import expander from '../../../examples/expander-workload.js';
import servo from '../../../examples/servo-workload.js';
import { FAULTS, sweep, tableOf, type Workload } from '../../../runtime/inject/index.js';
import { image } from '../../emulated.js';
import { leaky } from './leaky.js';

const CHIP_FAULTS = ['chip-no-address', 'chip-no-data', 'chip-holds-clock'];

describe('fgft inject sweep', function () {
  this.timeout(60_000);

  for (const workload of [servo, expander] as readonly Workload[])
    it(`finds that ${workload.name} never happens by half, whatever fails and where`, async () => {
      const rows = await sweep(workload, { image });
      assert.deepEqual(
        rows.map(({ fault }) => fault),
        Object.keys(FAULTS),
      );
      for (const { fault, trials, undone, unknown, done, violations } of rows) {
        assert.deepEqual(violations, []);
        assert.equal(trials > 0, workload === expander || !CHIP_FAULTS.includes(fault), `${fault} is tried`);
        assert.deepEqual([undone + done, unknown], [trials, 0]);
      }
      const of = (name: string) => rows.find(({ fault }) => fault === name)!;
      assert.equal(of('exception').undone, of('exception').trials);
      assert.equal(of('refused-operation').detectors['controller-fault'], of('refused-operation').trials);
      for (const fault of CHIP_FAULTS)
        assert.equal(of(fault).detectors['controller-fault'] ?? 0, of(fault).trials, fault);
      // A frame that was lost or damaged is sent again, and a halted endpoint cleared.
      for (const fault of ['request-lost', 'out-stalled', 'in-stalled'])
        assert.equal(of(fault).done, of(fault).trials, fault);
      assert.equal(of('power-loss').detectors['device-lost'], of('power-loss').trials);
      // The controller tells the next session that it has committed what nobody has heard of.
      assert.equal(of('answer-lost-unplug').done, 1);
    });

  it('finds the calls that happen by half where nothing protects them, and names what they have left', async () => {
    const rows = await sweep(leaky('plain'), { image });
    const violations = rows.flatMap((row) => row.violations);
    assert.match(violations.join('\n'), /^exception 2: failed \(.*\), but pwm0\.CC is 0x5 instead of 0x1$/m);
    assert.match(tableOf('Leaky.plain', rows), /calls happened by half/);
    const protectedRows = await sweep(leaky('protected'), { image });
    assert.deepEqual(
      protectedRows.flatMap((row) => row.violations),
      [],
    );
  });

  it('tells apart the calls of which nobody knows whether they were made', async () => {
    const rows = await sweep(leaky('protected', { used: false }), { image });
    const row = rows.find(({ fault }) => fault === 'answer-lost-unplug-twice')!;
    assert.ok(row.unknown > 0);
    assert.deepEqual([row.undone + row.unknown, row.violations], [row.trials, []]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const progress = (): void => stop.abort();
    await assert.rejects(sweep(leaky('protected'), { image, signal: stop.signal, progress }), { name: 'AbortError' });
  });
});
