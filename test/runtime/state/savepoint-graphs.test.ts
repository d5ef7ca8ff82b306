import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { releaseSavepoint, revertSavepoint, state, StateError } from '../../../runtime/state/index.js';
import { objectSessionOf, sessionOf, type Session } from './entry-point.js';
import { fingerprint } from './fingerprint.js';
import { FIELDS, steps, walk, type Fields, type Step } from './mutations.js';
import { act, mixed, Plain, type OwnStep } from './object-mutations.js';
import { cook, recipes, type Dish, type Recipe } from './recipes.js';
import { isRevertible, portrait } from './revertible.js';

class Declared implements Fields {
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

type AnyStep = Step | OwnStep;

interface KindOfDriver {
  readonly name: string;
  make(values: readonly unknown[]): Fields;
  session(driver: Fields): Session<Fields>;
  readonly steps: fc.Arbitrary<readonly AnyStep[]>;
  /** What has to be the same for two drivers to be in the same state. */
  roots(fields: Fields): unknown[];
}

const KINDS: readonly KindOfDriver[] = [
  {
    name: 'a driver with @state fields',
    make: (values) => new Declared(values),
    session: sessionOf,
    steps,
    roots: (fields) => FIELDS.map((name) => fields[name]),
  },
  {
    name: 'any object',
    make: (values) => new Plain(values),
    session: (driver) => objectSessionOf(driver),
    steps: mixed,
    roots: (fields) => [fields],
  },
];

/** What an entry point does: steps, and calls of others, some of which fail. */
type Program = readonly (AnyStep | Call)[];
interface Call {
  readonly program: Program;
  readonly fails: boolean;
}

/** Pins nothing down: no locks, no constant properties. */
const gentle = <T extends { readonly flags: number; readonly lock: string }>(step: T): T => ({
  ...step,
  flags: step.flags & 0b1001,
  lock: 'open',
});
/** Of objects to which everything can be given back. */
const gentleRecipes: fc.Arbitrary<Recipe> = recipes.map(({ nodes, fields }) => ({
  fields,
  nodes: nodes.map((node) => ({
    ...node,
    lock: 'open',
    extras: node.extras.map((extra) => ({ ...extra, flags: extra.flags & 0b1001 })),
  })),
}));

function programs(of: KindOfDriver): fc.Arbitrary<Program> {
  const some = of.steps.map((list) => list.map(gentle));
  const { program } = fc.letrec<{ program: Program; call: Call }>((tie) => ({
    program: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'calls' },
      some,
      fc.tuple(some, tie('call'), some, tie('call')).map(([a, b, c, d]) => [...a, b, ...c, d]),
      fc.tuple(some, tie('call'), some).map(([a, b, c]) => [...a, b, ...c]),
    ),
    call: fc.record({ program: tie('program'), fails: fc.boolean() }),
  }));
  return program;
}

const isCall = (part: AnyStep | Call): part is Call => 'program' in part;

function run(session: Session<Fields>, program: Program, self = session.self): void {
  for (const part of program) {
    if (!isCall(part)) {
      act(self as Plain, part);
      continue;
    }
    const { self: nested, savepoint } = session.openSavepoint();
    run(session, part.program, nested);
    if (part.fails) revertSavepoint(savepoint);
    else releaseSavepoint(savepoint);
  }
}

/** The steps of a program, without the calls that fail. */
function kept(program: Program): AnyStep[] {
  return program.flatMap((part) => {
    if (!isCall(part)) return part;
    return part.fails ? [] : kept(part.program);
  });
}

const runs = { numRuns: Number(process.env['FGFT_STATE_RUNS'] ?? 600) };

for (const kind of KINDS) {
  const served = (recipe: Recipe): { dish: Dish; driver: Fields } => {
    const dish = cook(recipe);
    return { dish, driver: kind.make(dish.fields) };
  };
  const whole = (driver: Fields, { labels }: Dish) => fingerprint([...kind.roots(driver), ...labels.keys()], labels);

  describe(`For any state of ${kind.name}`, () => {
    it('entry points that call others, some of which fail, leave what they leave without those', () => {
      fc.assert(
        fc.property(gentleRecipes, programs(kind), (recipe, program) => {
          const live = served(recipe);
          const session = kind.session(live.driver);
          run(session, program);
          session.prepare()();

          const direct = served(recipe);
          for (const step of kept(program)) act(direct.driver as Plain, step);
          assert.deepEqual(whole(live.driver, live.dish), whole(direct.driver, direct.dish));
        }),
        runs,
      );
    });

    it('a nested entry point that fails leaves every object that its caller holds as it was, or else the call cannot be committed', () => {
      fc.assert(
        fc.property(recipes, kind.steps, kind.steps, (recipe, before, inside) => {
          const { dish, driver } = served(recipe);
          const untouched = whole(driver, dish);
          const session = kind.session(driver);
          const { self } = session;
          const held = new Set(kind.roots(self).flatMap(walk));
          for (const step of before) act(self as Plain, step);
          for (const object of kind.roots(self).flatMap(walk)) held.add(object);
          const labels = new Map([...held].map((object, at) => [object, `held ${at}`]));
          const look = () => fingerprint([...kind.roots(self), ...held], labels);

          const was = look();
          const portraits = [...held].map(portrait);
          const nested = session.openSavepoint();
          for (const step of inside) act(nested.self as Plain, step);
          const failed = look();

          if (portraits.every(isRevertible)) {
            revertSavepoint(nested.savepoint);
            assert.deepEqual(look(), was);
            session.prepare();
            return;
          }
          let refusal: unknown;
          try {
            revertSavepoint(nested.savepoint);
          } catch (error) {
            refusal = error;
          }
          assert.ok(refusal instanceof StateError && refusal.code === 'state-not-revertible', String(refusal));
          assert.deepEqual(look(), failed);
          assert.throws(() => session.prepare(), refusal);
          session.discard();
          assert.deepEqual(whole(driver, dish), untouched);
        }),
        runs,
      );
    });
  });
}
