import { TransportError } from '../../errors.js';
import type { BytePort } from '../../serial/port.js';
import type { UartLine } from './line.js';

/** The serial port of an emulated Uno as an operating system shows it: a stream of bytes, until it is closed or lost. */
export class UnoSerialPort implements BytePort {
  readonly #line: UartLine;
  readonly #wake: () => void;
  readonly #closed: () => void;
  #isOpen = true;

  constructor(line: UartLine, wake: () => void, closed: () => void) {
    this.#line = line;
    this.#wake = wake;
    this.#closed = closed;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new TransportError('link-closed', 'The serial port is closed.');
    const written = this.#line.write(bytes);
    this.#wake();
    await written;
  }

  async close(): Promise<void> {
    if (this.#isOpen) this.#closed();
  }

  /** No byte goes through it any more. */
  end(): void {
    this.#isOpen = false;
    this.#line.drop();
  }
}
