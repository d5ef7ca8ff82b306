import assert from 'node:assert/strict';
import { failedBy, STATUS } from '../rp2040/frame.js';
import { define, ops, powered, type Powered } from './board.js';

/** OCR0A: it holds what was written to it, 0 after a reset. */
const OCR0A = 0x47;

describe('firmware/atmega328p: time, which no timer counts', () => {
  let board: Powered;
  beforeEach(async () => void (board = await powered()));
  afterEach(() => board.uno.dispose());

  const us = (): number => board.uno.chip.nanos / 1000;

  /** How long a frame takes that waits for so long, without what it takes if it does not wait. */
  async function waited(op: (us: number) => number[], wait: number): Promise<number> {
    const times: number[] = [];
    for (const each of [0, wait]) {
      const start = us();
      await board.run([op(each)]);
      times.push(us() - start);
    }
    return times[1]! - times[0]!;
  }

  it('of a delay is never too short, and a hundredth too long at most', async () => {
    for (const wait of [1000, 20_000, 200_000]) {
      const took = await waited(ops.delay, wait);
      // The two frames begin and end up to a bit of the line apart, and differ by some bytes of the count.
      assert.ok(took >= wait - 10 && took <= 1.01 * wait + 40, `${wait} us took ${took}`);
    }
  });

  it('of a poll is never too short, and a tenth too long at most', async () => {
    await board.run([define({ address: OCR0A })]);
    const took = await waited((wait) => ops.poll(0xff, 1, wait), 100_000);
    assert.ok(took >= 100_000 && took <= 110_000, `${took}`);
    const reply = await board.run([ops.poll(0xff, 1, 1000)]);
    assert.equal(reply.status, STATUS['poll-timeout']);
    assert.deepEqual(failedBy(reply), [1, 0]);
  });

  it('of a delay may not be more than a second', async () => {
    assert.equal((await board.run([ops.delay(1_000_001)])).status, STATUS['malformed-op']);
  });

  it('of a lease passes while nothing comes, a twentieth too slowly at most', async () => {
    await board.run([define({ address: OCR0A }, 0xff)]);
    await board.run([ops.begin, ops.masked(0xff, 9)], 3);
    board.uno.advance(990);
    assert.equal(board.uno.chip.read8(OCR0A), 9, 'before its end');
    board.uno.advance(60);
    assert.equal(board.uno.chip.read8(OCR0A), 0, 'the lease of a second has ended, and the transaction with it');
  });

  it('ends early for a resync, whose answer comes first', async () => {
    await board.send([ops.delay(900_000)]);
    board.uno.advance(50);
    const start = us();
    const state = await board.line.resync(7);
    assert.ok(us() - start < 100_000);
    assert.equal(state.next, 2, 'the frame has run');
    const reply = await board.line.exchange({ session: 0x2222, sequence: 1, ops: [ops.delay(900_000)] });
    assert.equal(reply.status, STATUS.interrupted, 'its answer was kept');
  });
});
