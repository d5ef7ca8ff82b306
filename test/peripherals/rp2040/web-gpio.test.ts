import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GPIOError, requestGPIOAccess, type GPIOPort } from '../../../peripherals/rp2040/index.js';
import { protect } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndoneAtEveryOperation, Fault } from '../every-operation.js';
import { failureOf } from '../../failure.js';

const LED = 15;
const BUTTON = 14;

/** As anybody would write it. */
class Lamp {
  led: GPIOPort;
  button: GPIOPort;
  presses = 0;

  constructor(led: GPIOPort, button: GPIOPort) {
    this.led = led;
    this.button = button;
  }

  async init(): Promise<void> {
    await this.led.export('out');
    await this.button.export('in');
  }

  async follow(): Promise<void> {
    const pressed = await this.button.read();
    this.presses += pressed;
    await this.led.write(pressed);
  }

  async run<T>(body: (lamp: this) => Promise<T> | T): Promise<T> {
    return body(this);
  }
}

describe('A Web GPIO port', () => {
  let bench: Bench;
  let fault: Fault;
  let led: GPIOPort;
  let button: GPIOPort;
  let lamp: Lamp;
  const chip = () => bench.emulated.chip;
  const levels = () => ({
    led: chip().pin(LED),
    directions: [led.direction, button.direction],
    presses: lamp.presses,
  });

  beforeEach(async () => {
    fault = new Fault();
    bench = await picoBoard({ faultPoint: fault.faultPoint });
    const { ports } = await requestGPIOAccess(bench.board);
    [led, button] = [ports.get(LED)!, ports.get(BUTTON)!];
    lamp = protect(new Lamp(led, button), ['init', 'follow', 'run'], { board: bench.board });
  });
  afterEach(() => bench.dispose());

  it('has a number and names, and no onchange, because nothing would ever call it', () => {
    assert.deepEqual([led.portNumber, led.portName, led.pinName], [15, 'gpio15', 'GP15']);
    assert.equal('onchange' in led, false);
  });

  it('drives the pin as an output, which begins low, and reads it back', async () => {
    await led.export('out');
    assert.deepEqual([led.exported, led.direction, chip().pin(LED)], [true, 'out', false]);
    await led.write(1);
    assert.deepEqual([chip().pin(LED), await led.read()], [true, 1]);
    await led.write(0);
    assert.deepEqual([chip().pin(LED), await led.read()], [false, 0]);
  });

  it('reads the level on the pin as an input', async () => {
    await button.export('in');
    for (const level of [true, false, true]) {
      chip().setPin(BUTTON, level);
      assert.equal(await button.read(), Number(level));
    }
  });

  it('drives nothing when it is not exported any more', async () => {
    await led.export('out');
    await led.write(1);
    await led.unexport();
    assert.deepEqual([led.exported, led.direction], [false, '']);
    const { CTRL, OE } = bench.board.pin[LED]!;
    assert.deepEqual([(await CTRL.read()).FUNCSEL, (await OE.read()).ENABLED], ['none', false]);
  });

  for (const [what, code, act] of [
    ['to read before it is exported', 'not-exported', () => led.read()],
    ['to write before it is exported', 'not-exported', () => led.write(1)],
    ['to write to an input', 'wrong-direction', () => button.export('in').then(() => button.write(1))],
    ['another direction', 'wrong-direction', () => led.export('both' as 'in')],
    ['another value', 'bad-value', () => led.export('out').then(() => led.write(2 as 1))],
  ] as const)
    it(`refuses ${what}`, () => assert.rejects(act(), (error) => error instanceof GPIOError && error.code === code));

  it('has pins and directions back when a call fails at any of its operations', async () => {
    chip().setPin(BUTTON, true);
    const { pin } = bench.board;
    const touched = [pin[LED]!, pin[BUTTON]!];
    const init = await assertUndoneAtEveryOperation(bench.board, fault, () => lamp.init(), touched, levels);
    assert.deepEqual([init, led.direction, button.direction], [8, 'out', 'in']);
    const follow = await assertUndoneAtEveryOperation(bench.board, fault, () => lamp.follow(), touched, levels);
    assert.deepEqual([follow, levels().led, lamp.presses], [2, true, 1]);
  });

  it('has the direction that its pin has when a native operation is refused', async () => {
    await led.export('out');
    await bench.board.close();
    await assert.rejects(button.export('in'));
    assert.deepEqual([button.exported, button.direction], [false, '']);
    await assert.rejects(led.export('in'));
    await assert.rejects(led.unexport());
    assert.deepEqual([led.exported, led.direction], [true, 'out']);
  });

  it('keeps the direction that a call has chosen without waiting for it', async () => {
    await lamp.run((view) => void view.led.export('out'));
    assert.deepEqual([led.direction, (await bench.board.pin[LED]!.OE.read()).ENABLED], ['out', true]);
    await lamp.run((view) => void view.led.unexport());
    assert.deepEqual([led.direction, (await bench.board.pin[LED]!.OE.read()).ENABLED], ['', false]);
  });

  it('has everything back after any sequence in a failed call, and keeps it after one that succeeds', async () => {
    const step = fc.constantFrom<(port: GPIOPort) => Promise<unknown>>(
      (port) => port.export('out'),
      (port) => port.export('in'),
      (port) => port.unexport(),
      (port) => (port.direction === 'out' ? port.write(1) : Promise.resolve()),
      (port) => (port.direction === 'out' ? port.write(0) : Promise.resolve()),
    );
    const digest = () => bench.board.digest(bench.board.pin[LED]!);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), fc.boolean(), async (steps, fails) => {
        const before = [await digest(), led.direction];
        let direction: string = led.direction;
        const call = lamp.run(async (view) => {
          for (const each of steps) await each(view.led);
          direction = view.led.direction;
          // Posted writes leave with the next turn of the event loop.
          await new Promise((resolve) => setImmediate(resolve));
          if (fails) throw new Error('no');
        });
        if (!fails) return call.then(() => assert.equal(led.direction, direction));
        await failureOf(call);
        assert.deepEqual([await digest(), led.direction], before);
      }),
      { numRuns: 30 },
    );
  });

  it('of a call that has ended is refused', async () => {
    let late!: GPIOPort;
    await lamp.init();
    await lamp.run((view) => void (late = view.led));
    await assert.rejects(late.write(1), { code: 'transaction-ended' });
    assert.equal(chip().pin(LED), false);
  });
});
