import type { Environment } from '../environment.js';
import { TransportError } from '../errors.js';
import { within } from '../within.js';
import { isStall, usbError } from './failures.js';
import type { LibraryDevice, LibusbEndpoint } from './library.js';

/** Milliseconds. An OUT transfer waits while the board is busy with the frames before it. */
const OUT_WITHIN = 5000;
const CONTROL_WITHIN = 1000;
/** After so long an IN transfer in which nothing came is posted again: version 3 has no endless ones. */
const IN_WITHIN = 60_000;
const FREE_WITHIN = 1000;
/** Version 3 reads strings from the device, and gives it 100 ms for each: too short on a busy machine. */
const READS = 5;
/** USB 2.0, tables 9-4 and 9-6. */
const SET_FEATURE = 3;
const ENDPOINT_HALT = 0;
const TO_HOST = 0x80;

/**
 * A device of npm `usb` that keeps to WebUSB: stalls are a status, what is posted ends when its interface is released,
 * every transfer has a time-out, and every failure is a `TransportError`, that of reading a property, too.
 *
 * Neither version can take back a transfer that waits, and version 3 refuses to release an interface or to close a device
 * while one does. So the endpoint is halted for a moment: the board then ends the transfer itself.
 */
export function nodeUsbDevice(device: LibraryDevice, environment: Environment): USBDevice {
  return new Proxy<USBDevice>(device, new Handler(device, environment));
}

