import { SIZES } from '../link/protocol.js';

/** An interrupt of a watched register. `flags` are its fields, true for those that have become so. */
export interface Interrupt<Flags> {
  readonly type: 'interrupt';
  readonly flags: Flags;
  /** When, in microseconds of the controller's clock, which wraps around after 71 minutes. */
  readonly us: number;
}

/**
 * Something that is no event, but which whoever counts on events must know:
 * - `watching`: from now on events are noted; the first thing that an Observable tells, and again after a recovery.
 * - `lost`: some were lost here, of this register or of others that are watched.
 */
export type Notice =
  | { readonly type: 'watching' }
  | {
      readonly type: 'lost';
      /**
       * - `ring-full`: the controller could not keep them, because the host did not fetch them in time.
       * - `link-lost`: what happens from here until `watching` is not noted.
       * - `in-doubt`: those of a transaction of which nobody knows whether it was committed.
       */
      readonly reason: 'ring-full' | 'link-lost' | 'in-doubt';
      /** How many at least, if that is known. While there is no room, edges that follow each other are one. */
      readonly count: number | undefined;
    };

/** An event as the controller tells it. */
export interface RawEvent {
  readonly peripheral: number;
  /** The transaction that it belongs to, 0 for none. */
  readonly transaction: number;
  readonly number: number;
  /** The bits; 0 if it belonged to a transaction that was rolled back. */
  readonly what: number;
  readonly us: number;
}

/** The result of an `events` op. */
export function decodeEvents(result: Uint8Array): { readonly next: number; readonly events: readonly RawEvent[] } {
  const view = new DataView(result.buffer, result.byteOffset, result.length);
  const events = Array.from({ length: view.getUint8(2) }, (_, index) => {
    const at = SIZES.eventsHead + index * SIZES.event;
    return {
      peripheral: view.getUint8(at),
      transaction: view.getUint8(at + 1),
      number: view.getUint16(at + 2, true),
      what: view.getUint32(at + 4, true),
      us: view.getUint32(at + 8, true),
    };
  });
  return { next: view.getUint16(0, true), events };
}
