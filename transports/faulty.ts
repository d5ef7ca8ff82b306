import type { Transport } from './transport.js';

/** What becomes of a frame on its way: the one that arrives, or undefined when none does. */
export type FrameFault = (frame: Uint8Array) => Uint8Array | undefined;

/** Looked at for every frame, so faults can be set and taken away while the link is open. */
export interface Faults {
  send?: FrameFault | undefined;
  receive?: FrameFault | undefined;
}

/** A transport on which frames are damaged or lost as `faults` says; all else is passed on. */
export function faulty(transport: Transport, faults: Faults): Transport {
  return {
    name: transport.name,
    environment: transport.environment,
    open: () => transport.open(),
    async send(frame) {
      const passed = faults.send ? faults.send(frame) : frame;
      if (passed) await transport.send(passed);
    },
    async receive() {
      for (;;) {
        const frame = await transport.receive();
        const passed = faults.receive ? faults.receive(frame) : frame;
        if (passed) return passed;
      }
    },
    resync: () => transport.resync(),
    close: () => transport.close(),
  };
}

/** A fault of the n-th frame, counted from 1; the others pass. */
export const onFrame = (n: number, fault: FrameFault): FrameFault => onFrames(n, 1, fault);

/** A fault of so many frames from the n-th on. */
export function onFrames(n: number, count: number, fault: FrameFault): FrameFault {
  let frames = 0;
  return (frame) => (++frames >= n && frames < n + count ? fault(frame) : frame);
}

export const lost: FrameFault = () => undefined;

/** One bit is not what it was: bit `at` of the frame, counted on from its beginning where it is shorter. */
export const flipped =
  (at: number): FrameFault =>
  (frame) => {
    const damaged = frame.slice();
    damaged[(at >> 3) % frame.length]! ^= 1 << (at & 7);
    return damaged;
  };

/** Its last bytes are missing. */
export const cut =
  (bytes: number): FrameFault =>
  (frame) =>
    frame.slice(0, -bytes);
