/** The ways through Linux to a board, by name. */
import * as usb3 from 'usb';
import * as usb2 from 'usb2';
import { TransportError } from '../../transports/errors.js';
import { nodeUsb, type UsbLibrary } from '../../transports/node-usb/index.js';
import { serial } from '../../transports/serial/index.js';
import type { Transport } from '../../transports/transport.js';
import { webUsb } from '../../transports/webusb.js';

const TRIES = 50;
const PAUSE_MS = 100;

/** A board that has just been plugged in is on the list of 2.18 when udev has told of it. */
async function find(library: UsbLibrary): Promise<USBDevice> {
  for (let tries = 1; ; tries++) {
    try {
      return await nodeUsb({ library }).board();
    } catch (error) {
      if (tries === TRIES || !(error instanceof TransportError && error.code === 'device-not-found')) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

export const LINKS = {
  'npm usb 3': async (): Promise<Transport> => webUsb(await find(usb3)),
  'npm usb 2.18': async (): Promise<Transport> => webUsb(await find(usb2)),
  'CDC-ACM, @serialport/stream': async (): Promise<Transport> => serial({ path: '/dev/ttyACM0' }),
} as const;

export type LinkName = keyof typeof LINKS;
export const LINK_NAMES = Object.keys(LINKS) as LinkName[];
