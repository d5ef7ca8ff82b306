/**
 * Savepoints: an entry point that is called by another one works on the same view, and when it fails, what it did to
 * the state is undone alone. The caller may hold any object of the view: each keeps its identity and gets its contents
 * back.
 */
import { backUp, planRestore } from './backup.js';
import type { NamedValue } from './backup.js';
import { StateError } from './errors.js';
import { ObjectView } from './object-view.js';
import { isObject } from './properties.js';
import { nameOfField } from './storage.js';
import { className, copiesOf, notCopyable, pathInView, wholeOf } from './view.js';
import type { OpenView, StateView } from './view.js';

/** The state of a view as it was when the savepoint was opened. */
export interface Savepoint {
  /** It was released or reverted, or what it was opened in has ended. */
  readonly ended: boolean;
}

/**
 * A savepoint is also the view of the nested entry point: its `this`, which inherits from that of the caller, may carry
 * the savepoint as its own STATE_VIEW. Then work that it leaves behind is refused the state, as is that of any other.
 */
export interface StateSavepoint extends Savepoint, StateView {}

/** What a view keeps of a savepoint, so that nothing of it outlives the view. */
export interface SavedState {
  readonly savepoint: Savepoint;
  /**
   * Looks through everything and writes nothing. `refuse` is called with the path of what cannot be brought back; what
   * is returned brings all of it back, and cannot fail.
   */
  planRevert(refuse: (path: string) => never): () => void;
}

/** What savepoints ask of a view. */
interface Savable {
  readonly ended: boolean;
  /** The innermost last. */
  readonly savepoints: SavedState[];
  /** Why what the entry point has made of the state cannot be committed. */
  spoiled: StateError | undefined;
}

interface OpenSavepoint extends Savepoint {
  over: boolean;
  readonly whole: Savable;
  /** For messages: what the state belongs to. */
  readonly owner: string;
}

/**
 * Remembers the state as it is. Costs as much as copying everything that the outer entry point has touched, so only
 * calls that are nested pay for it. Throws StateError: `state-not-copyable` if that leads to something of which no exact
 * copy can be made; `state-not-revertible` if the outer call cannot be committed any more; `stray-state-access` if it
 * has ended.
 */
export function openSavepoint(view: StateView): StateSavepoint;
export function openSavepoint(view: ObjectView<object>): Savepoint;
export function openSavepoint(view: StateView | ObjectView<object>): Savepoint {
  if (view instanceof ObjectView) return open(view, view, view.name, () => view.save());
  const whole = wholeOf(view);
  const savepoint = open(view, whole, className(view.driver), () => saveFields(whole));
  return Object.assign(savepoint, { driver: view.driver, touched: view.touched });
}

function open(
  inside: { readonly ended: boolean },
  whole: Savable,
  owner: string,
  save: () => SavedState['planRevert'],
): Savepoint {
  if (inside.ended) {
    throw new StateError(
      'stray-state-access',
      owner,
      `An entry point of ${owner} was called by work that another one had left behind when it ended. ` +
        'Await all work inside the entry point.',
    );
  }
  if (whole.spoiled !== undefined) throw whole.spoiled;
  const savepoint: OpenSavepoint = {
    over: false,
    get ended() {
      return this.over || inside.ended;
    },
    whole,
    owner,
  };
  whole.savepoints.push({ savepoint, planRevert: save() });
  return savepoint;
}

/** The nested entry point has succeeded: what it did to the state is now the caller's. Never fails. */
export function releaseSavepoint(savepoint: Savepoint): void {
  leave(savepoint as OpenSavepoint);
}

/**
 * The nested entry point has failed: makes the state what it was, or throws StateError `state-not-revertible` and
 * leaves it as it is; then nothing that the outer entry point makes of it can be committed, unless one around it is
 * itself reverted. Does nothing when the whole view has ended, because nothing of it was kept.
 */
export function revertSavepoint(savepoint: Savepoint): void {
  const { whole, owner } = savepoint as OpenSavepoint;
  if (whole.ended) return;
  const left = leave(savepoint as OpenSavepoint);
  try {
    if (left?.innermost !== true) throw outOfTurn(owner);
    const revert = left.saved.planRevert((path) => {
      throw pinnedDown(path);
    });
    revert();
    whole.spoiled = undefined;
  } catch (error) {
    whole.spoiled ??= error as StateError;
    throw error;
  }
}

/**
 * Ends a savepoint. Those that were opened later and are still open can no longer be reverted: what has been done to
 * the state since then is not of one entry point.
 */
function leave(savepoint: OpenSavepoint): { saved: SavedState; innermost: boolean } | undefined {
  const { savepoints } = savepoint.whole;
  savepoint.over = true;
  const at = savepoints.findIndex((saved) => saved.savepoint === savepoint);
  if (at === -1) return undefined;
  const [saved, ...later] = savepoints.splice(at) as [SavedState, ...SavedState[]];
  return { saved, innermost: later.length === 0 };
}

function outOfTurn(owner: string): StateError {
  return new StateError(
    'state-not-revertible',
    owner,
    `A nested entry point of ${owner} has failed, but not in turn: another one ran at the same time, and what each did ` +
      'to the state cannot be told apart. The outer call fails as a whole. Await one call before the next.',
  );
}

function pinnedDown(path: string): StateError {
  return new StateError(
    'state-not-revertible',
    path,
    `${path} was frozen, sealed, detached or given constant properties by a nested entry point that then failed, so ` +
      'that it cannot be brought back alone. The outer call fails as a whole. Freeze copies of state instead.',
  );
}

function saveFields(view: OpenView): SavedState['planRevert'] {
  const { touched } = view;
  const before = touched.map(({ slot, value, written }) => ({ slot, value, written }));
  const restoreFields = (): void => {
    touched.length = before.length;
    before.forEach((field, at) => Object.assign(touched[at] as object, field));
  };
  if (view.copies === undefined && !before.some(({ value }) => isObject(value))) {
    // No object was touched yet: all that are in the view by then are of the nested entry point.
    return () => () => {
      restoreFields();
      view.copies = undefined;
    };
  }
  const name = className(view.driver);
  const fields = before.map(({ slot, value }): NamedValue => [`${name}.${nameOfField(slot)}`, value]);
  const copies = copiesOf(view);
  const backup = backUp(copies, fields, (obstacle) => {
    throw notCopyable(pathInView(view, copies, obstacle), obstacle);
  });
  return (refuse) => {
    const restore = planRestore(backup, (path) => refuse(path ?? `${name}.(removed)`));
    return () => {
      restore();
      restoreFields();
    };
  };
}
