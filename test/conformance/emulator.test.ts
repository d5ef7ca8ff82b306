/** The conformance suite over the paths that need nothing but this process. */
import { emulatedBoard } from '../../transports/emulator/index.js';
import { serialLink } from '../../transports/serial/index.js';
import { webUsb } from '../../transports/webusb.js';
import { image } from '../emulated.js';
import { virtualEnvironment } from '../../transports/virtual-environment.js';
import { conformance } from './mocha.js';
import { picoFamily } from './pico.js';

/** A turn of the event loop for each so many virtual ms: in between, the board works. */
const STEP_MS = 10;

function emulated() {
  const environment = virtualEnvironment();
  const board = emulatedBoard({ image, environment, power: 'kept' });
  return {
    board,
    environment,
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
        environment.advance(STEP_MS);
        board.advance(STEP_MS);
      }
    },
    cable: {
      unplug: () => board.unplug(),
      plug: async () => void (await board.plug()),
    },
    close: () => board.dispose(),
  };
}

const usb = emulated();
conformance('the emulated board, over WebUSB', {
  ...usb,
  family: picoFamily,
  exclusive: true,
  transport: async () => webUsb(await usb.board.plug(), usb.environment),
});

const serial = emulated();
conformance('the emulated board, over its serial port', {
  ...serial,
  family: picoFamily,
  exclusive: false,
  async transport() {
    await serial.board.plug();
    return serialLink('the emulated port', (listener) => serial.board.serialPort(listener), serial.environment);
  },
});
