/** The little that the runtime does around an entry point, as far as state is concerned. */
import { commitState, discardState, openStateView, STATE_VIEW } from '../../../runtime/state/index.js';
import type { StateView } from '../../../runtime/state/index.js';

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
