/** One connection to a client, such as a TCP socket, as it is handed in. */
export interface Line {
  write(bytes: Uint8Array): void;
  /** Ends the connection, after what has been written. */
  end(): void;
}

/** This side's end of it. */
export interface LineEnd {
  /** What has come in, in pieces of any length. */
  bytes(bytes: Uint8Array): void;
  /** The connection is over. */
  ended(): void;
}
