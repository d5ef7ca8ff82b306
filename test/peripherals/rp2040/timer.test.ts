import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TimerAlarm } from '../../../peripherals/rp2040/timer.js';
import type { Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndoneAfter, Messy, scribble, scribbles } from '../failing-call.js';

const setup = fc.record({
  target: fc.nat(0xffffffff),
  armed: fc.boolean(),
  enabled: fc.boolean(),
  forced: fc.boolean(),
});

describe('An alarm of the timer, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<TimerAlarm>;
  let block: Handle<TimerAlarm>;
  let neighbour: Handle<TimerAlarm>;

  before(async () => {
    bench = await picoBoard();
    [block, neighbour] = [bench.board.alarm[1]!, bench.board.alarm[2]!];
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  beforeEach(async () => {
    for (const each of [block, neighbour]) {
      await each.INTE.write({});
      await each.INTF.write({});
      await disarm(each);
    }
  });

  async function disarm(alarm: Handle<TimerAlarm>): Promise<void> {
    await alarm.ARMED.clear({ ALARM: true });
    await alarm.INTR.clear({ ALARM: true });
  }

  const state = async (alarm: Handle<TimerAlarm>) => ({
    armed: (await alarm.ARMED.read()).ALARM,
    raised: (await alarm.INTR.read()).ALARM,
    interrupt: (await alarm.INTS.read()).ALARM,
  });

  const inMicros = async (us: number): Promise<number> => ((await block.TIMERAWL.read()) + us) >>> 0;

  it('is as it was after a failed call, and idle, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, scribbles(['ALARM', 'INTE', 'INTF']), async (to, list) => {
      await block.ALARM.write(to.target);
      if (!to.armed) await disarm(block);
      await block.INTE.write({ ALARM: to.enabled });
      await block.INTF.write({ ALARM: to.forced });
      await assertUndoneAfter(driver, (messy, delay) => scribble(messy, list, delay));
      assert.equal(await block.ALARM.read(), to.target);
      assert.deepEqual(await state(block), { armed: false, raised: false, interrupt: to.forced });
    });
    await fc.assert(property, { numRuns: 100, seed: 4_06 });
  });

  it('that a failed call armed never fires', async () => {
    await block.INTE.write({ ALARM: true });
    const target = await inMicros(2000);
    await assertUndoneAfter(driver, async (messy) => messy.ALARM.write(target));
    bench.emulated.advance(4);
    assert.deepEqual(await state(block), { armed: false, raised: false, interrupt: false });
  });

  it('that fired within a failed call interrupts no one', async () => {
    await block.INTE.write({ ALARM: true });
    const target = await inMicros(1000);
    await assertUndoneAfter(driver, async (messy, delay) => {
      await messy.ALARM.write(target);
      await delay(2000);
      assert.equal((await messy.INTS.read()).ALARM, true);
    });
    assert.deepEqual(await state(block), { armed: false, raised: false, interrupt: false });
  });

  it('that was armed before still fires after a failed call that only read it', async () => {
    await block.ALARM.write(await inMicros(2000));
    await driver
      .failAfter(async (messy) => void (await messy.INTR.read()))
      .then(
        () => assert.fail('the call must fail'),
        () => {},
      );
    assert.equal((await block.ARMED.read()).ALARM, true);
    bench.emulated.advance(3);
    assert.deepEqual(await state(block), { armed: false, raised: true, interrupt: false });
  });

  it('leaves its neighbour alone, which shares ARMED and the interrupt registers with it', async () => {
    await neighbour.INTE.write({ ALARM: true });
    await neighbour.ALARM.write(await inMicros(3000));
    await assertUndoneAfter(driver, async (messy) => {
      await messy.ALARM.write(0);
      await messy.INTE.write({ ALARM: true });
    });
    assert.deepEqual(await state(neighbour), { armed: true, raised: false, interrupt: false });
    bench.emulated.advance(4);
    assert.deepEqual(await state(neighbour), { armed: false, raised: true, interrupt: true });
  });

  it('can be armed again by the next call', async () => {
    await assertUndoneAfter(driver, async (messy) => messy.ALARM.write(0));
    await block.ALARM.write(await inMicros(500));
    bench.emulated.advance(1);
    assert.equal((await block.INTR.read()).ALARM, true);
  });
});
