import assert from 'node:assert/strict';
import { randomOf } from '../torture/random.js';
import { soak } from './soak.js';

describe('Many calls of eight drivers on one board', function () {
  this.timeout(60_000);

  it('leave no lock and no timer behind, whether they fail or not', async () => {
    const result = await soak({ calls: 1600, random: randomOf('soak'), live: () => 0 });
    assert.deepEqual([result.calls, result.locks, result.timers], [1600, 0, 0]);
    assert.ok(result.failed > 200 && result.failed < 1400, `${result.failed} failed`);
  });
});
