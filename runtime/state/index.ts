export { state } from './decorator.js';
export { StateError } from './errors.js';
export type { StateErrorCode } from './errors.js';
export { isPlainObject } from './kind-of.js';
export { ObjectView } from './object-view.js';
export { isDriver, markAsDriver } from './storage.js';
export { commitState, discardState, openStateView, prepareState, STATE_VIEW, touchedFields } from './view.js';
export type { StateView } from './view.js';
