import type { AlternateDescriptor, EndpointDescriptor } from './usb-descriptors.js';
import { addressDevice, RECIPIENT, REQUEST, request, type DeviceDescription } from './usb-enumeration.js';
import type { TransferResult, TransferStatus, UsbHost } from './usb-host.js';
import { configurationsOf } from './usb-interfaces.js';

const REQUEST_TYPES = { standard: 0x00, class: 0x20, vendor: 0x40 } as const;
const TO_HOST = 0x80;
const ENDPOINT_HALT = 0;

const failure = (name: string, message: string): DOMException => new DOMException(message, name);

const FAILURES: Readonly<Record<Exclude<TransferStatus, 'ok' | 'stall' | 'babble'>, () => DOMException>> = {
  failed: () => failure('NetworkError', 'A transfer error has occurred.'),
  cancelled: () => failure('AbortError', 'The transfer was cancelled.'),
  gone: () => failure('NetworkError', 'The device was disconnected.'),
};

/**
 * The board as a W3C `USBDevice`: the algorithms of the WebUSB specification (Draft Community Group Report, section
 * "The USBDevice Interface"), over the emulated host. Another object for every time the device appears on the bus.
 */
export class EmulatedUsbDevice implements USBDevice {
  readonly usbVersionMajor: number;
  readonly usbVersionMinor: number;
  readonly usbVersionSubminor: number;
  readonly deviceClass: number;
  readonly deviceSubclass: number;
  readonly deviceProtocol: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly deviceVersionMajor: number;
  readonly deviceVersionMinor: number;
  readonly deviceVersionSubminor: number;
  readonly manufacturerName: string | null;
  readonly productName: string | null;
  readonly serialNumber: string | null;
  readonly configurations: USBConfiguration[];
  /** What enumeration has read, beyond what WebUSB shows. */
  readonly description: DeviceDescription;
  opened = false;
  forgotten = false;
  readonly #host: UsbHost;
  readonly #address: number;
  readonly #maxPacket0: number;
  #connected = true;
  /** An operation that changes the state of the device is under way: no other may start. */
  #changing = false;
  #configurationValue = 0;
  readonly #claimed = new Set<number>();
  readonly #alternates = new Map<number, number>();

  constructor(host: UsbHost, address: number, description: DeviceDescription) {
    const { device, strings } = description;
    this.#host = host;
    this.#address = address;
    this.#maxPacket0 = device.maxPacket0;
    this.description = description;
    [this.usbVersionMajor, this.usbVersionMinor, this.usbVersionSubminor] = version(device.usbVersion);
    [this.deviceVersionMajor, this.deviceVersionMinor, this.deviceVersionSubminor] = version(device.deviceVersion);
    this.deviceClass = device.deviceClass;
    this.deviceSubclass = device.deviceSubclass;
    this.deviceProtocol = device.deviceProtocol;
    this.vendorId = device.vendorId;
    this.productId = device.productId;
    this.manufacturerName = strings.get(device.manufacturer) ?? null;
    this.productName = strings.get(device.product) ?? null;
    this.serialNumber = strings.get(device.serialNumber) ?? null;
    this.configurations = configurationsOf(description, {
      isClaimed: (configuration, number) => configuration === this.#configurationValue && this.#claimed.has(number),
      alternateOf: (configuration, number) =>
        configuration === this.#configurationValue ? (this.#alternates.get(number) ?? 0) : 0,
    });
  }

  get configuration(): USBConfiguration | null {
    return (
      this.configurations.find(({ configurationValue }) => configurationValue === this.#configurationValue) ?? null
    );
  }

  async open(): Promise<void> {
    this.#requireConnected();
    this.#requireNoChange();
    this.opened = true;
  }

  async close(): Promise<void> {
    this.#requireConnected();
    this.#requireNoChange();
    if (!this.opened) return;
    this.#host.cancel('cancelled');
    this.#claimed.clear();
    this.#alternates.clear();
    this.opened = false;
  }

  async forget(): Promise<void> {
    if (this.#connected) await this.close();
    this.forgotten = true;
  }

  async selectConfiguration(configurationValue: number): Promise<void> {
    this.#requireConnected();
    if (!this.configurations.some((each) => each.configurationValue === configurationValue)) {
      throw failure('NotFoundError', 'The configuration value provided is not supported by the device.');
    }
    this.#requireOpened();
    await this.#change(async () => {
      this.#cancelTransfers(() => true);
      await this.#configure(configurationValue);
    });
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    this.#requireConfigured();
    this.#requireNoChange();
    this.#interface(interfaceNumber);
    this.#claimed.add(interfaceNumber);
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    this.#requireConfigured();
    this.#requireNoChange();
    this.#interface(interfaceNumber);
    if (!this.#claimed.has(interfaceNumber)) return;
    this.#cancelTransfers((alternate) => alternate.interfaceNumber === interfaceNumber);
    this.#claimed.delete(interfaceNumber);
    this.#alternates.delete(interfaceNumber);
  }

  async selectAlternateInterface(interfaceNumber: number, alternateSetting: number): Promise<void> {
    this.#requireConfigured();
    const { alternates } = this.#interface(interfaceNumber);
    if (!this.#claimed.has(interfaceNumber))
      throw failure('InvalidStateError', 'The specified interface has not been claimed.');
    if (!alternates.some((alternate) => alternate.alternateSetting === alternateSetting)) {
      throw failure('NotFoundError', 'The alternate setting provided is not supported by the device.');
    }
    await this.#change(async () => {
      this.#cancelTransfers((alternate) => alternate.interfaceNumber === interfaceNumber);
      await this.#setInterface(interfaceNumber, alternateSetting);
    });
  }

