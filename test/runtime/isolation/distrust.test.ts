import assert from 'node:assert/strict';
import { entryPoint, type StandardSchema } from '../../../runtime/index.js';
import { isolate, IsolationError, type DriverIsolation } from '../../../runtime/isolation/index.js';
import type { Op, Place } from '../../../runtime/link/ops.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { failureOf } from '../../failure.js';
import type { VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { Slice } from './drivers.js';
import { done, ops, scriptedThreads, settle } from './scripted-threads.js';

describe('A worker that is not to be trusted', () => {
  let bench: Bench;
  let driver: Slice;
  let threads: ReturnType<typeof scriptedThreads>;
  let isolation: DriverIsolation;
  /** The thread that the last call went to. */
  const worker = () => threads.started.findLast(({ posted }) => posted.some(({ type }) => type === 'call'))!;

  beforeEach(async () => {
    bench = await picoBoard();
    driver = new Slice(bench.board);
    await driver.set(1);
    threads = scriptedThreads();
    isolation = isolate(driver, { module: 'none', threads });
  });
  afterEach(async () => {
    isolation.close();
    await bench.dispose();
  });

  const CC: Place = { peripheral: 0, block: 0, offset: 0x0c, width: 2 };
  const forbidden: Readonly<Record<string, unknown>> = {
    'an op of the link': { op: 'hello', features: 0, leaseMs: 1 },
    'the end of the transaction': { op: 'commit' },
    'another definition': { op: 'define', peripheral: 1, definition: new Uint8Array(3) },
    'a peripheral that the driver does not have': { op: 'read', at: { ...CC, peripheral: 1 } },
    'a register that no definition has': { op: 'write', at: { ...CC, offset: 0x100 }, value: 0 },
    'half a register': { op: 'write', at: { ...CC, width: 0 }, value: 0 },
    'a value that does not fit': { op: 'write', at: CC, value: 2 ** 32 },
    'a value that is no number': { op: 'write', at: CC, value: '1' },
    'a FIFO where there is none': { op: 'writeFifo', at: CC, values: [1] },
    'more registers than there are': { op: 'writeBlock', at: CC, values: [1, 2, 3] },
    'a message to a chip': { op: 'transfer', at: CC, bytes: Uint8Array.of(1), count: 0 },
    'bits that it does not name': { op: 'masked', at: CC, mask: 1, value: 3 },
    'nothing that there is': { op: 'explode', at: CC },
  };
  for (const [what, op] of Object.entries(forbidden))
    it(`is refused ${what}, and killed; what the call had changed before is restored`, async () => {
      const call = failureOf(driver.set(2));
      await settle();
      worker().say(ops(1, [{ op: { op: 'write', at: CC, value: 9 } }, { op: { op: 'read', at: CC }, ask: 1 }]));
      await settle();
      assert.deepEqual(worker().posted.at(-1), { type: 'answers', call: 1, answers: [{ ask: 1, result: 9 }] });
      worker().say(ops(1, [{ op: op as Op }]));
      const error = await call;
      assert.equal(error.code, 'register-contract');
      assert.equal(error.rollback.outcome, 'restored');
      assert.equal(worker().killed, true);
      assert.equal((await driver.slice.CC.read()).A, 1);
    });

  for (const [what, message] of Object.entries({
    'a message of no kind': { type: 'nonsense', call: 1 },
    nothing: undefined,
    'a state field that the driver does not have': done(1, { state: [['constructor', 1]] }),
  }))
    it(`that says ${what} is killed, and the call fails`, async () => {
      const call = failureOf(driver.set(2));
      await settle();
      worker().say(message);
      await call;
      assert.equal(worker().killed, true);
      assert.equal(driver.duty, 1);
    });

  it('is not heard any more when it was killed, and not about a call that is over', async () => {
    const first = failureOf(driver.fail('never returns'));
    await settle();
    (bench.emulated.environment as VirtualEnvironment).advance(1001);
    await first;
    const killed = worker();
    assert.equal(killed.killed, true);
    const second = driver.set(3);
    await settle();
    assert.notEqual(worker(), killed);
    killed.say(ops(2, [{ op: { op: 'write', at: CC, value: 66 } }]));
    killed.say(done(2, { state: [['duty', 66]] }));
    killed.events.died({ code: 'worker-died', message: 'The worker thread ended at last.' });
    worker().say(done(1, { state: [['duty', 66]] }));
    worker().say(done(2, { result: 3, state: [['duty', 3]] }));
    assert.equal(await second, 3);
    worker().say(done(2, { state: [['duty', 66]] }));
    worker().say(ops(2, [{ op: { op: 'write', at: CC, value: 66 } }]));
    await settle();
    assert.equal(driver.duty, 3);
    assert.equal((await driver.slice.CC.read()).A, 1);
  });

  it('gets the old state again when the commit fails after it has ended the call', async () => {
    const first = driver.set(2);
    await settle();
    worker().say(done(1, { state: [['duty', 2]] }));
    await first;
    const second = failureOf(driver.set(3));
    await settle();
    // A delay that is too long, which only the controller knows.
    worker().say(done(2, { ops: [{ op: { op: 'delay', us: 5_000_000 } }], state: [['duty', 3]] }));
    assert.equal((await second).code, 'controller-fault');
    assert.equal(driver.duty, 2);
    const third = driver.set(4);
    await settle();
    const { state } = worker().posted.findLast((message) => message.type === 'call')!;
    assert.deepEqual(state.values, [['duty', 2]]);
    worker().say(done(3));
    await third;
  });

  it('gets the old state again when it ends a call that has failed here before, as if nothing had', async () => {
    const first = driver.set(2);
    await settle();
    worker().say(done(1, { state: [['duty', 2]] }));
    await first;
    const second = failureOf(driver.set(3));
    await settle();
    worker().say(ops(2, [{ op: { op: 'poll', at: { ...CC, offset: 0 }, mask: 1, value: 1, timeoutUs: 10 }, ask: 1 }]));
    assert.equal((await second).code, 'controller-fault');
    worker().say(done(2, { state: [['duty', 3]] }));
    assert.equal(driver.duty, 2);
    for (const expected of [[['duty', 2]], []]) {
      const next = driver.read();
      await settle();
      const { state, call } = worker().posted.findLast((message) => message.type === 'call')!;
      assert.deepEqual(state.values, expected);
      worker().say(done(call));
      await next;
    }
    assert.equal(threads.started.filter(({ posted }) => posted.some(({ type }) => type === 'call')).length, 1);
  });

  it('is told when its call has failed here, and killed when it has not ended that a second later', async () => {
    const call = failureOf(driver.set(2));
    await settle();
    worker().say(ops(1, [{ op: { op: 'poll', at: { ...CC, offset: 0 }, mask: 1, value: 1, timeoutUs: 10 }, ask: 1 }]));
    assert.equal((await call).code, 'controller-fault');
    assert.ok(worker().posted.some(({ type }) => type === 'abort'));
    assert.equal(worker().killed, false);
    (bench.emulated.environment as VirtualEnvironment).advance(999);
    assert.equal(worker().killed, false);
    (bench.emulated.environment as VirtualEnvironment).advance(2);
    assert.equal(worker().killed, true);
  });

  it('keeps the process alive while it runs a call, and only then', async () => {
    assert.deepEqual(
      threads.started.map(({ held }) => held),
      [false],
    );
    const call = driver.set(2);
    await settle();
    assert.equal(worker().held, true);
    worker().say(done(1));
    await call;
    assert.equal(worker().held, false);
  });

  it('has a spare, which all drivers of its class share; closing ends them all', async () => {
    const other = isolate(new Slice(bench.board, 1), { module: 'none', threads });
    assert.equal(threads.started.length, 1);
    assert.deepEqual(
      threads.started[0]!.posted.map(({ type }) => type),
      ['load'],
    );
    const call = driver.set(2);
    await settle();
    worker().say(done(1));
    await call;
    await settle();
    assert.equal(threads.started.length, 2);
    other.close();
    assert.deepEqual(
      threads.started.map(({ killed }) => killed),
      [false, false],
    );
    isolation.close();
    assert.deepEqual(
      threads.started.map(({ killed }) => killed),
      [true, true],
    );
  });

  it('that was killed is replaced by a spare, not at once but a moment later, however many have been killed in a row', async () => {
    const environment = bench.emulated.environment as VirtualEnvironment;
    const alive = () =>
      threads.started.filter(({ killed }) => !killed).map(({ posted }) => posted.map(({ type }) => type));
    for (let kills = 1; kills <= 3; kills++) {
      const call = failureOf(driver.fail('never returns'));
      await settle();
      environment.advance(1000);
      assert.equal((await call).code, 'deadline');
      await settle();
      assert.deepEqual(alive(), []);
      environment.advance(100);
      assert.deepEqual(alive(), [['load']]);
    }
    const last = failureOf(driver.fail('never returns'));
    await settle();
    environment.advance(1000);
    await last;
    isolation.close();
    environment.advance(100);
    assert.deepEqual(alive(), []);
  });

  it('that is closed during a call fails it, which leaves nothing behind and holds nothing', async () => {
    const call = failureOf(driver.set(2));
    await settle();
    worker().say(ops(1, [{ op: { op: 'write', at: CC, value: 9 } }, { op: { op: 'read', at: CC }, ask: 1 }]));
    await settle();
    isolation.close();
    const error = await call;
    assert.equal(error.code, 'worker-death');
    assert.ok(error.cause instanceof IsolationError);
    assert.equal(error.cause.code, 'worker-closed');
    assert.match(error.message, /Slice\.set was running .* closed/);
    assert.equal(error.rollback.outcome, 'restored');
    assert.deepEqual([driver.duty, (await driver.slice.CC.read()).A], [1, 1]);
    assert.equal(await driver.set(3), 3);
    assert.ok(threads.started.every(({ killed }) => killed));
  });

  it('that is closed before the arguments of a call were checked is not started for it again', async () => {
    let check = (): void => {};
    const slow: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'slow',
        validate: (value) => new Promise((resolve) => (check = () => resolve({ value: value as number }))),
      },
    };
    class Checked extends Slice {
      @entryPoint({ args: [slow] })
      override async set(duty: number): Promise<number> {
        return super.set(duty);
      }
    }
    const checked = new Checked(bench.board, 1);
    const apart = isolate(checked, { module: 'none', threads });
    const call = failureOf(checked.set(2));
    await settle();
    apart.close();
    check();
    const { cause } = await call;
    assert.ok(cause instanceof IsolationError);
    assert.equal(cause.code, 'worker-closed');
    isolation.close();
    assert.ok(threads.started.every(({ killed }) => killed));
  });

  it('that was made ready for another driver of its class is told, once, which one it has', async () => {
    isolation.close();
    const [one, other] = [new Slice(bench.board, 1), new Slice(bench.board, 2)];
    const isolations = [one, other].map((each) => isolate(each, { module: 'none', threads }));
    for (const number of [1, 2]) {
      const call = other.set(2);
      await settle();
      worker().say(done(number));
      await call;
    }
    const calls = worker().posted.filter((message) => message.type === 'call');
    assert.deepEqual(
      calls.map(({ setup }) => setup?.specs.map(({ name }) => name)),
      [['pwm2'], undefined],
    );
    for (const each of isolations) each.close();
    isolation = isolate(driver, { module: 'none', threads });
  });
});
