/** What carries the bytes of a serial line: one connection, from its opening until it is closed or lost. */
export interface BytePort {
  /** Resolves when the line has taken all of the bytes. Bytes arrive in the order of the calls. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the connection. May be called on one that was lost. */
  close(): Promise<void>;
}

/** Who is told of what comes in. Nothing is told before `open` has resolved, nor after `close` was called. */
export interface PortListener {
  bytes(bytes: Uint8Array): void;
  /** The connection ended by itself: unplugged, hung up, broken. */
  lost(cause: unknown): void;
}

/** Opens a new connection: an old one is never used again. */
export type OpenPort = (listener: PortListener) => Promise<BytePort>;
