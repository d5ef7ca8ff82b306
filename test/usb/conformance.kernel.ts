/** The conformance suite through Linux: npm `usb` in both versions, and the serial port through `@serialport/stream`. */
import * as usb3 from 'usb';
import * as usb2 from 'usb2';
import { nodeUsb, type UsbLibrary } from '../../transports/node-usb/index.js';
import { serial } from '../../transports/serial/index.js';
import type { Transport } from '../../transports/transport.js';
import { webUsb } from '../../transports/webusb.js';
import { conformance } from '../conformance/mocha.js';
import { picoFamily } from '../conformance/pico.js';
import { KernelBoard } from './kernel-board.js';

const board = new KernelBoard();
after(() => board.close());

function path(transport: () => Promise<Transport>) {
  return {
    family: picoFamily,
    exclusive: true,
    async transport() {
      await board.plug();
      return transport();
    },
    pass: (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms)),
    cable: { unplug: () => board.unplug(), plug: () => board.plug() },
    close: () => {},
  };
}

/** A board that has just been plugged in is on the list when udev has told of it. */
async function find(library: UsbLibrary): Promise<USBDevice> {
  for (let tries = 0; ; tries++) {
    try {
      return await nodeUsb({ library }).board();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

for (const [version, library] of [
  ['3', usb3],
  ['2.18', usb2],
] as const)
  conformance(
    `Linux, npm usb ${version}`,
    path(async () => webUsb(await find(library))),
  );

conformance(
  'Linux, CDC-ACM, @serialport/stream',
  path(async () => serial({ path: '/dev/ttyACM0' })),
);
