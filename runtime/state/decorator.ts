import { addSlot, storageOf } from './storage.js';
import { readField, STATE_VIEW, writeField } from './view.js';
import type { StateView } from './view.js';

/**
 * Declares a field of a driver as state: a failing entry point leaves it exactly as it was.
 *
 * ```ts
 * class Servo extends Driver {
 *   @state accessor position = 0;
 *   @state accessor history: number[] = [];
 * }
 * ```
 *
 * Inside an entry point the values are **copies**, written back into the live objects on success:
 * - comparing a state object with an object from outside of the call is false, even if it was stored from there;
 *   within the call, aliasing is as in the live state. A state object that an entry point returns is a copy.
 * - a new object becomes part of the live state as it is. Nothing watches it, so neither the caller nor leftover work
 *   should go on changing it. A new object that is frozen around state, or a new view of bytes of the state, is
 *   replaced by a twin on commit, because what it refers to cannot be changed.
 * - functions and prototypes are code and shared; a function that has captured the `this` of an entry point is refused
 *   the state once that has ended. A class instance is copied by its own properties: a method that
 *   uses `#private` fields of the copy throws a TypeError at once. Proxies cannot be told from what they wrap.
 * - Promises, WeakMaps, WeakSets, WeakRefs, shared memory, generators, iterators, other drivers and any other object
 *   of the platform without an exact copy are refused: StateError `state-not-copyable`, on first access or on commit.
 * - of a buffer only the bytes that views in the state show are state, unless the state holds the ArrayBuffer itself.
 *   Properties put on a typed array of a built-in class are not state.
 * - touching an object costs in proportion to what it leads to: about 0.3 µs per property or element, but bytes at
 *   the speed of memory. Keep samples in typed arrays.
 *
 * An entry point that another one calls works on the same copies. When it fails, what it did to them is undone, so the
 * caller may go on; but if it has frozen one of them, or ran beside another call, the whole call fails:
 * `state-not-revertible`. The backup costs as much again as the copies that exist by then.
 *
 * After the entry point has ended, access through its view throws StateError `stray-state-access`. Outside of entry
 * points the field is the live one.
 */
export function state<This extends object, V>(
  _target: ClassAccessorDecoratorTarget<This, V>,
  context: ClassAccessorDecoratorContext<This, V>,
): ClassAccessorDecoratorResult<This, V> {
  if (context?.kind !== 'accessor') {
    throw new TypeError('@state belongs in front of an accessor: @state accessor position = 0');
  }
  const name = String(context.name);
  if (context.static) throw new TypeError(`@state ${name} is static: only the state of an instance can be rolled back`);
  if (context.private) throw new TypeError(`@state ${name} is private: a view cannot reach it, declare it without #`);
  const slot = Symbol(name);
  return {
    init(value) {
      addSlot(this, slot, value);
      // The private storage of the accessor stays empty: it would keep the initial value alive.
      return undefined as V;
    },
    get() {
      const view = (this as { [STATE_VIEW]?: StateView })[STATE_VIEW];
      return (view === undefined ? storageOf(this)[slot] : readField(view, slot, this)) as V;
    },
    set(value) {
      const view = (this as { [STATE_VIEW]?: StateView })[STATE_VIEW];
      if (view === undefined) storageOf(this)[slot] = value;
      else writeField(view, slot, value, this);
    },
  };
}
