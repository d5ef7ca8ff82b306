import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ObjectView } from '../../../runtime/state/index.js';
import { fingerprint } from './fingerprint.js';
import { FIELDS, steps, take, type Fields, type Step } from './mutations.js';
import { applyLock, cook, defineWithFlags, flags, locks, pick, recipes, type Dish, type Recipe } from './recipes.js';

/** An object as other people write them: nothing is declared. */
class Plain implements Fields {
  a: unknown;
  b: unknown;
  c: unknown;
  d: unknown;
  [later: string | symbol]: unknown;

  constructor([a, b, c, d]: readonly unknown[]) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  get twin(): unknown {
    return this.a;
  }
  set twin(value: unknown) {
    this.a = value;
  }
}

const NAMES = [...FIELDS, 'e', '7', 'twin', 'constructor', Symbol('later')] as const;

/** What an entry point does to the object itself rather than to what its fields hold. */
interface OwnStep {
  readonly own: keyof typeof OWN;
  readonly key: number;
  readonly from: number;
  readonly flags: number;
  readonly lock: Parameters<typeof applyLock>[1];
}

const put = (self: Record<string | symbol, unknown>, key: string | symbol, value: unknown): void => {
  self[key] = value;
};

const OWN = {
  assign: (self: Plain, { key, from }: OwnStep) => {
    put(self, pick(NAMES, key), self[pick(FIELDS, from)]);
  },
  fresh: (self: Plain, { key, from }: OwnStep) => {
    put(self, pick(NAMES, key), { around: self[pick(FIELDS, from)], self });
  },
  delete: (self: Plain, { key }: OwnStep) => Reflect.deleteProperty(self, pick(NAMES, key)),
  define: (self: Plain, { key, from, flags: given }: OwnStep) =>
    defineWithFlags(self, pick(NAMES, key), self[pick(FIELDS, from)], given),
  lock: (self: Plain, { lock }: OwnStep) => applyLock(self, lock),
  look: (self: Plain, { key }: OwnStep) => [pick(NAMES, key) in self, Object.entries(self)],
};

const ownSteps: fc.Arbitrary<OwnStep> = fc.record({
  own: fc.constantFrom(...(Object.keys(OWN) as OwnStep['own'][])),
  key: fc.nat(NAMES.length - 1),
  from: fc.nat(FIELDS.length - 1),
  flags,
  lock: locks,
});
const mixed: fc.Arbitrary<(OwnStep | Step)[]> = fc
  .tuple(steps, fc.array(ownSteps, { maxLength: 6 }), fc.infiniteStream(fc.boolean()))
  .map(([inner, own, order]) => {
    const queues: [(OwnStep | Step)[], (OwnStep | Step)[]] = [[...inner], [...own]];
    return [...inner, ...own].map(() => {
      const first = order.next().value ? 0 : 1;
      return (queues[first].shift() ?? queues[1 - first]!.shift())!;
    });
  });

function act(self: Plain, step: OwnStep | Step): void {
  if (!('own' in step)) return take(self, step);
  try {
    OWN[step.own](self, step);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

function served(recipe: Recipe): { dish: Dish; driver: Plain } {
  const dish = cook(recipe);
  return { dish, driver: new Plain(dish.fields) };
}

const viewOf = (driver: Plain): ObjectView<Plain> =>
  new ObjectView(driver, {
    name: 'Plain',
    shared: new Set(),
    standIns: { of: new Map(), for: () => undefined, originalOf: (value) => value },
    onStray: () => {},
  });
const whole = (driver: Plain, { labels }: Dish) => fingerprint([driver, ...labels.keys()], labels);
const runs = { numRuns: Number(process.env['FGFT_STATE_RUNS'] ?? 600) };

describe('For any object', () => {
  it('a view shows the same graph of the same class, and shares no object with it', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { dish, driver } = served(recipe);
        driver['all'] = [...dish.labels.keys()];
        const { self } = viewOf(driver);
        assert.ok(self instanceof Plain);
        // Of strangers' buffers only what is seen is copied: see all of it before anything is compared.
        assert.equal(Object.values(self).length, 5);
        assert.deepEqual(fingerprint([self]), fingerprint([driver]));
        assert.doesNotMatch(fingerprint([self], dish.labels).join('\n'), /^#\d+ \(/m);
      }),
      runs,
    );
  });

  it('whatever an entry point does to it and its fields, nothing changes until the commit, and without one nothing does', () => {
    fc.assert(
      fc.property(recipes, mixed, (recipe, taken) => {
        const { dish, driver } = served(recipe);
        const before = whole(driver, dish);
        const view = viewOf(driver);
        for (const step of taken) {
          act(view.self, step);
          assert.deepEqual(whole(driver, dish), before);
        }
        view.discard();
        assert.deepEqual(whole(driver, dish), before);
      }),
      runs,
    );
  });

  it('a commit gives what the same steps give on the object itself, and everything keeps its identity', () => {
    fc.assert(
      fc.property(recipes, mixed, mixed, (recipe, first, second) => {
        const live = served(recipe);
        const direct = served(recipe);
        for (const taken of [first, second]) {
          const view = viewOf(live.driver);
          for (const step of taken) act(view.self, step);
          view.prepare()();
          for (const step of taken) act(direct.driver, step);
        }
        assert.deepEqual(whole(live.driver, live.dish), whole(direct.driver, direct.dish));
      }),
      runs,
    );
  });
});

describe('A view of an object', () => {
  it('does not copy what is not touched, nor what is replaced without being looked at', () => {
    const untouchable = new Proxy([], {
      ownKeys: () => assert.fail('listed'),
      get: () => assert.fail('read'),
      getPrototypeOf: () => assert.fail('inspected'),
    });
    const driver = new Plain([untouchable, untouchable, 1, 2]);
    const view = viewOf(driver);
    view.self.b = 3;
    view.self.d = 4;
    view.prepare()();
    assert.deepEqual([driver.a === untouchable, driver.b, driver.d], [true, 3, 4]);
  });

  it('copies a field that cannot change at once, because there is no later time', () => {
    const driver = new Plain([]);
    Object.defineProperty(driver, 'fixed', { value: { level: 1 } });
    const view = viewOf(driver);
    (view.self['fixed'] as { level: number }).level = 2;
    assert.deepEqual(driver['fixed'], { level: 1 });
    view.prepare()();
    assert.deepEqual(driver['fixed'], { level: 2 });
  });

  it('runs accessors of the class and of the object on the view', () => {
    const driver = new Plain([8]);
    Object.defineProperty(driver, 'own', {
      get(this: Plain) {
        return this.a;
      },
    });
    const view = viewOf(driver);
    view.self.twin = 5;
    assert.deepEqual([view.self.a, view.self['own'], view.self.twin, driver.a], [5, 5, 5, 8]);
  });

  it('serves what inherits from it', () => {
    const driver = new Plain([[1]]);
    const view = viewOf(driver);
    const heir = Object.create(view.self) as Plain;
    (heir.a as number[]).push(2);
    heir.b = 'of the heir';
    view.prepare()();
    assert.deepEqual([driver.a, driver.b], [[1, 2], undefined]);
  });
});