  async controlTransferIn(setup: USBControlTransferParameters, length: number): Promise<USBInTransferResult> {
    this.#requireControl(setup);
    return inResult(await this.#request(setup, length));
  }

  async controlTransferOut(setup: USBControlTransferParameters, data?: BufferSource): Promise<USBOutTransferResult> {
    this.#requireControl(setup);
    return outResult(await this.#request(setup, data === undefined ? new Uint8Array(0) : copyOf(data)));
  }

  async clearHalt(direction: USBDirection, endpointNumber: number): Promise<void> {
    this.#requireConfigured();
    this.#endpoint(direction, endpointNumber);
    const address = endpointNumber | (direction === 'in' ? TO_HOST : 0);
    const result = await request(
      this.#host,
      this.#maxPacket0,
      RECIPIENT.endpoint,
      REQUEST.clearFeature,
      ENDPOINT_HALT,
      address,
    );
    expectOk(result, 'Unable to clear endpoint.');
    this.#host.resetToggles(endpointNumber, direction === 'out');
  }

  transferIn(endpointNumber: number, length: number): Promise<USBInTransferResult> {
    return new Promise((resolve, reject) => {
      const { packetSize } = this.#transferEndpoint('in', endpointNumber);
      this.#host.in(endpointNumber, packetSize, length, (result) => settle(result, inResult, resolve, reject));
    });
  }

  transferOut(endpointNumber: number, data: BufferSource): Promise<USBOutTransferResult> {
    return new Promise((resolve, reject) => {
      const { packetSize } = this.#transferEndpoint('out', endpointNumber);
      this.#host.out(endpointNumber, packetSize, copyOf(data), (result) => settle(result, outResult, resolve, reject));
    });
  }

  async isochronousTransferIn(): Promise<USBIsochronousInTransferResult> {
    throw failure('NotSupportedError', 'Isochronous transfers are not emulated.');
  }

  async isochronousTransferOut(): Promise<USBIsochronousOutTransferResult> {
    throw failure('NotSupportedError', 'Isochronous transfers are not emulated.');
  }

  async reset(): Promise<void> {
    this.#requireConfigured();
    await this.resetPort('cancelled');
  }

  /** Resets the bus and brings the device back to where it was, as operating systems do. */
  async resetPort(pending: 'cancelled' | 'failed'): Promise<void> {
    await this.#change(async () => {
      this.#host.cancel(pending);
      try {
        await addressDevice(this.#host, this.#address);
      } catch (cause) {
        throw Object.assign(failure('NetworkError', 'Unable to reset the device.'), { cause });
      }
      const alternates = [...this.#alternates];
      const claimed = [...this.#claimed];
      if (this.#configurationValue !== 0) await this.#configure(this.#configurationValue);
      for (const number of claimed) this.#claimed.add(number);
      for (const [number, setting] of alternates) if (setting !== 0) await this.#setInterface(number, setting);
    });
  }

  /** Called by the board when the device has gone from the bus. */
  disconnected(): void {
    this.#connected = false;
    this.opened = false;
    this.#claimed.clear();
  }

  async #configure(value: number): Promise<void> {
    const result = await request(this.#host, this.#maxPacket0, RECIPIENT.device, REQUEST.setConfiguration, value, 0);
    expectOk(result, 'Unable to set device configuration.');
    this.#host.resetToggles();
    this.#configurationValue = value;
    this.#claimed.clear();
    this.#alternates.clear();
  }

  async #setInterface(number: number, setting: number): Promise<void> {
    const result = await request(
      this.#host,
      this.#maxPacket0,
      RECIPIENT.interface,
      REQUEST.setInterface,
      setting,
      number,
    );
    expectOk(result, 'Unable to set device interface.');
    this.#alternates.set(number, setting);
    for (const { endpointNumber, direction } of this.#activeAlternates().find(
      (each) => each.interfaceNumber === number,
    )!.endpoints) {
      this.#host.resetToggles(endpointNumber, direction === 'out');
    }
  }

  #request(setup: USBControlTransferParameters, data: number | Uint8Array): Promise<TransferResult> {
    const direction = typeof data === 'number' ? TO_HOST : 0;
    const type = direction | REQUEST_TYPES[setup.requestType] | RECIPIENT[setup.recipient];
    return request(this.#host, this.#maxPacket0, type, setup.request, setup.value, setup.index, data);
  }

  #cancelTransfers(which: (alternate: AlternateDescriptor) => boolean): void {
    for (const alternate of this.#activeAlternates()) {
      if (!this.#claimed.has(alternate.interfaceNumber) || !which(alternate)) continue;
      for (const { endpointNumber, direction } of alternate.endpoints) {
        this.#host.cancel('cancelled', endpointNumber, direction === 'out');
      }
    }
  }

  #activeAlternates(): AlternateDescriptor[] {
    const configuration = this.description.configurations.find(({ value }) => value === this.#configurationValue);
    return (configuration?.alternates ?? []).filter(
      ({ interfaceNumber, alternateSetting }) => alternateSetting === (this.#alternates.get(interfaceNumber) ?? 0),
    );
  }

  #requireConnected(): void {
    if (!this.#connected) throw failure('NotFoundError', 'The device was disconnected.');
  }

  #requireOpened(): void {
    if (!this.opened) throw failure('InvalidStateError', 'The device must be opened first.');
  }

  #requireNoChange(): void {
    if (this.#changing)
      throw failure('InvalidStateError', 'An operation that changes the device state is in progress.');
  }

  #requireConfigured(): void {
    this.#requireConnected();
    this.#requireOpened();
    if (this.#configurationValue === 0)
      throw failure('InvalidStateError', 'The device must have a configuration selected.');
  }

  async #change(run: () => Promise<void>): Promise<void> {
    this.#requireNoChange();
    this.#changing = true;
    try {
      await run();
    } finally {
      this.#changing = false;
    }
  }

  #interface(number: number): USBInterface {
    const found = this.configuration?.interfaces.find(({ interfaceNumber }) => interfaceNumber === number);
    if (found === undefined) {
      throw failure(
        'NotFoundError',
        'The interface number provided is not supported by the device in its current configuration.',
      );
    }
    return found;
  }

