/** Faults on purpose: `fgft/inject`. */
export type { Buses } from './buses.js';
export { FAULTS, type FaultKind } from './faults.js';
export { tableOf } from './report.js';
export { sweep, type SweepOptions, type SweepRow } from './sweep.js';
export { defineWorkload, type Workload } from './workload.js';
