/** A host process that opens the board and tells what has come of it. */
import { pico } from '../../../peripherals/rp2040/index.js';
import { open, type FgftError } from '../../../runtime/index.js';
import { webUsb } from '../../../transports/webusb.js';
import { borrowDevice } from '../../usb-over-ipc.js';

const device = borrowDevice(JSON.parse(process.argv[2]!) as Record<string, unknown>);
const told = await open(webUsb(device), pico).then(
  () => ({ code: 'opened', message: '' }),
  (error: unknown) => {
    const { code, message } = error as FgftError;
    return { code, message };
  },
);
process.send!(told, () => process.exit());
