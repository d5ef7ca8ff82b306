import { systemEnvironment, type Environment } from './environment.js';
import { TransportError, type TransportErrorCode } from './errors.js';
import type { ResyncState, Transport } from './transport.js';
import { findFrameEndpoints, USB_ID, USB_INTERFACE, USB_RESYNC, type FrameEndpoints } from './usb-identity.js';

export { USB_FILTERS } from './usb-identity.js';

/** The longest frame that a board may send, and room for one packet more, so that a longer one is noticed. */
const LONGEST_FRAME = 1024;

interface Receiver {
  readonly resolve: (frame: Uint8Array) => void;
  readonly reject: (error: TransportError) => void;
}

/**
 * Carries frames over any W3C `USBDevice`: a browser's, npm `usb`'s, or the emulated board's. A frame is one bulk
 * transfer that ends with a short packet. One `transferIn` is posted at all times while the link is open.
 *
 * @param device a board with our firmware, from `navigator.usb.requestDevice({ filters: USB_FILTERS })` for instance;
 *   anything else is refused by `open` before a byte is sent.
 */
export function webUsb(device: USBDevice, environment: Environment = systemEnvironment): Transport {
  return new WebUsbTransport(device, environment);
}

/** What a link has of a device: what it has claimed, and whether it has opened it. */
interface Held {
  readonly claimed: number | undefined;
  readonly opened: boolean;
}

/** What closed links still have of devices that did not take it back. */
const leftBehind = new WeakMap<USBDevice, Held>();

class WebUsbTransport implements Transport {
  readonly name: string;
  readonly environment: Environment;
  readonly #device: USBDevice;
  #endpoints: FrameEndpoints | undefined;
  #opening: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Counts the closes: an `open` that is under way notices that it has been overtaken by one. */
  #closes = 0;
  /** Whether it was us who opened the device, and what we claimed: so that it is us who give that back. */
  #opened = false;
  #claimed: number | undefined;
  /** Frames that nobody has asked for yet, and who asks for the next one. */
  #frames: Uint8Array[] = [];
  #receiver: Receiver | undefined;
  /** Why nothing is received any more, until a resync. */
  #failure: TransportError | undefined;
  #reading = false;
  readonly #halted = new Set<USBDirection>();

  constructor(device: USBDevice, environment: Environment) {
    const id = `${hex(device.vendorId)}:${hex(device.productId)}`;
    this.name = `webusb ${id}${device.serialNumber ? ` serial ${device.serialNumber}` : ''}`;
    this.environment = environment;
    this.#device = device;
  }

