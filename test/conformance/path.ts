import type { BoardSession, OpenOptions } from '../../runtime/index.js';
import type { Transport } from '../../transports/transport.js';
import type { Probe } from './probe.js';

export interface Session {
  readonly board: BoardSession;
  readonly probe: Probe;
}

/** Boards of one kind. */
export interface Family {
  /** What they call themselves. */
  readonly board: string;
  open(transport: Transport, options?: OpenOptions): Promise<Session>;
}

/** A way to a board. The board stays the same one from check to check, and keeps its power. */
export interface Path {
  readonly family: Family;
  /** A transport to the board as it is now, not opened. */
  transport(): Promise<Transport>;
  /** Lets time pass, for the board and for the host. */
  pass(ms: number): Promise<void>;
  /** Takes the board away, and brings it back, where that can be done. */
  readonly cable?: { unplug(): Promise<void>; plug(): Promise<void> };
  /** Whether a second one who opens the board is noticed before anything is sent; a UART knows of no such thing. */
  readonly exclusive: boolean;
}
