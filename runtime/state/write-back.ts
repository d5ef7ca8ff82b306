/**
 * Commit: the contents of the copies go into the originals, which keep their identity. First everything is looked
 * through and every change is planned; what could fail, fails here. Then the plan is carried out, which cannot fail.
 */
import { bufferView } from './buffer-views.js';
import { isCovered, writeBytes } from './buffers.js';
import { fill } from './copy.js';
import type { Copies } from './copy.js';
import { kindOf } from './kind-of.js';
import { array } from './kinds.js';
import type { Kind, Settle } from './kinds.js';
import { elementChanges, isObject, isRegular, propertyChanges } from './properties.js';
import { bufferOf, isArrayBuffer } from './slots.js';

/** An object that the entry point made, or took from elsewhere, and put into the state. */
interface Newcomer {
  readonly kind: Kind;
  /** What it refers to in places that cannot be rewritten: constant properties, the buffer of a view. */
  readonly pinned: object[];
}

/** Both are called before anything was written, with the object in question. */
export interface Objections {
  notCopyable(obstacle: object): never;
  pinnedDown(original: object): never;
}

export interface WriteBack {
  /** Writes every copy into its original and prepares the new objects for life among the originals. */
  apply(): void;
  /** What a value of the view is in the live state. */
  settle: Settle;
}

/** Plans the commit of all copies, and of `values`, which the entry point stored into fields. */
export function planWriteBack(copies: Copies, values: readonly unknown[], objections: Objections): WriteBack {
  const homes = new Map<object, object>();
  for (const [original, copy] of copies.of) homes.set(copy, original);
  const settle: Settle = (value) => (isObject(value) ? (homes.get(value) ?? value) : value);
  const newcomers = new Map<object, Newcomer>();
  const changes: (() => void)[] = [];

  const meet = (value: object): void => {
    if (homes.has(value) || copies.of.has(value) || newcomers.has(value) || copies.asIs?.has(value)) return;
    const kind = kindOf(value);
    const home = kind === undefined ? copies.homeOf?.(value) : undefined;
    if (home !== undefined) {
      homes.set(value, home);
      return;
    }
    if (kind === undefined) objections.notCopyable(value);
    newcomers.set(value, { kind, pinned: [] });
  };
  const see = (value: unknown): void => {
    if (!isObject(value)) return;
    meet(value);
    const buffer = copies.buffers.get(homes.get(value) as ArrayBuffer);
    if (buffer !== undefined && !isCovered(buffer, 0, Infinity)) objections.notCopyable(value);
  };
  const planObject = (kind: Kind, target: object, source: object, regular: boolean, look: (v: unknown) => void) => {
    const change = kind.changes?.(target, source, settle);
    if (change !== undefined) changes.push(change);
    if (regular && isAlike(target as unknown[], source as unknown[], settle)) {
      const elements = elementChanges(target as unknown[], source as unknown[], settle, look);
      if (elements !== undefined) changes.push(elements);
      return;
    }
    const properties = propertyChanges(target, source, (value) => kind.keys(value), settle, look);
    if (properties?.possible === false) objections.pinnedDown(target);
    if (properties !== undefined) changes.push(properties.apply);
  };

  for (const value of values) see(value);
  for (const { kind, original, copy, regular } of copies.pairs) {
    kind.references?.(copy, see);
    planObject(kind, original, copy, regular, see);
  }
  // A Map can be extended while it is iterated: newcomers lead to newcomers.
  for (const [value, newcomer] of newcomers) lookThrough(value, newcomer, see, meet);
  for (const buffer of copies.buffers.values()) {
    if (!isArrayBuffer(buffer.copy)) objections.notCopyable(buffer.copy);
    if (!isArrayBuffer(buffer.original)) objections.pinnedDown(buffer.original);
    changes.push(() => writeBytes(buffer));
  }

  const replaced = replacePinned(newcomers, homes, copies, settle, objections);
  for (const [value, { kind }] of newcomers) {
    const replacement = replaced.get(value);
    if (replacement === undefined) planObject(kind, value, value, kind === array, () => undefined);
    else fill(kind, value, replacement, settle);
  }
  return {
    settle,
    apply() {
      for (const change of changes) change();
    },
  };
}

/** Whether two arrays, of which the first was regular when it was copied, may be compared by their values. */
function isAlike(target: unknown[], source: unknown[], settle: Settle): boolean {
  return (
    isRegular(source) &&
    Object.isExtensible(target) &&
    Reflect.getPrototypeOf(target) === settle(Reflect.getPrototypeOf(source))
  );
}

function lookThrough(
  value: object,
  { kind, pinned }: Newcomer,
  see: (value: unknown) => void,
  meet: (value: object) => void,
): void {
  if (kind === bufferView) {
    const buffer = bufferOf(value);
    meet(buffer);
    pinned.push(buffer);
  }
  kind.references?.(value, see);
  for (const key of kind.keys(value)) {
    const property = Reflect.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    see(property.value);
    if (isObject(property.value) && property.configurable !== true && property.writable !== true) {
      pinned.push(property.value);
    }
  }
}

/**
 * A new object is adopted as it is, unless it is tied to a copy for good: a frozen object around one, a view of a
 * copied buffer. Then a twin with the originals in their places goes into the live state; and so on for what is tied
 * to an object that got a twin.
 */
function replacePinned(
  newcomers: ReadonlyMap<object, Newcomer>,
  homes: Map<object, object>,
  copies: Copies,
  settle: Settle,
  objections: Objections,
): ReadonlyMap<object, object> {
  const twins = new Map<object, object>();
  // Backwards, because what is inside was met last: one round is the rule.
  const tied = [...newcomers].filter(([, { pinned }]) => pinned.length > 0).toReversed();
  for (let found = true; found;) {
    found = false;
    for (const [value, { kind, pinned }] of tied) {
      if (twins.has(value) || !pinned.some((object) => homes.has(object))) continue;
      const twin = kind.shell(value, {
        value: settle,
        buffer(buffer, start, end) {
          const home = settle(buffer) as ArrayBuffer;
          const copied = copies.buffers.get(home);
          if (copied !== undefined && !isCovered(copied, start, end)) objections.notCopyable(value);
          return home;
        },
      });
      twins.set(value, twin);
      homes.set(value, twin);
      found = true;
    }
  }
  return twins;
}
