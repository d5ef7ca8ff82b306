import type { Environment } from './environment.js';

/** Where a controller stands after a resync, as it says itself. */
export interface ResyncState {
  readonly epoch: number;
  readonly session: number;
  readonly nextSequence: number;
}

/**
 * A way to reach a board. It carries whole frames, in order, and knows nothing of what is in them. All methods reject
 * with a `TransportError`.
 */
export interface Transport {
  /** For messages: how the board is reached, and which one it is (`webusb 1209:0001 serial E6614…`). */
  readonly name: string;
  readonly environment: Environment;
  /** Makes the link usable. Rejects with `device-mismatch` before a byte is sent to a device that is not a board. */
  open(): Promise<void>;
  /** Sends one frame; resolves when the link has taken it. Frames arrive in the order of the calls. */
  send(frame: Uint8Array): Promise<void>;
  /** The next frame from the board. One call at a time. */
  receive(): Promise<Uint8Array>;
  /** Clears both directions, half frames included; transactions and kept answers stay. */
  resync(): Promise<ResyncState>;
  /** Ends the link; a pending `receive` rejects with `link-closed`. Never rejects, and may be called again. */
  close(): Promise<void>;
}
