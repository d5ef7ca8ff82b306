import { TransportError } from '../errors.js';
import { USB_ID } from '../usb-identity.js';
import { usbError } from './failures.js';

export interface UsbList {
  getDevices(): Promise<USBDevice[]>;
}

/** As much of npm `usb`, 2.18 or 3, as is used here. */
export interface UsbLibrary {
  readonly WebUSB: new (options: { allowedDevices: USBDeviceFilter[] }) => UsbList;
  readonly usb: object;
}

/** A device of npm `usb`, with what it has beyond WebUSB. */
export interface LibraryDevice extends USBDevice {
  /** Version 3 takes a time-out in ms behind the arguments of WebUSB, and gives up after 1 s without. */
  transferIn(endpointNumber: number, length: number, timeout?: number): Promise<USBInTransferResult>;
  transferOut(endpointNumber: number, data: BufferSource, timeout?: number): Promise<USBOutTransferResult>;
  controlTransferIn(
    setup: USBControlTransferParameters,
    length: number,
    timeout?: number,
  ): Promise<USBInTransferResult>;
  controlTransferOut(
    setup: USBControlTransferParameters,
    data?: BufferSource,
    timeout?: number,
  ): Promise<USBOutTransferResult>;
  /** Version 3. */
  readonly bus?: string;
  readonly address?: number;
  /** Version 2.18: the device as libusb has it. Its own time-outs are 1 s for control transfers, and none for others. */
  readonly device?: {
    timeout: number;
    readonly busNumber: number;
    readonly deviceAddress: number;
    readonly interfaces?: readonly { readonly endpoints: readonly LibusbEndpoint[] }[];
  };
}

export interface LibusbEndpoint {
  readonly address: number;
  timeout: number;
  clearHalt(callback: (error?: Error) => void): void;
}

interface LibusbDevice {
  readonly deviceDescriptor: { readonly idVendor: number; readonly idProduct: number };
  open(): void;
  close(): void;
}

/** The library as it was given, or npm `usb` as it is installed. */
export async function loadLibrary(given: UsbLibrary | undefined): Promise<UsbLibrary> {
  if (given !== undefined) return given;
  try {
    const module = (await import('usb')) as unknown as UsbLibrary & { default?: UsbLibrary };
    return module.default ?? module;
  } catch (cause) {
    const message = 'USB cannot be reached: npm install usb (version 2.18 needs libudev.so.1 on Linux, too).';
    throw new TransportError('no-bus', message, { cause });
  }
}

const lists = new WeakMap<UsbLibrary['WebUSB'], UsbList>();

/**
 * The library's list of boards. There is one, whoever asks: another one of version 2.18 would close what was opened
 * through the first, because its devices open and close to read strings.
 */
export function listOf({ WebUSB }: UsbLibrary): UsbList {
  const list =
    lists.get(WebUSB) ?? new WebUSB({ allowedDevices: [{ vendorId: USB_ID.vendor, productId: USB_ID.product }] });
  lists.set(WebUSB, list);
  return list;
}

/**
 * Version 2.18 lists only what it has been able to open. Throws `access-denied` for a board that it sees and may not
 * open; version 3 lists those, and fails when it is asked for their descriptors.
 */
export function refuseHiddenBoards({ usb }: UsbLibrary): void {
  if (!('getDeviceList' in usb)) return;
  for (const device of (usb as { getDeviceList(): readonly LibusbDevice[] }).getDeviceList()) {
    const { idVendor, idProduct } = device.deviceDescriptor;
    if (idVendor !== USB_ID.vendor || idProduct !== USB_ID.product) continue;
    try {
      device.open();
      device.close();
    } catch (cause) {
      throw usbError('usb', 'A board was found and cannot be opened', cause);
    }
  }
}

/** Names one appearance of a device on the bus: addresses are not used again at once. */
export const appearanceOf = ({ bus, address, device }: LibraryDevice): string =>
  device ? `${device.busNumber}:${device.deviceAddress}` : `${bus}:${address}`;
