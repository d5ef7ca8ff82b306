import type { AlternateDescriptor, EndpointDescriptor } from './usb-descriptors.js';
import type { DeviceDescription } from './usb-enumeration.js';
import { configurationsOf } from './usb-interfaces.js';
import { failure } from './usb-results.js';

const TO_HOST = 0x80;

/** The internal slots of a WebUSB device, and the checks that its algorithms begin with. */
export class UsbDeviceState {
  readonly configurations: USBConfiguration[];
  connected = true;
  opened = false;
  configurationValue = 0;
  readonly claimed = new Set<number>();
  readonly selectedAlternates = new Map<number, number>();
  readonly #description: DeviceDescription;
  /** An operation that changes the state of the device is under way: no other may start. */
  #changing = false;

  constructor(description: DeviceDescription) {
    this.#description = description;
    this.configurations = configurationsOf(description, {
      isClaimed: (configuration, number) => configuration === this.configurationValue && this.claimed.has(number),
      alternateOf: (configuration, number) =>
        configuration === this.configurationValue ? (this.selectedAlternates.get(number) ?? 0) : 0,
    });
  }

  get configuration(): USBConfiguration | undefined {
    return this.configurations.find(({ configurationValue }) => configurationValue === this.configurationValue);
  }

  /** The selected alternate setting of each interface of the active configuration. */
  get activeAlternates(): AlternateDescriptor[] {
    const configuration = this.#description.configurations.find(({ value }) => value === this.configurationValue);
    return (configuration?.alternates ?? []).filter(
      ({ interfaceNumber, alternateSetting }) =>
        alternateSetting === (this.selectedAlternates.get(interfaceNumber) ?? 0),
    );
  }

  /** Forgets what was claimed and selected: another configuration is active, or none. */
  clear(): void {
    this.claimed.clear();
    this.selectedAlternates.clear();
  }

  /** Runs something that changes the state of the device, alone. */
  async change(run: () => Promise<void>): Promise<void> {
    this.requireNoChange();
    this.#changing = true;
    try {
      await run();
    } finally {
      this.#changing = false;
    }
  }

  requireConnected(): void {
    if (!this.connected) throw failure('NotFoundError', 'The device was disconnected.');
  }

  requireOpened(): void {
    if (!this.opened) throw failure('InvalidStateError', 'The device must be opened first.');
  }

  requireNoChange(): void {
    if (this.#changing) {
      throw failure('InvalidStateError', 'An operation that changes the device state is in progress.');
    }
  }

  /** "Check if the device is configured". */
  requireConfigured(): void {
    this.requireConnected();
    this.requireOpened();
    if (this.configurationValue === 0) {
      throw failure('InvalidStateError', 'The device must have a configuration selected.');
    }
  }

  requireClaimed(interfaceNumber: number): void {
    if (!this.claimed.has(interfaceNumber)) {
      throw failure('InvalidStateError', 'The specified interface has not been claimed.');
    }
  }

  interface(number: number): USBInterface {
    const found = this.configuration?.interfaces.find(({ interfaceNumber }) => interfaceNumber === number);
    if (found !== undefined) return found;
    const message = 'The interface number provided is not supported by the device in its current configuration.';
    throw failure('NotFoundError', message);
  }

  /** "Find the endpoint": of claimed interfaces only. */
  endpoint(direction: USBDirection, number: number): EndpointDescriptor {
    for (const { interfaceNumber, endpoints } of this.activeAlternates) {
      if (!this.claimed.has(interfaceNumber)) continue;
      const found = endpoints.find((each) => each.direction === direction && each.endpointNumber === number);
      if (found !== undefined) return found;
    }
    const message = 'The specified endpoint is not part of a claimed and selected alternate interface.';
    throw failure('NotFoundError', message);
  }

  /** The endpoint of a bulk or interrupt transfer. */
  transferEndpoint(direction: USBDirection, number: number): EndpointDescriptor {
    this.requireConfigured();
    this.requireNoChange();
    const endpoint = this.endpoint(direction, number);
    if (endpoint.type === 'bulk' || endpoint.type === 'interrupt') return endpoint;
    throw failure('InvalidAccessError', 'The specified endpoint is not a bulk or interrupt endpoint.');
  }

  /** "Check the validity of the control transfer parameters". */
  requireControl({ recipient, index }: USBControlTransferParameters): void {
    this.requireConfigured();
    this.requireNoChange();
    if (recipient === 'interface') this.requireClaimed(this.interface(index & 0xff).interfaceNumber);
    if (recipient === 'endpoint') this.endpoint(index & TO_HOST ? 'in' : 'out', index & 0xf);
  }
}
