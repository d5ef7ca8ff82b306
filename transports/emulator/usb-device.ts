import type { AlternateDescriptor } from './usb-descriptors.js';
import { UsbDeviceState } from './usb-device-state.js';
import { addressDevice, RECIPIENT, REQUEST, request, type DeviceDescription } from './usb-enumeration.js';
import type { UsbHost } from './usb-host.js';
import { copyOf, expectOk, failure, inResult, outResult, settle } from './usb-results.js';
import type { TransferResult } from './usb-transfer.js';

const REQUEST_TYPES = { standard: 0x00, class: 0x20, vendor: 0x40 } as const;
const TO_HOST = 0x80;
const ENDPOINT_HALT = 0;

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
  /** What enumeration has read, beyond what WebUSB shows. */
  readonly description: DeviceDescription;
  forgotten = false;
  readonly #host: UsbHost;
  readonly #address: number;
  readonly #maxPacket0: number;
  readonly #state: UsbDeviceState;
  #closing: Promise<void> | undefined;

  constructor(host: UsbHost, address: number, description: DeviceDescription) {
    const { device, strings } = description;
    this.#host = host;
    this.#address = address;
    this.#maxPacket0 = device.maxPacket0;
    this.#state = new UsbDeviceState(description);
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
  }

  get configuration(): USBConfiguration | null {
    return this.#state.configuration ?? null;
  }

  get configurations(): USBConfiguration[] {
    return this.#state.configurations;
  }

  get opened(): boolean {
    return this.#state.opened;
  }

  async open(): Promise<void> {
    await this.#closing;
    this.#state.requireConnected();
    this.#state.requireNoChange();
    this.#state.opened = true;
  }

  async close(): Promise<void> {
    const state = this.#state;
    state.requireConnected();
    state.requireNoChange();
    if (!state.opened) return;
    this.#cancelTransfers(() => true);
    this.#host.cancel('cancelled', 0, true);
    const claimed = [...state.claimed];
    state.claimed.clear();
    state.opened = false;
    this.#closing = state.change(() => this.#setFirst(claimed));
    await this.#closing;
  }

  async forget(): Promise<void> {
    if (this.#state.connected) await this.close();
    this.forgotten = true;
  }

  async selectConfiguration(configurationValue: number): Promise<void> {
    const state = this.#state;
    state.requireConnected();
    if (!state.configurations.some((each) => each.configurationValue === configurationValue)) {
      throw failure('NotFoundError', 'The configuration value provided is not supported by the device.');
    }
    state.requireOpened();
    await state.change(async () => {
      this.#cancelTransfers(() => true);
      await this.configure(configurationValue);
    });
  }

  async claimInterface(interfaceNumber: number): Promise<void> {
    this.#state.requireConfigured();
    this.#state.requireNoChange();
    this.#state.interface(interfaceNumber);
    this.#state.claimed.add(interfaceNumber);
  }

  async releaseInterface(interfaceNumber: number): Promise<void> {
    const state = this.#state;
    state.requireConfigured();
    state.requireNoChange();
    state.interface(interfaceNumber);
    if (!state.claimed.has(interfaceNumber)) return;
    this.#cancelTransfers((alternate) => alternate.interfaceNumber === interfaceNumber);
    state.claimed.delete(interfaceNumber);
    await state.change(() => this.#setFirst([interfaceNumber]));
  }

  async selectAlternateInterface(interfaceNumber: number, alternateSetting: number): Promise<void> {
    const state = this.#state;
    state.requireConfigured();
    const { alternates } = state.interface(interfaceNumber);
    state.requireClaimed(interfaceNumber);
    if (!alternates.some((alternate) => alternate.alternateSetting === alternateSetting)) {
      throw failure('NotFoundError', 'The alternate setting provided is not supported by the device.');
    }
    await state.change(async () => {
      this.#cancelTransfers((alternate) => alternate.interfaceNumber === interfaceNumber);
      await this.#setInterface(interfaceNumber, alternateSetting);
    });
  }

  async controlTransferIn(setup: USBControlTransferParameters, length: number): Promise<USBInTransferResult> {
    this.#state.requireControl(setup);
    return inResult(await this.#request(setup, length));
  }

  async controlTransferOut(setup: USBControlTransferParameters, data?: BufferSource): Promise<USBOutTransferResult> {
    this.#state.requireControl(setup);
    return outResult(await this.#request(setup, data === undefined ? new Uint8Array(0) : copyOf(data)));
  }

  async clearHalt(direction: USBDirection, endpointNumber: number): Promise<void> {
    this.#state.requireConfigured();
    this.#state.endpoint(direction, endpointNumber);
    const address = endpointNumber | (direction === 'in' ? TO_HOST : 0);
    const result = await this.#standard(RECIPIENT.endpoint, REQUEST.clearFeature, ENDPOINT_HALT, address);
    expectOk(result, 'Unable to clear endpoint.');
    this.#host.resetToggles(endpointNumber, direction === 'out');
  }

  transferIn(endpointNumber: number, length: number): Promise<USBInTransferResult> {
    return new Promise((resolve, reject) => {
      const { packetSize } = this.#state.transferEndpoint('in', endpointNumber);
      this.#host.in(endpointNumber, packetSize, length, (result) => settle(result, inResult, resolve, reject));
    });
  }

  transferOut(endpointNumber: number, data: BufferSource): Promise<USBOutTransferResult> {
    return new Promise((resolve, reject) => {
      const { packetSize } = this.#state.transferEndpoint('out', endpointNumber);
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
    this.#state.requireConfigured();
    await this.resetPort('cancelled');
  }

  /** Resets the bus and brings the device back to where it was, as operating systems do. */
  async resetPort(pending: 'cancelled' | 'failed'): Promise<void> {
    const state = this.#state;
    await state.change(async () => {
      this.#host.cancel(pending);
      try {
        await addressDevice(this.#host, this.#address);
      } catch (cause) {
        throw Object.assign(failure('NetworkError', 'Unable to reset the device.'), { cause });
      }
      if (state.configurationValue === 0) return;
      const [claimed, alternates] = [[...state.claimed], [...state.selectedAlternates]];
      await this.configure(state.configurationValue);
      for (const number of claimed) state.claimed.add(number);
      for (const [number, setting] of alternates) if (setting !== 0) await this.#setInterface(number, setting);
    });
  }

  /** Called by the board when the device has gone from the bus. */
  disconnected(): void {
    this.#state.connected = false;
    this.#state.opened = false;
    this.#state.clear();
  }

  /** Sets the configuration, without the checks of WebUSB: as an operating system does, too. */
  async configure(value: number): Promise<void> {
    const result = await this.#standard(RECIPIENT.device, REQUEST.setConfiguration, value, 0);
    expectOk(result, 'Unable to set device configuration.');
    this.#host.resetToggles();
    this.#state.clear();
    this.#state.configurationValue = value;
  }

  /** Brings interfaces that nobody has claimed any more back to their first settings, as Linux does. */
  async #setFirst(interfaces: readonly number[]): Promise<void> {
    const { selectedAlternates } = this.#state;
    for (const number of interfaces) {
      if ((selectedAlternates.get(number) ?? 0) === 0 || !this.#state.connected) continue;
      await this.#standard(RECIPIENT.interface, REQUEST.setInterface, 0, number);
      selectedAlternates.delete(number);
    }
  }

  async #setInterface(number: number, setting: number): Promise<void> {
    const result = await this.#standard(RECIPIENT.interface, REQUEST.setInterface, setting, number);
    expectOk(result, 'Unable to set device interface.');
    this.#state.selectedAlternates.set(number, setting);
    for (const { interfaceNumber, endpoints } of this.#state.activeAlternates) {
      if (interfaceNumber !== number) continue;
      for (const endpoint of endpoints) this.#host.resetToggles(endpoint.endpointNumber, endpoint.direction === 'out');
    }
  }

  #standard(recipient: number, code: number, value: number, index: number): Promise<TransferResult> {
    return request(this.#host, this.#maxPacket0, recipient, code, value, index);
  }

  #request(setup: USBControlTransferParameters, data: number | Uint8Array): Promise<TransferResult> {
    const direction = typeof data === 'number' ? TO_HOST : 0;
    const type = direction | REQUEST_TYPES[setup.requestType] | RECIPIENT[setup.recipient];
    return request(this.#host, this.#maxPacket0, type, setup.request, setup.value, setup.index, data);
  }

  #cancelTransfers(which: (alternate: AlternateDescriptor) => boolean): void {
    for (const alternate of this.#state.activeAlternates) {
      if (!this.#state.claimed.has(alternate.interfaceNumber) || !which(alternate)) continue;
      for (const { endpointNumber, direction } of alternate.endpoints) {
        this.#host.cancel('cancelled', endpointNumber, direction === 'out');
      }
    }
  }
}

/** USB 2.0, table 9-8: 0xJJMN is version JJ.M.N. */
function version(bcd: number): [major: number, minor: number, subminor: number] {
  return [bcd >> 8, (bcd >> 4) & 0xf, bcd & 0xf];
}
