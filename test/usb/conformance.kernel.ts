/** The conformance suite through Linux: npm `usb` in both versions, and the serial port through `@serialport/stream`. */
import { conformance } from '../conformance/mocha.js';
import { picoFamily } from '../conformance/pico.js';
import { KernelBoard } from './kernel-board.js';
import { LINK_NAMES, LINKS } from './links.js';

describe('Over Linux', () => {
  let board: KernelBoard;
  before(() => {
    board = new KernelBoard();
  });
  after(() => board.close());

  for (const name of LINK_NAMES)
    conformance(`Linux, ${name}`, {
      family: picoFamily,
      exclusive: true,
      async transport() {
        await board.plug();
        return LINKS[name]();
      },
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      cable: { unplug: () => board.unplug(), plug: () => board.plug() },
      close: () => {},
    });
});
