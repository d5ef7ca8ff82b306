/**
 * What an emulated chip behind a bus is to the controller in front of it. Models of chips implement these; the emulated
 * board connects them. Times are emulated nanoseconds, handed in, so that a model is as deterministic as its board.
 */

/** A target on an I²C bus, from one START to the STOP. */
export interface I2cTarget {
  /** START or repeated START with this target's address and direction. False: not acknowledged. */
  start(direction: 'read' | 'write'): boolean;
  /** A byte from the controller. False: not acknowledged. */
  write(byte: number): boolean;
  /** The next byte for the controller. */
  read(): number;
  stop(): void;
}

/** A target on an SPI bus. */
export interface SpiTarget {
  /** Chip select went low, or high. */
  select(selected: boolean): void;
  /** One byte each way, while selected. */
  transfer(byte: number): number;
}

/** Emulated time as a chip's model sees it. */
export interface ModelClock {
  /** Nanoseconds since the board was made. */
  readonly nanos: number;
}
