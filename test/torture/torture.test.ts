import assert from 'node:assert/strict';
import { lost } from '../../transports/faulty.js';
import { controllerReset, linkCorruption, tortureBy, unplug } from './link-losses.js';
import type { Torture } from './outcome.js';
import { sigkill } from './sigkill.js';

/** `npm run torture` runs many more. */
const TRIALS = 8;

describe('A call never happens by half', function () {
  this.timeout(120_000);
  const tortures: readonly (readonly [string, Torture])[] = [
    ['when its process is killed', sigkill],
    ['when the cable is pulled', unplug],
    ['when the controller is reset', controllerReset],
    ['when frames are damaged', linkCorruption],
  ];
  for (const [what, torture] of tortures) {
    it(what, async () => {
      const violations: string[] = [];
      const outcome = await torture(TRIALS, {
        signal: new AbortController().signal,
        trial: () => {},
        violation: (each) => violations.push(each),
      });
      assert.deepEqual(violations, []);
      assert.equal(outcome.trials, TRIALS);
    });
  }
});

it('A trial that ends with a violation does no harm to the trials behind it', async function () {
  this.timeout(120_000);
  let trials = 0;
  const torture = tortureBy('violation', ({ faults }) => {
    if (++trials > 1) return;
    faults.receive = lost;
    throw new Error('On purpose.');
  });
  const violations: string[] = [];
  await torture(3, {
    signal: new AbortController().signal,
    trial: () => {},
    violation: (each) => violations.push(each),
  });
  assert.deepEqual(violations, ['violation, trial 1: an error that should not be: Error: On purpose.']);
});
