/**
 * A view of a driver's state. The entry point runs with `this` = `Object.create(driver)`, an object that carries a
 * StateView under STATE_VIEW; the state fields read and write through it, and the driver stays as it is until commit.
 */
import { copyOf, noCopies } from './copy.js';
import type { Copies } from './copy.js';
import { StateError } from './errors.js';
import { nameOfObstacle } from './kind-of.js';
import { pathTo } from './path.js';
import { isObject } from './properties.js';
import type { SavedState } from './savepoint.js';
import { nameOfField, storageOf } from './storage.js';
import { planWriteBack } from './write-back.js';
import type { WriteBack } from './write-back.js';

/** Where a view object carries its StateView. */
export const STATE_VIEW: unique symbol = Symbol('fgft state view');

export interface TouchedField {
  readonly slot: symbol;
  /** What the entry point sees: a primitive, a function, a copy, or what it has stored. */
  value: unknown;
  /** Whether the entry point stored it. */
  written: boolean;
}

/** The state of one driver as one entry point sees it. All but `ended` is internal. */
export interface StateView {
  /** After commit or discard: every access through the view is refused. */
  readonly ended: boolean;
  /** @internal */
  readonly driver: object;
  /** In order of first access. @internal */
  readonly touched: readonly TouchedField[];
}

export interface OpenView extends StateView {
  ended: boolean;
  readonly touched: TouchedField[];
  /** Only once the entry point has touched an object. */
  copies: Copies | undefined;
  /** The view object: it stands in for the driver wherever state refers to it. */
  standIn: object | undefined;
  readonly savepoints: SavedState[];
  /** Why what the entry point has made of the state cannot be committed. */
  spoiled: StateError | undefined;
}

/** The view that has the state: a savepoint is a view, but only for a part of the entry point. */
export function wholeOf(view: StateView): OpenView {
  return (view as { whole?: OpenView }).whole ?? (view as OpenView);
}

/** Opens a view of the state of `driver`. Nothing is copied before it is touched. */
export function openStateView(driver: object): StateView {
  const view: OpenView = {
    ended: false,
    driver,
    touched: [],
    copies: undefined,
    standIn: undefined,
    savepoints: [],
    spoiled: undefined,
  };
  return view;
}

/** What carries a view or one of its savepoints stands in for the driver. */
function viewOn(carrier: object): StateView | undefined {
  return (carrier as { [STATE_VIEW]?: StateView })[STATE_VIEW];
}

/** What carries a savepoint inherits from what carries the view, and ends earlier. */
function standInBehind(view: OpenView, carrier: object): object {
  for (let object: object | null = carrier; object !== null; object = Reflect.getPrototypeOf(object)) {
    if (viewOn(object) === view) return object;
  }
  return carrier;
}

/** The copies of a view, in which something was touched. */
export function copiesOf(view: OpenView): Copies {
  if (view.copies !== undefined) return view.copies;
  const homeOf = (value: object): object | undefined => {
    const carried = viewOn(value);
    return carried !== undefined && wholeOf(carried) === view ? view.driver : undefined;
  };
  view.copies = { ...noCopies(view.driver, view.standIn ?? view.driver), homeOf };
  return view.copies;
}

export function className(driver: object): string {
  return driver.constructor.name;
}

export function notCopyable(path: string, obstacle: object): StateError {
  return new StateError(
    'state-not-copyable',
    path,
    `${path} is ${nameOfObstacle(obstacle)}, of which no exact copy can be made to roll back to. ` +
      'Keep it in a field without @state, or keep plain data in its place.',
  );
}

function refuseStray(view: StateView, slot: symbol): never {
  const path = `${className(view.driver)}.${nameOfField(slot)}`;
  throw new StateError(
    'stray-state-access',
    path,
    `${path} was accessed by work that an entry point had left behind when it ended. ` +
      'Await all work inside the entry point, or let later work call an entry point of its own.',
  );
}

function find(view: StateView, slot: symbol): TouchedField | undefined {
  // A loop over a handful of fields is faster than a Map, which would have to be created for every call.
  for (const field of view.touched) if (field.slot === slot) return field;
  return undefined;
}

