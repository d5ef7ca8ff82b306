import { TIMING } from './usb-bus.js';
import {
  BOS_BYTES,
  CONFIGURATION_BYTES,
  DESCRIPTOR,
  DEVICE_BYTES,
  parseCapabilities,
  parseConfiguration,
  parseDevice,
  parseString,
  totalLength,
  type Capability,
  type ConfigurationDescriptor,
  type DeviceDescriptor,
} from './usb-descriptors.js';
import type { UsbHost } from './usb-host.js';
import type { TransferResult } from './usb-transfer.js';

/** Standard requests (USB 2.0, table 9-4). */
export const REQUEST = {
  getStatus: 0,
  clearFeature: 1,
  setAddress: 5,
  getDescriptor: 6,
  setConfiguration: 9,
  setInterface: 11,
} as const;

export const RECIPIENT = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;
const TO_HOST = 0x80;

/** What a host asks for before it knows the size of packets on endpoint 0, as Linux and Windows do. */
const FIRST_ASK = 64;
const LONGEST_STRING = 255;
const LANGUAGE_ENGLISH = 0x0409;
/** A device of USB 2.01 or later may have a binary object store (USB 3.2, 9.6.2). */
const HAS_BOS = 0x0201;

/** Everything a host reads from a device that has just been plugged in. */
export interface DeviceDescription {
  readonly device: DeviceDescriptor;
  readonly configurations: readonly ConfigurationDescriptor[];
  readonly capabilities: readonly Capability[];
  /** By index; indices that the device does not answer to are missing. */
  readonly strings: ReadonlyMap<number, string>;
}

export class EnumerationError extends Error {
  readonly result: TransferResult;

  constructor(step: string, result: TransferResult) {
    super(`${step} ended with '${result.status}' after ${result.bytes} bytes`);
    this.result = result;
  }
}

/** A control transfer as a promise. `data` is a number of bytes to ask for, or what to send. */
export function request(
  host: UsbHost,
  maxPacket: number,
  requestType: number,
  code: number,
  value: number,
  index: number,
  data: number | Uint8Array = new Uint8Array(0),
): Promise<TransferResult> {
  const length = typeof data === 'number' ? data : data.length;
  const setup = new Uint8Array(8);
  const fields = new DataView(setup.buffer);
  fields.setUint8(0, requestType);
  fields.setUint8(1, code);
  fields.setUint16(2, value, true);
  fields.setUint16(4, index, true);
  fields.setUint16(6, length, true);
  return new Promise((resolve) => {
    host.control(maxPacket, setup, typeof data === 'number' ? new Uint8Array(0) : data, resolve);
  });
}

/** Resets the bus and gives the device an address; returns the packet size of endpoint 0 (USB 2.0 9.1.2). */
export async function addressDevice(host: UsbHost, address: number): Promise<number> {
  await reset(host);
  const first = await expectOk(
    'GET_DESCRIPTOR of 64 bytes',
    getDescriptor(host, FIRST_ASK, DESCRIPTOR.device, 0, FIRST_ASK),
  );
  const maxPacket = first[7] ?? FIRST_ASK;
  // A second reset, as hosts do, for devices that are put off by the first request having been cut short.
  await reset(host);
  await expectOk('SET_ADDRESS', request(host, maxPacket, RECIPIENT.device, REQUEST.setAddress, address, 0));
  await new Promise<void>((resolve) => host.wait(TIMING.setAddress, resolve));
  host.address = address;
  return maxPacket;
}

/** Reads all descriptors of a device that has an address. */
export async function describeDevice(host: UsbHost, maxPacket: number): Promise<DeviceDescription> {
  const read = (type: number, index: number, length: number, language = 0): Promise<TransferResult> =>
    getDescriptor(host, maxPacket, type, index, length, language);

  const device = parseDevice(await expectOk('GET_DESCRIPTOR device', read(DESCRIPTOR.device, 0, DEVICE_BYTES)));

  const configurations: ConfigurationDescriptor[] = [];
  for (let index = 0; index < device.configurations; index++) {
    const step = `GET_DESCRIPTOR configuration ${index}`;
    const head = await expectOk(step, read(DESCRIPTOR.configuration, index, CONFIGURATION_BYTES));
    const whole = await expectOk(step, read(DESCRIPTOR.configuration, index, totalLength(head)));
    configurations.push(parseConfiguration(whole));
  }

  let capabilities: Capability[] = [];
  if (device.usbVersion >= HAS_BOS) {
    const head = await read(DESCRIPTOR.bos, 0, BOS_BYTES);
    if (head.status === 'ok') {
      capabilities = parseCapabilities(
        await expectOk('GET_DESCRIPTOR BOS', read(DESCRIPTOR.bos, 0, totalLength(head.data))),
      );
    }
  }

  const languages = await read(DESCRIPTOR.string, 0, LONGEST_STRING);
  const language = languages.data.length >= 4 ? languages.data[2]! | (languages.data[3]! << 8) : LANGUAGE_ENGLISH;
  const strings = new Map<number, string>();
  const wanted = [
    device.manufacturer,
    device.product,
    device.serialNumber,
    ...configurations.flatMap(({ name, alternates }) => [name, ...alternates.map((alternate) => alternate.name)]),
  ];
  for (const index of new Set(wanted)) {
    if (index === 0) continue;
    const { status, data } = await read(DESCRIPTOR.string, index, LONGEST_STRING, language);
    if (status === 'ok') strings.set(index, parseString(data));
  }
  return { device, configurations, capabilities, strings };
}

/** A reset of the device that is on the bus now, not of one that takes its place meanwhile. */
async function reset(host: UsbHost): Promise<void> {
  const { attachments } = host;
  await new Promise<void>((resolve) => host.reset(resolve));
  if (host.attachments !== attachments) {
    throw new EnumerationError('the bus reset', { status: 'gone', bytes: 0, data: new Uint8Array(0) });
  }
}

function getDescriptor(
  host: UsbHost,
  maxPacket: number,
  type: number,
  index: number,
  length: number,
  language = 0,
): Promise<TransferResult> {
  return request(host, maxPacket, TO_HOST, REQUEST.getDescriptor, (type << 8) | index, language, length);
}

async function expectOk(step: string, transfer: Promise<TransferResult>): Promise<Uint8Array> {
  const result = await transfer;
  if (result.status !== 'ok') throw new EnumerationError(step, result);
  return result.data;
}
