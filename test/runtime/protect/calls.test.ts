import assert from 'node:assert/strict';
import { protect, TransactionError, type TraceEvent } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import type { VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { ADDRESS, Expander, expanderBench, GPPUA, IODIRA, OLATA, type ExpanderBench } from './expander.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('A protected method', () => {
  let bench: ExpanderBench;
  let environment: VirtualEnvironment;
  let driver: Expander;
  const chip = () => JSON.stringify(bench.chip.registers);
  const fields = (each: Expander) => structuredClone({ level: each.level, history: each.history, extra: each.extra });

  beforeEach(async () => {
    bench = await expanderBench();
    environment = bench.emulated.environment as VirtualEnvironment;
    const { board } = bench;
    driver = protect(new Expander(bench.port), ['init', 'set', 'run'], { board });
    await driver.init();
    await driver.set(1);
  });
  afterEach(() => bench.dispose());

  it('that returns has changed registers and fields, and passes its result on', async () => {
    assert.equal(await driver.set(0x35), 0x35);
    assert.equal(bench.chip.registers[OLATA], 0x35);
    assert.equal(bench.chip.registers[GPPUA], 0xca);
    assert.deepEqual([driver.level, driver.history], [0x35, [1, 0x35]]);
  });

  it('that throws changes neither registers nor fields, and its error says so', async () => {
    const [before, registers, { device }] = [fields(driver), chip(), driver];
    const error = await failureOf(driver.set(0xf5));
    assert.deepEqual([error.code, error.entryPoint, error.rollback.outcome], ['exception', 'Expander.set', 'restored']);
    assert.match(error.message, /245 is too much\. All registers are back/);
    assert.deepEqual(fields(driver), before);
    assert.equal(chip(), registers);
    assert.equal(driver.device, device);
    assert.equal(await driver.set(2), 2);
  });

  it('changes the object that was given, which stays of its class, and no other one', async () => {
    const plain = new Expander(bench.port);
    const made = protect(plain, ['set'], { board: bench.board });
    assert.equal(made, plain);
    assert.ok(made instanceof Expander);
    assert.deepEqual(Object.keys(made), Object.keys(new Expander(bench.port)));
    assert.equal(Object.hasOwn(new Expander(bench.port), 'set'), false);
  });

  it('sees itself as an object of its class with the same fields', async () => {
    await driver.run((view) => {
      assert.notEqual(view, driver);
      assert.ok(view instanceof Expander);
      assert.deepEqual(Object.keys(view), Object.keys(driver));
      assert.equal(view.half(), 0.5);
    });
  });

  it('that is not async in the driver returns a promise', async () => {
    const { board } = bench;
    const half = protect(new Expander(bench.port), ['half'], { board }).half();
    const promise: Promise<number> = half;
    assert.equal(await promise, 0);
  });

  it('leaves the others native: what they do is done at once and for good', async () => {
    await driver.device!.write8(GPPUA, 0x77);
    driver.level = 40;
    await failureOf(driver.run(() => Promise.reject(new Error('later'))));
    assert.equal(bench.chip.registers[GPPUA], 0x77);
    assert.equal(driver.half(), 20);
    assert.equal(await driver.read(), 1);
  });

  it('costs one round trip if it only writes, and one more for each answer that it waits for', async () => {
    const committed: number[] = [];
    bench.board.trace.subscribe((event) => event.type === 'committed' && committed.push(event.roundTrips));
    await driver.run((view) => view.device!.write8(OLATA, 4));
    await driver.set(4);
    assert.deepEqual(committed, [1, 2]);
  });

  it('called by another one of the object is part of it, and its failure cannot be hidden', async () => {
    await driver.run(async (view) => {
      await view.set(3);
      await view.set(4);
    });
    assert.deepEqual(driver.history, [1, 3, 4]);
    const error = await failureOf(
      driver.run(async (view) => {
        await view.set(0xff).catch(() => {});
        await view.device!.write8(OLATA, 9);
      }),
    );
    assert.equal(error.code, 'nested-failure');
    assert.deepEqual([bench.chip.registers[OLATA], driver.history], [4, [1, 3, 4]]);
  });

  it('runs after the one of the object that was called before', async () => {
    const order: string[] = [];
    const slow = driver.run(async (view) => {
      order.push('slow begins');
      await view.device!.read8(OLATA);
      order.push('slow ends');
    });
    const quick = driver.run(() => void order.push('quick'));
    await Promise.all([slow, quick]);
    assert.deepEqual(order, ['slow begins', 'slow ends', 'quick']);
  });

  it('waits for a chip that a call of another object holds', async () => {
    const { board } = bench;
    const other = protect(new Expander(bench.port), ['init', 'set'], { board, name: 'Other' });
    let finish!: () => void;
    const holding = driver.run(async (view) => {
      await view.device!.write8(OLATA, 7);
      await new Promise<void>((resolve) => (finish = resolve));
      throw new Error('after all');
    });
    await turn();
    const waiting = other.init().then(() => other.set(8));
    await turn();
    assert.equal(bench.chip.registers[OLATA], 7);
    finish();
    await failureOf(holding);
    assert.equal(await waiting, 8);
  });

  it('that gets no hold of a chip fails with a lock time-out, and works when the chip is free', async () => {
    const { board } = bench;
    const other = protect(new Expander(bench.port), ['init'], { board });
    let finish!: () => void;
    const holding = driver.run(async (view) => {
      await view.device!.write8(OLATA, 7);
      await new Promise<void>((resolve) => (finish = resolve));
    });
    await turn();
    const waiting = failureOf(other.init());
    // In small steps, so that the lease of the one that holds the chip is kept alive.
    for (let waited = 0; waited <= 10_000; waited += 100) {
      environment.advance(100);
      await turn();
      await turn();
    }
    assert.equal((await waiting).code, 'lock-timeout');
    finish();
    await holding;
    await other.init();
    assert.equal(await other.read(), 7);
  });

  it('that takes longer than its deadline is rolled back although it never returns', async () => {
    const { board } = bench;
    const slow = protect(new Expander(bench.port), ['init', 'run'], { board, deadline: 100 });
    await slow.init();
    const call = failureOf(
      slow.run(async (view) => {
        await view.device!.write8(OLATA, 9);
        await new Promise(() => {});
      }),
    );
    for (let turns = 0; turns < 5; turns++) await turn();
    environment.advance(101);
    const error = await call;
    assert.deepEqual([error.code, error.rollback.outcome], ['deadline', 'restored']);
    assert.equal(bench.chip.registers[OLATA], 1);
  });

  it('may get a port or device from its caller: it is bound to the call while that lasts', async () => {
    const { board, port } = bench;
    class Holder {
      device: unknown = undefined;
      async keep(device: Expander['device'], fail: boolean): Promise<unknown> {
        this.device = device;
        await device!.write8(OLATA, 0x0f);
        if (fail) throw new Error('no');
        return device;
      }
    }
    const native = await port.open(ADDRESS);
    const holder = protect(new Holder(), ['keep'], { board });
    await failureOf(holder.keep(native, true));
    assert.deepEqual([bench.chip.registers[OLATA], holder.device], [1, undefined]);
    assert.equal(await holder.keep(native, false), native);
    assert.deepEqual([bench.chip.registers[OLATA], holder.device], [0x0f, native]);
  });

  it('reaches chips through an access object, and registers through a handle, in its fields', async () => {
    const { board, access } = bench;
    class Both {
      access = access;
      slice = board.pwm.ch[0]!;
      async set(level: number, fail: boolean): Promise<void> {
        const device = await this.access.ports.get(1)!.open(ADDRESS);
        await device.write8(OLATA, level);
        await this.slice.CC.write({ A: level });
        await device.read8(OLATA);
        if (fail) throw new Error('no');
      }
    }
    const both = protect(new Both(), ['set'], { board });
    const levels = async () => [bench.chip.registers[OLATA], (await board.pwm.ch[0]!.CC.read()).A];
    await failureOf(both.set(9, true));
    assert.deepEqual(await levels(), [1, 0]);
    await both.set(9, false);
    assert.deepEqual(await levels(), [9, 9]);
    assert.equal(both.access, access);
  });

  it('reaches registers through a group of handles, and through the board itself', async () => {
    const { board } = bench;
    const ways = { group: board.pwm, array: board.pwm.ch, board };
    class Slices {
      ways = ways;
      async set(level: number, fail: boolean): Promise<void> {
        const { group, array, board: whole } = this.ways;
        await group.ch[0]!.CC.write({ A: level });
        await array[1]!.CC.write({ A: level });
        await whole.pwm.ch[2]!.CC.write({ A: level });
        await group.ch[0]!.CC.read();
        if (fail) throw new Error('no');
      }
    }
    const slices = protect(new Slices(), ['set'], { board });
    const levels = () => Promise.all([0, 1, 2].map(async (slice) => (await board.pwm.ch[slice]!.CC.read()).A));
    const { rollback } = await failureOf(slices.set(9, true));
    assert.equal(rollback.outcome, 'restored');
    assert.deepEqual(await levels(), [0, 0, 0]);
    await slices.set(9, false);
    assert.deepEqual(await levels(), [9, 9, 9]);
    assert.equal(slices.ways.board, board);
  });

  it('finds devices bound wherever its fields hold them, and new ones become native when it has succeeded', async () => {
    const { port } = bench;
    const native = await port.open(ADDRESS);
    driver.extra = { list: [native], by: new Map([['it', native]]) };
    type Extra = { list: Expander['device'][]; by: Map<string, Expander['device']> };
    const use = async (view: Expander, fail: boolean) => {
      const { list, by } = view.extra as Extra;
      assert.equal(list[0], by.get('it'));
      assert.notEqual(list[0], native);
      await list[0]!.write8(OLATA, 0x2a);
      list.push(await view.port.open(ADDRESS));
      if (fail) throw new Error('no');
    };
    await failureOf(driver.run((view) => use(view, true)));
    assert.equal(bench.chip.registers[OLATA], 1);
    assert.deepEqual((driver.extra as Extra).list, [native]);
    await driver.run((view) => use(view, false));
    const { list, by } = driver.extra as Extra;
    assert.deepEqual([list[0], by.get('it')], [native, native]);
    await list[1]!.write8(OLATA, 0x33);
    assert.equal(bench.chip.registers[OLATA], 0x33);
  });
});

