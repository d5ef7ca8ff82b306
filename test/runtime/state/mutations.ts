/**
 * Arbitrary things that an entry point can do to its state. A step names its objects by their place in a walk through
 * the fields, so that it does the same to any two isomorphic states.
 */
import * as fc from 'fast-check';
import { applyLock, defineWithFlags, flags, keys, locks, pick, PROTOTYPES, takesProperties } from './recipes.js';
import type { NodeRecipe } from './recipes.js';

export interface Fields {
  a: unknown;
  b: unknown;
  c: unknown;
  d: unknown;
}
export const FIELDS = ['a', 'b', 'c', 'd'] as const;

export interface Step {
  readonly action: keyof typeof ACTIONS;
  /** The walk that finds the objects starts in this field: others may stay untouched. */
  readonly from: number;
  readonly target: number;
  readonly other: number;
  readonly stored: keyof typeof STORED;
  readonly key: string | symbol;
  readonly flags: number;
  readonly number: number;
  readonly lock: NodeRecipe['lock'];
}

/** All objects that a value leads to, in an order that depends on nothing but the graph. */
export function walk(root: unknown): object[] {
  const found = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || found.has(value)) return;
    found.add(value);
    if (value instanceof Map) {
      Map.prototype.forEach.call(value, (entry, key) => {
        visit(key);
        visit(entry);
      });
    }
    if (value instanceof Set) for (const member of value) visit(member);
    if (ArrayBuffer.isView(value)) return;
    for (const key of Reflect.ownKeys(value)) visit(Object.getOwnPropertyDescriptor(value, key)!.value);
  };
  visit(root);
  return [...found];
}

interface Scene {
  readonly fields: Fields;
  readonly step: Step;
  /** The object that the step is about. */
  readonly target: object;
  /** What the step stores. */
  readonly value: unknown;
}

const ACTIONS = {
  setField: ({ fields, step, value }: Scene) => {
    fields[pick(FIELDS, step.number)] = value;
  },
  swapFields: ({ fields, step }: Scene) => {
    const [one, two] = [pick(FIELDS, step.from), pick(FIELDS, step.number)];
    [fields[one], fields[two]] = [fields[two], fields[one]];
  },
  assign: ({ target, step, value }: Scene) => {
    const inherits = step.key in Object(Reflect.getPrototypeOf(target));
    if (!inherits && !ArrayBuffer.isView(target) && step.key !== 'length') Reflect.set(target, step.key, value);
  },
  define: ({ target, step, value }: Scene) =>
    takesProperties(target) && defineWithFlags(target, step.key, value, step.flags),
  delete: ({ target, step }: Scene) => takesProperties(target) && Reflect.deleteProperty(target, step.key),
  lock: ({ target, step }: Scene) => takesProperties(target) && applyLock(target, step.lock),
  rebase: ({ target, step }: Scene) => {
    if (Reflect.getPrototypeOf(target) !== Object.prototype) return;
    Reflect.setPrototypeOf(target, pick(PROTOTYPES, step.number));
  },
  contents: ({ target, step, value }: Scene) => {
    const { number } = step;
    if (Array.isArray(target)) changeArray(target, number, value);
    else if (target instanceof Map) changeMap(target, number, value);
    else if (target instanceof Set) changeSet(target, number, value);
    else if (target instanceof Date) target.setTime(number);
    else if (target instanceof RegExp) changePattern(target, number);
    else if (target instanceof Error) target.stack = `stack ${number}`;
    else if (ArrayBuffer.isView(target)) changeBytes(target, number);
    else if (target instanceof ArrayBuffer) changeBuffer(target, number);
  },
};

function changeArray(array: unknown[], number: number, value: unknown): void {
  const mutate: (() => unknown)[] = [
    () => Array.prototype.push.call(array, value, number),
    () => Array.prototype.shift.call(array),
    () => Array.prototype.unshift.call(array, value),
    () => Array.prototype.reverse.call(array),
    () => Reflect.set(array, 'length', number % 6),
    () => Reflect.set(array, number % 8, value),
    () => Reflect.deleteProperty(array, number % 4),
    () => Array.prototype.fill.call(array, value),
  ];
  pick(mutate, number)();
}

function changeMap(map: Map<unknown, unknown>, number: number, value: unknown): void {
  const entries = [...Map.prototype.entries.call(map)];
  const first = entries[0]?.[0];
  const set = (key: unknown, entry: unknown) => Map.prototype.set.call(map, key, entry);
  const mutate: (() => unknown)[] = [
    () => set(value, number),
    () => set(first, value),
    () => map.delete(first),
    () => map.delete(first) && set(first, value),
    () => map.clear(),
  ];
  pick(mutate, number)();
}

function changeSet(set: Set<unknown>, number: number, value: unknown): void {
  const [first] = set;
  const mutate: (() => unknown)[] = [
    () => set.add(value),
    () => set.delete(first),
    () => set.delete(first) && set.add(first),
    () => set.clear(),
  ];
  pick(mutate, number)();
}

function changePattern(pattern: RegExp, number: number): void {
  pattern.lastIndex = number;
  if (number % 3 === 0) pattern.compile(`c${number}`, 'g');
}

function changeBytes(view: ArrayBufferView, number: number): void {
  if (view instanceof DataView) view.setUint8(number % (view.byteLength + 1), number);
  else if (view instanceof BigInt64Array || view instanceof BigUint64Array) view[0] = BigInt(number);
  else Uint8Array.prototype.fill.call(view as Uint8Array, number, number % 3, number % 11);
}

function changeBuffer(buffer: ArrayBuffer, number: number): void {
  const resizable = buffer as ArrayBuffer & { resizable?: boolean; resize(size: number): void };
  if (resizable.resizable === true) resizable.resize(number % 25);
  new Uint8Array(buffer).fill(number, number % 7, number % 20);
}

const STORED = {
  other: (_: Step, other: object) => other,
  number: ({ number }: Step) => number,
  nothing: () => undefined,
  fresh: ({ number }: Step, other: object) => ({ list: [other, number, { other }], number }),
  frozen: ({ number }: Step, other: object) => Object.freeze([Object.freeze({ other }), number]),
  mapOf: (_: Step, other: object) => new Map([[other, new Set([other])]]),
  /** A new view of bytes that belong to the state; `length` may be a property that an earlier step has defined. */
  window: ({ number }: Step, other: object) =>
    other instanceof Uint8Array
      ? new Uint8Array(other.buffer, other.byteOffset, other.byteLength >> 1)
      : new Uint8Array(3).fill(number),
};

/** Does a step; what the language forbids (writing into a frozen object) is an exception in every state alike. */
export function take(fields: Fields, step: Step): void {
  const objects = walk(fields[pick(FIELDS, step.from)]);
  const target = objects[step.target % (objects.length || 1)] ?? {};
  const other = objects[step.other % (objects.length || 1)] ?? {};
  try {
    ACTIONS[step.action]({ fields, step, target, value: STORED[step.stored](step, other) });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
  }
}

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    action: fc.constantFrom(...(Object.keys(ACTIONS) as Step['action'][]), 'contents', 'contents', 'contents'),
    from: fc.nat(3),
    target: fc.nat(20),
    other: fc.nat(20),
    stored: fc.constantFrom(...(Object.keys(STORED) as Step['stored'][]), 'other' as const),
    key: keys,
    flags,
    number: fc.nat(200),
    lock: locks,
  }),
  { maxLength: 15 },
);
