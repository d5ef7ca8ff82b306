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

/** USB 2.0 9.2.6.4: so long a device may take for a request. The library gives it 100 ms for each string. */
const ASK_WITHIN = 5000;
const ASK_AGAIN_AFTER = 100;

/** Boards on USB: `webUsb(await nodeUsb().board())`. */
export function nodeUsb({ library: given, environment = systemEnvironment }: NodeUsbOptions = {}): NodeUsb {
  /** What each appearance of a device has turned out to be; undefined is none of ours. One object for each, however often it is looked for. */
  let known = new Map<string, Promise<USBDevice | TransportError | undefined>>();

  async function ask(each: LibraryDevice): Promise<USBDevice | TransportError | undefined> {
    const start = environment.now();
    for (;;) {
      try {
        const device = nodeUsbDevice(each, environment);
        return findFrameEndpoints(device) && device;
      } catch (cause) {
        const error = usbError('usb', 'A board could not be asked what it is', cause);
        if (error.code !== 'transfer-timeout' || environment.now() - start >= ASK_WITHIN) return error;
      }
      await new Promise<void>((resolve) => environment.after(ASK_AGAIN_AFTER, resolve));
    }
  }

  /** `refusal` is why a board is there and not among them. */
  async function look(): Promise<{ all: USBDevice[]; refusal: TransportError | undefined }> {
    const list = listOf(await loadLibrary(given));
    const found = await list.getDevices().catch((cause: unknown) => {
      throw usbError('usb', 'Boards cannot be looked for', cause);
    });
    const named = (found as LibraryDevice[]).map((device) => [appearanceOf(device), device] as const);
    const now = new Map(named.map(([name, device]) => [name, known.get(name) ?? ask(device)]));
    known = now;
    const all: USBDevice[] = [];
    let refusal: TransportError | undefined;
    for (const [name, asked] of now) {
      const answer = await asked;
      if (answer instanceof TransportError) {
        now.delete(name);
        // Lost: it has gone since it was found.
        if (answer.code !== 'device-lost') refusal ??= answer;
      } else if (answer !== undefined) all.push(answer);
    }
    return { all, refusal };
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
