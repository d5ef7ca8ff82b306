/** Shows which calls of the heater fail, and what is left of them. */
import { readFile } from 'node:fs/promises';
import { pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, setPolicies, systemEnvironment } from '../runtime/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Heater } from './heater-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);
const heater = new Heater(board);

async function attempt(what: string, call: Promise<unknown>): Promise<void> {
  const outcome = await call.then(
    () => 'done',
    (error: unknown) => (error instanceof EntryPointError ? error.code : String(error)),
  );
  console.log(`${what}: ${outcome}; duty ${heater.duty}, register ${(await heater.slice.CC.read()).A}`);
}

await attempt('heat(50)', heater.heat(50));
await attempt('heat(101)', heater.heat(101));
await attempt('heat(90)', heater.heat(90));
await attempt('nudge(40)', heater.nudge(40));
// Whoever deploys the driver has the last word, without touching it.
setPolicies(heater, { heat: 'native' });
await attempt('heat(90), native', heater.heat(90));

await board.close();
emulated.dispose();
