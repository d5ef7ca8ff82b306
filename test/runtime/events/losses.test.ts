import assert from 'node:assert/strict';
import { EntryPointError } from '../../../runtime/index.js';
import { OPS, POKE_MAGIC } from '../../../runtime/link/protocol.js';
import { faulty, flipped, onFrame, type Faults } from '../../../transports/faulty.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { Blinker, hear, quiet } from './blinker.js';

const PIN = 5;
/** FGFT_PORT_EVENTS of the board. */
const RING = 64;
/** In a frame: the low byte of its number, in an answer too, and its first op. */
const SEQUENCE = 6;
const OP = 10;

describe('An event is not lost', () => {
  let bench: Bench;
  let environment: VirtualEnvironment;
  let listening: ReturnType<typeof hear>;
  let faults: Faults;
  let pokes: number;
  const drive = (level: boolean) => {
    bench.emulated.chip.setPin(PIN, level);
    // So that the processor sees it.
    bench.emulated.advance(0.1);
  };
  const losePokes = (howMany: number) => {
    faults.receive = (frame) => {
      if (frame[0] !== POKE_MAGIC) return frame;
      pokes++;
      return pokes > howMany ? frame : undefined;
    };
  };

  /** The next answer to a frame of events. */
  const loseFirstEvents = () => {
    const asked = new Set<number>();
    faults.send = (frame) => {
      if (frame[OP] === OPS.events.code) asked.add(frame[SEQUENCE]!);
      return frame;
    };
    faults.receive = (frame) => {
      if (frame[0] === POKE_MAGIC || !asked.has(frame[SEQUENCE]!)) return frame;
      faults.receive = undefined;
      return undefined;
    };
  };

  beforeEach(async () => {
    environment = virtualEnvironment();
    faults = {};
    pokes = 0;
    bench = await picoBoard({ environment, through: (transport) => faulty(transport, faults) });
    listening = hear(bench.board, PIN);
    await listening.until(1);
  });
  afterEach(() => bench.dispose());

  it('when the poke is, because it comes again', async () => {
    losePokes(2);
    drive(true);
    await quiet();
    assert.deepEqual(listening.heard, ['watching']);
    for (let i = 0; i < 2; i++) {
      bench.emulated.advance(600);
      await quiet();
    }
    assert.deepEqual(listening.heard, ['watching', 'rising']);
    assert.equal(pokes, 3);
  });

  it('when the poke is swallowed by a resynchronisation', async () => {
    losePokes(1);
    drive(true);
    await quiet();
    faults.send = onFrame(1, flipped(0));
    await bench.board.pin[PIN]!.IN.read();
    await quiet();
    assert.deepEqual(listening.heard, ['watching', 'rising']);
  });

  it('when the answer is that holds it, and is told once', async () => {
    loseFirstEvents();
    drive(true);
    await quiet();
    assert.deepEqual(listening.heard, ['watching']);
    environment.advance(1001);
    await quiet();
    assert.deepEqual(listening.heard, ['watching', 'rising']);
  });

  it('and is told or dropped by what became of its call, also when that is known before it arrives', async () => {
    const blinker = new Blinker(bench.board, PIN);
    await blinker.setUp();
    for (const [fails, expected] of [
      [true, ['watching']],
      [false, ['watching', 'rising', 'falling']],
    ] as const) {
      loseFirstEvents();
      const call = blinker.blink(async () => {
        await quiet();
        if (fails) throw new Error('no');
      });
      await (fails ? assert.rejects(call, EntryPointError) : call);
      await quiet();
      assert.deepEqual(listening.heard, ['watching']);
      environment.advance(1001);
      await listening.until(expected.length);
      await quiet();
      assert.deepEqual(listening.heard, expected);
    }
  });

  it('silently, when the controller has no more room', async () => {
    losePokes(Infinity);
    for (let i = 0; i < RING + 6; i++) drive(i % 2 === 0);
    await quiet();
    losePokes(0);
    bench.emulated.advance(600);
    const heard = await listening.until(RING + 3);
    await quiet();
    assert.deepEqual([...new Set(heard.slice(1, RING + 1))], ['rising', 'falling']);
    // What has happened while there was no room is one, and nobody knows how often it was.
    assert.deepEqual(heard.slice(RING + 1), ['lost 1 ring-full', 'rising+falling']);
    drive(true);
    assert.equal((await listening.until(RING + 4)).at(-1), 'rising');
  });

  it('of a pin that moves faster than anybody can note, and nothing else waits for it', async () => {
    const { pin, pwm } = bench.board;
    losePokes(Infinity);
    // PWM slice 2 drives GPIO 5 as its B, once a microsecond (RP2040 datasheet 4.5.2).
    await pwm.ch[2]!.TOP.write({ WRAP: 124 });
    await pwm.ch[2]!.CC.write({ B: 62 });
    await pwm.ch[2]!.CSR.modify({ EN: true });
    await pin[PIN]!.CTRL.modify({ FUNCSEL: 'pwm' });
    bench.emulated.advance(5);
    assert.equal(typeof (await pin[6]!.IN.read()).HIGH, 'boolean');
    await pwm.ch[2]!.CSR.modify({ EN: false });
    losePokes(0);
    bench.emulated.advance(600);
    await listening.until(RING + 2);
    await quiet();
    assert.deepEqual(listening.heard.slice(RING + 1), ['lost 1 ring-full', 'rising+falling']);
  });

  it('with a call that is committed while the host knows nothing of it', async () => {
    const blinker = new Blinker(bench.board, PIN);
    await blinker.setUp();
    losePokes(Infinity);
    await blinker.blink();
    await assert.rejects(
      blinker.blink(() => Promise.reject(new Error('no'))),
      EntryPointError,
    );
    losePokes(0);
    bench.emulated.advance(600);
    await listening.until(3);
    await quiet();
    assert.deepEqual(listening.heard, ['watching', 'rising', 'falling']);
  });
});
