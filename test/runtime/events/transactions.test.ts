import assert from 'node:assert/strict';
import { EntryPointError, entryPoint } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { Blinker, hear, quiet } from './blinker.js';

const PIN = 5;

describe('Edges that a call causes', () => {
  let bench: Bench;
  let blinker: Blinker;
  let listening: ReturnType<typeof hear>;
  let fates: string[];
  const drive = (pin: number, level: boolean) => bench.emulated.chip.setPin(pin, level);

  beforeEach(async () => {
    bench = await picoBoard();
    blinker = new Blinker(bench.board, PIN);
    await blinker.setUp();
    fates = [];
    bench.board.trace.subscribe((event) => {
      if (event.type === 'event') fates.push(event.fate);
    });
    listening = hear(bench.board, PIN);
    await listening.until(1);
  });
  afterEach(() => bench.dispose());

  const fails = async (call: Promise<void>) => {
    await assert.rejects(call, EntryPointError);
    await quiet();
  };

  it('are told when it has committed, in order', async () => {
    await blinker.blink();
    assert.deepEqual(await listening.until(3), ['watching', 'rising', 'falling']);
  });

  it('are held while it runs', async () => {
    await blinker.blink(async () => {
      await quiet();
      assert.deepEqual(fates, ['held']);
      assert.deepEqual(listening.heard, ['watching']);
    });
    assert.deepEqual(await listening.until(3), ['watching', 'rising', 'falling']);
  });

  it('never happened when it fails, be they still on the controller or here already', async () => {
    await fails(blinker.blink(() => Promise.reject(new Error('at once'))));
    await fails(
      blinker.blink(async () => {
        await quiet();
        throw new Error('later');
      }),
    );
    assert.deepEqual(listening.heard, ['watching']);
    assert.ok(fates.length >= 4, 'the edges up and down were noted');
    assert.deepEqual([...new Set(fates)].sort(), ['dropped', 'held']);
    await blinker.blink();
    assert.deepEqual(await listening.until(3), ['watching', 'rising', 'falling']);
  });

  it('never happened when the controller has rolled it back alone', async () => {
    const call = blinker.blink(async () => {
      await quiet();
      bench.emulated.advance(1100);
      await quiet();
    });
    await fails(call);
    assert.deepEqual(listening.heard, ['watching']);
  });

  it('hold nothing of other pins back', async () => {
    const other = hear(bench.board, 6);
    await other.until(1);
    await fails(
      blinker.blink(async () => {
        drive(6, true);
        assert.deepEqual(await other.until(2), ['watching', 'rising']);
        throw new Error('later');
      }),
    );
    assert.deepEqual(other.heard, ['watching', 'rising']);
  });

  it('are those of the whole call, also where a nested call causes them and is undone alone', async () => {
    class Careful extends Blinker {
      @entryPoint
      async tries(): Promise<void> {
        await this.blink(() => Promise.reject(new Error('no'))).catch(() => {});
      }
    }
    await new Careful(bench.board, PIN).tries();
    assert.deepEqual(await listening.until(3), ['watching', 'rising', 'falling']);
  });
});
