/** Every fault that a detector is for, and what the caller of a call with it gets, by how the call is isolated. */
import type { FailureDetector } from '../../../runtime/index.js';
import type { WAYS } from './prone.js';

export const LEVELS = ['native', 'inline', 'worker'] as const;
export type Level = (typeof LEVELS)[number];

/** What the world does when the call has changed its register. */
export type Event = 'time passes' | 'frames are damaged' | 'the cable is pulled' | 'another call waits for it';

export interface Fault {
  readonly way:
    | keyof typeof WAYS
    | 'is given an odd number'
    | 'gives an odd number'
    | 'calls its own driver from outside';
  readonly event?: Event;
  /** The detector that tells, where that level claims to contain the fault. Natively nothing is contained. */
  readonly inline?: FailureDetector;
  readonly worker?: FailureDetector;
  /** Whether it can be run natively without an end of the process or of the test. */
  readonly native?: true;
}

const both = (detector: FailureDetector) => ({ inline: detector, worker: detector });

export const FAULTS: readonly Fault[] = [
  { way: 'throws', ...both('exception'), native: true },
  { way: 'throws what is no Error', ...both('exception'), native: true },
  { way: 'leaves a rejection unhandled', inline: 'rejection', worker: 'worker-death' },
  { way: 'writes what no register holds', ...both('register-contract'), native: true },
  { way: 'keeps what has no copy', ...both('state-contract') },
  { way: 'breaks an invariant', ...both('invariant') },
  { way: 'is given an odd number', ...both('argument-schema') },
  { way: 'gives an odd number', ...both('result-schema') },
  { way: 'polls in vain', ...both('controller-fault'), native: true },
  { way: 'asks a chip that is not there', ...both('controller-fault'), native: true },
  { way: 'reads again and again', event: 'frames are damaged', ...both('link-failure') },
  { way: 'never returns', event: 'the cable is pulled', ...both('device-lost') },
  { way: 'never returns', event: 'time passes', ...both('deadline') },
  { way: 'loops for ever', event: 'time passes', worker: 'deadline' },
  { way: 'ends the process', worker: 'worker-death' },
  { way: 'fills the heap', worker: 'worker-death' },
  { way: 'changes Object.prototype', worker: 'exception' },
  { way: 'returns what cannot be sent', worker: 'isolation-contract' },
  { way: 'returns while a call of it runs', ...both('stray-work') },
  { way: 'calls its own driver from outside', inline: 're-entrancy' },
  { way: 'wants what another call has', event: 'time passes', ...both('lock-timeout') },
  {
    way: 'wants what another call has, which waits for it',
    event: 'another call waits for it',
    ...both('deadlock'),
  },
];

/** What was found in one cell of the table. */
export interface Cell {
  readonly way: string;
  readonly event: string;
  readonly level: Level;
  /** The code that the caller got; for a native call, that it got some error. */
  readonly code: string;
  readonly registers: 'back' | 'changed';
  readonly state: 'back' | 'changed';
  /** Whether the next call works, on a board that was opened anew where the link was lost. */
  readonly next: 'works' | 'fails';
}
