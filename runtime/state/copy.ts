/** The private copies of one view: every object of the live state that was reached has exactly one. */
import { arrayBuffer, cover, startBufferCopy } from './buffers.js';
import type { BufferCopy } from './buffers.js';
import { kindOf } from './kind-of.js';
import { array } from './kinds.js';
import type { Kind, Settle, Translation } from './kinds.js';
import { copyElements, copyProperties, isObject, isRegular } from './properties.js';

/** One object of the live state and its copy. */
export interface Pair {
  readonly kind: Kind;
  readonly original: object;
  readonly copy: object;
  /** The original was a regular array when it was copied. */
  regular: boolean;
}

export interface Copies {
  /** From every original to its copy, and from the driver to the view object that stands in for it. */
  readonly of: Map<object, object>;
  readonly pairs: Pair[];
  readonly buffers: Map<ArrayBuffer, BufferCopy>;
  /** The object that takes the place of this one without being a copy of it; undefined: a copy does. */
  standInFor?(original: object): object | undefined;
  /** The other way round, for stand-ins that `of` does not know. */
  homeOf?(standIn: object): object | undefined;
  /** Originals that nobody has looked at: they are where they were, and as they were. */
  readonly asIs?: ReadonlySet<object>;
}

/** `driver` is what state objects that refer to it will see as `standIn`. */
export function noCopies(driver: object, standIn: object): Copies {
  return { of: new Map([[driver, standIn]]), pairs: [], buffers: new Map() };
}

/** Makes `target`, a fresh shell, an exact transcript of `source`. Returns whether it is a regular array. */
export function fill(kind: Kind, source: object, target: object, translate: Settle): boolean {
  if (kind === array && isRegular(source as unknown[])) {
    copyElements(source as unknown[], target as unknown[], translate);
    return true;
  }
  kind.fill?.(source, target, translate);
  copyProperties(source, target, kind.keys(source), translate);
  return false;
}

/**
 * The copy of a value and of everything that it leads to; primitives and functions are their own copies. One memo
 * serves the whole view, so what was the same object before is the same object in the copies. `refuse` is called with
 * an object that cannot be copied; then no copy is kept.
 */
export function copyOf(copies: Copies, value: object, refuse: (obstacle: object) => never): object {
  const { of, pairs, buffers } = copies;
  const start = pairs.length;

  const join = (kind: Kind, original: object, copy: object): object => {
    of.set(original, copy);
    pairs.push({ kind, original, copy, regular: false });
    return copy;
  };

  const translation: Translation = {
    value(original) {
      if (!isObject(original)) return original;
      const known = of.get(original);
      if (known !== undefined) {
        const buffer = buffers.size > 0 ? buffers.get(original as ArrayBuffer) : undefined;
        if (buffer !== undefined) cover(buffer, 0, Infinity);
        return known;
      }
      const standIn = copies.standInFor?.(original);
      if (standIn !== undefined) {
        of.set(original, standIn);
        return standIn;
      }
      const kind = kindOf(original);
      if (kind === undefined) return refuse(original);
      if (kind === arrayBuffer) return translation.buffer(original as ArrayBuffer, 0, Infinity);
      return join(kind, original, kind.shell(original, translation));
    },
    buffer(original, from, to) {
      let buffer = buffers.get(original);
      if (buffer === undefined) {
        buffer = startBufferCopy(original);
        buffers.set(original, buffer);
        join(arrayBuffer, original, buffer.copy);
      }
      cover(buffer, from, to);
      return buffer.copy;
    },
  };

  let complete = false;
  try {
    const copy = translation.value(value) as object;
    // A queue instead of recursion: state may be a list of any length.
    for (let at = start; at < pairs.length; at++) {
      const pair = pairs[at] as Pair;
      pair.regular = fill(pair.kind, pair.original, pair.copy, translation.value);
    }
    complete = true;
    return copy;
  } finally {
    if (!complete) forget(copies, start);
  }
}

/** Forgets the copies from the one with this number on: they are neither seen nor written back any more. */
export function forget({ of, pairs, buffers }: Copies, start: number): void {
  for (const { original } of pairs.splice(start)) {
    of.delete(original);
    buffers.delete(original as ArrayBuffer);
  }
}
