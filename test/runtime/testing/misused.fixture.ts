/** Run by mocha in a process of its own: a peripheral that no sequence saves is to be guarded. */
import assert from 'node:assert/strict';
import { at24c32 } from '../../../peripherals/at24c32/index.js';
import { attach } from '../../../runtime/index.js';
import { guardBoard } from '../../../runtime/testing/index.js';
import { picoBoard, type Bench } from '../../emulated.js';

describe('misused', () => {
  let bench: Bench;
  before(async () => {
    bench = await picoBoard();
  });
  after(() => bench.dispose());
  guardBoard({
    board: () => bench.board,
    peripherals: () => [attach(at24c32({ index: 0, target: 0x50 }), bench.board)],
  });

  it('would fail', () => assert.fail('of itself'));
  it('would pass', (done) => done());
});
