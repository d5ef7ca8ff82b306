/** The conformance suite over a real tty: an emulated Uno through `@serialport/stream` and its default binding. */
import { serial } from '../../transports/serial/index.js';
import { conformance } from '../conformance/mocha.js';
import { unoFamily } from '../conformance/uno.js';
import { UnoOnPty } from './uno-board.js';

describe('Over a pseudo-terminal', () => {
  let uno: UnoOnPty;
  before(() => {
    uno = new UnoOnPty();
  });
  after(() => uno.close());

  conformance('an Uno, @serialport/stream', {
    family: unoFamily,
    exclusive: true,
    transport: async () => serial({ path: await uno.plug() }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    cable: { unplug: () => uno.unplug(), plug: async () => void (await uno.plug()) },
    close: () => {},
  });
});
