/** A host process that is there to be killed: it makes one call after another and says when each has been committed. */
import { pico } from '../../peripherals/rp2040/index.js';
import { open } from '../../runtime/index.js';
import { webUsb } from '../../transports/webusb.js';
import { borrowDevice } from '../usb-over-ipc.js';
import { Mover } from './workload.js';

/** What the parent sends once: the device, and the number of the last call of the process before. */
export interface Start {
  readonly device: Record<string, unknown>;
  readonly from: number;
}

/** What the child sends: that it waits to be started, or the number of a call that has been committed. */
export type Said = 'waiting' | { readonly committed: number };

const say = (said: Said): Promise<void> => new Promise((resolve) => process.send!(said, () => resolve()));

// The parent is gone: nobody is left to kill this.
process.once('disconnect', () => process.exit());
const start = new Promise<Start>((resolve) => process.once('message', (message) => resolve(message as Start)));
await say('waiting');
const { device, from } = await start;
const mover = new Mover(await open(webUsb(borrowDevice(device)), pico));
for (let n = from; ; n++) {
  await mover.move(n);
  // Not before the parent can know of it: it must never see the registers of the call behind the next one.
  await say({ committed: n });
}