describe('Work that a protected method leaves behind', () => {
  let bench: ExpanderBench;
  let driver: Expander;
  let events: TraceEvent[];
  const strays = () => events.filter(({ type }) => type === 'stray' || type === 'stray-state');

  beforeEach(async () => {
    bench = await expanderBench();
    const { board } = bench;
    driver = protect(new Expander(bench.port), ['init', 'set', 'run'], { board });
    await driver.init();
    await driver.set(1);
    events = [];
    board.trace.subscribe((event) => events.push(event));
  });
  afterEach(() => bench.dispose());

  for (const [ending, end] of [
    ['returned', () => undefined],
    ['thrown', () => Promise.reject(new Error('over'))],
  ] as const) {
    it(`is refused registers and fields when the method has ${ending}, and the trace says so`, async () => {
      let late!: Expander;
      let device!: NonNullable<Expander['device']>;
      await driver
        .run(async (view) => {
          late = view;
          device = view.device!;
          await end();
        })
        .catch(() => {});
      await assert.rejects(device.write8(OLATA, 66), { code: 'transaction-ended' });
      await assert.rejects(device.read8(OLATA), { code: 'transaction-ended' });
      assert.throws(() => late.device, { code: 'stray-state-access', path: 'Expander.device' });
      assert.throws(() => (late.level = 66), { code: 'stray-state-access', path: 'Expander.level' });
      assert.throws(() => Object.keys(late), { code: 'stray-state-access' });
      await assert.rejects(late.set(66), { code: 'stray-state-access' });
      assert.deepEqual([driver.level, bench.chip.registers[OLATA]], [1, 1]);
      assert.deepEqual(
        strays().map((event) => (event.type === 'stray' ? event.op.op : event.type)),
        ['write', 'read', 'stray-state', 'stray-state', 'stray-state', 'stray-state'],
      );
    });
  }

  it('belongs to the call if it waits for nothing: it commits with it, or not at all', async () => {
    const chain = async (view: Expander) => {
      for (const level of [2, 3, 4]) await view.device!.write8(OLATA, level);
    };
    await driver.run((view) => void chain(view));
    assert.equal(bench.chip.registers[OLATA], 4);
    await failureOf(
      driver.run((view) => {
        void chain(view);
        return Promise.reject(new Error('no'));
      }),
    );
    assert.equal(bench.chip.registers[OLATA], 4);
    // Of the failed one, the first write was in time to be dropped, and the second too late to be taken.
    assert.deepEqual(
      strays().map((event) => event.type === 'stray' && event.op.op),
      ['write'],
    );
  });

  it('fails the call if it waits for an answer of the controller, and its late writes do not land', async () => {
    const chain = async (view: Expander) => {
      await view.device!.read8(OLATA);
      await view.device!.write8(OLATA, 66);
    };
    const error = await failureOf(
      driver.run(async (view) => {
        await view.device!.write8(GPPUA, 66);
        void chain(view);
      }),
    );
    assert.deepEqual([error.code, error.rollback.outcome], ['stray-work', 'restored']);
    assert.ok(error.cause instanceof TransactionError);
    assert.match(error.message, /Expander\.run returned, but had work under way that it did not wait for: read\./);
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.deepEqual([bench.chip.registers[OLATA], bench.chip.registers[GPPUA]], [1, 0xfe]);
  });

  it('fails the call if it is another protected method that has not returned', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.device!.write8(GPPUA, 66);
        void view.run(() => new Promise(() => {}));
      }),
    );
    assert.equal(error.code, 'stray-work');
    assert.equal(bench.chip.registers[GPPUA], 0xfe);
  });

  it('after a failure is left where it waits, so that it can harm nobody', async () => {
    let reached = false;
    const error = await failureOf(
      driver.run((view) => {
        void (async () => {
          await view.device!.write8(0x77, 1);
          reached = true;
        })();
      }),
    );
    assert.equal(error.code, 'register-contract');
    await turn();
    assert.equal(reached, false);
    assert.equal(bench.chip.registers[IODIRA], 0);
  });
});
