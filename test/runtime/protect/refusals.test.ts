import assert from 'node:assert/strict';
import { EntryPointError, protect, ProtectError, StateError, type BoardSession } from '../../../runtime/index.js';
import { Servo } from '../../../examples/servo-driver.js';
import { failureOf } from '../../failure.js';
import { picoBoard, type Bench } from '../../emulated.js';

class Counter {
  #count = 0;
  seen = 0;
  next(): number {
    this.seen++;
    return ++this.#count;
  }
  #step(): void {
    this.#count++;
  }
  twice(): void {
    this.seen++;
    this.#step();
  }
}

describe('protect', () => {
  let bench: Bench;
  let board: BoardSession;
  beforeEach(async () => {
    bench = await picoBoard();
    ({ board } = bench);
  });
  afterEach(() => bench.dispose());

  const refuses = (code: ProtectError['code'], message: RegExp, act: () => unknown): void =>
    assert.throws(act, (error) => {
      assert.ok(error instanceof ProtectError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });

  it('refuses names that are not methods, and then changes nothing', () => {
    const driver = { level: 1, read: () => 1, on(): void {} };
    refuses('no-method', /^Object\.level is not a method: number/, () =>
      protect(driver, ['on', 'level' as 'on'], { board }),
    );
    refuses('no-method', /^Lamp\.off is not a method: undefined/, () =>
      protect(driver, ['off' as 'on'], { board, name: 'Lamp' }),
    );
    assert.deepEqual(Reflect.ownKeys(driver), ['level', 'read', 'on']);
  });

  it('refuses functions that have chosen their this, because they would change the object past any view', () => {
    class Lamp {
      level = 0;
      arrow = async (level: number) => void (this.level = level);
      short = async (level: number) => void (this.level = level);
      bound: () => void;
      constructor() {
        this.bound = this.plain.bind(this);
      }
      plain(): void {
        this.level++;
      }
      async async(): Promise<void> {}
    }
    for (const method of ['arrow', 'short', 'bound'] as const)
      refuses('fixed-this', new RegExp(`^Lamp\\.${method} is an arrow function or a bound one`), () =>
        protect(new Lamp(), [method], { board }),
      );
    protect(new Lamp(), ['plain', 'async'], { board });
    protect({ on() {}, async off() {}, toggle: function () {} }, ['on', 'off', 'toggle'], { board });
  });

  it('refuses objects whose state no view can show', () => {
    refuses('no-view', /of a class of the platform/, () => protect(new Map<string, number>(), ['set'], { board }));
    refuses('no-view', /of a class of the platform/, () =>
      protect(
        new (class Samples extends Array<number> {
          add(): void {}
        })(),
        ['add'],
        { board },
      ),
    );
    refuses('no-view', /frozen/, () => protect(Object.freeze({ on() {} }), ['on'], { board }));
  });

  it('refuses what has entry points already', () => {
    const lamp = protect({ on() {}, off() {} }, ['on'], { board });
    refuses('already-protected', /protect all its methods at once/, () => protect(lamp, ['off'], { board }));
    refuses('already-protected', /Servo has entry points already/, () =>
      protect(new Servo(bench.board, 2), ['angle'], { board }),
    );
  });

  it('makes methods that use #private fields fail loudly, and says what to do', async () => {
    for (const method of ['next', 'twice'] as const) {
      const counter = protect(new Counter(), ['next', 'twice'], { board });
      const error = await failureOf(Promise.resolve(counter[method]()));
      assert.equal(error.code, 'state-contract');
      assert.ok(error.cause instanceof StateError);
      assert.deepEqual([error.cause.code, error.cause.path], ['private-state', `Counter.${method}`]);
      assert.match(error.message, /uses #private fields.*Leave the method native/);
      assert.equal(counter.seen, 0);
    }
  });

  it('leaves native methods their #private fields', () => {
    const counter = protect(new Counter(), ['twice'], { board });
    assert.deepEqual([counter.next(), counter.next()], [1, 2]);
  });

  it('makes a field that cannot be copied an error when it is used, unless the policy shares it', async () => {
    class Logger {
      ready = Promise.resolve(7);
      lines = 0;
      async log(): Promise<number> {
        this.lines++;
        return this.ready;
      }
      replace(): void {
        this.lines++;
        this.ready = Promise.resolve(8);
        throw new Error('no');
      }
      async count(): Promise<void> {
        this.lines++;
      }
    }
    const logger = protect(new Logger(), ['log', 'count'], { board });
    await logger.count();
    const error = await failureOf(logger.log());
    assert.equal(error.code, 'state-contract');
    assert.match(error.message, /Logger\.ready is an object of the kind Promise.*in the policy's `shared`/);
    assert.equal(logger.lines, 1);
    const sharing = protect(new Logger(), ['log', 'replace'], { board, shared: ['ready'] });
    assert.equal(await sharing.log(), 7);
    await assert.rejects(sharing.replace(), EntryPointError);
    assert.deepEqual([sharing.lines, await sharing.ready], [1, 8]);
  });

  it('takes another protected object in a field for a driver of its own, which has to be shared', async () => {
    class Joint {
      at = 0;
      async to(at: number): Promise<void> {
        this.at = at;
      }
    }
    class Arm {
      elbow = protect(new Joint(), ['to'], { board });
      async reach(): Promise<void> {
        await this.elbow.to(5);
      }
    }
    const error = await failureOf(protect(new Arm(), ['reach'], { board }).reach());
    assert.match(error.message, /Arm\.elbow is another driver/);
    const arm = protect(new Arm(), ['reach'], { board, shared: ['elbow'] });
    await arm.reach();
    assert.equal(arm.elbow.at, 5);
  });
});
