import type { EmulatedBoard } from '../../transports/emulator/index.js';
import { cut, flipped, lost, onFrame, type FrameFault } from '../../transports/faulty.js';
import type { Op } from '../link/ops.js';

/** Where a fault can be put: at the n-th operation that a call asks for, or at the n-th frame of a direction: to the frame, or to the board. */
export type FaultKind =
  | { readonly at: 'operation'; readonly replace: (op: Op) => Op }
  | { readonly at: 'request' | 'answer'; readonly fault: FrameFault }
  | { readonly at: 'board' | 'answered-board'; readonly harm: (emulated: EmulatedBoard) => Promise<unknown> | void };

const NOWHERE = 0xfffc;
const TOO_LONG_US = 5_000_000;
/** A bit behind the header of a frame, and bytes at its end. */
const SOME_BIT = 100;
const SOME_BYTES = 3;

/** What the driver's own code could do wrong, at any line. */
function throwInstead(): never {
  throw new Error('Injected: the driver failed at this operation.');
}

/** An operation that the controller refuses, in place of the one that was asked for. */
const refused = (op: Op): Op =>
  'at' in op ? { op: 'read', at: { ...op.at, offset: NOWHERE } } : { op: 'delay', us: TOO_LONG_US };

/** A wait for what never comes: no value is 1 where no bit of it is looked at. */
const waiting = (op: Op): Op =>
  'at' in op ? { op: 'poll', at: op.at, mask: 0, value: 1, timeoutUs: 10 } : { op: 'delay', us: TOO_LONG_US };

/** Every kind of fault that a sweep puts in turn at each operation, or at each frame. */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  exception: { at: 'operation', replace: throwInstead },
  'refused-operation': { at: 'operation', replace: refused },
  'poll-timeout': { at: 'operation', replace: waiting },
  'request-lost': { at: 'request', fault: lost },
  'request-damaged': { at: 'request', fault: flipped(SOME_BIT) },
  'request-cut': { at: 'request', fault: cut(SOME_BYTES) },
  'answer-lost': { at: 'answer', fault: lost },
  'answer-damaged': { at: 'answer', fault: flipped(SOME_BIT) },
  'answer-cut': { at: 'answer', fault: cut(SOME_BYTES) },
  'bus-reset': { at: 'board', harm: (emulated) => emulated.busReset() },
  unplug: { at: 'board', harm: (emulated) => emulated.unplug({ power: 'kept' }) },
  'power-loss': { at: 'board', harm: (emulated) => emulated.unplug({ power: 'lost' }) },
  'controller-reset': { at: 'board', harm: (emulated) => emulated.pressReset() },
  'answer-lost-unplug': { at: 'answered-board', harm: (emulated) => emulated.unplug({ power: 'kept' }) },
  'answer-lost-power-loss': { at: 'answered-board', harm: (emulated) => emulated.unplug({ power: 'lost' }) },
};

/** Passes frames on; at the n-th one, something happens to the board behind it. */
export const harming = (n: number, harm: () => void): FrameFault =>
  onFrame(n, (frame) => {
    harm();
    return frame;
  });

/** The controller has answered the n-th frame, but something happens to the board, and nobody hears of it. */
export const harmingAnswered = (n: number, harm: () => void): FrameFault =>
  onFrame(n, () => {
    harm();
    return undefined;
  });
