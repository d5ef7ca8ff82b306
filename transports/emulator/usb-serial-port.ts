import { TransportError } from '../errors.js';
import type { BytePort, PortListener } from '../serial/port.js';
import type { EndpointDescriptor } from './usb-descriptors.js';
import type { EmulatedUsbDevice } from './usb-device.js';
import { RECIPIENT, REQUEST, request, type DeviceDescription } from './usb-enumeration.js';
import type { UsbHost } from './usb-host.js';
import type { TransferResult } from './usb-transfer.js';

/** Classes of the two interfaces of a serial port (CDC 1.2, tables 15 and 18), and subclass of the first (table 16). */
const COMMUNICATIONS = 0x02;
const ABSTRACT_CONTROL = 0x02;
const DATA = 0x0a;

/** PSTN 1.2, tables 13 and 18. */
const CLASS_REQUEST = 0x20;
const SET_LINE_CODING = 0x20;
const SET_CONTROL_LINE_STATE = 0x22;
const DTR_AND_RTS = 0b11;
/** 115200 baud, one stop bit, no parity, 8 bits (PSTN 1.2, table 17). */
const LINE_CODING = Uint8Array.of(0x00, 0xc2, 0x01, 0x00, 0, 0, 8);

const TO_HOST = 0x80;
const ENDPOINT_HALT = 0;
const READ_BYTES = 4096;

interface Endpoints {
  readonly control: number;
  readonly in: EndpointDescriptor;
  readonly out: EndpointDescriptor;
}

/**
 * The serial port of the board as an operating system shows it: a stream of bytes. It is open, with DTR high, until it
 * is closed or vanishes, as it does with the device or with a reset of the bus.
 */
export class EmulatedSerialPort implements BytePort {
  readonly #host: UsbHost;
  readonly #listener: PortListener;
  readonly #maxPacket0: number;
  readonly #endpoints: Endpoints;
  #open = true;

  constructor(host: UsbHost, { device, configurations }: DeviceDescription, listener: PortListener) {
    this.#host = host;
    this.#listener = listener;
    this.#maxPacket0 = device.maxPacket0;
    this.#endpoints = findPort(configurations);
  }

  /** As drivers do when a program opens the port. */
  async start(): Promise<void> {
    await this.#request(SET_LINE_CODING, 0, LINE_CODING);
    await this.setDtr(true);
    void this.#read();
  }

  /** Resolves when the board has taken all of it. */
  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#open) throw new TransportError('link-closed', 'The serial port is closed.');
    const { endpointNumber, packetSize } = this.#endpoints.out;
    const copy = bytes.slice();
    expectOk(await new Promise((resolve) => this.#host.out(endpointNumber, packetSize, copy, resolve)), 'take data');
  }

  /** DTR, and RTS with it: low tells the board that no program has the port open. */
  async setDtr(high: boolean): Promise<void> {
    await this.#request(SET_CONTROL_LINE_STATE, high ? DTR_AND_RTS : 0);
  }

  /** Lowers DTR and takes back what has not been sent. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#host.cancel('cancelled', this.#endpoints.in.endpointNumber, false);
    this.#host.cancel('cancelled', this.#endpoints.out.endpointNumber, true);
    await this.setDtr(false);
  }

  async #read(): Promise<void> {
    const { endpointNumber, packetSize } = this.#endpoints.in;
    for (;;) {
      const { status, data } = await new Promise<TransferResult>((resolve) =>
        this.#host.in(endpointNumber, packetSize, READ_BYTES, resolve),
      );
      if (!this.#open) return;
      if (data.length > 0) this.#listener.bytes(data);
      if (status === 'stall') await this.#clearHalt(endpointNumber);
      else if (status !== 'ok') {
        this.#open = false;
        this.#listener.lost(new TransportError('device-lost', `The serial port has vanished: ${status}.`));
        return;
      }
    }
  }

  /** As drivers do when the board has halted the endpoint (USB 2.0 9.4.5). */
  async #clearHalt(endpointNumber: number): Promise<void> {
    const address = endpointNumber | TO_HOST;
    await request(this.#host, this.#maxPacket0, RECIPIENT.endpoint, REQUEST.clearFeature, ENDPOINT_HALT, address);
    this.#host.resetToggles(endpointNumber, false);
  }

  async #request(code: number, value: number, data = new Uint8Array(0)): Promise<void> {
    const type = CLASS_REQUEST | RECIPIENT.interface;
    const result = await request(this.#host, this.#maxPacket0, type, code, value, this.#endpoints.control, data);
    expectOk(result, `answer request ${code}`);
  }
}

/** Opens the serial port of a device; configures it first, as operating systems do with every device. */
export async function openSerialPort(
  host: UsbHost,
  device: EmulatedUsbDevice,
  listener: PortListener,
): Promise<EmulatedSerialPort> {
  const port = new EmulatedSerialPort(host, device.description, listener);
  if (device.configuration === null) await device.configure(device.configurations[0]!.configurationValue);
  await port.start();
  return port;
}

function findPort([configuration]: DeviceDescription['configurations']): Endpoints {
  const alternates = configuration?.alternates ?? [];
  const control = alternates.find(
    ({ interfaceClass, interfaceSubclass }) =>
      interfaceClass === COMMUNICATIONS && interfaceSubclass === ABSTRACT_CONTROL,
  );
  const endpoints = alternates.find(({ interfaceClass }) => interfaceClass === DATA)?.endpoints ?? [];
  const input = endpoints.find(({ direction }) => direction === 'in');
  const out = endpoints.find(({ direction }) => direction === 'out');
  if (control === undefined || input === undefined || out === undefined) {
    throw new TransportError('device-mismatch', 'The firmware of the emulated board has no serial port.');
  }
  return { control: control.interfaceNumber, in: input, out };
}

function expectOk({ status }: TransferResult, what: string): void {
  if (status === 'ok') return;
  const code = status === 'gone' ? 'device-lost' : 'link-failed';
  throw new TransportError(code, `The serial port did not ${what}: ${status}.`);
}
