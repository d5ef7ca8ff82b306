/** Arbitrary object graphs over all kinds of state, as recipes: the same recipe can be cooked twice. */
import * as fc from 'fast-check';
import type { Labels } from './fingerprint.js';

class Point {
  x: unknown = 0;
  get double(): number {
    return Number(this.x) * 2;
  }
  set swallowed(_value: unknown) {
    throw new Error('an inherited setter must not run');
  }
}
class LoggedMap extends Map<unknown, unknown> {
  override get size(): number {
    throw new Error('an overridden getter must not run');
  }
  override set(): this {
    throw new Error('an overridden method must not run');
  }
}
class Samples extends Array<unknown> {
  override [Symbol.iterator](): ArrayIterator<unknown> {
    throw new Error('an overridden iterator must not run');
  }
}
class Frame extends Uint8Array {}
class BoardError extends RangeError {}
class Moment extends Date {}
class Pattern extends RegExp {}

const baseObject = { inherited: 1 };
export const PROTOTYPES: readonly (object | null)[] = [Point.prototype, null, baseObject, Object.prototype];

const SYMBOLS = [Symbol('a'), Symbol('b'), Symbol.for('c')];
const FUNCTIONS: readonly (() => unknown)[] = [() => 1, function named() {}];
const NAMES = ['0', '2', '7', 'x', 'y', 'name', '__proto__', 'constructor', 'swallowed', 'length', ''];

export type Ingredient = { primitive: unknown } | { node: number };
type Kind = keyof typeof SHELLS;
export interface NodeRecipe {
  readonly kind: Kind;
  readonly seed: number;
  readonly values: readonly Ingredient[];
  readonly extras: readonly { key: string | symbol; value: Ingredient; flags: number }[];
  readonly lock: 'open' | 'closed' | 'sealed' | 'frozen';
}
export interface Recipe {
  readonly nodes: readonly NodeRecipe[];
  readonly fields: readonly Ingredient[];
}

interface Kitchen {
  readonly nodes: readonly object[];
  readonly pool: ArrayBuffer;
  readonly resizable: ArrayBuffer;
}

const RESIZABLE_LIMIT = 24;
function patterned(buffer: ArrayBuffer): ArrayBuffer {
  new Uint8Array(buffer).forEach((_, at, bytes) => (bytes[at] = at * 7 + 1));
  return buffer;
}
function resizableBuffer(size: number): ArrayBuffer {
  const create = ArrayBuffer as new (size: number, options: object) => ArrayBuffer;
  return patterned(new create(size, { maxByteLength: RESIZABLE_LIMIT }));
}
function silent<E extends Error>(error: E): E {
  error.stack = 'a stack';
  return error;
}

const typedArrayNames = ['Int8Array', 'Uint8ClampedArray', 'Uint16Array', 'Int32Array', 'Float32Array', 'Float64Array']
  .concat(['BigInt64Array', 'BigUint64Array', 'Float16Array'])
  .filter((name) => name in globalThis);
function typedArray(seed: number, buffer: ArrayBuffer): object {
  const name = typedArrayNames[seed % typedArrayNames.length]!;
  const create = Reflect.get(globalThis, name) as Uint8ArrayConstructor;
  return new create(buffer, 8 * (seed % 3), 1 + (seed % 2));
}

/** What is there before any reference is filled in; `seed` varies it. */
const SHELLS = {
  plain: () => ({}),
  bareObject: () => Object.create(null) as object,
  inheriting: () => Object.create(baseObject) as object,
  point: () => new Point(),
  array: () => [],
  samples: () => new Samples(),
  map: () => new Map(),
  loggedMap: () => new LoggedMap(),
  set: () => new Set(),
  date: (seed: number) => new Date(seed % 5 === 0 ? NaN : seed),
  moment: (seed: number) => new Moment(seed),
  regExp: (seed: number) => new RegExp(`a{${seed % 4}}`, 'gimsuy'.slice(seed % 3, 5)),
  pattern: () => new Pattern('b+', 'g'),
  error: (seed: number) => silent(new Error(`failure ${seed}`, seed % 2 ? { cause: seed } : {})),
  boardError: () => silent(new BoardError('too far')),
  aggregate: () => silent(new AggregateError([1], 'many')),
  domException: () => silent(new DOMException('stopped', 'AbortError')),
  number: (seed: number) => Object(seed) as object,
  string: () => Object('text') as object,
  symbol: () => Object(SYMBOLS[0]) as object,
  bigint: () => Object(7n) as object,
  ownBuffer: (seed: number) => patterned(new ArrayBuffer(seed % 9)),
  ownBytes: (seed: number) => new Uint8Array(seed % 9).fill(seed),
  pool: (_: number, kitchen: Kitchen) => kitchen.pool,
  poolBytes: (seed: number, { pool }: Kitchen) => new Uint8Array(pool, seed % 40, seed % 17),
  poolElements: (seed: number, { pool }: Kitchen) => typedArray(seed, pool),
  poolData: (seed: number, { pool }: Kitchen) => new DataView(pool, seed % 32, seed % 9),
  poolBuffer: (seed: number, { pool }: Kitchen) => Buffer.from(pool, seed % 40, seed % 17),
  frame: (seed: number, { pool }: Kitchen) => new Frame(pool, seed % 40, seed % 5),
  resizable: (_: number, kitchen: Kitchen) => kitchen.resizable,
  fixedView: (seed: number, { resizable }: Kitchen) => new Uint16Array(resizable, 2 * (seed % 3), seed % 4),
  trackingView: (seed: number, { resizable }: Kitchen) => new Uint16Array(resizable, 2 * (seed % 3)),
  trackingData: (seed: number, { resizable }: Kitchen) => new DataView(resizable, seed % 5),
} satisfies Record<string, (seed: number, kitchen: Kitchen) => object>;

