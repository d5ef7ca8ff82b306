/** The conformance suite over the paths that need nothing but this process. */
import { emulatedBoard, emulatedUno } from '../../transports/emulator/index.js';
import { serialLink } from '../../transports/serial/index.js';
import { webUsb } from '../../transports/webusb.js';
import { image } from '../emulated.js';
import { fullUnoImage, unoImage } from '../emulated-uno.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../transports/virtual-environment.js';
import { conformance } from './mocha.js';
import { picoFamily } from './pico.js';
import { unoFamily } from './uno.js';

/** A turn of the event loop for each so many virtual ms: in between, the board works. */
const STEP_MS = 10;

const passing =
  (environment: VirtualEnvironment, board: { advance(ms: number): void }) =>
  async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      environment.advance(STEP_MS);
      board.advance(STEP_MS);
    }
  };

function emulated() {
  const environment = virtualEnvironment();
  const board = emulatedBoard({ image, environment, power: 'kept' });
  return {
    board,
    environment,
    pass: passing(environment, board),
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

for (const [name, firmware] of [
  ['the emulated Uno, over its serial port', unoImage],
  ['the emulated Uno with the full firmware, over its serial port', fullUnoImage],
] as const) {
  const environment = virtualEnvironment();
  const uno = emulatedUno({ image: firmware, environment, power: 'kept', resetOnOpen: false });
  conformance(name, {
    family: unoFamily,
    exclusive: true,
    async transport() {
      uno.plug();
      return serialLink('the emulated Uno', (listener) => uno.serialPort(listener), environment);
    },
    pass: passing(environment, uno),
    cable: {
      unplug: async () => uno.unplug(),
      plug: async () => uno.plug(),
    },
    close: () => uno.dispose(),
  });
}
