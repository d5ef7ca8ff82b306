/** Run by mocha in a process of its own: tests that leave something, and a board that breaks between them. */
import assert from 'node:assert/strict';
import { guardBoard } from '../../../runtime/testing/index.js';
import { picoBoard, type Bench } from '../../emulated.js';

describe('guarded', () => {
  let bench: Bench;
  before(async () => {
    bench = await picoBoard();
    await bench.board.pwm.ch[0]!.CC.write({ A: 5 });
  });
  after(() => bench.emulated.dispose());
  guardBoard({ board: () => bench.board, peripherals: () => [bench.board.pwm.ch[0]!, bench.board.pin[3]!] });

  const slice = () => bench.board.pwm.ch[0]!;

  it('reads only', async () => assert.equal((await slice().CC.read()).A, 5));
  it('leaks', () => slice().CC.write({ A: 66 }));
  it('finds what was before the leak', async () => assert.equal((await slice().CC.read()).A, 5));
  it('leaks, with a callback', (done) => void bench.board.pin[3]!.OUT.write({ HIGH: true }).then(() => done(), done));
  it('cleans up', async () => {
    await slice().TOP.write({ WRAP: 9 });
    await slice().TOP.write({ WRAP: 0xffff });
  });
  it('fails, and leaks', async () => {
    await slice().CC.write({ A: 67 });
    throw new Error('of itself');
  });
  it('finds what was before the failure', async () => assert.equal((await slice().CC.read()).A, 5));
  it('breaks the board', async () => {
    await bench.emulated.unplug();
  });
  it('comes too late', () => assert.fail('must be skipped'));
  it('comes later still', () => assert.fail('must be skipped'));
});
