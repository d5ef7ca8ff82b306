/** A cable that is pulled in the middle of a call, and plugged in again: the board is brought back, and calls go on. */
import { readFile } from 'node:fs/promises';
import { filter, firstValueFrom } from 'rxjs';
import { pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment, type Transport } from '../runtime/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Servo } from './servo-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
await emulated.plug();

/** The board, if it is on the bus; where it is not, recovery asks again. In a browser, the same with `navigator.usb`. */
async function reopen(): Promise<Transport> {
  const [device] = await emulated.getDevices();
  if (!device) throw new Error('The board is not on the bus.');
  return webUsb(device);
}

const board = await open(await reopen(), pico, { recovery: { reopen }, breaker: { failures: 5, restMs: 1000 } });
board.state.subscribe((state) => console.log(state));
const servo = new Servo(board, 2);
await servo.angle(90);

const call = servo.angle(45).catch((error: unknown) => {
  if (error instanceof EntryPointError) console.log(error.code, error.rollback.outcome);
});
await firstValueFrom(board.trace.pipe(filter(({ type }) => type === 'answered')));
await emulated.unplug({ power: 'lost' });
await emulated.plug();
await call;
console.log(servo.degrees, await servo.slice.CC.read());
await servo.angle(45);

await board.close();
emulated.dispose();