/** Built-in typed arrays have no state besides their bytes. */
export function takesProperties(value: object): boolean {
  return !ArrayBuffer.isView(value) || value instanceof DataView || value instanceof Frame;
}

export function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length]!;
}

export interface Dish {
  readonly fields: unknown[];
  /** Every object that exists at first; the labels tell them apart. */
  readonly labels: Labels;
}

export function cook(recipe: Recipe): Dish {
  const pool = patterned(new ArrayBuffer(64));
  const resizable = resizableBuffer(16);
  const nodes: object[] = [];
  const kitchen: Kitchen = { nodes, pool, resizable };
  for (const { kind, seed } of recipe.nodes) nodes.push(SHELLS[kind](seed, kitchen));
  const serve = (ingredient: Ingredient): unknown =>
    'node' in ingredient ? pick(nodes, ingredient.node) : ingredient.primitive;
  recipe.nodes.forEach((node, at) => stuff(nodes[at]!, node, serve));
  recipe.nodes.forEach(({ lock }, at) => applyLock(nodes[at]!, lock));
  const labels = new Map<object, string>([
    [pool, 'pool'],
    [resizable, 'resizable'],
  ]);
  nodes.forEach((node, at) => {
    labels.set(node, `node ${at}`);
    if (ArrayBuffer.isView(node)) labels.set(node.buffer, `buffer of ${at}`);
  });
  return { fields: recipe.fields.map(serve), labels };
}

function stuff(object: object, { values, extras, seed }: NodeRecipe, serve: (ingredient: Ingredient) => unknown): void {
  const served = values.map(serve);
  if (Array.isArray(object)) served.forEach((value, at) => (object[at * (1 + (seed % 2))] = value));
  if (object instanceof Map) served.forEach((value, at) => Map.prototype.set.call(object, value, served.at(-at)));
  if (object instanceof Set) for (const value of served) object.add(value);
  if (!takesProperties(object)) return;
  for (const { key, value, flags } of extras) defineWithFlags(object, key, serve(value), flags);
}

/** Mostly as an assignment does it; now and then with other attributes, or as an accessor. */
export function defineWithFlags(object: object, key: string | symbol, value: unknown, flags: number): void {
  const enumerable = (flags & 1) === 0;
  const configurable = (flags & 2) === 0;
  const writable = (flags & 4) === 0;
  if (ArrayBuffer.isView(object) && /^\d/.test(String(key))) return;
  if (Array.isArray(object) && key === 'length') {
    Reflect.defineProperty(object, key, { writable });
    return;
  }
  const accessor = { get: pick(FUNCTIONS, flags), enumerable, configurable };
  const property = flags >= 14 ? accessor : { value, enumerable, configurable, writable };
  Reflect.defineProperty(object, key, flags < 8 ? { value, ...PLAIN } : property);
}
const PLAIN = { enumerable: true, configurable: true, writable: true };

export function applyLock(object: object, lock: NodeRecipe['lock']): void {
  if (lock === 'open') return;
  // Elements of typed arrays cannot be locked; V8 freezes a sealed DOMException only in name.
  if (lock === 'closed' || ArrayBuffer.isView(object) || object instanceof DOMException)
    Reflect.preventExtensions(object);
  else if (lock === 'sealed') Object.seal(object);
  else Object.freeze(object);
}

const primitives = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, NaN, -0, 0, 1, '', 'text', 12n, ...SYMBOLS, ...FUNCTIONS),
  fc.integer(),
);
export const ingredients: fc.Arbitrary<Ingredient> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ primitive: primitives }) },
  { weight: 2, arbitrary: fc.record({ node: fc.nat(30) }) },
);
export const keys = fc.constantFrom<string | symbol>(...NAMES, ...SYMBOLS);
export const flags = fc.nat(15);
export const locks = fc.constantFrom<NodeRecipe['lock']>('open', 'open', 'open', 'open', 'closed', 'sealed', 'frozen');

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  nodes: fc.array(
    fc.record({
      kind: fc.constantFrom(...(Object.keys(SHELLS) as Kind[])),
      seed: fc.nat(1000),
      values: fc.array(ingredients, { maxLength: 5 }),
      extras: fc.array(fc.record({ key: keys, value: ingredients, flags }), { maxLength: 4 }),
      lock: locks,
    }),
    { minLength: 1, maxLength: 14 },
  ),
  fields: fc.array(ingredients, { minLength: 4, maxLength: 4 }),
});
