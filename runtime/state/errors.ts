import { FgftError } from '../../transports/errors.js';

/**
 * - `stray-state-access`: work left behind by a finished entry point read or wrote a state field through its view.
 * - `state-not-copyable`: the state holds something of which no exact copy exists; nothing was written back.
 * - `state-conflict`: a native call pinned down (froze, sealed, detached) an object of which the entry point has a
 *   copy that is different; nothing was written back.
 * - `private-state`: a method of a protected object uses #private fields, which nobody can see from outside.
 * - `state-not-revertible`: what a failed entry point did inside another one cannot be undone alone, because it pinned
 *   down (froze, sealed, detached) an object of the state, or did not end in turn. The outer one cannot be committed.
 */
export type StateErrorCode =
  | 'stray-state-access'
  | 'state-not-copyable'
  | 'state-conflict'
  | 'private-state'
  | 'state-not-revertible';

/** What went wrong with the state of a driver; `path` says where, as in `Servo.history[3].pending`. */
export class StateError extends FgftError<StateErrorCode> {
  readonly path: string;

  constructor(code: StateErrorCode, path: string, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.path = path;
  }
}
