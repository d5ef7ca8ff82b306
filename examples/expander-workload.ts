/** Lamps on a port expander behind I²C, for `fgft inject sweep`: each register access is a transfer on a bus. */
import { defineWorkload } from '../runtime/inject/index.js';
import { Mcp23017Port } from '../peripherals/mcp23017/index.js';
import { mcp23017Model } from '../peripherals/mcp23017/model.js';
import { I2cBus, pico } from '../peripherals/rp2040/index.js';
import { entryPoint, state, type BoardSession } from '../runtime/index.js';

const ADDRESS = 0x20;

class Lamps extends Mcp23017Port {
  @state accessor lit = 0;

  constructor(board: BoardSession) {
    super(board, { index: 0, target: ADDRESS }, 'a');
  }

  @entryPoint
  async light(lamps: number): Promise<void> {
    this.lit = lamps;
    await this.output(0xff, lamps);
  }
}

export default defineWorkload({
  name: 'Lamps.light',
  board: pico,
  connect(buses) {
    buses.connectI2c(0, ADDRESS, mcp23017Model({ address: ADDRESS }));
  },
  async prepare(board) {
    await new I2cBus(board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
    const lamps = new Lamps(board);
    await lamps.light(0x05);
    return lamps;
  },
  call: (lamps) => lamps.light(0xa5),
  state: ({ lit }) => lit,
});
