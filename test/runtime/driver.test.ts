import assert from 'node:assert/strict';
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import { Driver, entryPoint, peripheral, state, type Handle, type TraceEvent } from '../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { failureOf } from '../failure.js';
import type { VirtualEnvironment } from '../../transports/virtual-environment.js';

/** One slice, and every way in which a call can go. */
class Slice extends Driver {
  @peripheral accessor slice: Handle<PwmSlice>;
  @state accessor duty = 0;
  @state accessor log: string[] = [];
  signal: AbortSignal | undefined;
  stray: (() => Promise<unknown>) | undefined;

  constructor(board: PicoBoard, index = 0) {
    super(board);
    this.slice = board.pwm.ch[index]!;
  }

  @entryPoint
  async set(duty: number): Promise<number> {
    await this.slice.CC.write({ A: duty });
    this.duty = duty;
    this.log.push(`set ${duty}`);
    return duty;
  }

  @entryPoint
  async run(body: (driver: Slice) => Promise<void>): Promise<void> {
    await body(this);
  }

  @entryPoint({ deadline: 100 })
  async hang(): Promise<void> {
    Object.getPrototypeOf(this).signal = this.tx.signal;
    await this.slice.CC.write({ A: 9 });
    await new Promise(() => {});
  }

  async native(duty: number): Promise<void> {
    await this.slice.CC.write({ A: duty });
    this.duty = duty;
  }

  delay(us: number): Promise<void> {
    return this.tx.delay(us);
  }
}

