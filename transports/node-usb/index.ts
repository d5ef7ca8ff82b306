/**
 * Boards on this computer's USB, through npm `usb` (2.18 or 3), as W3C `USBDevice`s for `webUsb`. For Node only.
 */
import { Observable } from 'rxjs';
import { systemEnvironment, type Environment } from '../environment.js';
import { TransportError } from '../errors.js';
import { findFrameEndpoints } from '../usb-identity.js';
import { nodeUsbDevice } from './device.js';
import { usbError } from './failures.js';
import {
  appearanceOf,
  listOf,
  loadLibrary,
  refuseHiddenBoards,
  type LibraryDevice,
  type UsbLibrary,
} from './library.js';

export { UDEV_RULE } from './failures.js';
export type { UsbLibrary } from './library.js';

export interface NodeUsbOptions {
  /** The module `usb`; what is installed under that name if left out. */
  readonly library?: UsbLibrary;
  readonly environment?: Environment;
}

/** A board that has appeared on the bus, or left it. */
export interface BoardChange {
  readonly type: 'connect' | 'disconnect';
  readonly device: USBDevice;
}

export interface NodeUsb {
  /** The boards with our firmware that are there now, and that let themselves be asked. No frame is sent to them. */
  boards(): Promise<USBDevice[]>;
  /**
   * The board with that serial number, or the only one. Rejects with `device-not-found` where there is none, or more than
   * one to choose from; with `access-denied`, `no-bus`.
   */
  board(serialNumber?: string): Promise<USBDevice>;
  /** Boards that come and go while somebody listens; those that are there at first have come, too. */
  readonly changes: Observable<BoardChange>;
}

/** Milliseconds between two looks. The library's own events need udev, and come later than this. */
const LOOK_EVERY = 250;

/** Boards on USB: `webUsb(await nodeUsb().board())`. */
export function nodeUsb({ library: given, environment = systemEnvironment }: NodeUsbOptions = {}): NodeUsb {
  /** One object for each appearance of a board, however often it is looked for. */
  let known = new Map<string, USBDevice>();

  /** `refusal` is why a board is there and not among them. */
  async function look(): Promise<{ all: USBDevice[]; refusal: TransportError | undefined }> {
    const list = listOf(await loadLibrary(given));
    const found = await list.getDevices().catch((cause: unknown) => {
      throw usbError('usb', 'Boards cannot be looked for', cause);
    });
    const now = new Map<string, USBDevice>();
    let refusal: TransportError | undefined;
    for (const each of found as LibraryDevice[]) {
      const name = appearanceOf(each);
      try {
        const device = known.get(name) ?? nodeUsbDevice(each, environment);
        if (known.has(name) || findFrameEndpoints(device) !== undefined) now.set(name, device);
      } catch (error) {
        const failure = usbError('usb', 'A board cannot be asked what it is', error);
        // It has gone since it was found.
        if (failure.code !== 'device-lost') refusal ??= failure;
      }
    }
    known = now;
    return { all: [...now.values()], refusal };
  }

  const boards = async (): Promise<USBDevice[]> => (await look()).all;

  async function board(serialNumber?: string): Promise<USBDevice> {
    const { all, refusal } = await look();
    const found = all.filter((device) => serialNumber === undefined || device.serialNumber === serialNumber);
    if (found.length === 1) return found[0]!;
    if (found.length === 0 && refusal !== undefined) throw refusal;
    if (found.length === 0) refuseHiddenBoards(await loadLibrary(given));
    const wanted = serialNumber === undefined ? 'No board' : `No board with serial number ${serialNumber}`;
    const there = all.map((device) => device.serialNumber).join(', ');
    if (found.length === 0) {
      const advice = there === '' ? 'Is it plugged in, with our firmware on it?' : `There is ${there}.`;
      throw new TransportError('device-not-found', `usb: ${wanted} was found. ${advice}`);
    }
    throw new TransportError('device-not-found', `usb: There are several boards: say which one of ${there}.`);
  }

  const changes = new Observable<BoardChange>((subscriber) => {
    let last: USBDevice[] = [];
    let cancel = (): void => {};
    const compare = async (): Promise<void> => {
      const now = await boards();
      for (const device of last) if (!now.includes(device)) subscriber.next({ type: 'disconnect', device });
      for (const device of now) if (!last.includes(device)) subscriber.next({ type: 'connect', device });
      last = now;
      if (!subscriber.closed) cancel = environment.after(LOOK_EVERY, again);
    };
    const again = (): void => void compare().catch((error: unknown) => subscriber.error(error));
    again();
    return () => cancel();
  });

  return { boards, board, changes };
}
