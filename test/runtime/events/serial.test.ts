import assert from 'node:assert/strict';
import { pico } from '../../../peripherals/rp2040/index.js';
import { open } from '../../../runtime/index.js';
import { emulatedBoard } from '../../../transports/emulator/index.js';
import { serialLink } from '../../../transports/serial/index.js';
import { webUsb } from '../../../transports/webusb.js';
import { image } from '../../emulated.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { hear, quiet } from './blinker.js';

const PIN = 5;

describe('Events of a board with two ways to it', () => {
  it('go to the way over which the session was opened', async () => {
    const environment = virtualEnvironment();
    const emulated = emulatedBoard({ image, environment });
    const device = await emulated.plug();
    const overUsb = await open(webUsb(device, environment), pico);
    const first = hear(overUsb, PIN);
    await first.until(1);
    const port = serialLink('the port', (listener) => emulated.serialPort(listener), environment);
    const overSerial = await open(port, pico);
    const second = hear(overSerial, PIN);
    await second.until(1);
    emulated.chip.setPin(PIN, true);
    await second.until(2);
    emulated.chip.setPin(PIN, false);
    assert.deepEqual(await second.until(3), ['watching', 'rising', 'falling']);
    await quiet();
    assert.deepEqual(first.heard, ['watching']);
    await overSerial.close();
    await overUsb.close();
    emulated.dispose();
  });
});
