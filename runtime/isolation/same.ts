/** Whether two values, neither of which is changed, are exact copies of each other: contents, order and aliases. */
import * as slots from '../state/slots.js';

/** What one comparison, or several that belong together, has found out about pairs of objects. */
export interface Pairs {
  /** Whether `copy` is the copy of `original`; undefined: it is, and their contents have not been looked at. */
  meet(original: object, copy: object): boolean | undefined;
}

/** Asks what was copied to what: an object that is like another one is still not the same one. */
export function knownPairs(copyOf: (original: object) => object | undefined): Pairs {
  const met = new Set<object>();
  return {
    meet(original, copy) {
      if (copyOf(original) !== copy) return false;
      if (met.has(original)) return true;
      met.add(original);
      return undefined;
    },
  };
}

/** Notes what was copied to what, of a copy that was just made. */
export function notingPairs(copies: {
  get(original: object): object | undefined;
  set(original: object, copy: object): unknown;
}): Pairs {
  return {
    meet(original, copy) {
      if (copies.get(original) === copy) return true;
      copies.set(original, copy);
      return undefined;
    },
  };
}

/** Only for values of which `survey` has found no obstacle in one; objects of other kinds are never the same. */
export function isSame(one: unknown, other: unknown, pairs: Pairs): boolean {
  const queue: unknown[] = [one, other];
  const push = (a: unknown, b: unknown): boolean => {
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
    queue.push(a, b);
    return true;
  };
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null)
    return Object.is(one, other);
  for (let at = 0; at < queue.length; at += 2) {
    const a = queue[at] as object;
    const b = queue[at + 1] as object;
    const known = pairs.meet(a, b);
    if (known === false) return false;
    if (known === undefined && !sameContents(a, b, pairs, push)) return false;
  }
  return true;
}

type Push = (a: unknown, b: unknown) => boolean;

function sameContents(a: object, b: object, pairs: Pairs, push: Push): boolean {
  if (Reflect.getPrototypeOf(a) !== Reflect.getPrototypeOf(b)) return false;
  if (Array.isArray(a)) return Array.isArray(b) && sameElements(a, b, push);
  if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && sameViews(a, b, pairs);
  if (slots.isArrayBuffer(a)) return slots.isArrayBuffer(b) && sameBytes(a, 0, b, 0, a.byteLength, b.byteLength);
  const prototype = Reflect.getPrototypeOf(a);
  if (prototype === Object.prototype) return sameProperties(a, b, push);
  if (Reflect.ownKeys(a).length !== Reflect.ownKeys(b).length) return false;
  if (prototype === Map.prototype && slots.isMap(a) && slots.isMap(b)) return sameEntries(a as never, b as never, push);
  if (prototype === Set.prototype && slots.isSet(a) && slots.isSet(b)) {
    return sameElements([...(a as Set<unknown>)], [...(b as Set<unknown>)], push);
  }
  if (prototype === Date.prototype && slots.isDate(a) && slots.isDate(b))
    return Object.is(slots.getTime(a as Date), slots.getTime(b as Date));
  if (prototype !== RegExp.prototype || !slots.isRegExp(a) || !slots.isRegExp(b)) return false;
  const [one, other] = [a as RegExp, b as RegExp];
  return one.source === other.source && one.flags === other.flags && one.lastIndex === other.lastIndex;
}

function sameElements(a: readonly unknown[], b: readonly unknown[], push: Push): boolean {
  if (a.length !== b.length || Reflect.ownKeys(a).length !== Reflect.ownKeys(b).length) return false;
  for (let index = 0; index < a.length; index++) if (!push(a[index], b[index])) return false;
  return true;
}

function sameProperties(a: object, b: object, push: Push): boolean {
  const keys = Reflect.ownKeys(a);
  const others = Reflect.ownKeys(b);
  if (keys.length !== others.length || Object.isExtensible(a) !== Object.isExtensible(b)) return false;
  return keys.every((key, at) => {
    if (key !== others[at]) return false;
    const one = Reflect.getOwnPropertyDescriptor(a, key)!;
    const other = Reflect.getOwnPropertyDescriptor(b, key)!;
    const alike =
      one.get === other.get &&
      one.set === other.set &&
      one.writable === other.writable &&
      one.enumerable === other.enumerable &&
      one.configurable === other.configurable;
    return alike && push(one.value, other.value);
  });
}

function sameEntries(a: Map<unknown, unknown>, b: Map<unknown, unknown>, push: Push): boolean {
  const others = [...b];
  return (
    a.size === b.size && [...a].every(([key, value], at) => push(key, others[at]![0]) && push(value, others[at]![1]))
  );
}

/** Of a buffer only the bytes that views show are compared: a copy of state holds no others. */
function sameViews(a: ArrayBufferView, b: ArrayBufferView, pairs: Pairs): boolean {
  if (pairs.meet(a.buffer, b.buffer) === false || slots.typedArrayName(a) !== slots.typedArrayName(b)) return false;
  return (
    a.byteOffset === b.byteOffset &&
    sameBytes(a.buffer, a.byteOffset, b.buffer, b.byteOffset, a.byteLength, b.byteLength)
  );
}

function sameBytes(a: ArrayBufferLike, fromA: number, b: ArrayBufferLike, fromB: number, size: number, other: number) {
  if (size !== other) return false;
  // By words where the bytes lie on words.
  const words = (fromA | fromB) % 4 === 0 ? size >> 2 : 0;
  const wordsOfA = words === 0 ? undefined : new Int32Array(a, fromA, words);
  const wordsOfB = words === 0 ? undefined : new Int32Array(b, fromB, words);
  for (let index = 0; index < words; index++) if (wordsOfA![index] !== wordsOfB![index]) return false;
  const bytesOfA = new Uint8Array(a, fromA, size);
  const bytesOfB = new Uint8Array(b, fromB, size);
  for (let index = words * 4; index < size; index++) if (bytesOfA[index] !== bytesOfB[index]) return false;
  return true;
}
