/** Own properties, prototype and extensibility: what every object has, whatever its kind. */
import type { Settle } from './kinds.js';

type Key = string | symbol;

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** As an assignment creates them. */
function isPlain(property: PropertyDescriptor): boolean {
  return property.writable === true && property.enumerable === true && property.configurable === true;
}

const isData = (property: PropertyDescriptor): boolean => property.writable !== undefined;

/** Creates the own properties of `source` in a fresh `target`, in their order, with their attributes. */
export function copyProperties(source: object, target: object, keys: readonly PropertyKey[], translate: Settle): void {
  for (const key of keys) {
    const property = Reflect.getOwnPropertyDescriptor(source, key) as PropertyDescriptor;
    if (isObject(property.value)) property.value = translate(property.value);
    // An inherited setter, or the one behind `__proto__`, would swallow an assignment.
    if (isPlain(property) && !(key in target)) (target as Record<PropertyKey, unknown>)[key] = property.value;
    else Reflect.defineProperty(target, key, property);
  }
  if (!Object.isExtensible(source)) Reflect.preventExtensions(target);
}

/**
 * A regular array has an element at every index, each as an assignment creates it, and no other properties. Nearly
 * all arrays are; they are copied and compared by their values.
 */
export function isRegular(array: readonly unknown[]): boolean {
  const { length } = array;
  if (!Object.isExtensible(array) || Reflect.ownKeys(array).length !== length + 1) return false;
  for (let index = 0; index < length; index++) {
    const property = Object.getOwnPropertyDescriptor(array, index);
    if (property === undefined || !isPlain(property)) return false;
  }
  return Object.getOwnPropertyDescriptor(array, 'length')?.writable === true;
}

// Both walk by index: a subclass may have overridden the iterator.

export function copyElements(source: readonly unknown[], target: unknown[], translate: Settle): void {
  const { length } = source;
  for (let index = 0; index < length; index++) target[index] = translate(source[index]);
}

/** What makes the elements of the regular `target` those of the regular `source`; undefined when they already are. */
export function elementChanges(
  target: unknown[],
  source: readonly unknown[],
  settle: Settle,
  see: (value: unknown) => void,
): (() => void) | undefined {
  const { length } = source;
  const changed: [number, unknown][] = [];
  for (let index = 0; index < length; index++) {
    const value = source[index];
    see(value);
    const before = target[index];
    if (!Object.is(before, settle(value)) || (before === undefined && !Object.hasOwn(target, index))) {
      changed.push([index, value]);
    }
  }
  if (changed.length === 0 && target.length === length) return undefined;
  return () => {
    // Unlike assignments these cannot throw half-way.
    if (target.length > length) Reflect.set(target, 'length', length);
    for (const [index, value] of changed) Reflect.set(target, index, settle(value));
  };
}

/** Whether the engine keeps a key among the sorted integers instead of in order of creation. */
function isIndex(key: Key): boolean {
  if (typeof key === 'symbol') return false;
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffff_ffff;
}

/** The keys that have to be deleted so that creating the missing ones at the end gives the wanted order. */
function keysInTheWay(present: readonly Key[], wanted: readonly Key[]): Set<Key> {
  const inTheWay = new Set<Key>();
  if (present.length === wanted.length && present.every((key, at) => key === wanted[at])) return inTheWay;
  const isWanted = new Set(wanted);
  for (const type of ['string', 'symbol']) {
    const order = wanted.filter((key) => typeof key === type && !isIndex(key));
    let at = 0;
    for (const key of present) {
      if (typeof key !== type) continue;
      if (isIndex(key) ? isWanted.has(key) : key === order[at]) at += isIndex(key) ? 0 : 1;
      else inTheWay.add(key);
    }
  }
  return inTheWay;
}

function isSame(a: PropertyDescriptor, b: PropertyDescriptor, settle: Settle): boolean {
  return (
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable &&
    a.writable === b.writable &&
    a.get === b.get &&
    a.set === b.set &&
    Object.is(a.value, settle(b.value))
  );
}

/** Whether the language lets `before` become `after`. */
function isAllowed(before: PropertyDescriptor, after: PropertyDescriptor): boolean {
  if (before.configurable === true) return true;
  if (after.configurable === true || after.enumerable !== before.enumerable) return false;
  return before.writable === true && isData(after);
}

export interface PropertyChanges {
  readonly apply: () => void;
  /** False when something has pinned the target down since it was copied: `apply` would fail half-way. */
  readonly possible: boolean;
}

/** What makes the properties of `target` those of `source`; undefined when they already are. */
export function propertyChanges(
  target: object,
  source: object,
  keysOf: (value: object) => PropertyKey[],
  settle: Settle,
  see: (value: unknown, property: PropertyDescriptor) => void,
): PropertyChanges | undefined {
  const wanted = keysOf(source) as Key[];
  const deleted = keysInTheWay(keysOf(target) as Key[], wanted);
  const defined: [Key, PropertyDescriptor][] = [];
  const extensible = Object.isExtensible(target);
  let possible = true;
  for (const key of deleted) possible &&= Reflect.getOwnPropertyDescriptor(target, key)?.configurable === true;
  for (const key of wanted) {
    const property = Reflect.getOwnPropertyDescriptor(source, key) as PropertyDescriptor;
    see(property.value, property);
    const before = deleted.has(key) ? undefined : Reflect.getOwnPropertyDescriptor(target, key);
    if (before !== undefined && isSame(before, property, settle)) continue;
    possible &&= before === undefined ? extensible : isAllowed(before, property);
    defined.push([key, property]);
  }
  const prototype = settle(Reflect.getPrototypeOf(source)) as object | null;
  const rebased = Reflect.getPrototypeOf(target) !== prototype;
  possible &&= extensible || !rebased;
  const closed = extensible && !Object.isExtensible(source);
  if (deleted.size === 0 && defined.length === 0 && !rebased && !closed) return undefined;
  return {
    possible,
    apply() {
      for (const key of deleted) Reflect.deleteProperty(target, key);
      for (const [key, property] of defined) {
        if (isObject(property.value)) property.value = settle(property.value);
        Reflect.defineProperty(target, key, property);
      }
      if (rebased) Reflect.setPrototypeOf(target, prototype);
      if (closed) Reflect.preventExtensions(target);
    },
  };
}
