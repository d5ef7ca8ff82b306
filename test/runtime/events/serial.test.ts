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
    const port = serialLink('the port', (listener) => emulated.serialPort(listener), environment);
    const overSerial = await open(port, pico);
    const elsewhere = webUsb(device, environment);
    await elsewhere.open();
    const closed = assert.rejects(elsewhere.receive(), { code: 'link-closed' });
    const heard = hear(overSerial, PIN);
    await heard.until(1);
    emulated.chip.setPin(PIN, true);
    await heard.until(2);
    emulated.chip.setPin(PIN, false);
    assert.deepEqual(await heard.until(3), ['watching', 'rising', 'falling']);
    await quiet();
    await elsewhere.close();
    await closed;
    await overSerial.close();
    emulated.dispose();
  });
});
