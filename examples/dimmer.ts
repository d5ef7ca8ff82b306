/** A fade that fails half-way, and a scene that cannot be shown. */
import { readFile } from 'node:fs/promises';
import { pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment } from '../runtime/index.js';
import { nodeContext } from '../runtime/context/node.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Dimmer } from './dimmer-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico, { context: nodeContext });

const dimmer = new Dimmer(board, 15);
await dimmer.start();
await dimmer.set(200);
dimmer.scenes.set('dazzling', 5000).set('reading', 700);

try {
  await dimmer.fade(1100, 4);
} catch (error) {
  if (error instanceof EntryPointError) console.log(error.code, error.within, error.rollback.outcome);
}
console.log(dimmer.brightness, await dimmer.level());
console.log(await dimmer.show('dazzling', 'reading'), await dimmer.level());

await board.close();
emulated.dispose();
