/** Failures on demand: the n-th register operation of the next call meets one. */
import type { FaultPoint, Op } from '../../runtime/index.js';

export type FaultKind = 'none' | 'exception' | 'controller-fault' | 'deadline' | 'unplug' | 'power-loss';

export interface Fault {
  readonly kind: FaultKind;
  readonly title: string;
  readonly about: string;
  /** It pulls the cable, which only a program can do with an emulated board. */
  readonly emulatedOnly?: true;
}

export const FAULTS: readonly Fault[] = [
  { kind: 'none', title: 'None', about: 'The call fails only by what it does itself.' },
  { kind: 'exception', title: 'Exception', about: 'The driver throws at that operation, on this side of the cable.' },
  { kind: 'controller-fault', title: 'Controller fault', about: 'The operation fails on the controller.' },
  {
    kind: 'deadline',
    title: 'Deadline',
    about: 'The operation takes 1 s on the controller: too long for a call that waits for it.',
  },
  { kind: 'unplug', title: 'Unplug', about: 'The cable is pulled; the board stays powered.', emulatedOnly: true },
  { kind: 'power-loss', title: 'Power loss', about: 'The cable is pulled, and power with it.', emulatedOnly: true },
];

/** Waits for what no register ever holds. */
const waitInVain = (op: Op, timeoutUs: number): Op =>
  'at' in op ? { op: 'poll', at: op.at, mask: 0, value: 1, timeoutUs } : { op: 'delay', us: timeoutUs };

/** Longer than every deadline here (800 ms), and no longer than a controller waits for anything (1 s). */
const PAST_DEADLINE_US = 1_000_000;
const SHORTLY_US = 100;

export interface FaultInjector {
  /** For `open`: sees every operation. */
  readonly faultPoint: FaultPoint;
  /** Counts operations from now on, and lets the n-th fail. */
  arm(kind: FaultKind, n: number): void;
  /** Returns how many operations there were, and whether one was made to fail. */
  disarm(): { readonly operations: number; readonly fired: boolean };
}

export function faultInjector(pullCable: (power: 'kept' | 'lost') => void): FaultInjector {
  let armed: { kind: FaultKind; n: number } = { kind: 'none', n: 0 };
  let operations = 0;
  let fired = false;
  return {
    faultPoint(op) {
      operations += 1;
      const { kind, n } = armed;
      if (kind === 'none' || operations !== n) return op;
      fired = true;
      if (kind === 'exception') throw new Error(`Injected at operation ${n}, a ${op.op}`);
      if (kind === 'controller-fault') return waitInVain(op, SHORTLY_US);
      if (kind === 'deadline') return waitInVain(op, PAST_DEADLINE_US);
      pullCable(kind === 'unplug' ? 'kept' : 'lost');
      return op;
    },
    arm(kind, n) {
      armed = { kind, n };
      operations = 0;
      fired = false;
    },
    disarm() {
      armed = { kind: 'none', n: 0 };
      return { operations, fired };
    },
  };
}
