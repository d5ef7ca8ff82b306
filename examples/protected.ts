/** Runs the protected driver on an emulated board, with a loose contact while the driver is setting the chip up. */
import { readFile } from 'node:fs/promises';
import { pca9685Model } from '../peripherals/pca9685/model.js';
import { I2cBus, pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment } from '../runtime/index.js';
import { emulatedBoard, type I2cTarget } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { servosOn } from './protected-driver.js';

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);
const chip = pca9685Model({ clock: emulated.chip });

/** The chip, whose tenth START does not get through. */
let starts = 0;
const loose: I2cTarget = {
  start: (direction) => ++starts !== 10 && chip.start(direction),
  write: (byte) => chip.write(byte),
  read: () => chip.read(),
  stop: () => chip.stop(),
};
emulated.connectI2c(0, 0x40, loose);
await new I2cBus(board, 0).start({ sda: 4, scl: 5, hz: 400_000 });

const servos = await servosOn(board);
const before = chip.registers.join();
try {
  await servos.init(0.001, 0.002, 90);
} catch (error) {
  if (error instanceof EntryPointError) console.log(error.message);
}
console.log('chip as before:', chip.registers.join() === before, '– fields as before:', servos.i2cSlave === null);

await servos.init(0.001, 0.002, 90);
await servos.setServo(3, 45);
const [low, high] = chip.registers.subarray(0x06 + 4 * 3 + 2);
console.log('servo 3 stands at', low! | (high! << 8), 'of 4096');

await board.close();
emulated.dispose();
