/** A port expander behind I²C, for `fgft inject sweep`: each register access is a transfer on a bus. */
import { defineWorkload } from '../runtime/inject/index.js';
import { Mcp23017Port } from '../peripherals/mcp23017/index.js';
import { mcp23017Model } from '../peripherals/mcp23017/model.js';
import { I2cBus, pico } from '../peripherals/rp2040/index.js';

const ADDRESS = 0x20;

export default defineWorkload({
  name: 'Mcp23017Port.output',
  board: pico,
  connect(emulated) {
    emulated.connectI2c(0, ADDRESS, mcp23017Model({ address: ADDRESS }));
  },
  async prepare(board) {
    await new I2cBus(board, 0).start({ sda: 4, scl: 5, hz: 400_000 });
    const port = new Mcp23017Port(board, { index: 0, target: ADDRESS }, 'a');
    await port.output(0x0f, 0x05);
    return port;
  },
  call: (port) => port.output(0xff, 0xa5),
  state: () => null,
});
