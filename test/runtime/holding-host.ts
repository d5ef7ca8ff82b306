/** A host process that begins a transaction, says so, and then never ends it. It is there to be killed. */
import { pico } from '../../peripherals/rp2040/index.js';
import { open } from '../../runtime/index.js';
import { webUsb } from '../../transports/webusb.js';
import { borrowDevice } from '../usb-over-ipc.js';
import { Holder } from './holder.js';

const board = await open(webUsb(borrowDevice(JSON.parse(process.argv[2]!) as Record<string, unknown>)), pico);
await new Holder(board).hold(() => process.send!('holding'));
