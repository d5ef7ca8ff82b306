/** Runs the thermometer on an emulated board, with a chip made of four registers behind its I²C bus. */
import { readFile } from 'node:fs/promises';
import { I2cBus, pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment } from '../runtime/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Thermometer } from './thermometer-driver.js';
import { tmp102Model } from './tmp102-model.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);
const chip = tmp102Model();
emulated.connectI2c(0, 0x48, chip);

await new I2cBus(board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
const thermometer = new Thermometer(board, { index: 0, target: 0x48 });
await thermometer.guard(10, 30);
try {
  await thermometer.guard(30, 40);
} catch (error) {
  if (error instanceof EntryPointError) console.log(error.message);
}
console.log(thermometer.alarm, chip.registers);

await board.close();
emulated.dispose();
