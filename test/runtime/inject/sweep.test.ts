import assert from 'node:assert/strict';
import expander from '../../../examples/expander-workload.js';
import servo from '../../../examples/servo-workload.js';
import { pico, type PwmSlice } from '../../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Board, type Handle } from '../../../runtime/index.js';
import { defineWorkload, FAULTS, sweep, tableOf, type Workload } from '../../../runtime/inject/index.js';
import { image } from '../../emulated.js';

/** The same call, protected and not. */
class Leaky extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;

  constructor(board: Board<(typeof pico)['peripherals']>) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  async plain(duty: number): Promise<void> {
    this.duty = duty;
    await this.slice.CC.write({ A: duty });
    await this.slice.TOP.write({ WRAP: duty });
  }

  @entryPoint
  protected(duty: number): Promise<void> {
    return this.plain(duty);
  }
}

const leaky = (call: 'plain' | 'protected') =>
  defineWorkload({
    name: `Leaky.${call}`,
    board: pico,
    async prepare(board) {
      const driver = new Leaky(board);
      await driver.protected(1);
      return driver;
    },
    call: (driver) => driver[call](5),
    state: ({ duty }) => duty,
  });

describe('fgft inject sweep', function () {
  this.timeout(60_000);

  for (const workload of [servo, expander] as readonly Workload[])
    it(`finds that ${workload.name} never happens by half, whatever fails and where`, async () => {
      const rows = await sweep(workload, { image });
      assert.deepEqual(
        rows.map(({ fault }) => fault),
        Object.keys(FAULTS),
      );
      for (const { fault, trials, undone, done, violations } of rows) {
        assert.deepEqual(violations, []);
        assert.ok(trials > 0, `${fault} is tried`);
        assert.equal(undone + done, trials);
      }
      const of = (name: string) => rows.find(({ fault }) => fault === name)!;
      assert.equal(of('exception').undone, of('exception').trials);
      assert.equal(of('refused-operation').detectors['controller-fault'], of('refused-operation').trials);
      // A frame that was lost or damaged is sent again.
      assert.equal(of('request-lost').done, of('request-lost').trials);
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

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const progress = (): void => stop.abort();
    await assert.rejects(sweep(leaky('protected'), { image, signal: stop.signal, progress }), { name: 'AbortError' });
  });
});
