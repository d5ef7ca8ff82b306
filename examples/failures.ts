/** What the caller of an entry point can do with a failure. */
import { readFile } from 'node:fs/promises';
import { pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment, type FailureDetector } from '../runtime/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Dimmer } from './dimmer-driver.js';

/** Failures after which the same call may well succeed: nothing of it has happened. */
const WORTH_ANOTHER_TRY = new Set<FailureDetector>(['deadlock', 'lock-timeout', 'link-failure', 'controller-fault']);

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);
const dimmer = new Dimmer(board, 15);

async function attempt(call: () => Promise<void>, tries = 2): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof EntryPointError)) throw error;
    const { code, entryPoint, cause, rollback } = error;
    console.log(`${entryPoint}: ${code}, because: ${cause instanceof Error ? cause.message : String(cause)}`);
    if (rollback.outcome === 'unknown' || rollback.outcome === 'mismatch') {
      console.log('Look at the board before you go on:', rollback.mismatches, rollback.error);
    } else if (tries > 1 && WORTH_ANOTHER_TRY.has(code)) {
      await attempt(call, tries - 1);
    }
  }
}

await attempt(() => dimmer.set(2000));
await attempt(() => dimmer.set(500));
console.log(dimmer.brightness, await dimmer.level());

await board.close();
emulated.dispose();
