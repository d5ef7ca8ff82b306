/** Runs the thermometer on an emulated board, with a chip made of four registers behind its I²C bus. */
import { readFile } from 'node:fs/promises';
import { I2cBus, pico } from '../peripherals/rp2040/index.js';
import { EntryPointError, open, systemEnvironment } from '../runtime/index.js';
import { emulatedBoard, type I2cTarget } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Thermometer } from './thermometer-driver.js';

/** As far as the example needs it: a pointer byte, then registers of two bytes (TMP102 datasheet 6.5). It is 21.5 °C. */
function emulatedTmp102(): I2cTarget & { readonly registers: Uint16Array } {
  const registers = Uint16Array.of(21.5 * 256, 0x60a0, 0x4b00, 0x5000);
  const bytes = new DataView(registers.buffer);
  const littleEndian = (at: number): number => (at & ~1) | (~at & 1);
  let pointer: number | undefined;
  let next = 0;
  return {
    registers,
    start(direction) {
      if (direction === 'write') pointer = undefined;
      next = 0;
      return true;
    },
    write(byte) {
      if (pointer === undefined) pointer = byte & 3;
      else bytes.setUint8(littleEndian(pointer * 2 + (next++ % 2)), byte);
      return true;
    },
    read: () => bytes.getUint8(littleEndian((pointer ?? 0) * 2 + (next++ % 2))),
    stop: () => {},
  };
}

const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
const emulated = emulatedBoard({ image, environment: systemEnvironment });
const board = await open(webUsb(await emulated.plug()), pico);
const chip = emulatedTmp102();
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