  #endpoint(direction: USBDirection, number: number): EndpointDescriptor {
    for (const alternate of this.#activeAlternates()) {
      if (!this.#claimed.has(alternate.interfaceNumber)) continue;
      const found = alternate.endpoints.find((each) => each.direction === direction && each.endpointNumber === number);
      if (found !== undefined) return found;
    }
    throw failure('NotFoundError', 'The specified endpoint is not part of a claimed and selected alternate interface.');
  }

  #transferEndpoint(direction: USBDirection, number: number): EndpointDescriptor {
    this.#requireConfigured();
    this.#requireNoChange();
    const endpoint = this.#endpoint(direction, number);
    if (endpoint.type !== 'bulk' && endpoint.type !== 'interrupt') {
      throw failure('InvalidAccessError', 'The specified endpoint is not a bulk or interrupt endpoint.');
    }
    return endpoint;
  }

  #requireControl({ recipient, index }: USBControlTransferParameters): void {
    this.#requireConfigured();
    this.#requireNoChange();
    if (recipient === 'interface' && !this.#claimed.has(this.#interface(index & 0xff).interfaceNumber)) {
      throw failure('InvalidStateError', 'The specified interface has not been claimed.');
    }
    if (recipient === 'endpoint') this.#endpoint(index & TO_HOST ? 'in' : 'out', index & 0xf);
  }
}

function version(bcd: number): [major: number, minor: number, subminor: number] {
  return [bcd >> 8, (bcd >> 4) & 0xf, bcd & 0xf];
}

function copyOf(data: BufferSource): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
    : new Uint8Array(data.slice(0));
}

function expectOk({ status }: TransferResult, message: string): void {
  if (status === 'stall' || status === 'babble') throw failure('NetworkError', message);
  if (status !== 'ok') throw FAILURES[status]();
}

function inResult({ status, data }: TransferResult): USBInTransferResult {
  if (status !== 'ok' && status !== 'stall' && status !== 'babble') throw FAILURES[status]();
  const received = data.length > 0 || status !== 'stall' ? { data: new DataView(data.slice().buffer) } : {};
  return { status, ...received };
}

function outResult({ status, bytes }: TransferResult): USBOutTransferResult {
  if (status !== 'ok' && status !== 'stall' && status !== 'babble') throw FAILURES[status]();
  return { status, bytesWritten: bytes };
}

function settle<R>(
  result: TransferResult,
  convert: (result: TransferResult) => R,
  resolve: (value: R) => void,
  reject: (error: unknown) => void,
): void {
  try {
    resolve(convert(result));
  } catch (error) {
    reject(error);
  }
}
