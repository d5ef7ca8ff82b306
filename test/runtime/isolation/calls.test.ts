import assert from 'node:assert/strict';
import { ControllerError, type TraceEvent } from '../../../runtime/index.js';
import { isolate, IsolationError, type DriverIsolation, type Threads } from '../../../runtime/isolation/index.js';
import { nodeThreads } from '../../../runtime/isolation/node.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { failureOf } from '../../failure.js';
import { compiled } from '../../compiled.js';
import { Careless, wakeLeftovers } from './drivers.js';

const module = () => compiled('test/runtime/isolation/drivers.ts');
const threads = () => nodeThreads({ entry: compiled('runtime/isolation/node-worker.ts') });

/** The same threads, and a promise of the next death of one. */
function mortalThreads(): Threads & { death(): Promise<void> } {
  let tell = (): void => {};
  return {
    death: () => new Promise((resolve) => (tell = resolve)),
    start: (events) =>
      threads().start({
        message: (message) => events.message(message),
        died(death) {
          events.died(death);
          tell();
        },
      }),
  };
}

describe('An entry point in a worker', function () {
  this.timeout(60_000);
  let bench: Bench;
  let driver: Careless;
  let isolation: DriverIsolation;

  before(async () => {
    bench = await picoBoard();
    driver = new Careless(bench.board);
    isolation = isolate(driver, { module: module(), threads: threads() });
    await driver.set(1);
  });
  after(async () => {
    isolation.close();
    await bench.dispose();
  });

  it('costs as many round trips as inline', async () => {
    const inline = new Careless(bench.board, 1);
    const roundTrips = async (each: Careless, call: () => Promise<unknown>): Promise<number> => {
      await call();
      const before = each.board.link.framesSent;
      await call();
      return each.board.link.framesSent - before;
    };
    for (const call of ['set', 'read', 'many'] as const)
      assert.equal(
        await roundTrips(driver, () => driver[call](3)),
        await roundTrips(inline, () => inline[call](3)),
        call,
      );
  });

  it('gets exact copies of its arguments, and so does its caller of the result', async () => {
    const shared = { deep: new Map([[1, Float64Array.of(-0, NaN)]]) };
    const values = [
      shared,
      shared,
      new Date(5),
      /x/g,
      10n,
      undefined,
      [1, 2],
      { [Symbol.iterator.description!]: null },
    ];
    const result = (await driver.count(values)) as typeof values;
    assert.deepStrictEqual(result, values);
    assert.equal(result[0], result[1]);
  });

  for (const [what, value] of Object.entries({
    'a function': () => 1,
    'an object of the class Careless': undefined,
    'an object of the class Error': new Error('as data'),
    'an object without a prototype': Object.create(null) as object,
    'a Buffer': Buffer.from('abc'),
    'a symbol': Symbol('s'),
  }))
    it(`is refused ${what} as an argument, before anything has happened`, async () => {
      const error = await failureOf(driver.count({ inside: [value ?? driver] }));
      assert.equal(error.code, 'isolation-contract');
      assert.ok(error.message.includes(`The arguments of Careless.count[0].inside[0] is ${what}`), error.message);
      assert.equal(error.rollback.outcome, 'nothing');
    });

  it('fails with the very error of the controller, even if its code has wrapped it', async () => {
    const plain = await failureOf(driver.fail('waits for what does not come'));
    assert.ok(plain.cause instanceof ControllerError);
    assert.equal(plain.cause.code, 'poll-timeout');
    const wrapped = await failureOf(driver.rethrow());
    assert.equal(wrapped.code, 'controller-fault');
    assert.ok(wrapped.cause instanceof ControllerError);
  });

  it('fails with an error of the same class, code, message, stack and cause as it has thrown', async () => {
    const { cause } = await failureOf(driver.fail('throws an Error'));
    assert.ok(cause instanceof RangeError);
    assert.equal(cause.message, 'jammed');
    assert.match(cause.stack!, /drivers\.js/);
    assert.equal((cause.cause as Error).message, 'dust');
  });

  it('cannot save itself by catching a failure of the controller', async () => {
    await driver.set(4);
    const error = await failureOf(driver.swallow());
    assert.equal(error.code, 'controller-fault');
    assert.equal(await driver.read(), 4);
  });

  it('cannot write after its end: that is refused, and the trace tells', async () => {
    const strays: TraceEvent[] = [];
    const subscription = bench.board.trace.subscribe((event) => event.type === 'stray' && strays.push(event));
    await driver.leaveWrite();
    wakeLeftovers();
    while (strays.length === 0) await new Promise((resolve) => setImmediate(resolve));
    subscription.unsubscribe();
    assert.equal(strays[0]!.call, 'Careless.leaveWrite');
    assert.equal(await driver.read(), 3);
  });

  it('cannot change state after its end: its worker dies of that, and the next call has another', async () => {
    const other = new Careless(bench.board, 2);
    const mortal = mortalThreads();
    const apart = isolate(other, { module: module(), threads: mortal });
    await other.set(4);
    const death = mortal.death();
    await other.leaveState();
    wakeLeftovers();
    await death;
    assert.equal(other.duty, 4);
    await other.set(5);
    assert.equal(other.duty, 5);
    apart.close();
  });

  it('is refused fields that cannot be sent when it uses them, and not before', async () => {
    const callback = await failureOf(driver.callBack());
    assert.match(callback.message, /Careless\.callback is a function/);
    // Its code catches what it is told, but does not get away with it.
    const handler = await failureOf(driver.useHandler());
    assert.equal(handler.code, 'isolation-contract');
    assert.match(handler.message, /Careless\.handler is a function/);
    await driver.replaceHandler('plain');
    assert.equal(driver.handler, 'plain');
    assert.equal(await driver.useHandler(), 'string');
  });

  it('of a driver whose module cannot be loaded, or is another one, fails and says so', async () => {
    for (const [url, className, message] of [
      [new URL('nowhere.js', module()), 'Careless', /Cannot find module/],
      [module(), 'Missing', /exports no driver Missing/],
      [module(), 'WAYS', /exports no driver WAYS/],
    ] as const) {
      const other = new Careless(bench.board, 2);
      const apart = isolate(other, { module: url, className, threads: threads() });
      const error = await failureOf(other.set(1));
      apart.close();
      assert.equal(error.code, 'worker-death');
      assert.ok(error.cause instanceof IsolationError);
      assert.equal(error.cause.code, 'worker-unusable');
      assert.match(error.message, message);
    }
  });

  it('runs inline again when the isolation was closed, with the state that it has', async () => {
    const other = new Careless(bench.board, 2);
    const apart = isolate(other, { module: module(), threads: threads() });
    assert.throws(() => isolate(other, { module: module(), threads: threads() }), /has a worker already/);
    await other.set(8);
    apart.close();
    assert.equal(await other.callBack(), 1);
    await other.set(9);
    assert.deepEqual(other.log, ['set 8', 'set 9']);
  });
});
