import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mcp23017Port } from '../../peripherals/mcp23017/index.js';
import { mcp23017Model } from '../../peripherals/mcp23017/model.js';
import { I2cBus, type PwmSlice } from '../../peripherals/rp2040/index.js';
import {
  definePeripheral,
  Driver,
  EntryPointError,
  entryPoint,
  peripheral,
  state,
  type Handle,
} from '../../runtime/index.js';
import { attach } from '../../runtime/registers/handles.js';
import { picoBoard, type Bench, type PicoBoard } from '../emulated.js';
import { failureOf } from '../failure.js';

/** Address of an MCP23017 on I²C bus 0. */
const CHIP = 0x20;

/** PWM slice 7 without its sequence (RP2040 datasheet 4.5.3): the journal has to do. */
const journaled = definePeripheral({
  name: 'journaled',
  source: 'RP2040 datasheet 4.5.3',
  registers: { CC: { address: 0x40050098, access: 'rw' }, TOP: { address: 0x4005009c, access: 'rw' } },
  save: [],
  fallback: 'journal',
});

class Nesting extends Driver {
  @peripheral accessor slices: readonly Handle<PwmSlice>[];
  @peripheral accessor other: Handle<typeof journaled>;
  @peripheral accessor port: Handle<ReturnType<typeof mcp23017Port>>;
  @state accessor log: string[] = [];
  @state accessor depth = 0;

  constructor(board: PicoBoard) {
    super(board);
    this.slices = board.pwm.ch.slice(0, 2);
    this.other = attach(journaled, board);
    this.port = attach(mcp23017Port({ index: 0, target: CHIP }, 0), board);
  }

  @entryPoint
  async run(code: (view: Nesting) => Promise<unknown>): Promise<unknown> {
    return code(this);
  }

  hooks(undone: () => void, done: () => void): void {
    this.tx.onRollback(undone);
    this.tx.onCommit(done);
  }
}

/** Something that a call does: writes, notes, or calls another one of its own, which may fail, in one way or another. */
type Step =
  | { readonly write: 0 | 1 | 2 | 3; readonly value: number }
  | { readonly note: string }
  | { readonly call: readonly Step[]; readonly fails: 'no' | 'throws' | 'controller' | 'contract' };

const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 4, depthIdentifier: 'steps' }),
  step: fc.oneof(
    { depthIdentifier: 'steps', maxDepth: 3 },
    fc.record({ write: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const), value: fc.nat(0xffff) }),
    fc.record({ note: fc.string({ maxLength: 3 }) }),
    fc.record({
      call: tie('steps'),
      fails: fc.constantFrom('no' as const, 'throws' as const, 'controller' as const, 'contract' as const),
    }),
  ),
}));

interface Model {
  registers: number[];
  log: string[];
}

function expected(before: Model, program: readonly Step[]): Model {
  return program.reduce<Model>((now, step) => {
    if ('write' in step) return { ...now, registers: now.registers.with(step.write, step.value) };
    if ('note' in step) return { ...now, log: [...now.log, step.note] };
    const after = expected(now, step.call);
    return step.fails === 'no' ? after : now;
  }, before);
}

async function perform(view: Nesting, program: readonly Step[]): Promise<void> {
  const { slices, other } = view;
  const registers = [slices[0]!.CC, slices[1]!.CC, other.CC, other.TOP];
  for (const step of program) {
    if ('write' in step) await registers[step.write]!.writeBits(step.value);
    else if ('note' in step) view.log.push(step.note);
    else {
      const call = view.run(async (inner) => {
        await perform(inner, step.call);
        if (step.fails === 'throws') throw new Error('inner');
        if (step.fails === 'controller') await inner.slices[0]!.CSR.poll({ EN: true }, 10);
        if (step.fails === 'contract') void inner.slices[0]!.CC.writeBits(-1);
      });
      if (step.fails === 'no') await call;
      else await assert.rejects(call, EntryPointError);
    }
  }
}

