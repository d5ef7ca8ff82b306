import assert from 'node:assert/strict';
import { pwmOf, type GpioPin, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, EntryPointError, entryPoint, peripheral, type Handle } from '../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';

/** Sets everything that a pin and its slice share with their neighbours; pauses where a test says so. */
class Output extends Driver {
  @peripheral accessor pin: Handle<GpioPin>;
  @peripheral accessor slice: Handle<PwmSlice>;

  constructor(board: PicoBoard, gpio: number) {
    super(board);
    this.pin = board.pin[gpio]!;
    this.slice = board.pwm.ch[pwmOf(gpio).slice]!;
  }

  @entryPoint
  async set(on: boolean, pause?: Promise<void>): Promise<void> {
    await this.pin.OUT.write({ HIGH: on });
    await this.pin.INTE.write({ EDGE_HIGH: on });
    await pause;
    await this.pin.OE.write({ ENABLED: on });
    await this.slice.INTE.write({ WRAPPED: on });
    await this.slice.CC.write({ A: on ? 500 : 0 });
  }
}

interface Gate {
  readonly passed: Promise<void>;
  readonly open: () => void;
  readonly fail: (error: Error) => void;
}

function gate(): Gate {
  let open!: () => void;
  let fail!: (error: Error) => void;
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
}

/** Posted writes leave in the next turn of the event loop; this is well after it. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('Two drivers on neighbouring pins and slices, interleaved', () => {
  let bench: Bench;
  let left: Output;
  let right: Output;

  beforeEach(async () => {
    bench = await picoBoard();
    // Pins 5 and 6: one GPIO_OUT, GPIO_OE and PROC0_INTE0 for both; slices 2 and 3: one INTE for both.
    left = new Output(bench.board, 5);
    right = new Output(bench.board, 6);
  });
  afterEach(() => bench.dispose());

  const levels = async ({ pin, slice }: Output) => ({
    out: (await pin.OUT.read()).HIGH,
    oe: (await pin.OE.read()).ENABLED,
    edge: (await pin.INTE.read()).EDGE_HIGH,
    wrap: (await slice.INTE.read()).WRAPPED,
    duty: (await slice.CC.read()).A,
  });
  const ON = { out: true, oe: true, edge: true, wrap: true, duty: 500 };
  const OFF = { out: false, oe: false, edge: false, wrap: false, duty: 0 };

  it('do not wait for each other', async () => {
    const { passed, open } = gate();
    const slow = left.set(true, passed);
    await right.set(true);
    assert.deepEqual(await levels(right), ON);
    open();
    await slow;
    assert.deepEqual(await levels(left), ON);
  });

  it('keep what the other changed meanwhile when one of them fails and is rolled back', async () => {
    const { passed, fail } = gate();
    const failing = left.set(true, passed);
    // The failing call's first writes have reached the controller: it holds a checkpoint of the shared registers.
    await turns();
    assert.equal((await levels(left)).out, true);
    await right.set(true);
    fail(new Error('the servo is stuck'));
    await assert.rejects(failing, (error) => error instanceof EntryPointError && error.rollback.outcome === 'restored');
    assert.deepEqual(await levels(left), OFF);
    assert.deepEqual(await levels(right), ON);
  });

  it('roll back each to its own past when both fail, in either order', async () => {
    await right.set(true);
    for (const order of [[0, 1] as const, [1, 0] as const]) {
      const gates = [gate(), gate()] as const;
      const calls = [left.set(true, gates[0].passed), right.set(false, gates[1].passed)] as const;
      await turns();
      for (const which of order) {
        gates[which].fail(new Error('stuck'));
        await assert.rejects(calls[which], { code: 'exception' });
      }
      assert.deepEqual(await levels(left), OFF);
      assert.deepEqual(await levels(right), ON);
    }
  });

  it('hold a peripheral against everybody else until they end', async () => {
    const { passed, open } = gate();
    const slow = left.set(true, passed);
    await turns();
    await assert.rejects(bench.board.pin[5]!.OUT.write({ HIGH: false }), { code: 'peripheral-busy' });
    open();
    await slow;
    await bench.board.pin[5]!.OUT.write({ HIGH: false });
  });
});
