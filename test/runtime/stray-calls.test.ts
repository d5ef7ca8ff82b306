import assert from 'node:assert/strict';
import type { PwmSlice } from '../../peripherals/rp2040/index.js';
import {
  Driver,
  EntryPointError,
  entryPoint,
  peripheral,
  state,
  TransactionError,
  type Handle,
} from '../../runtime/index.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { failureOf } from '../failure.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../transports/virtual-environment.js';

class Slices extends Driver {
  @peripheral accessor slices: readonly Handle<PwmSlice>[];
  @state accessor log: string[] = [];

  constructor(board: PicoBoard) {
    super(board);
    this.slices = board.pwm.ch;
  }

  @entryPoint
  async run(code: (view: Slices) => Promise<unknown>): Promise<unknown> {
    return code(this);
  }

  @entryPoint({ deadline: 50 })
  async hurried(code: (view: Slices) => Promise<unknown>): Promise<unknown> {
    return code(this);
  }

  atCommit(hook: () => void): void {
    this.tx.onCommit(hook);
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('Calls that do not wait for each other as they should', () => {
  let environment: VirtualEnvironment;
  let bench: Bench;
  let driver: Slices;

  beforeEach(async () => {
    environment = virtualEnvironment();
    bench = await picoBoard({ environment });
    driver = new Slices(bench.board);
  });
  afterEach(() => bench.dispose());

  const duty = async (slice: number): Promise<unknown> => (await driver.slices[slice]!.CC.read()).A;
  it('a nested call that work of an ended one makes is refused, and the call that is running goes on', async () => {
    let refused: unknown;
    await driver.run(async (root) => {
      let late!: () => Promise<unknown>;
      await root.run((inner) => {
        late = () => inner.run((view) => view.slices[0]!.CC.write({ A: 66 }));
        return Promise.resolve();
      });
      refused = await late().catch((error: unknown) => error);
      await root.slices[0]!.CC.write({ A: 5 });
      await root.slices[0]!.CC.read();
    });
    assert.ok(refused instanceof EntryPointError && refused.code === 'stray-work', String(refused));
    assert.equal(await duty(0), 5);
  });

  it('a nested call that work of a failed one makes is refused, and fails nobody else', async () => {
    await driver.run(async (root) => {
      let late!: () => Promise<unknown>;
      await failureOf(
        root.run((inner) => {
          late = () => inner.run((view) => view.slices[0]!.CC.write({ A: 66 }));
          return Promise.reject(new Error('first'));
        }),
      );
      await root.run(async (second) => {
        await second.run(async (deep) => {
          await deep.slices[1]!.CC.write({ A: 4 });
          assert.equal((await failureOf(late())).code, 'stray-work');
          await deep.slices[1]!.CC.read();
        });
      });
    });
    assert.deepEqual([await duty(0), await duty(1)], [0, 4]);
  });

  it('a nested call that returns before one that it has called fails, and takes that with it', async () => {
    let child: unknown;
    const error = await failureOf(
      driver.run(async (root) => {
        await root.run((inner) => {
          child = inner
            .run(async (deep) => {
              await deep.slices[0]!.CC.write({ A: 66 });
              await deep.slices[0]!.CC.read();
              await deep.slices[0]!.CC.write({ A: 67 });
            })
            .catch((reason: unknown) => reason);
          return Promise.resolve();
        });
      }),
    );
    assert.equal(error.code, 'stray-work');
    assert.match(error.message, /still running/);
    assert.ok((await (child as Promise<unknown>)) instanceof EntryPointError);
    assert.equal(await duty(0), 0);
  });

  it('an onCommit hook that fails is told, and the call stays committed', async () => {
    const error = await driver
      .run(async (view) => {
        await view.slices[0]!.CC.write({ A: 3 });
        view.atCommit(() => {
          throw new Error('hook');
        });
      })
      .catch((reason: unknown) => reason);
    assert.ok(error instanceof TransactionError && error.code === 'after-commit');
    assert.equal(await duty(0), 3);
  });

  it('a call whose callee’s hook has failed is undone like any other that fails, and ends', async () => {
    const other = new Slices(bench.board);
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slices[0]!.CC.write({ A: 7 });
        await view.slices[0]!.CC.read();
        await other.run((callee) => {
          callee.atCommit(() => {
            throw new Error('hook');
          });
          return Promise.resolve();
        });
      }),
    );
    assert.equal(error.rollback.outcome, 'restored');
    assert.deepEqual([await duty(0), bench.board.locks.size], [0, 0]);
    await driver.run((view) => view.slices[0]!.CC.write({ A: 8 }));
  });

  it('an entry point of another driver that fails, fails the one that awaits it with its own code in the cause', async () => {
    const other = new Slices(bench.board);
    const error = await failureOf(driver.run(() => other.run(() => Promise.reject(new Error('theirs')))));
    assert.equal(error.code, 'nested-failure');
    assert.ok(error.cause instanceof EntryPointError && error.cause.code === 'exception');
  });

  it('calls that all await one more than the controller can hold give up after the lock’s time-out', async () => {
    const { transactions } = bench.board.hello.limits;
    const drivers = Array.from({ length: 2 * transactions }, () => new Slices(bench.board));
    const calls = drivers
      .slice(0, transactions)
      .map((each, index) => failureOf(each.run(() => drivers[transactions + index]!.run(() => Promise.resolve()))));
    await settled();
    environment.advance(10_001);
    for (const { cause } of await Promise.all(calls))
      assert.equal((cause as EntryPointError).code, 'lock-timeout', String(cause));
    await driver.run((view) => view.slices[0]!.CC.write({ A: 1 }));
  });

  it('a deadline ends a call that waits for a lock at its commit', async () => {
    const other = new Slices(bench.board);
    let finish!: () => void;
    const holding = driver.run(async (view) => {
      await view.slices[0]!.CC.read();
      await new Promise<void>((resolve) => (finish = resolve));
    });
    await settled();
    const call = failureOf(other.hurried((view) => view.slices[0]!.CC.write({ A: 9 })));
    await settled();
    environment.advance(51);
    const error = await Promise.race([call, settled().then(settled)]);
    assert.equal(error?.code, 'deadline');
    finish();
    await holding;
  });

  it('a nested call that failed while it waited for a lock does not keep its caller waiting', async () => {
    const other = new Slices(bench.board);
    let finish!: () => void;
    const holding = driver.run(async (view) => {
      await view.slices[0]!.CC.read();
      await new Promise<void>((resolve) => (finish = resolve));
    });
    await settled();
    await other.run(async (view) => {
      await failureOf(
        view.run(async (inner) => {
          await inner.slices[0]!.CC.write({ A: 9 });
          throw new Error('inner');
        }),
      );
      await view.slices[1]!.CC.write({ A: 2 });
      await view.slices[1]!.CC.read();
    });
    assert.equal(await duty(1), 2);
    finish();
    await holding;
  });
});
