import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adaptive, EntryPointError, sampled, setPolicies } from '../../../runtime/index.js';
import { isolate, type DriverIsolation } from '../../../runtime/isolation/index.js';
import { nodeThreads } from '../../../runtime/isolation/node.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { failureOf } from '../../failure.js';
import type { VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { compiled } from '../../compiled.js';
import { Nesting, type HowToFail } from './drivers.js';

/** CH0_CC (RP2040 datasheet 4.5.3), read past the firmware. */
const CH0_CC = 0x40050000 + 0x0c;

describe('In a worker', function () {
  this.timeout(60_000);
  let bench: Bench;
  let isolated: Nesting;
  let inline: Nesting;
  let isolation: DriverIsolation;

  before(async () => {
    bench = await picoBoard();
    isolated = new Nesting(bench.board);
    inline = new Nesting(bench.board, 1);
    isolation = isolate(isolated, {
      module: compiled('test/runtime/isolation/drivers.ts'),
      threads: nodeThreads({ entry: compiled('runtime/isolation/node-worker.ts') }),
    });
  });
  after(async () => {
    isolation.close();
    await bench.dispose();
  });
  /** How a call ends, and what it leaves behind. */
  async function outcomeOf(driver: Nesting, call: () => Promise<unknown>): Promise<unknown> {
    const result = await call().catch((error: unknown) => error);
    const { code, rollback, within } = result instanceof EntryPointError ? result : ({} as Partial<EntryPointError>);
    const duty = (await driver.slice.CC.read()).A;
    const { path, seen } = driver;
    // Whether a write had left by then is a matter of time.
    const restored = rollback && ['nothing', 'restored'].includes(rollback.outcome);
    return { result: code ?? result, restored, within, duty, path, seen };
  }

  it('a nested call is undone on its own, exactly as inline, whatever fails and whoever catches it', async () => {
    const name = fc.constantFrom('a', 'a!', 'b', 'b!', 'c', 'c!');
    const how = fc.constantFrom<HowToFail>('throw', 'posted', 'asked');
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), fc.nat(5), how, async (names, at, by) => {
        for (const each of [isolated, inline]) Object.assign(each, { path: [], seen: [] });
        const outcome = await outcomeOf(isolated, () => isolated.go(names, names[at], by));
        assert.deepEqual(outcome, await outcomeOf(inline, () => inline.go(names, names[at], by)));
      }),
      { numRuns: 60 },
    );
  });

  // Nobody awaits what fails there, and nothing else ends the call.
  for (const how of ['asked and hung', 'posted and hung', 'refused and hung'] as const)
    it(`a call that has failed is over although its code goes on for ever, exactly as inline: ${how}`, async () => {
      for (const [names, fails] of [
        [['a', 'b'], 'b'],
        [['a', 'b', 'c'], 'c'],
        [['a', 'b!', 'c'], 'c'],
        [['a', 'b', 'c'], 'b'],
        [['a'], 'a'],
      ] as const) {
        for (const each of [isolated, inline]) Object.assign(each, { path: [], seen: [] });
        const outcome = await outcomeOf(isolated, () => isolated.go(names, fails, how));
        assert.deepEqual(outcome, await outcomeOf(inline, () => inline.go(names, fails, how)));
      }
    });

  it('nested calls that are not awaited one by one run one after another', async () => {
    isolated.path = [];
    assert.deepEqual(await isolated.inTwo(), ['a', 'b']);
  });

  it('an invariant is checked before the commit, on what the call would leave', async () => {
    isolated.path = ['1', '2', '3', '4'];
    const error = await failureOf(isolated.go(['5'], undefined, 'throw'));
    assert.equal(error.code, 'invariant');
    assert.deepEqual(isolated.path, ['1', '2', '3', '4']);
  });

  it('hooks run where they were made, in the order that they have inline', async () => {
    await isolated.hook(false);
    assert.deepEqual(await isolated.whatWasSaid(), ['committed']);
    const error = await failureOf(isolated.hook(true));
    assert.deepEqual(error.rollback.failedHooks, []);
    assert.deepEqual(await isolated.whatWasSaid(), ['second', 'first']);
  });

  it('a hook that fails is in the report, and one whose worker does nothing any more is given up', async () => {
    const bad = await failureOf(isolated.badHook());
    const [cause] = bad.rollback.failedHooks;
    assert.ok(cause instanceof RangeError);
    assert.equal(cause.message, 'cannot undo');
    const hanging = failureOf(isolated.hookThenHang());
    const environment = bench.emulated.environment as VirtualEnvironment;
    while (bench.emulated.read32(CH0_CC) !== 99) await new Promise((resolve) => setImmediate(resolve));
    environment.advance(1001);
    while (bench.emulated.read32(CH0_CC) === 99) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    environment.advance(1001);
    const error = await hanging;
    assert.equal(error.code, 'deadline');
    assert.match(String(error.rollback.failedHooks[0]), /took longer than 1000 ms/);
    isolated.path = [];
    assert.deepEqual(await isolated.go(['a'], undefined, 'throw'), ['a']);
  });

  it('only those calls run whose policy does not say otherwise', async () => {
    isolated.path = [];
    // Hooks of calls that run here speak here.
    setPolicies(isolated, { hook: 'inline', whatWasSaid: 'native' });
    await isolated.hook(false);
    assert.deepEqual(await isolated.whatWasSaid(), ['committed']);
    setPolicies(isolated, { hook: 'worker' });
    await isolated.hook(false);
    assert.deepEqual(await isolated.whatWasSaid(), []);
    setPolicies(isolated, { whatWasSaid: 'worker', go: 'inline' });
    assert.deepEqual(await isolated.whatWasSaid(), ['committed']);
    await isolated.go(['x'], undefined, 'throw');
    setPolicies(isolated, { go: 'worker' });
    assert.deepEqual(await isolated.go(['y'], undefined, 'throw'), ['x', 'y']);
    assert.deepEqual(isolated.path, ['x', 'y']);
  });

  it('calls run that a policy protects without saying how', async () => {
    for (const policy of [adaptive(1), sampled(1)]) {
      setPolicies(isolated, { hook: policy, whatWasSaid: 'worker' });
      // The first call makes the adaptive policy protect the next one, whose hook speaks where it runs.
      await isolated.hook(true).catch(() => {});
      await isolated.whatWasSaid();
      await isolated.hook(false);
      assert.deepEqual(await isolated.whatWasSaid(), ['committed']);
    }
    setPolicies(isolated, { hook: 'worker' });
  });
});
