import assert from 'node:assert/strict';
import { controllerReset, linkCorruption, unplug } from './link-losses.js';
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
