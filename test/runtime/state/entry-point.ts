/** The little that the runtime does around an entry point, as far as state is concerned. */
import {
  commitState,
  discardState,
  ObjectView,
  openSavepoint,
  openStateView,
  prepareState,
  STATE_VIEW,
} from '../../../runtime/state/index.js';
import type { Savepoint, StateView } from '../../../runtime/state/index.js';

export interface Opened<D extends object> {
  /** `this` of the entry point. */
  readonly self: D;
  readonly view: StateView;
}

export function open<D extends object>(driver: D): Opened<D> {
  const view = openStateView(driver);
  const self = Object.create(driver, { [STATE_VIEW]: { value: view } }) as D;
  return { self, view };
}

/** Runs `body` as a succeeding entry point. */
export function commit<D extends object, Result>(driver: D, body: (self: D) => Result): Result {
  const { self, view } = open(driver);
  const result = body(self);
  commitState(view);
  return result;
}

/** Runs `body` as a failing entry point. */
export function fail<D extends object, Result>(driver: D, body: (self: D) => Result): Result {
  const { self, view } = open(driver);
  const result = body(self);
  discardState(view);
  return result;
}

/** A running entry point of either kind of driver. */
export interface Session<D extends object> {
  readonly self: D;
  /** Begins a nested entry point, with this `self`. */
  readonly openSavepoint: () => { readonly self: D; readonly savepoint: Savepoint };
  readonly prepare: () => () => void;
  readonly discard: () => void;
}

/** Of a driver with `@state` fields. The `this` of a nested entry point is an object of its own. */
export function sessionOf<D extends object>(driver: D): Session<D> {
  const { self, view } = open(driver);
  return {
    self,
    openSavepoint() {
      const savepoint = openSavepoint(view);
      return { self: Object.create(self, { [STATE_VIEW]: { value: savepoint } }) as D, savepoint };
    },
    prepare: () => prepareState(view),
    discard: () => discardState(view),
  };
}

/** Of any object. `versions` take the places of objects without being copies of them. */
export function objectSessionOf<D extends object>(
  object: D,
  shared: readonly PropertyKey[] = [],
  versions: ReadonlyMap<object, object> = new Map(),
): Session<D> {
  const originals = new Map([...versions].map(([original, version]) => [version, original]));
  const standIns = {
    of: versions,
    for: (value: object) => versions.get(value) ?? (originals.has(value) ? value : undefined),
    originalOf: (value: object) => originals.get(value) ?? value,
  };
  const view = new ObjectView(object, { name: 'Bench', shared: new Set(shared), standIns, onStray: () => undefined });
  return {
    self: view.self,
    openSavepoint: () => ({ self: view.self, savepoint: openSavepoint(view) }),
    prepare: () => view.prepare(),
    discard: () => view.discard(),
  };
}
