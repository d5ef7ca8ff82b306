import assert from 'node:assert/strict';
import fc from 'fast-check';
import { survey } from '../../../runtime/isolation/exact.js';
import { isSame, knownPairs, notingPairs } from '../../../runtime/isolation/same.js';

class Move {
  readonly to = 1;
}
class Samples extends Float64Array {}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withObjectString: true,
  withNullPrototype: true,
  withBoxedValues: true,
  maxDepth: 4,
});

/** Compares a value with what it was copied to, as told by the copying itself. */
function isExactCopy(value: unknown, copy: unknown): boolean {
  return isSame(value, copy, notingPairs(new Map()));
}

const cyclic: Record<string, unknown> = { list: [1] };
cyclic['self'] = cyclic;
const bytes = new Uint8Array(16);
const linked = (length: number): unknown => Array.from({ length }).reduce((next: unknown) => ({ next }), undefined);

describe('A value that crosses to another thread', () => {
  it('arrives exactly as it is, whenever nothing is found in its way', () => {
    let carried = 0;
    fc.assert(
      fc.property(anything, (value) => {
        if (survey('value', value).obstacle) return;
        carried++;
        const copy = structuredClone(value);
        assert.deepStrictEqual(copy, value);
        assert.ok(isExactCopy(value, copy));
        assert.equal(survey('copy', copy).objects.size, survey('value', value).objects.size);
      }),
      { numRuns: 3000 },
    );
    assert.ok(carried > 500, String(carried));
  });

  for (const [what, value] of Object.entries({
    'a circle': cyclic,
    'views that share bytes': [bytes, bytes.subarray(4, 8), new DataView(bytes.buffer, 2)],
    'a RegExp': /a\/b/giu,
    '-0, NaN, lone surrogates': [-0, NaN, '\ud800'],
    'a key that is __proto__': JSON.parse('{"__proto__": {"a": 1}}') as unknown,
    'a list of 900 links': linked(900),
  }))
    it(`arrives as it is: ${what}`, () => {
      assert.equal(survey('value', value).obstacle, undefined);
      assert.ok(isExactCopy(value, structuredClone(value)));
    });

  const frozen = Object.freeze({ a: 1 });
  const extended = Object.assign(new Map(), { extra: 1 });
  const used = /a/g;
  used.test('a');
  for (const [path, value, what] of [
    ['.move', { move: new Move() }, 'an object of the class Move'],
    ['[1].get(x)', [0, new Map([['x', new Samples(1)]])], 'a Samples'],
    ['.values()', new Set([Buffer.from('a')]), 'a Buffer'],
    ['.keys(…)', new Map([[() => 1, 1]]), 'a function'],
    ['.next'.repeat(1000), linked(200_000), 'more than 1000 levels deep'],
    ['.f', { f: () => 1 }, 'a function'],
    ['', Symbol('s'), 'a symbol'],
    ['', { [Symbol('s')]: 1 }, 'an object with accessors, symbols or frozen properties'],
    [
      '',
      {
        get a() {
          return 1;
        },
      },
      'an object with accessors, symbols or frozen properties',
    ],
    ['[0]', [frozen], 'an object with accessors, symbols or frozen properties'],
    ['', [1, , 3], 'an array of a class of its own, frozen, with holes or with other properties'], // oxlint-disable-line no-sparse-arrays
    [
      '',
      Object.assign([1], { extra: 1 }),
      'an array of a class of its own, frozen, with holes or with other properties',
    ],
    ['', extended, 'a Map that is frozen or has properties of its own'],
    ['', used, 'a RegExp that is in use, frozen or has properties of its own'],
    ['.e', { e: new TypeError('data') }, 'an object of the class TypeError'],
    ['', Object.create(null), 'an object without a prototype'],
    ['', new Number(1), 'an object of the class Number'], // oxlint-disable-line no-new-wrappers
    ['', Promise.resolve(), 'an object of the class Promise'],
    ['', new Uint8Array(new SharedArrayBuffer(4)), 'a Uint8Array of bytes that are shared or detached'],
  ] as const)
    it(`is refused, and named: ${what} at value${path.length > 50 ? '…' : path}`, () => {
      assert.deepEqual(survey('value', value).obstacle, { path: `value${path}`, what });
    });

  it('is not the same any more when anything in it has changed', () => {
    const change: readonly ((value: ReturnType<typeof original>) => void)[] = [
      (value) => (value.list[1] = { a: 3 }),
      (value) => (value.list[1]!.a = 3),
      (value) => value.list.push({ a: 4 }),
      (value) => (value.list[0] = { a: 1 }),
      (value) => (value.list[1] = value.list[0]!),
      (value) => value.list.unshift(value.list.pop()!),
      (value) => value.map.set('k', 2),
      (value) => value.map.set('new', 1),
      (value) => value.set.add(3),
      (value) => value.date.setTime(1),
      (value) => (value.words[3] = 1),
      (value) => (value.view[5] = 1),
      (value) => (value.view = value.view.slice()),
      (value) => delete value.optional,
      (value) => (value.zero = -0),
      (value) => Object.freeze(value.list[0]),
      (value) => Object.assign(value.date, { extra: 1 }),
      (value) => Object.setPrototypeOf(value.list[0]!, Move.prototype),
      (value) => ([value.optional, value.zero] = [value.zero, value.optional]),
    ];
    const original = (): {
      list: { a: number }[];
      map: Map<string, number>;
      set: Set<number>;
      date: Date;
      words: Int32Array;
      view: Uint8Array;
      optional?: unknown;
      zero: unknown;
    } => ({
      list: [{ a: 1 }, { a: 2 }],
      map: new Map([['k', 1]]),
      set: new Set([1, 2]),
      date: new Date(0),
      words: new Int32Array(5),
      view: new Uint8Array(new ArrayBuffer(16), 3, 7),
      optional: undefined,
      zero: 0,
    });
    for (const [index, apply] of change.entries()) {
      const value = original();
      const copy = structuredClone(value);
      const copies = new Map<object, object>();
      assert.ok(isSame(value, copy, notingPairs(copies)));
      assert.ok(
        isSame(
          value,
          copy,
          knownPairs((each) => copies.get(each)),
        ),
      );
      apply(value);
      assert.equal(
        isSame(
          value,
          copy,
          knownPairs((each) => copies.get(each)),
        ),
        false,
        `change ${index}`,
      );
    }
  });
});
