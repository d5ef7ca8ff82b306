import { FgftError } from '../../transports/errors.js';

/**
 * What went wrong between a driver and the worker thread that it runs in:
 * - `worker-died`: the thread ended during the call: `process.exit`, an uncaught error, an unhandled rejection.
 * - `worker-out-of-memory`: the thread used more than its limit.
 * - `worker-closed`: the isolation was closed during the call.
 * - `worker-unusable`: the driver's module could not be loaded there, or holds no such driver.
 * - `not-transferable`: an argument, a result or a state field is something of which no exact copy can be sent.
 * - `not-in-worker`: the entry point used something that exists only on the other side.
 */
export type IsolationErrorCode =
  | 'worker-died'
  | 'worker-out-of-memory'
  | 'worker-closed'
  | 'worker-unusable'
  | 'not-transferable'
  | 'not-in-worker';

export class IsolationError extends FgftError<IsolationErrorCode> {
  /** What the EntryPointError of a call that fails with this is called. */
  get detector(): 'isolation-contract' | 'worker-death' {
    return this.code === 'not-transferable' || this.code === 'not-in-worker' ? 'isolation-contract' : 'worker-death';
  }
}

export const closedError = (call: string): IsolationError =>
  new IsolationError(
    'worker-closed',
    `${call} was running in a worker when the isolation was closed. Await all calls before you close it.`,
  );

/** What becomes of a value on its way: `where` names it, `what` says what it is. */
export const notTransferable = (where: string, what: string): IsolationError =>
  new IsolationError(
    'not-transferable',
    `${where} is ${what}, of which no exact copy can be sent between threads. Use plain objects, arrays, Maps, Sets, Dates, typed arrays and primitives, or run this entry point inline.`,
  );