/** What is not here is passed on to the library's device. */
class Handler implements ProxyHandler<USBDevice> {
  readonly #device: LibraryDevice;
  readonly #environment: Environment;
  readonly #name: string = 'usb board';
  /** What waits last on each endpoint, by its address; none of these promises rejects. */
  readonly #waiting = new Map<number, Promise<unknown>>();
  #releasing = false;
  readonly #methods: Partial<USBDevice> = {
    open: () => this.#attempt('It cannot be opened', this.#device.open()),
    selectConfiguration: (value) => this.#attempt('It cannot be configured', this.#device.selectConfiguration(value)),
    claimInterface: (number) => this.#claim(number),
    selectAlternateInterface: (number, setting) => this.#select(number, setting),
    releaseInterface: (number) => this.#release(() => this.#device.releaseInterface(number)),
    close: () => this.#release(() => this.#close()),
    reset: () => this.#attempt('It cannot be reset', this.#device.reset()),
    clearHalt: (direction, endpoint) => this.#clearHalt(direction, endpoint),
    transferIn: (endpoint, length) => this.#transferIn(endpoint, length),
    transferOut: (endpoint, data) => this.#transferOut(endpoint, bytesOf(data).slice()),
    controlTransferIn: (setup, length) =>
      this.#transfer('A request failed', this.#device.controlTransferIn(setup, length, CONTROL_WITHIN), {
        status: 'stall',
      }),
    controlTransferOut: (setup, data = new Uint8Array(0)) =>
      this.#transfer('A request failed', this.#device.controlTransferOut(setup, bytesOf(data), CONTROL_WITHIN), {
        status: 'stall',
        bytesWritten: 0,
      }),
  };

  constructor(device: LibraryDevice, environment: Environment) {
    this.#device = device;
    this.#environment = environment;
    this.#name = `usb ${(this.#read('serialNumber') as string | null) ?? 'board without a serial number'}`;
  }

  get(_: USBDevice, name: string): unknown {
    if (name in this.#methods) return this.#methods[name as keyof USBDevice];
    const value = this.#read(name);
    return typeof value === 'function' ? (value as () => unknown).bind(this.#device) : value;
  }

  /** Properties of version 3 open the device where it is closed, and ask it: that fails in all the ways in which calls do. */
  #read(name: string): unknown {
    for (let tries = 1; ; tries++) {
      try {
        return Reflect.get(this.#device, name, this.#device);
      } catch (cause) {
        const error = usbError(this.#name, 'It could not be asked what it is', cause);
        if (error.code !== 'transfer-timeout' || tries === READS) throw error;
      }
    }
  }

  async #claim(number: number): Promise<void> {
    await this.#attempt('Its interface cannot be claimed', this.#device.claimInterface(number));
    if (this.#device.device !== undefined) this.#device.device.timeout = CONTROL_WITHIN;
  }

  /** Version 2.18 has other endpoints for each setting. */
  async #select(number: number, setting: number): Promise<void> {
    await this.#release(() => this.#device.selectAlternateInterface(number, setting));
    for (const endpoint of this.#libusbEndpoints())
      if ((endpoint.address & TO_HOST) === 0) endpoint.timeout = OUT_WITHIN;
  }

  /** Ends what waits, and only then does what it is for. */
  async #release(then: () => Promise<void>): Promise<void> {
    this.#releasing = true;
    try {
      for (const [address, transfer] of this.#waiting) await this.#end(address, transfer);
      await this.#attempt('Its interface cannot be switched or given back', then());
    } finally {
      this.#releasing = false;
    }
  }

  /** Version 2.18 takes an interface for claimed for ever where it could not be released, as on a board that was taken away. */
  async #close(): Promise<void> {
    await this.#device.close();
    if (this.#device.device === undefined) return;
    for (const { interfaces } of this.#device.configurations)
      for (const each of interfaces) Object.assign(each, { claimed: false });
  }

  async #end(index: number, transfer: Promise<unknown>): Promise<void> {
    const halt = {
      requestType: 'standard',
      recipient: 'endpoint',
      request: SET_FEATURE,
      value: ENDPOINT_HALT,
    } as const;
    try {
      await this.#device.controlTransferOut({ ...halt, index }, new Uint8Array(0), CONTROL_WITHIN);
    } catch {
      // It is gone, or does not answer: a reset ends what waits, and closes what it has open.
      await this.#device.reset().catch(ignore);
    }
    await within(this.#environment, transfer, FREE_WITHIN, ignore);
    const direction = (index & TO_HOST) !== 0 ? 'in' : 'out';
    await this.#clearHalt(direction, index & ~TO_HOST).catch(ignore);
  }

  #transferIn(endpoint: number, length: number): Promise<USBInTransferResult> {
    return this.#wait(endpoint | TO_HOST, this.#receive(endpoint, length));
  }

  /** One after the other: version 3 refuses a second one on the same endpoint. */
  #transferOut(endpoint: number, data: Uint8Array<ArrayBuffer>): Promise<USBOutTransferResult> {
    const before = this.#waiting.get(endpoint);
    return this.#wait(
      endpoint,
      before === undefined ? this.#send(endpoint, data) : before.then(() => this.#send(endpoint, data)),
    );
  }

  async #wait<R>(address: number, transfer: Promise<R>): Promise<R> {
    const settled = transfer.catch(ignore);
    this.#waiting.set(address, settled);
    try {
      return await transfer;
    } finally {
      if (this.#waiting.get(address) === settled) this.#waiting.delete(address);
    }
  }

  async #send(endpoint: number, data: Uint8Array<ArrayBuffer>): Promise<USBOutTransferResult> {
    if (this.#releasing) throw this.#takenBack();
    const sent = this.#device.transferOut(endpoint, data, OUT_WITHIN);
    return this.#transfer('Bytes could not be sent', sent, { status: 'stall', bytesWritten: 0 });
  }

  async #receive(endpoint: number, length: number): Promise<USBInTransferResult> {
    for (;;) {
      const start = this.#environment.now();
      try {
        const posted = this.#device.transferIn(endpoint, length, IN_WITHIN);
        const result = await this.#transfer('Nothing could be received', posted, { status: 'stall' as const });
        if (!this.#releasing) return result;
      } catch (error) {
        const isOver = error instanceof TransportError && error.code === 'transfer-timeout';
        if (!isOver) throw error;
        // The system takes transfers back before their time when somebody else resets the device.
        if (!this.#releasing && this.#environment.now() - start < IN_WITHIN / 2)
          throw new TransportError('device-lost', `${this.#name}: it was reset by somebody else.`, { cause: error });
      }
      if (this.#releasing) throw this.#takenBack();
    }
  }

  #takenBack(): TransportError {
    return new TransportError('link-closed', `${this.#name}: the transfer was taken back.`);
  }

  /** Version 2.18 sends the request alone: libusb's own call also begins with DATA0 on this side (USB 2.0 9.4.5). */
  #clearHalt(direction: USBDirection, endpoint: number): Promise<void> {
    const address = endpoint | (direction === 'in' ? TO_HOST : 0);
    const found = this.#libusbEndpoints().find((each) => each.address === address);
    const cleared =
      found === undefined
        ? this.#device.clearHalt(direction, endpoint)
        : new Promise<void>((resolve, reject) => found.clearHalt((error) => (error ? reject(error) : resolve())));
    return this.#attempt('A halted endpoint could not be cleared', cleared);
  }

  #libusbEndpoints(): readonly LibusbEndpoint[] {
    return this.#device.device?.interfaces?.flatMap(({ endpoints }) => endpoints) ?? [];
  }

  async #transfer<R>(what: string, transfer: Promise<R>, stalled: R): Promise<R> {
    try {
      return await transfer;
    } catch (cause) {
      if (isStall(cause)) return stalled;
      throw usbError(this.#name, what, cause);
    }
  }

  async #attempt<R>(what: string, promise: Promise<R>): Promise<R> {
    try {
      return await promise;
    } catch (cause) {
      throw usbError(this.#name, what, cause);
    }
  }
}

/** Version 2.18 would take the elements of other views for bytes. */
const bytesOf = (data: BufferSource): Uint8Array<ArrayBuffer> =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);

function ignore(): void {}
