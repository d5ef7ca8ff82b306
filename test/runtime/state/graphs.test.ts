import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { commitState, discardState, state } from '../../../runtime/state/index.js';
import { open } from './entry-point.js';
import { fingerprint } from './fingerprint.js';
import { FIELDS, steps, take } from './mutations.js';
import type { Fields } from './mutations.js';
import { cook, recipes } from './recipes.js';
import type { Dish, Recipe } from './recipes.js';

class Bench implements Fields {
  @state accessor a: unknown;
  @state accessor b: unknown;
  @state accessor c: unknown;
  @state accessor d: unknown;

  constructor([a, b, c, d]: readonly unknown[]) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }
}

const valuesOf = (fields: Fields): unknown[] => FIELDS.map((name) => fields[name]);
/** Fields first; then all objects that existed at first, in case something was taken out of the state and changed. */
const wholeOf = (fields: Fields, { labels }: Dish) => fingerprint([...valuesOf(fields), ...labels.keys()], labels);

function served(recipe: Recipe): { dish: Dish; driver: Bench } {
  const dish = cook(recipe);
  return { dish, driver: new Bench(dish.fields) };
}

const runs = { numRuns: Number(process.env['FGFT_STATE_RUNS'] ?? 600) };

describe('For any state', () => {
  it('a view is isomorphic to the live state and shares no object with it', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { dish, driver } = served(recipe);
        // Strangers' bytes are not copied: compare states that hold their buffers.
        driver.d = [...dish.labels.keys()];
        const { self } = open(driver);
        assert.deepEqual(fingerprint(valuesOf(self)), fingerprint(valuesOf(driver)));
        assert.doesNotMatch(fingerprint(valuesOf(self), dish.labels).join('\n'), /^#\d+ \(/m);
      }),
      runs,
    );
  });

  it('whatever an entry point does, the live state does not change until commit, and discarding leaves it so', () => {
    fc.assert(
      fc.property(recipes, steps, (recipe, taken) => {
        const { dish, driver } = served(recipe);
        const before = wholeOf(driver, dish);
        const { self, view } = open(driver);
        for (const step of taken) {
          take(self, step);
          assert.deepEqual(wholeOf(driver, dish), before);
        }
        discardState(view);
        assert.deepEqual(wholeOf(driver, dish), before);
      }),
      runs,
    );
  });

  it('committing gives what the same steps give on the live state, and every object keeps its identity', () => {
    fc.assert(
      fc.property(recipes, steps, (recipe, taken) => {
        const live = served(recipe);
        const { self, view } = open(live.driver);
        for (const step of taken) take(self, step);
        commitState(view);

        const direct = served(recipe);
        for (const step of taken) take(direct.driver, step);
        assert.deepEqual(wholeOf(live.driver, live.dish), wholeOf(direct.driver, direct.dish));
      }),
      runs,
    );
  });

  it('two entry points one after the other give what their steps give on the live state', () => {
    fc.assert(
      fc.property(recipes, steps, steps, (recipe, first, second) => {
        const live = served(recipe);
        for (const taken of [first, second]) {
          const { self, view } = open(live.driver);
          for (const step of taken) take(self, step);
          commitState(view);
        }
        const direct = served(recipe);
        for (const step of [...first, ...second]) take(direct.driver, step);
        assert.deepEqual(wholeOf(live.driver, live.dish), wholeOf(direct.driver, direct.dish));
      }),
      runs,
    );
  });
});
