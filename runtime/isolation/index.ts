export { IsolationError, type IsolationErrorCode } from './errors.js';
export { isolate, type IsolateOptions, type DriverIsolation } from './isolate.js';
export type { Death, Thread, ThreadEvents, Threads } from './threads.js';
