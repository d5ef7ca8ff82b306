import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeContext } from '../../../runtime/context/node.js';
import { protect, type CallContext } from '../../../runtime/index.js';
import type { Transaction } from '../../../runtime/transaction.js';
import { guardBoard } from '../../../runtime/testing/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { failureOf } from '../../failure.js';
import { Caller } from './caller.js';

describe('A board that knows which call some code belongs to', () => {
  let bench: Bench;
  let one: Caller;
  let other: Caller;
  before(async () => {
    bench = await picoBoard({ context: nodeContext });
  });
  after(() => bench.dispose());
  guardBoard({ board: () => bench.board, peripherals: () => bench.board.pwm.ch.slice(0, 2), leaks: 'restore' });
  beforeEach(() => {
    one = new Caller(bench.board, 0);
    other = new Caller(bench.board, 1);
  });

  const duty = async ({ slice }: Caller): Promise<unknown> => (await slice.CC.read()).A;

  it('refuses a call of a driver from outside that its own code makes, and undoes the caller', async () => {
    const error = await failureOf(
      one.run(async (self) => {
        await self.slice.CC.write({ A: 5 });
        await one.set(6);
      }),
    );
    assert.equal(error.code, 'nested-failure');
    const { cause } = error;
    assert.ok(cause instanceof Error);
    assert.equal((cause as { code?: unknown }).code, 're-entrancy');
    assert.match(cause.message, /Caller\.run has its driver until it ends, and its own code has called Caller\.set/);
    assert.deepEqual([await duty(one), one.calls], [0, 0]);
    await one.set(7);
    assert.deepEqual([await duty(one), one.calls], [7, 1]);
  });

  it('refuses a call of another driver that needs what its caller holds, at once, and the caller can go on', async () => {
    const twin = new Caller(bench.board, 0);
    await one.run(async (self) => {
      await self.slice.CC.write({ A: 5 });
      const error = await failureOf(twin.set(6));
      assert.equal(error.code, 're-entrancy');
      assert.match(error.message, /Caller\.set waits for pwm0, which Caller\.run holds until it ends, and the code of/);
    });
    assert.deepEqual([await duty(one), one.calls, twin.calls], [5, 1, 0]);
    await twin.set(7);
    assert.equal(await duty(one), 7);
  });

  it('refuses one that comes back by way of another driver', async () => {
    let refused: unknown;
    await one.run(async () => {
      await other.run(async () => {
        refused = await one.set(6).catch(({ code }: { code: unknown }) => code);
      });
    });
    assert.equal(refused, 're-entrancy');
    assert.deepEqual([one.calls, other.calls], [1, 1]);
  });

  it('refuses a protected method of an object that its own code calls on the object itself', async () => {
    const plain = {
      steps: 0,
      async outer(again: () => Promise<unknown>) {
        this.steps += 1;
        await again();
      },
      async inner() {
        this.steps += 10;
      },
    };
    const object = protect(plain, ['outer', 'inner'], { board: bench.board, name: 'Plain' });
    let refused: unknown;
    await object.outer(async () => {
      refused = await object.inner().catch(({ code }: { code: unknown }) => code);
    });
    assert.equal(refused, 're-entrancy');
    assert.equal(object.steps, 1);
  });

  it('keeps none of the calls before it alive when timers make one call from another', async () => {
    const calls: Transaction[] = [];
    const chain: CallContext = {
      get current() {
        return calls.at(-1);
      },
      run(call, code) {
        calls.push(call as Transaction);
        return code();
      },
    };
    const own = await picoBoard({ context: chain });
    for (let call = 1; call <= 3; call++) await new Caller(own.board).set(call);
    assert.equal(calls.length, 3);
    assert.deepEqual(
      calls.map(({ caller }) => caller),
      [undefined, undefined, undefined],
    );
    await own.dispose();
  });

  it('lets calls on `this`, on others, and of code that is no call wait as they do without', async () => {
    await one.run(async (self) => {
      await self.set(5);
      await other.set(6);
    });
    const calls = [one.set(7), one.set(8), other.set(9)];
    await Promise.all(calls);
    assert.deepEqual([await duty(one), await duty(other)], [8, 9]);
  });

  it('fails the call whose code leaves a rejection unhandled; one of an ended call is traced, others end the process', () => {
    const host = fileURLToPath(new URL('rejecting-host.ts', import.meta.url));
    const printed = execFileSync(process.execPath, ['--import', 'tsx', host], { encoding: 'utf8' });
    const { during, registers, after, strays, uncaught } = JSON.parse(printed) as Record<string, unknown>;
    const [code, message, outcome] = during as string[];
    assert.deepEqual([code, outcome, registers], ['rejection', 'restored', 0]);
    assert.match(message!, /A promise of Caller\.run was rejected, and nobody looked: nobody looks\./);
    assert.equal(after, undefined);
    assert.deepEqual(strays, ['Error: too late']);
    assert.equal(uncaught, 'not of a call');
  });
});
