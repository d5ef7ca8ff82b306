/** The servo of servo-driver.ts, with its entry points in a worker thread. Whoever deploys a driver decides that. */
import { readFile } from 'node:fs/promises';
import { pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, isolate, open, systemEnvironment } from '../runtime/index.js';
import { nodeThreads } from '../runtime/isolation/node.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Servo } from './servo-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);

const servo = new Servo(board, 2);
const isolation = isolate(servo, {
  module: new URL('./servo-driver.js', import.meta.url),
  threads: nodeThreads({ memoryMb: 32 }),
});

await servo.angle(90);
try {
  await servo.angle(12_345);
} catch (error) {
  if (error instanceof EntryPointError) console.log(error.code, error.rollback.outcome);
}
console.log(servo.degrees, servo.moves);

isolation.close();
await board.close();
emulated.dispose();
