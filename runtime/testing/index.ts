/** Hardware in the loop, with mocha: `fgft/testing`. */
export {
  restoreCheckpoint,
  takeCheckpoint,
  TestingError,
  type Checkpoint,
  type TestingErrorCode,
} from './checkpoint.js';
export { guardBoard, type GuardOptions } from './hooks.js';