describe('An entry point', () => {
  let bench: Bench;
  let environment: VirtualEnvironment;
  let driver: Slice;
  const duty = async () => (await driver.slice.CC.read()).A;

  beforeEach(async () => {
    bench = await picoBoard();
    environment = bench.emulated.environment as VirtualEnvironment;
    driver = new Slice(bench.board);
    await driver.set(1);
  });
  afterEach(() => bench.dispose());

  it('that returns has changed registers and state, and passes its result on', async () => {
    assert.equal(await driver.set(5), 5);
    assert.equal(await duty(), 5);
    assert.deepEqual([driver.duty, driver.log], [5, ['set 1', 'set 5']]);
  });

  it('that throws changes nothing, and its error names call, detector and first cause', async () => {
    const cause = new Error('jammed');
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 7 });
        await view.slice.CC.read();
        view.duty = 7;
        view.log.push('lost');
        throw cause;
      }),
    );
    assert.deepEqual([error.code, error.entryPoint, error.cause], ['exception', 'Slice.run', cause]);
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(error.rollback.registers, 7);
    assert.equal(error.roundTrips, 2);
    assert.equal(await duty(), 1);
    assert.deepEqual([driver.duty, driver.log], [1, ['set 1']]);
  });

  it('that throws something that is not an Error still fails with an EntryPointError', async () => {
    const error = await failureOf(driver.run(() => Promise.reject('just a string')));
    assert.equal(error.cause, 'just a string');
    assert.match(error.message, /not an Error was thrown: just a string/);
  });

  it('that fails before a write has left costs no round trip', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 7 });
        throw new Error('early');
      }),
    );
    assert.deepEqual([error.rollback.outcome, error.roundTrips], ['nothing', 0]);
  });

  it('fails when a posted write that nobody awaits fails on the controller', async () => {
    const error = await failureOf(
      driver.run((view) => {
        void view.delay(5_000_000);
        return Promise.resolve();
      }),
    );
    assert.equal(error.code, 'controller-fault');
    assert.equal((error.cause as { code: string }).code, 'malformed-op');
  });

  it('cannot save itself by catching a failure of the controller', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 7 });
        await view.slice.CSR.poll({ EN: true }, 10).catch(() => {});
        await view.slice.CC.write({ A: 8 }).catch(() => {});
      }),
    );
    assert.equal(error.code, 'controller-fault');
    assert.match(error.message, /pwm0\.CSR did not become 0x1 in time: it reads 0x0/);
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(await duty(), 1);
  });

  it('that takes longer than its deadline is rolled back although it never returns, and its signal fires', async () => {
    const call = failureOf(driver.hang());
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    environment.advance(101);
    const error = await call;
    assert.equal(error.code, 'deadline');
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(driver.signal?.aborted, true);
    assert.equal(await duty(), 1);
  });

  it('called by another one is part of it', async () => {
    await driver.run(async (view) => {
      await view.set(3);
      await view.set(4);
    });
    assert.equal(await duty(), 4);
  });

  it('refuses late writes and late state of work that it left behind', async () => {
    await driver.run((view) => {
      driver.stray = () => view.slice.CC.write({ A: 66 });
      return Promise.resolve();
    });
    await assert.rejects(driver.stray!(), { code: 'transaction-ended' });
    assert.equal(await duty(), 1);
    let late!: Slice;
    await driver.run((view) => {
      late = view;
      return Promise.resolve();
    });
    assert.throws(() => (late.duty = 66), { code: 'stray-state-access' });
    assert.equal(driver.duty, 1);
  });

  it('does not run beside another one of the same driver', async () => {
    const order: string[] = [];
    const slow = driver.run(async (view) => {
      order.push('slow begins');
      await view.slice.CC.read();
      order.push('slow ends');
    });
    const quick = driver.run(() => {
      order.push('quick');
      return Promise.resolve();
    });
    await Promise.all([slow, quick]);
    assert.deepEqual(order, ['slow begins', 'slow ends', 'quick']);
  });

  it('that waits too long for a peripheral fails with a lock time-out, and the other one goes on', async () => {
    const other = new Slice(bench.board);
    let finish!: () => void;
    let touched!: () => void;
    const touching = new Promise<void>((resolve) => (touched = resolve));
    const holding = driver.run(async (view) => {
      await view.slice.CC.read();
      touched();
      await new Promise<void>((resolve) => (finish = resolve));
    });
    await touching;
    const waiting = failureOf(other.set(2));
    await new Promise((resolve) => setImmediate(resolve));
    environment.advance(10_001);
    const error = await waiting;
    assert.deepEqual([error.code, error.rollback.outcome], ['lock-timeout', 'nothing']);
    finish();
    await holding;
    assert.equal(await other.set(2), 2);
  });

  it('with state that cannot be copied fails before anything is committed', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 7 });
        view.log = [Promise.resolve() as unknown as string];
      }),
    );
    assert.equal(error.code, 'state-contract');
    assert.equal(await duty(), 1);
  });

  it('splits what does not fit into one frame, and is still one transaction', async () => {
    const many = async (view: Slice, last: number) => {
      for (let i = 0; i < 300; i++) await view.slice.CC.write({ A: i });
      await view.slice.CC.write({ A: last });
    };
    await driver.run((view) => many(view, 1234));
    assert.equal(await duty(), 1234);
    const error = await failureOf(driver.run((view) => many(view, 70_000)));
    assert.equal(error.code, 'register-contract');
    assert.equal(await duty(), 1234);
  });

  it('is told on the trace: opened, sent, answered, committed or rolled back', async () => {
    const events: TraceEvent[] = [];
    const subscription = bench.board.trace.subscribe((event) => events.push(event));
    await driver.set(3);
    await failureOf(
      driver.run(async (view) => {
        await view.slice.CC.write({ A: 7 });
        await view.slice.CC.read();
        throw new Error('jammed');
      }),
    );
    subscription.unsubscribe();
    assert.deepEqual(
      events.map(({ type }) => type),
      ['opened', 'sent', 'answered', 'committed', 'opened', 'sent', 'answered', 'sent', 'answered', 'rolled-back'],
    );
    const [, sent] = events;
    assert.ok(sent?.type === 'sent');
    assert.deepEqual([sent.call, sent.ops.map(({ op }) => op)], ['Slice.set', ['begin', 'write', 'commit']]);
  });

  it('undecorated is native: what it changed stays when a later call fails', async () => {
    await driver.native(40);
    await failureOf(driver.run(() => Promise.reject(new Error('later'))));
    assert.deepEqual([await duty(), driver.duty], [40, 40]);
  });

  it('has no transaction outside of the call', () => {
    assert.throws(() => driver.delay(1), { code: 'outside-transaction' });
  });
});
