import assert from 'node:assert/strict';
import {
  type EntryPointError,
  open,
  RecoveryError,
  TransportError,
  type BoardState,
  type TraceEvent,
} from '../../../runtime/index.js';
import { pico } from '../../../peripherals/rp2040/index.js';
import { faulty } from '../../../transports/faulty.js';
import { webUsb } from '../../../transports/webusb.js';
import { failureOf } from '../../failure.js';
import { Holder } from '../holder.js';
import { afterHello, ScriptedController } from '../link/scripted-controller.js';
import { inState, passUntil, recoveringBoard, type RecoveringBench } from './recovering-board.js';

/** GPIO_OUT (RP2040 datasheet 2.3.1.7), CH4_CC and CH4_TOP (4.5.3), read past the firmware. */
const REGISTERS = [0xd0000010, 0x40050000 + 4 * 0x14 + 0x0c, 0x40050000 + 4 * 0x14 + 0x10];

describe('A board whose link is lost', function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  const registers = () => REGISTERS.map((address) => bench.emulated.read32(address));
  afterEach(() => bench.dispose());

  it('by a reset of the controller has its committed registers back before the next call runs', async () => {
    bench = await recoveringBoard();
    const holder = new Holder(bench.board);
    await bench.board.pwm.ch[4]!.CC.write({ A: 77, B: 88 });
    await holder.hold(() => {}, Promise.resolve());
    const before = registers();
    await bench.emulated.pressReset();
    await inState(bench.board, 'ready');
    assert.deepEqual(registers(), before);
    const { A, B } = await bench.board.pwm.ch[4]!.CC.read();
    assert.deepEqual({ A, B }, { A: 1, B: 2 });
    assert.deepEqual(bench.states, ['ready', 'recovering', 'ready']);
  });

  it('in the middle of a call by a reset of the controller: the call fails, and all is as before it', async () => {
    bench = await recoveringBoard();
    await bench.board.pwm.ch[4]!.CC.write({ A: 77, B: 88 });
    const before = registers();
    let call!: Promise<EntryPointError>;
    await new Promise<void>((resolve) => {
      call = failureOf(new Holder(bench.board).hold(resolve));
    });
    assert.notDeepEqual(registers(), before);
    await bench.emulated.pressReset();
    const error = await call;
    assert.equal(error.code, 'device-lost');
    assert.equal(error.rollback.outcome, 'restored');
    assert.deepEqual(
      error.rollback.recovery.map(({ step, peripheral }) => peripheral ?? step),
      ['reopen', 'define', 'pwm4', 'pin9'],
    );
    assert.deepEqual(registers(), before);
  });

  it('by a cable that is pulled while the board keeps its power is reopened, and only looked at', async () => {
    bench = await recoveringBoard();
    await bench.board.pwm.ch[4]!.CC.write({ A: 77, B: 88 });
    const sent: string[] = [];
    bench.board.trace.subscribe((event: TraceEvent) => {
      if (event.type === 'recovery') sent.push(event.step);
    });
    const { epoch } = bench.board.link;
    await bench.emulated.unplug({ power: 'kept' });
    await inState(bench.board, 'ready');
    assert.equal(bench.board.link.epoch, epoch);
    assert.deepEqual(await bench.board.pwm.ch[4]!.CC.read(), { A: 77, B: 88 });
    assert.deepEqual(sent, ['reopen', 'define', 'restore']);
  });

  it('lets native operations and calls that come meanwhile wait, and runs them then', async () => {
    bench = await recoveringBoard();
    await bench.board.pwm.ch[4]!.CC.write({ A: 77, B: 88 });
    await bench.emulated.unplug({ power: 'lost' });
    await inState(bench.board, 'recovering');
    const native = bench.board.pwm.ch[4]!.CC.read();
    const call = new Holder(bench.board).hold(() => {}, Promise.resolve());
    assert.deepEqual(await native, { A: 77, B: 88 });
    await call;
  });

  it('that does not come back is broken: calls are refused with the first cause, until it is opened anew', async () => {
    const gone = new TransportError('device-lost', 'Nobody there.');
    bench = await recoveringBoard({ reopen: () => Promise.reject(gone), timeoutMs: 300 });
    let call!: Promise<EntryPointError>;
    await new Promise<void>((resolve) => {
      call = failureOf(new Holder(bench.board).hold(resolve));
    });
    await bench.emulated.unplug({ power: 'lost' });
    await inState(bench.board, 'recovering');
    for (let ms = 0; ms < 500; ms += 10) {
      bench.environment.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const first = await call;
    assert.equal(first.code, 'device-lost');
    assert.equal(first.rollback.outcome, 'unknown');
    const why = first.rollback.error;
    assert.ok(why instanceof RecoveryError);
    assert.equal(why.code, 'board-broken');
    assert.ok(why.failures.includes(gone), 'the failure of the recovery is kept too');
    assert.equal(why.cause, first.cause, 'the first failure stays the cause');

    const refused = await failureOf(new Holder(bench.board).hold(() => {}));
    assert.equal(refused.code, 'board-broken');
    assert.equal((refused.cause as Error).cause, first.cause);
    await assert.rejects(bench.board.pwm.ch[4]!.CC.read(), { code: 'board-broken' });
    assert.deepEqual(bench.states, ['ready', 'recovering', 'broken']);

    await bench.board.close();
    const again = await open(webUsb(await bench.emulated.plug(), bench.environment), pico);
    await new Holder(again).hold(() => {}, Promise.resolve());
    await again.close();
  });

  it('is looked for again and again while there is time', async () => {
    const tries = { made: 0 };
    bench = await recoveringBoard({
      async reopen(emulated) {
        if (++tries.made < 4) throw new TransportError('device-lost', 'Not yet.');
        return webUsb(await emulated.plug(), bench.environment);
      },
    });
    await bench.board.pwm.ch[4]!.CC.write({ A: 77, B: 88 });
    await bench.emulated.unplug({ power: 'lost' });
    const ready = inState(bench.board, 'recovering').then(() => inState(bench.board, 'ready'));
    for (let ms = 0; ms < 1000 && tries.made < 4; ms += 10) {
      bench.environment.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ready;
    assert.equal(tries.made, 4);
    assert.deepEqual(await bench.board.pwm.ch[4]!.CC.read(), { A: 77, B: 88 });
  });

  it('is not ready on a link that has failed as soon as it was open', async () => {
    let opened = 0;
    bench = await recoveringBoard({
      async reopen(emulated) {
        const transport = webUsb(await emulated.plug(), bench.environment);
        if (++opened > 1) return transport;
        let frames = 0;
        return {
          ...faulty(transport, {}),
          receive: () =>
            ++frames === 1 ? transport.receive() : Promise.reject(new TransportError('link-failed', 'Halted.')),
        };
      },
    });
    const ready = inState(bench.board, 'recovering').then(() => inState(bench.board, 'ready'));
    await bench.emulated.unplug({ power: 'kept' });
    // With nothing to define and nothing to restore, nothing is sent that could fail.
    await passUntil(ready, bench);
    await bench.board.pwm.ch[4]!.CC.read();
    assert.equal(opened, 2);
  });

  it('is not taken back from another host that has opened it', async () => {
    const controller = new ScriptedController(afterHello(() => ({ status: 'no-session' })));
    let asked = 0;
    const reopen = async () => {
      asked++;
      return controller;
    };
    const board = await open(controller, pico, { recovery: { reopen } });
    const states: BoardState[] = [];
    board.state.subscribe((state) => states.push(state));
    await assert.rejects(board.pwm.ch[4]!.CC.read(), { code: 'session-lost' });
    await assert.rejects(board.pwm.ch[4]!.CC.read(), { code: 'board-broken' });
    assert.deepEqual(states, ['ready', 'broken']);
    assert.equal(asked, 0);
    await board.close();
  });
});
