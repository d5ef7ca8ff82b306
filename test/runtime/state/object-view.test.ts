import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { ObjectView } from '../../../runtime/state/index.js';
import { fingerprint } from './fingerprint.js';
import { act, mixed, Plain } from './object-mutations.js';
import { cook, recipes, type Dish, type Recipe } from './recipes.js';

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
