import assert from 'node:assert/strict';
import { pico, type PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, EntryPointError, entryPoint, open, peripheral, state, type Handle } from '../../runtime/index.js';
import { OPS } from '../../runtime/link/protocol.js';
import type { PicoBoard } from '../emulated.js';
import { afterHello, answerBytes, ScriptedController, type SeenRequest } from './link/scripted-controller.js';

class Slice extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = board.pwm.ch[0]!;
  }

  @entryPoint({ deadline: 100 })
  async set(duty: number): Promise<void> {
    await this.slice.CC.write({ A: duty });
    this.duty = duty;
  }
}

const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** What a controller does not do on request: answer late, or be gone at the worst moment. */
describe('A commit on its way', () => {
  let controller: ScriptedController;
  let driver: Slice;
  const commit = (): SeenRequest => controller.requests.find(({ transaction }) => transaction !== 0)!;

  beforeEach(async () => {
    controller = new ScriptedController(
      afterHello(({ bytes }) => (bytes[10] === OPS.define.code ? { results: [0, 0, 0, 0] } : 'silence')),
    );
    driver = new Slice(await open(controller, pico));
  });

  it('is not undone by a deadline that passes meanwhile: its answer decides', async () => {
    const call = driver.set(5);
    await settle();
    controller.environment.advance(150);
    controller.say(answerBytes(commit(), {}));
    await call;
    assert.equal(driver.duty, 5);
  });

  it('whose link is lost leaves the outcome unknown, and the state as it was', async () => {
    const call = driver.set(5);
    await settle();
    controller.unplug();
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.deepEqual([error.code, error.rollback.outcome], ['device-lost', 'unknown']);
      return true;
    });
    assert.equal(driver.duty, 0);
  });

  it('that finds its transaction rolled back by the controller fails, and says that the registers are back', async () => {
    const call = driver.set(5);
    await settle();
    controller.say(answerBytes(commit(), { status: 'no-transaction', expected: 4 }));
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.deepEqual([error.code, error.rollback.outcome], ['controller-fault', 'restored']);
      assert.match(error.message, /lease-expired/);
      return true;
    });
    assert.equal(driver.duty, 0);
  });

  it('of a call that failed on the controller with registers that do not read back names them', async () => {
    const call = driver.set(5);
    await settle();
    // Save list of a slice: DIV, TOP, CC, …; entry 1 of peripheral 1 is pwm0.TOP.
    const report = [2, 1, 7, 0, 1, 1, 0xff, 0xff, 0, 0, 0x34, 0x12, 0, 0];
    controller.say(answerBytes(commit(), { status: 'bus-fault', report }));
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'mismatch');
      assert.deepEqual(error.rollback.mismatches, [
        { peripheral: 'pwm0', register: 'TOP', expected: 0xffff, found: 0x1234 },
      ]);
      return true;
    });
  });
});
