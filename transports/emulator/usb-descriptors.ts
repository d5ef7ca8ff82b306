/** Descriptor types (USB 2.0, table 9-5; BOS and device capability: USB 3.2, table 9-5). */
export const DESCRIPTOR = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  endpoint: 5,
  bos: 15,
  capability: 16,
} as const;

export const DEVICE_BYTES = 18;
export const CONFIGURATION_BYTES = 9;
export const BOS_BYTES = 5;

const ENDPOINT_TYPES = ['control', 'isochronous', 'bulk', 'interrupt'] as const;

export interface DeviceDescriptor {
  readonly usbVersion: number;
  readonly deviceClass: number;
  readonly deviceSubclass: number;
  readonly deviceProtocol: number;
  readonly maxPacket0: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersion: number;
  readonly manufacturer: number;
  readonly product: number;
  readonly serialNumber: number;
  readonly configurations: number;
}

export interface EndpointDescriptor {
  readonly endpointNumber: number;
  readonly direction: 'in' | 'out';
  readonly type: (typeof ENDPOINT_TYPES)[number];
  readonly packetSize: number;
}

export interface AlternateDescriptor {
  readonly interfaceNumber: number;
  readonly alternateSetting: number;
  readonly interfaceClass: number;
  readonly interfaceSubclass: number;
  readonly interfaceProtocol: number;
  readonly name: number;
  readonly endpoints: EndpointDescriptor[];
}

export interface ConfigurationDescriptor {
  readonly value: number;
  readonly name: number;
  readonly alternates: AlternateDescriptor[];
}

/** A capability of the binary object store; `uuid` for platform capabilities (type 5), as WebUSB's. */
export interface Capability {
  readonly type: number;
  readonly uuid?: string;
  readonly data: Uint8Array;
}

export class DescriptorError extends Error {}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function check(bytes: Uint8Array, type: number, length: number, name: string): DataView {
  if (bytes.length < length || bytes[1] !== type) {
    throw new DescriptorError(`the ${name} descriptor is not one: ${bytes.length} bytes of type ${bytes[1] ?? 'none'}`);
  }
  return view(bytes);
}

/** USB 2.0, table 9-8. */
export function parseDevice(bytes: Uint8Array): DeviceDescriptor {
  const data = check(bytes, DESCRIPTOR.device, DEVICE_BYTES, 'device');
  return {
    usbVersion: data.getUint16(2, true),
    deviceClass: data.getUint8(4),
    deviceSubclass: data.getUint8(5),
    deviceProtocol: data.getUint8(6),
    maxPacket0: data.getUint8(7),
    vendorId: data.getUint16(8, true),
    productId: data.getUint16(10, true),
    deviceVersion: data.getUint16(12, true),
    manufacturer: data.getUint8(14),
    product: data.getUint8(15),
    serialNumber: data.getUint8(16),
    configurations: data.getUint8(17),
  };
}

/** wTotalLength of a configuration or BOS descriptor, from its first bytes. */
export function totalLength(bytes: Uint8Array): number {
  return bytes.length < 4 ? 0 : view(bytes).getUint16(2, true);
}

/** USB 2.0, tables 9-10, 9-12 and 9-13: a configuration with everything that follows it. */
export function parseConfiguration(bytes: Uint8Array): ConfigurationDescriptor {
  const data = check(bytes, DESCRIPTOR.configuration, CONFIGURATION_BYTES, 'configuration');
  if (totalLength(bytes) !== bytes.length)
    throw new DescriptorError('the configuration descriptor has another length than it says');
  const alternates: AlternateDescriptor[] = [];
  for (const { type, at } of walk(bytes)) {
    if (type === DESCRIPTOR.interface) {
      alternates.push({
        interfaceNumber: data.getUint8(at + 2),
        alternateSetting: data.getUint8(at + 3),
        interfaceClass: data.getUint8(at + 5),
        interfaceSubclass: data.getUint8(at + 6),
        interfaceProtocol: data.getUint8(at + 7),
        name: data.getUint8(at + 8),
        endpoints: [],
      });
    } else if (type === DESCRIPTOR.endpoint) {
      const address = data.getUint8(at + 2);
      alternates.at(-1)?.endpoints.push({
        endpointNumber: address & 0xf,
        direction: address & 0x80 ? 'in' : 'out',
        type: ENDPOINT_TYPES[data.getUint8(at + 3) & 3]!,
        packetSize: data.getUint16(at + 4, true) & 0x7ff,
      });
    }
  }
  return { value: data.getUint8(5), name: data.getUint8(6), alternates };
}

/** USB 2.0, table 9-16. */
export function parseString(bytes: Uint8Array): string {
  check(bytes, DESCRIPTOR.string, 2, 'string');
  const data = view(bytes);
  const units: number[] = [];
  for (let at = 2; at + 1 < Math.min(bytes.length, data.getUint8(0)); at += 2) units.push(data.getUint16(at, true));
  return String.fromCharCode(...units);
}

/** USB 3.2, 9.6.2; the UUID of a platform capability: 9.6.2.4. */
export function parseCapabilities(bytes: Uint8Array): Capability[] {
  check(bytes, DESCRIPTOR.bos, BOS_BYTES, 'BOS');
  const capabilities: Capability[] = [];
  for (const { type, at, length } of walk(bytes)) {
    if (type !== DESCRIPTOR.capability) continue;
    const data = bytes.slice(at, at + length);
    const isPlatform = data[2] === 5 && length >= 20;
    capabilities.push({ type: data[2]!, data, ...(isPlatform && { uuid: uuidOf(data.subarray(4, 20)) }) });
  }
  return capabilities;
}

function* walk(bytes: Uint8Array): Generator<{ type: number; at: number; length: number }> {
  for (let at = 0; at < bytes.length;) {
    const length = bytes[at]!;
    if (length < 2 || at + length > bytes.length)
      throw new DescriptorError(`a descriptor at byte ${at} has the length ${length}`);
    yield { type: bytes[at + 1]!, at, length };
    at += length;
  }
}

/** The first three groups are little-endian (RFC 4122 4.1.2, as Microsoft lays it out). */
function uuidOf(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = order.map((index) => bytes[index]!.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
