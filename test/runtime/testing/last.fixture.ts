/** Run by mocha in a process of its own: the last test breaks the board, and leaks are just restored. */
import { guardBoard } from '../../../runtime/testing/index.js';
import { picoBoard, type Bench } from '../../emulated.js';

describe('last', () => {
  let bench: Bench;
  before(async () => {
    bench = await picoBoard();
  });
  after(() => bench.emulated.dispose());
  guardBoard({ board: () => bench.board, peripherals: () => [bench.board.pwm.ch[0]!], leaks: 'restore' });

  it('leaks', () => bench.board.pwm.ch[0]!.CC.write({ A: 66 }));
  it('breaks the board', () => bench.emulated.unplug());
});