  async open(): Promise<void> {
    await this.#closing;
    return (this.#opening ??= this.#open().catch(async (error: unknown) => {
      await this.close();
      throw error;
    }));
  }

  async send(frame: Uint8Array): Promise<void> {
    const { out } = this.#require();
    const transfers = [this.#device.transferOut(out.endpointNumber, frame as BufferSource)];
    // A frame ends with a short packet: after whole packets, that is an empty one.
    if (frame.length > 0 && frame.length % out.packetSize === 0) {
      transfers.push(this.#device.transferOut(out.endpointNumber, new Uint8Array(0)));
    }
    const results = await this.#attempt('A frame could not be sent', Promise.all(transfers));
    if (results.every(({ status }) => status === 'ok')) return;
    this.#halted.add('out');
    throw this.#error('link-halted', 'The board refused a frame: its endpoint is halted. Resynchronise the link.');
  }

  async receive(): Promise<Uint8Array> {
    this.#require();
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#receiver !== undefined)
      throw this.#error('link-failed', 'One receive at a time: another one waits already.');
    return new Promise((resolve, reject) => (this.#receiver = { resolve, reject }));
  }

  async resync(): Promise<ResyncState> {
    const endpoints = this.#require();
    for (const direction of this.#halted) {
      const { endpointNumber } = endpoints[direction];
      await this.#attempt('A halted endpoint could not be cleared', this.#device.clearHalt(direction, endpointNumber));
      this.#halted.delete(direction);
    }
    const setup = {
      requestType: 'vendor',
      recipient: 'interface',
      request: USB_RESYNC.request,
      value: 0,
      index: endpoints.interface.interfaceNumber,
    } as const;
    const answer = this.#device.controlTransferIn(setup, USB_RESYNC.answerBytes);
    const { status, data } = await this.#attempt('The link could not be resynchronised', answer);
    if (status !== 'ok' || data === undefined || data.byteLength !== USB_RESYNC.answerBytes) {
      throw this.#error('link-failed', `The board does not answer to a resync as our firmware does (${status}).`);
    }
    this.#frames = [];
    this.#failure = undefined;
    this.#read();
    return {
      epoch: data.getUint32(0, true),
      session: data.getUint16(4, true),
      nextSequence: data.getUint16(6, true),
    };
  }

  async close(): Promise<void> {
    return (this.#closing ??= this.#close().finally(() => (this.#closing = undefined)));
  }

  async #open(): Promise<void> {
    const device = this.#device;
    const closes = this.#closes;
    await this.#giveBack(leftBehind.get(device));
    const endpoints = this.#find();
    const checkOpen = (): void => {
      if (this.#closes !== closes) throw this.#error('link-closed', 'The link was closed while it was being opened.');
    };
    if (!device.opened) {
      await this.#attempt('The device cannot be opened', device.open(), 'device-busy');
      this.#opened = true;
      checkOpen();
    }
    if (device.configuration?.configurationValue !== endpoints.configuration) {
      const selected = device.selectConfiguration(endpoints.configuration);
      await this.#attempt('The device cannot be configured', selected, 'device-busy');
      checkOpen();
    }
    const { interfaceNumber, claimed } = endpoints.interface;
    if (claimed) throw this.#error('device-busy', 'Another link of this program uses the board: close that one first.');
    await this.#attempt('The interface cannot be claimed', device.claimInterface(interfaceNumber), 'device-busy');
    this.#claimed = interfaceNumber;
    checkOpen();
    this.#endpoints = endpoints;
    // This tells the board that somebody holds it.
    const selected = device.selectAlternateInterface(interfaceNumber, endpoints.alternate);
    await this.#attempt('The interface cannot be switched to frames', selected);
    // What an earlier session left behind must not be taken for answers of this one.
    await this.resync();
  }

  async #close(): Promise<void> {
    this.#closes += 1;
    this.#endpoints = undefined;
    this.#opening = undefined;
    this.#reading = false;
    this.#frames = [];
    this.#halted.clear();
    this.#failure = undefined;
    this.#receiver?.reject(this.#error('link-closed', 'The link was closed while somebody waited for a frame.'));
    this.#receiver = undefined;
    const [claimed, opened] = [this.#claimed, this.#opened];
    this.#claimed = undefined;
    this.#opened = false;
    if (claimed !== undefined || opened) await this.#giveBack({ claimed, opened });
  }

  /** What the device refuses to take back now, because it is being reset, is given back by whoever opens it next. */
  async #giveBack(held: Held | undefined): Promise<void> {
    if (held === undefined) return;
    const device = this.#device;
    leftBehind.delete(device);
    const keep = (): void => void (device.opened && leftBehind.set(device, held));
    const { claimed, opened } = held;
    if (claimed !== undefined) {
      // This tells the board that nobody holds it any more. Where it fails, what follows fails as well, or does the same.
      await device.selectAlternateInterface(claimed, 0).catch(() => {});
      await device.releaseInterface(claimed).catch(keep);
    }
    if (opened) await device.close().then(() => leftBehind.delete(device), keep);
  }

  #find(): FrameEndpoints {
    const { vendorId, productId } = this.#device;
    if (vendorId !== USB_ID.vendor || productId !== USB_ID.product) {
      const expected = `${hex(USB_ID.vendor)}:${hex(USB_ID.product)}`;
      throw this.#error('device-mismatch', `The device is not a board with our firmware, which would be ${expected}.`);
    }
    const endpoints = findFrameEndpoints(this.#device);
    if (endpoints !== undefined) return endpoints;
    const wanted = [USB_INTERFACE.class, USB_INTERFACE.subclass, USB_INTERFACE.protocol].map((code) => hex(code, 2));
    const message = `The device has our id, but no interface of class ${wanted.join('/')}: other firmware runs on it.`;
    throw this.#error('device-mismatch', message);
  }

  /** Keeps one transferIn posted: the next one goes out before a frame is handed on. */
  #read(): void {
    const endpoints = this.#endpoints;
    if (this.#reading || endpoints === undefined) return;
    const { endpointNumber, packetSize } = endpoints.in;
    const length = Math.ceil(LONGEST_FRAME / packetSize + 1) * packetSize;
    this.#reading = true;
    this.#device.transferIn(endpointNumber, length).then(
      ({ status, data }) => {
        if (this.#endpoints !== endpoints) return;
        this.#reading = false;
        if (status === 'ok') {
          this.#read();
          this.#deliver(data);
          return;
        }
        if (status === 'stall') this.#halted.add('in');
        const reason = status === 'stall' ? 'its endpoint is halted' : 'it sent more than the longest frame';
        this.#fail(this.#error('link-halted', `No frame could be received: ${reason}. Resynchronise the link.`));
      },
      (cause: unknown) => {
        if (this.#endpoints !== endpoints) return;
        this.#reading = false;
        this.#fail(this.#classify('No frame could be received', cause, 'link-failed'));
      },
    );
  }

  #deliver(data: DataView | undefined): void {
    // An empty transfer is no frame; a board may send one to end a transfer that it has cut short.
    if (data === undefined || data.byteLength === 0) return;
    const frame = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (receiver === undefined) this.#frames.push(frame);
    else receiver.resolve(frame);
  }

  #fail(error: TransportError): void {
    this.#failure = error;
    this.#receiver?.reject(error);
    this.#receiver = undefined;
  }

  #require(): FrameEndpoints {
    if (this.#endpoints === undefined) throw this.#error('link-closed', 'The link is not open.');
    return this.#endpoints;
  }

  async #attempt<R>(what: string, promise: Promise<R>, whenRefused: TransportErrorCode = 'link-failed'): Promise<R> {
    try {
      return await promise;
    } catch (cause) {
      throw this.#classify(what, cause, whenRefused);
    }
  }

  /**
   * What an error of the device means. DOMExceptions are told by name (WebUSB names them, method by method), the plain
   * errors of npm `usb` by the libusb code in their message.
   */
  #classify(what: string, cause: unknown, whenRefused: TransportErrorCode): TransportError {
    if (cause instanceof TransportError) return cause;
    const { name, message } = cause instanceof Error ? cause : { name: 'Error', message: String(cause) };
    if (this.#opening === undefined) return this.#error('link-closed', `${what}: the link was closed.`, cause);
    const isLost =
      name === 'NotFoundError' ||
      /NO_DEVICE|disconnected/i.test(message) ||
      (this.#endpoints !== undefined && !this.#device.opened);
    if (isLost) return this.#error('device-lost', `${what}: the board was unplugged or reset.`, cause);
    const isBusy = name === 'SecurityError' || /LIBUSB_ERROR_(BUSY|ACCESS)/.test(message);
    if (isBusy || whenRefused === 'device-busy') {
      const help = 'Another program, a kernel driver or missing permissions keep it from us.';
      return this.#error('device-busy', `${what}: ${message} ${help}`, cause);
    }
    return this.#error(whenRefused, `${what}: ${message}`, cause);
  }

  #error(code: TransportErrorCode, message: string, cause?: unknown): TransportError {
    return new TransportError(code, `${this.name}: ${message}`, cause === undefined ? {} : { cause });
  }
}

function hex(value: number, digits = 4): string {
  return value.toString(16).padStart(digits, '0');
}
