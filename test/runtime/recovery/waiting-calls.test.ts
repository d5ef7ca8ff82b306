import assert from 'node:assert/strict';
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import { Driver, EntryPointError, entryPoint, peripheral, type Handle } from '../../../runtime/index.js';
import { OPS } from '../../../runtime/link/protocol.js';
import { faulty, type Faults } from '../../../transports/faulty.js';
import { webUsb } from '../../../transports/webusb.js';
import type { PicoBoard } from '../../emulated.js';
import { firstOp, inState, passUntil, recoveringBoard, type RecoveringBench } from './recovering-board.js';

class Lamp extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[5]!;
  }

  @entryPoint
  async set(level: number): Promise<void> {
    await this.slice.CC.write({ A: level, B: level });
  }

  /** Changes nothing, so that it ends as soon as the link is lost. */
  @entryPoint
  async watch(seen: () => void): Promise<void> {
    await this.slice.CC.read();
    seen();
    await new Promise(() => {});
  }
}

describe('A call that waits while the board is recovered', function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  afterEach(() => bench.dispose());

  it('and has a number already runs in the end, however often the link is lost until then', async () => {
    let losses = 3;
    const later: Faults = {
      send(frame) {
        if (losses === 0 || firstOp(frame) !== OPS.define.code) return frame;
        losses--;
        void bench.emulated.unplug({ power: 'lost' });
        return undefined;
      },
    };
    bench = await recoveringBoard({
      reopen: async (emulated) => faulty(webUsb(await emulated.plug(), bench.environment), later),
    });
    const lamp = new Lamp(bench.board);
    await lamp.set(1);
    let watched!: Promise<unknown>;
    await new Promise<void>((resolve) => {
      watched = lamp.watch(resolve).catch((reason: unknown) => reason);
    });
    // It was admitted, and waits for the one before it: that ends when the link is lost, and it has its number then.
    const call = lamp.set(2);
    const told = call.then(
      () => 'done',
      (error: unknown) => String(error),
    );
    await bench.emulated.unplug({ power: 'lost' });
    await passUntil(Promise.all([watched, told]), bench);
    assert.ok((await watched) instanceof EntryPointError);
    assert.equal(losses, 0);
    assert.equal(await told, 'done');
    assert.equal((await lamp.slice.CC.read()).A, 2);
  });

  it('is failed with the board when that is closed', async () => {
    bench = await recoveringBoard({ reopen: () => new Promise(() => {}) });
    const lamp = new Lamp(bench.board);
    await lamp.set(1);
    await bench.emulated.unplug({ power: 'lost' });
    await inState(bench.board, 'recovering');
    const refused = assert.rejects(lamp.set(2), EntryPointError);
    await bench.board.close();
    await passUntil(refused, bench);
    await refused;
  });
});
