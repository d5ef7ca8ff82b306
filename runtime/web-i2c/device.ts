import { BIND, CallScope, type Capability } from '../protect/call-scope.js';
import type { RegisterPort } from '../registers/register.js';
import { checkRange } from '../registers/values.js';
import type { Chip } from './chip.js';
import { exchange, receive, sendMessage, type Pointer } from './messages.js';

/** How many bytes can be read at once: the length is one byte on the wire. */
const MOST_BYTES = 0xff;

/**
 * A chip on a bus, with the methods that Web I2C and CHIRIMEN's drivers know. Numbers of 16 bits go over the wire low byte
 * first, as they do there and in SMBus. Natively each operation runs at once; in a call of a protected object writes are
 * posted. Rejects with RegisterError for bytes of which the chip's definition does not say what they do.
 */
export class I2CSlaveDevice implements Capability {
  /** The 7-bit address. */
  readonly address: number;
  readonly #port: RegisterPort;
  readonly #chip: Chip;
  readonly #pointer: Pointer;

  constructor(port: RegisterPort, chip: Chip, pointer: Pointer = { address: undefined }) {
    this.address = chip.target;
    this.#port = port;
    this.#chip = chip;
    this.#pointer = pointer;
  }

  get slaveAddress(): number {
    return this.address;
  }

  read8(register: number): Promise<number> {
    return this.#exchange([register], 1).then(([byte]) => byte!);
  }

  read16(register: number): Promise<number> {
    return this.#exchange([register], 2).then(([low, high]) => low! | (high! << 8));
  }

  write8(register: number, value: number): Promise<void> {
    return this.writeBytes([register, value]);
  }

  write16(register: number, value: number): Promise<void> {
    return this.#checked(() => {
      checkRange(`A value of ${this.#chip.name}`, value, 0xffff);
      return this.#send([register, value & 0xff, value >> 8]);
    });
  }

  readByte(): Promise<number> {
    return this.readBytes(1).then(([byte]) => byte!);
  }

  readBytes(length: number): Promise<Uint8Array> {
    return this.#checked(() => {
      checkRange('How many bytes to read', length, MOST_BYTES);
      return receive(this.#port, this.#chip, this.#pointer, length);
    });
  }

  writeByte(byte: number): Promise<void> {
    return this.writeBytes([byte]);
  }

  writeBytes(bytes: ArrayLike<number>): Promise<void> {
    return this.#checked(() => this.#send(Array.from(bytes)));
  }

  /** The pointer of a failed call is forgotten with it. */
  [BIND](call: CallScope): I2CSlaveDevice {
    if (this.#port instanceof CallScope) return this;
    const pointer = { ...this.#pointer };
    call.onCommit(() => Object.assign(this.#pointer, pointer));
    return new I2CSlaveDevice(call, this.#chip, pointer);
  }

  #send(message: readonly number[]): Promise<void> {
    this.#checkBytes(message);
    return sendMessage(this.#port, this.#chip, this.#pointer, message);
  }

  #exchange(message: readonly number[], count: number): Promise<Uint8Array> {
    return this.#checked(() => {
      this.#checkBytes(message);
      return exchange(this.#port, this.#chip, this.#pointer, message, count);
    });
  }

  #checkBytes(message: readonly number[]): void {
    message.forEach((byte, index) => checkRange(`Byte ${index} to ${this.#chip.name}`, byte, 0xff));
  }

  /** Bad input is the port's to refuse: a call must fail even when its code does not await the write. */
  #checked<T>(run: () => Promise<T>): Promise<T> {
    try {
      return run();
    } catch (error) {
      return this.#port.refuse(error as Error);
    }
  }
}
