import assert from 'node:assert/strict';
import { brokenError, notRestoredError } from '../../../runtime/recovery/failures.js';

describe('What recovery fails with', () => {
  it('is said in whole sentences, whatever was thrown', () => {
    const cause = new Error('the cable was cut');
    assert.equal(
      brokenError(cause, [new Error('nobody there')]).message,
      'The board is broken since this failure: the cable was cut. Recovery failed: nobody there. Open the board anew.',
    );
    assert.equal(
      brokenError(cause, []).message,
      'The board is broken since this failure: the cable was cut. Open the board anew.',
    );
    assert.match(
      notRestoredError('pwm1', 'a string').message,
      /^pwm1 could not be brought back: something that is not an Error was thrown: a string\. It is tried again/,
    );
  });
});
