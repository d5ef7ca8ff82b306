/**
 * npm `usb` as it behaves: the words of its errors, and what it does when a transfer is never done, as they were seen
 * with 3.1.0 and 2.18.0 on Linux 6.1.
 */
import type { UsbLibrary } from '../../../transports/node-usb/index.js';
import { fakeUsbDevice, type FakeOptions, type FakeUsbDevice } from '../fake-usb-device.js';

export type Major = 2 | 3;

export const WORDS = {
  3: {
    denied: 'open error: permission denied (errno 13)',
    gone: 'open error: device not found (errno 2)',
    busy: 'claimInterface error: interface is busy (errno 16)',
    unplugged: 'transferIn error: Disconnected',
    unpluggedControl: 'controlTransferIn error: device disconnected',
    unplugging: 'transferIn error: endpoint not found',
    timeout: 'transferOut error: Cancelled',
    stringTimeout: 'getString error: transfer was cancelled',
    stringGone: 'getString error: device disconnected',
    stalled: 'controlTransferIn error: endpoint stalled',
    stalledOut: 'transferOut error: Stall',
    other: 'transferIn error: Fault',
    noBus: 'getDevices error: /sys/bus/usb/devices/ not found (errno 2)',
  },
  2: {
    denied: 'open error: Error: LIBUSB_ERROR_ACCESS',
    gone: 'open error: Error: LIBUSB_ERROR_NO_DEVICE',
    busy: 'claimInterface error: Error: LIBUSB_ERROR_BUSY',
    unplugged: 'transferIn error: Error: LIBUSB_TRANSFER_NO_DEVICE',
    unpluggedControl: 'controlTransferIn error: Error: LIBUSB_ERROR_NO_DEVICE',
    unplugging: undefined,
    timeout: 'transferOut error: Error: LIBUSB_TRANSFER_TIMED_OUT',
    stalled: undefined,
    stalledOut: undefined,
    other: 'transferIn error: Error: LIBUSB_TRANSFER_ERROR',
    noBus: undefined,
  },
} as const;

export interface FakeBoard extends FakeUsbDevice {
  /** Fails the transfer that waits, or ends it. */
  fail(message: string): void;
}

let address = 1;

/** A device that ends what waits with a stall when its endpoint is halted, as our firmware does. */
export function fakeBoard(major: Major, methods: FakeOptions['methods'] = {}): FakeBoard {
  const board = fakeUsbDevice({
    configured: true,
    methods: {
      async controlTransferOut({ request }: USBControlTransferParameters) {
        if (request === 3) fail(major === 3 ? 'transferIn error: Stall' : undefined);
        return { status: 'ok', bytesWritten: 0 };
      },
      // Version 3 (napi): a method that changes the device is refused while a transfer borrows it.
      async releaseInterface() {
        if (board.waiting.length > 0) throw new Error('The same native value cannot be borrowed mutably');
      },
      async close() {
        if (board.waiting.length > 0) throw new Error('The same native value cannot be borrowed mutably');
      },
      async reset() {
        fail('transferIn error: Disconnected');
      },
      ...methods,
    },
  }) as FakeBoard;
  function fail(message: string | undefined): void {
    for (const { resolve, reject } of board.waiting.splice(0))
      if (message === undefined) resolve({ status: 'stall' });
      else reject(new Error(message));
  }
  const endpoints = [1, 0x82].map((each) => ({
    address: each,
    timeout: 0,
    clearHalt(done: () => void) {
      board.calls.push(`libusb clearHalt(${each})`);
      done();
    },
  }));
  const libusb = { timeout: 0, busNumber: 1, deviceAddress: address, interfaces: [{ endpoints }] };
  return Object.assign(board, major === 3 ? { bus: '001', address: address++ } : { device: libusb }, { fail });
}

export interface FakeLibrary extends UsbLibrary {
  devices: USBDevice[];
  listError: string | undefined;
}

/** `hidden` are descriptors that 2.18 sees without being able to open them. */
export function fakeLibrary(devices: USBDevice[], hidden: readonly { idVendor: number; idProduct: number }[] = []) {
  const library: FakeLibrary = {
    devices,
    listError: undefined,
    WebUSB: class {
      async getDevices(): Promise<USBDevice[]> {
        if (library.listError !== undefined) throw new Error(library.listError);
        return library.devices;
      }
    },
    usb: {
      getDeviceList: () =>
        hidden.map((deviceDescriptor) => ({
          deviceDescriptor,
          open() {
            throw new Error('LIBUSB_ERROR_ACCESS');
          },
        })),
    },
  };
  return library;
}
