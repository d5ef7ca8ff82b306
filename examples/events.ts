/** A button and a lamp: what happens on a pin is told, but not what a call did that was undone. */
import { readFile } from 'node:fs/promises';
import { filter, firstValueFrom, lastValueFrom, share, take, tap, type Observable } from 'rxjs';
import { edges, pico, type Edge } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment, type Notice } from '../runtime/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Lamp } from './lamp-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);
const lamp = new Lamp(board, 15);
await lamp.setUp();

/** Resolves when the controller notes what happens. */
const watching = (pin: Observable<Edge | Notice>) =>
  firstValueFrom(pin.pipe(filter(({ type }) => type === 'watching')));

const button = edges(board, board.pin[14]!, 'rising').pipe(share());
const pressed = firstValueFrom(button.pipe(filter(({ type }) => type === 'edge')));
await watching(button);
emulated.chip.setPin(14, true);
await pressed;
console.log('pressed');

const light = edges(board, board.pin[15]!).pipe(
  tap((told) => console.log(told.type === 'edge' ? `light ${told.rising ? 'on' : 'off'}` : told.type)),
  share(),
);
const flashed = lastValueFrom(light.pipe(take(3)));
await watching(light);
await lamp.flash(2.7).catch((error: unknown) => {
  if (error instanceof EntryPointError) console.log(error.code, error.rollback.outcome);
});
await lamp.flash(3.3);
await flashed;

await board.close();
emulated.dispose();
