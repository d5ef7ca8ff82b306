/** Opens a board on this computer's USB, or on a serial port, and says what it is: `tsx examples/connect.ts [PORT]`. */
import { pico } from '../peripherals/rp2040/index.js';
import { open } from '../runtime/index.js';
import { nodeUsb } from '../transports/node-usb/index.js';
import { serial } from '../transports/serial/index.js';
import { webUsb } from '../transports/webusb.js';

const [path] = process.argv.slice(2);
const find = async () => (path === undefined ? webUsb(await nodeUsb().board()) : serial({ path }));

const board = await open(await find(), pico, { recovery: { reopen: find } });
console.log(`${board.hello.board}, firmware ${board.hello.firmware}`);
await board.close();
