/** A lamp that is broken, and one that stays lit because of it, on an emulated Uno or on a real one: `tsx examples/uno.ts [PORT]`. */
import { readFile } from 'node:fs/promises';
import { uno } from '../peripherals/atmega328p/index.js';
import { EntryPointError, open, systemEnvironment } from '../runtime/index.js';
import { emulatedUno } from '../transports/emulator/index.js';
import { serial, serialLink } from '../transports/serial/index.js';
import { TrafficLight } from './uno-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-atmega328p.bin', import.meta.url));
const emulated = emulatedUno({ image, environment: systemEnvironment });
emulated.plug();

const [path] = process.argv.slice(2);
const line = serialLink('an emulated Uno', (listener) => emulated.serialPort(listener), systemEnvironment);
const board = await open(path === undefined ? line : serial({ path }), uno);
console.log(`${board.hello.board}, firmware ${board.hello.firmware}`);

const light = new TrafficLight(board);
await light.show('red');
emulated.chip.setPin('PD7', true);
try {
  await light.show('green');
} catch (error) {
  if (error instanceof EntryPointError) console.log(error.code, error.rollback.outcome);
}
const lit = await Promise.all(light.lamps.map(async ({ PORT }) => (await PORT.read()).HIGH));
console.log(light.colour, lit);

await board.close();
emulated.dispose();
