import assert from 'node:assert/strict';
import { EntryPointError } from '../../../runtime/index.js';
import { inState, recoveringBoard, type RecoveringBench } from '../recovery/recovering-board.js';
import { picoBoard } from '../../emulated.js';
import { Blinker, hear, quiet } from './blinker.js';

const PIN = 5;

describe('Events of a board whose link is lost', function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  let listening: ReturnType<typeof hear>;
  const drive = (level: boolean) => bench.emulated.chip.setPin(PIN, level);
  const LOST = 'lost ? link-lost';

  beforeEach(async () => {
    bench = await recoveringBoard();
    listening = hear(bench.board, PIN);
    await listening.until(1);
  });
  afterEach(() => bench.dispose());

  it('by a reset of the controller are told again when it is back', async () => {
    await bench.emulated.pressReset();
    await inState(bench.board, 'ready');
    assert.deepEqual(await listening.until(3), ['watching', LOST, 'watching']);
    drive(true);
    assert.deepEqual(await listening.until(4), ['watching', LOST, 'watching', 'rising']);
  });

  it('by a cable that is pulled are told again, but not what happened meanwhile', async () => {
    await bench.emulated.unplug({ power: 'kept' });
    drive(true);
    await inState(bench.board, 'ready');
    await listening.until(3);
    drive(false);
    await listening.until(4);
    await quiet();
    assert.deepEqual(listening.heard, ['watching', LOST, 'watching', 'falling']);
  });

  it('in the middle of a call never happened, because the call was undone', async () => {
    const blinker = new Blinker(bench.board, PIN);
    await blinker.setUp();
    const call = blinker.blink(async () => {
      await quiet();
      await bench.emulated.pressReset();
      await new Promise(() => {});
    });
    await assert.rejects(call, EntryPointError);
    await inState(bench.board, 'ready');
    await listening.until(3);
    await quiet();
    assert.deepEqual(listening.heard, ['watching', LOST, 'watching']);
  });

  it('end with its cause when it does not come back', async () => {
    const broken = await picoBoard();
    const ends = hear(broken.board, PIN);
    await ends.until(1);
    await broken.emulated.unplug();
    assert.deepEqual(await ends.until(2), ['watching', 'error RecoveryError board-broken']);
    await broken.dispose();
  });
});
