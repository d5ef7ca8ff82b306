import type { EmulatedBoard } from '../../transports/emulator/index.js';
import { cut, flipped, lost, onFrames, type FrameFault } from '../../transports/faulty.js';
import { findFrameEndpoints } from '../../transports/usb-identity.js';
import type { Op } from '../link/ops.js';

type Harm = (emulated: EmulatedBoard) => Promise<unknown>;

/**
 * Where a fault can be put: at the n-th operation that a call asks for; at the n-th frame of a direction, to the frame or to
 * the board, with `twice` at the next frame as well; at the n-th START or byte that chips on I²C get.
 */
export type FaultKind =
  | { readonly at: 'operation'; readonly replace: (op: Op) => Op }
  | { readonly at: 'request' | 'answer'; readonly fault: FrameFault }
  | { readonly at: 'board' | 'answered-board'; readonly harm: Harm; readonly twice?: true }
  | { readonly at: 'start' | 'byte'; readonly hears: (emulated: EmulatedBoard, bus: 0 | 1) => boolean };

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

const SET_FEATURE = 3;
const ENDPOINT_HALT = 0;
const TO_HOST = 0x80;

/** Somebody halts an endpoint behind our back (USB 2.0 9.4.9): the board stalls it until that is cleared. */
const halting =
  (direction: USBDirection): Harm =>
  async ({ device }) => {
    const endpoints = device && findFrameEndpoints(device);
    if (!endpoints) return;
    const index = endpoints[direction].endpointNumber | (direction === 'in' ? TO_HOST : 0);
    const setup = { requestType: 'standard', recipient: 'endpoint', request: SET_FEATURE, value: ENDPOINT_HALT, index };
    await device.controlTransferOut(setup as USBControlTransferParameters);
  };

/** Longer than the firmware waits for a bus (docs/firmware-rp2040.md), but not for so long that it cannot restore either. */
const CLOCK_HELD_NANOS = 30e6;

/** A chip stretches the clock for too long (UM10204 3.1.9). */
function holdClock({ chip }: EmulatedBoard, bus: 0 | 1): boolean {
  chip.clock.createAlarm(chip.i2c[bus].hold('scl')).schedule(CLOCK_HELD_NANOS);
  return true;
}

/** Every kind of fault that a sweep puts in turn at each operation, or at each frame. */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  exception: { at: 'operation', replace: throwInstead },
  'refused-operation': { at: 'operation', replace: refused },
  'poll-timeout': { at: 'operation', replace: waiting },
  'chip-no-address': { at: 'start', hears: () => false },
  'chip-no-data': { at: 'byte', hears: () => false },
  'chip-holds-clock': { at: 'start', hears: holdClock },
  'request-lost': { at: 'request', fault: lost },
  'request-damaged': { at: 'request', fault: flipped(SOME_BIT) },
  'request-cut': { at: 'request', fault: cut(SOME_BYTES) },
  'answer-lost': { at: 'answer', fault: lost },
  'answer-damaged': { at: 'answer', fault: flipped(SOME_BIT) },
  'answer-cut': { at: 'answer', fault: cut(SOME_BYTES) },
  'out-stalled': { at: 'board', harm: halting('out') },
  'in-stalled': { at: 'board', harm: halting('in') },
  'bus-reset': { at: 'board', harm: (emulated) => emulated.busReset() },
  unplug: { at: 'board', harm: (emulated) => emulated.unplug({ power: 'kept' }) },
  'power-loss': { at: 'board', harm: (emulated) => emulated.unplug({ power: 'lost' }) },
  'controller-reset': { at: 'board', harm: (emulated) => emulated.pressReset() },
  'answer-lost-unplug': { at: 'answered-board', harm: (emulated) => emulated.unplug({ power: 'kept' }) },
  'answer-lost-unplug-twice': {
    at: 'answered-board',
    harm: (emulated) => emulated.unplug({ power: 'kept' }),
    twice: true,
  },
  'answer-lost-power-loss': { at: 'answered-board', harm: (emulated) => emulated.unplug({ power: 'lost' }) },
};

/** From the n-th frame on, `times` of them are passed on while something happens to the board behind it. */
export const harming = (n: number, times: number, harm: () => void): FrameFault =>
  onFrames(n, times, (frame) => {
    harm();
    return frame;
  });

/** The controller has answered these frames, but something happens to the board, and nobody hears of it. */
export const harmingAnswered = (n: number, times: number, harm: () => void): FrameFault =>
  onFrames(n, times, () => {
    harm();
    return undefined;
  });