describe('An entry point that another one calls', () => {
  let bench: Bench;
  let driver: Nesting;

  beforeEach(async () => {
    bench = await picoBoard();
    driver = new Nesting(bench.board);
  });
  afterEach(() => bench.dispose());

  const registers = async (): Promise<number[]> =>
    Promise.all([
      driver.slices[0]!.CC.readBits(),
      driver.slices[1]!.CC.readBits(),
      driver.other.CC.readBits(),
      driver.other.TOP.readBits(),
    ]);
  const now = async (): Promise<Model> => ({ registers: await registers(), log: [...driver.log] });

  it('is undone alone when its caller catches its failure: registers, state, everything', async () => {
    await driver.run(async (view) => {
      await view.slices[0]!.CC.write({ A: 2 });
      view.log.push('outer');
      const error = await failureOf(
        view.run(async (inner) => {
          await inner.slices[0]!.CC.write({ A: 7 });
          await inner.slices[1]!.CC.write({ A: 7 });
          await inner.slices[1]!.CC.read();
          inner.log.push('inner');
          inner.depth = 1;
          throw new Error('inner');
        }),
      );
      assert.deepEqual(
        [error.code, error.entryPoint, error.rollback.outcome],
        ['exception', 'Nesting.run', 'restored'],
      );
      assert.deepEqual([view.log, view.depth], [['outer'], 0]);
      await view.slices[1]!.CC.write({ A: 3 });
    });
    assert.deepEqual(await registers(), [2, 3, 0, 0xffff]);
    assert.deepEqual(driver.log, ['outer']);
  });

  it('fails its caller, and everything is undone, when nobody catches it', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slices[0]!.CC.write({ A: 2 });
        await view.run(() => Promise.reject(new Error('inner')));
      }),
    );
    assert.deepEqual([error.code, error.within, error.rollback.outcome], ['exception', 'Nesting.run', 'nothing']);
    assert.deepEqual(error.cause, new Error('inner'));
    assert.deepEqual(await registers(), [0, 0, 0, 0xffff]);
  });

  it('has succeeded only when the controller has run all of it: what it posted cannot fail its caller later', async () => {
    await driver.run(async (view) => {
      const error = await failureOf(
        view.run((inner) => {
          void inner.slices[0]!.CC.write({ A: 9 });
          void inner.slices[0]!.CSR.poll({ EN: true }, 10);
          return Promise.resolve();
        }),
      );
      assert.deepEqual([error.code, error.rollback.outcome], ['controller-fault', 'restored']);
    });
    assert.deepEqual(await registers(), [0, 0, 0, 0xffff]);
  });

  it('runs after the one that was called before it, even if nobody awaits that', async () => {
    const order: string[] = [];
    await driver.run(async (view) => {
      const slow = view.run(async (inner) => {
        order.push('first begins');
        await inner.slices[0]!.CC.read();
        order.push('first ends');
      });
      const quick = view.run(() => Promise.resolve(void order.push('second')));
      await Promise.all([slow, quick]);
    });
    assert.deepEqual(order, ['first begins', 'first ends', 'second']);
  });

  it('does not take what its caller does meanwhile along when it is undone', async () => {
    await driver.run(async (view) => {
      const inner = failureOf(
        view.run(async (nested) => {
          await nested.slices[0]!.CC.write({ A: 7 });
          await nested.slices[0]!.CC.read();
          throw new Error('inner');
        }),
      );
      await view.slices[1]!.CC.write({ A: 5 });
      await inner;
    });
    assert.deepEqual(await registers(), [0, 5, 0, 0xffff]);
  });

  it('that is still running when its caller returns is stray work, and everything is undone', async () => {
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slices[0]!.CC.write({ A: 7 });
        view.run(() => new Promise(() => {})).catch(() => {});
      }),
    );
    assert.equal(error.code, 'stray-work');
    assert.match(error.message, /still running/);
    assert.deepEqual(await registers(), [0, 0, 0, 0xffff]);
  });

  it('that could not be undone fails its caller, even if that catches the error, and the report says so', async () => {
    const chip = mcp23017Model({ address: CHIP });
    const disconnect = bench.emulated.connectI2c(0, CHIP, chip);
    await new I2cBus(bench.board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
    await driver.port.OLAT.writeBits(1);
    const error = await failureOf(
      driver.run(async (view) => {
        await view.slices[0]!.CC.write({ A: 2 });
        await view
          .run(async (inner) => {
            await inner.port.OLAT.writeBits(2);
            await inner.slices[0]!.CC.read();
            disconnect();
            throw new Error('inner');
          })
          .catch(() => {});
      }),
    );
    assert.equal(error.rollback.outcome, 'mismatch');
    const names = error.rollback.mismatches.map(({ peripheral: name, register }) => `${name}.${register}`);
    assert.ok(names.includes('mcp23017@i2c0:0x20.a.OLAT'), names.join());
    assert.ok(names.every((name) => name.startsWith('mcp23017@i2c0:0x20.a.')));
    assert.deepEqual(await registers(), [0, 0, 0, 0xffff]);
  });

  it('has its compensations run in reverse when it fails, and its caller has them when it does not', async () => {
    const log: string[] = [];
    const hook = (view: Nesting, name: string): void =>
      view.hooks(
        () => void log.push(`undo ${name}`),
        () => void log.push(`done ${name}`),
      );
    await driver.run(async (view) => {
      hook(view, 'outer');
      await failureOf(
        view.run((inner) => {
          hook(inner, 'a');
          hook(inner, 'b');
          return Promise.reject(new Error('inner'));
        }),
      );
      await view.run((inner) => Promise.resolve(hook(inner, 'c')));
    });
    assert.deepEqual(log, ['undo b', 'undo a', 'done outer', 'done c']);
    log.length = 0;
    await failureOf(
      driver.run(async (view) => {
        hook(view, 'outer');
        await view.run((inner) => Promise.resolve(hook(inner, 'c')));
        throw new Error('outer');
      }),
    );
    assert.deepEqual(log, ['undo c', 'undo outer']);
  });

  it('leaves exactly what a model says, however calls nest and fail', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (program, fails) => {
        const before = await now();
        const call = driver.run(async (view) => {
          await perform(view, program);
          if (fails) throw new Error('outer');
        });
        if (fails) await failureOf(call);
        else await call;
        assert.deepEqual(await now(), fails ? before : expected(before, program));
      }),
      { numRuns: 60 },
    );
  });
});