/** What `carrier`, the object that carries the view, sees in a field. */
export function readField(stateView: StateView, slot: symbol, carrier: object): unknown {
  const view = wholeOf(stateView);
  if (stateView.ended) refuseStray(view, slot);
  const known = find(view, slot);
  if (known !== undefined) return known.value;
  view.standIn ??= standInBehind(view, carrier);
  let value = storageOf(view.driver)[slot];
  if (isObject(value)) {
    const live = value;
    value = copyOf(copiesOf(view), live, (obstacle) => {
      const root = `${className(view.driver)}.${nameOfField(slot)}`;
      throw notCopyable(pathTo([[root, live]], obstacle, (object) => object) ?? root, obstacle);
    });
  }
  view.touched.push({ slot, value, written: false });
  return value;
}

/** Stores into the view. A live object whose copy the entry point may hold is stored as this copy. */
export function writeField(stateView: StateView, slot: symbol, value: unknown, carrier: object): void {
  const view = wholeOf(stateView);
  if (stateView.ended) refuseStray(view, slot);
  const seen = isObject(value) ? (view.copies?.of.get(value) ?? value) : value;
  const known = find(view, slot);
  if (known === undefined) {
    view.standIn ??= standInBehind(view, carrier);
    view.touched.push({ slot, value: seen, written: true });
  } else {
    known.value = seen;
    known.written = true;
  }
}

/**
 * The first half of a commit: looks through everything that the entry point has made of the state, and ends the view.
 * Throws a StateError (`state-not-copyable`, `state-conflict`, `state-not-revertible`) for what cannot be kept; then
 * nothing was written and the view is still open. The function that it returns is the second half: it writes, and cannot fail. Call it once,
 * or discard the view instead.
 */
export function prepareState(stateView: StateView): () => void {
  const view = stateView as OpenView;
  const storage = storageOf(view.driver);
  if (view.ended) {
    const path = className(view.driver);
    throw new StateError('stray-state-access', path, `The entry point of ${path} has ended: its state is settled.`);
  }
  if (view.spoiled !== undefined) throw view.spoiled;
  const stored = view.touched.filter((field) => field.written).map(({ slot, value }) => ({ slot, value }));
  const plan =
    view.copies !== undefined || stored.some(({ value }) => isObject(value)) ? planObjects(view, stored) : undefined;
  end(view);
  return () => {
    plan?.apply();
    for (const { slot, value } of stored) storage[slot] = plan === undefined ? value : plan.settle(value);
  };
}

/**
 * Makes the live state what the entry point has made of its view, and ends the view. Live objects are changed in
 * place and so keep their identity; new objects are adopted. Either all of it happens, or a StateError says why not,
 * as from `prepareState`.
 */
export function commitState(view: StateView): void {
  prepareState(view)();
}

function planObjects(view: OpenView, stored: readonly { value: unknown }[]): WriteBack {
  const copies = copiesOf(view);
  const values = stored.map(({ value }) => value);
  return planWriteBack(copies, values, {
    notCopyable(obstacle) {
      throw notCopyable(pathInView(view, copies, obstacle), obstacle);
    },
    pinnedDown(original) {
      const path = pathInView(view, copies, copies.of.get(original) ?? original);
      throw new StateError(
        'state-conflict',
        path,
        `${path} was frozen, sealed or detached by a native call while an entry point was using it. ` +
          'Nothing was committed: call the entry point again.',
      );
    },
  });
}

/** Ends the view without a trace: the live state was never touched. Does nothing when the view has ended. */
export function discardState(view: StateView): void {
  end(view as OpenView);
}

/** The names of the state fields that the entry point has read or written, in order of first access. */
export function touchedFields(view: StateView): readonly string[] {
  return view.touched.map((field) => nameOfField(field.slot));
}

/** The copy of an object of the live state that the entry point sees, if it has reached it. */
export function copyIn(view: StateView, original: object): object | undefined {
  return (view as OpenView).copies?.of.get(original);
}

/** Stray work may hold on to the view for long; it must not hold the copies as well. */
function end(view: OpenView): void {
  view.ended = true;
  view.copies = undefined;
  view.savepoints.length = 0;
  for (const field of view.touched) field.value = undefined;
}

export function pathInView(view: OpenView, copies: Copies, target: object): string {
  const storage = storageOf(view.driver);
  const name = className(view.driver);
  const fields = (Reflect.ownKeys(storage) as symbol[]).map((slot): [string, unknown] => {
    const value = (find(view, slot) ?? { value: storage[slot] }).value;
    return [`${name}.${nameOfField(slot)}`, value];
  });
  const removed = copies.pairs.map(({ copy }): [string, unknown] => [`${name}.(removed)`, copy]);
  const follow = (object: object): object => copies.of.get(object) ?? object;
  return pathTo(fields, target, follow) ?? pathTo(removed, target, follow) ?? name;
}
