/**
 * A backup of what a view has come to, from which the view's own objects can be brought back. It is made by the means
 * by which the view was made of the live state, one step further: here the objects of the view are the originals.
 */
import type { BufferCopy } from './buffers.js';
import { copyOf, forget } from './copy.js';
import type { Copies } from './copy.js';
import { pathTo } from './path.js';
import { copyProperties, isRegular, propertyChanges } from './properties.js';
import { planWriteBack } from './write-back.js';

/** A value in a field, and what to call it in messages. */
export type NamedValue = [path: string, value: unknown];

export interface Backup {
  readonly view: Copies;
  /** How many objects of the live state the view had copied, and which bytes. */
  readonly copied: number;
  readonly covered: ReadonlyMap<BufferCopy, BufferCopy['covered']>;
  readonly fields: readonly NamedValue[];
  /** Of the objects of the view. */
  readonly copies: Copies;
}

/**
 * Backs up what is in `fields`, and every copy of the view even if it is no longer in a field: what is done to it
 * would be committed. `refuse` is called with an object of which no exact copy can be made.
 */
export function backUp(view: Copies, fields: readonly NamedValue[], refuse: (obstacle: object) => never): Backup {
  const { of, pairs, buffers } = view;
  /** Drivers, what stands in for them, and objects of the live state are not the view's to bring back. */
  const isForeign = (value: object): boolean =>
    of.has(value) ||
    view.asIs?.has(value) === true ||
    view.standInFor?.(value) !== undefined ||
    view.homeOf?.(value) !== undefined;
  const copies: Copies = {
    of: new Map(),
    pairs: [],
    buffers: new Map(),
    standInFor: (value) => (isForeign(value) ? value : undefined),
  };
  copyOf(copies, [...fields.map(([, value]) => value), ...pairs.map(({ copy }) => copy)], refuse);
  const covered = new Map(Array.from(buffers.values(), (buffer) => [buffer, [...buffer.covered]]));
  return { view, copied: pairs.length, covered, fields, copies };
}

/**
 * Plans to give every object the contents that it had, and to forget what the view has copied since. `refuse` is
 * called with the path of an object that cannot be brought back, undefined when it was in none of the fields. What is
 * returned cannot fail.
 */
export function planRestore(backup: Backup, refuse: (path: string | undefined) => never): () => void {
  const { view, copied, covered, fields, copies } = backup;
  const follow = (object: object): object => copies.of.get(object) ?? object;
  const pinnedDown = (object: object): never => refuse(pathTo(fields, follow(object), follow));
  for (const pair of copies.pairs) {
    const { original, copy } = pair;
    if (Object.isExtensible(copy) && !Object.isExtensible(original)) pinnedDown(original);
    // A commit relies on it that nobody has changed the original; here it is the original that was changed.
    pair.regular &&= isRegular(original as unknown[]);
  }
  const plan = planWriteBack(copies, [], { notCopyable: pinnedDown, pinnedDown });
  return () => {
    plan.apply();
    forget(view, copied);
    for (const [buffer, ranges] of covered) buffer.covered.splice(0, Infinity, ...ranges);
  };
}

const asItIs = (value: unknown): unknown => value;

/** Backs up the properties of one object, but nothing that they lead to. What it returns plans to bring them back. */
export function backUpProperties(object: object): (refuse: () => never) => () => void {
  const before = Object.create(Reflect.getPrototypeOf(object)) as object;
  copyProperties(object, before, Reflect.ownKeys(object), asItIs);
  return (refuse) => {
    const changes = propertyChanges(object, before, Reflect.ownKeys, asItIs, () => undefined);
    const closed = Object.isExtensible(before) && !Object.isExtensible(object);
    if (closed || changes?.possible === false) refuse();
    return () => changes?.apply();
  };
}
