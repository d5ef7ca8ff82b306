import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, getPriority } from 'node:os';
import { giveWay, threadNumber } from '../../../runtime/isolation/linux-thread.js';

describe('A thread that is killed', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('is known to Linux by a number, as the first thread of a process is by that of the process', () =>
    assert.equal(threadNumber(), process.pid));

  it('gives way to the spare that answers next', async () => {
    const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    try {
      giveWay(other.pid!);
      assert.equal(getPriority(other.pid), constants.priority.PRIORITY_LOW);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });

  it('slows nobody else down where it has no number, or has ended', () => {
    const before = getPriority();
    giveWay(0);
    giveWay(2 ** 22 + 1);
    assert.equal(getPriority(), before);
  });
});
