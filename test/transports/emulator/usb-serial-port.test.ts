import assert from 'node:assert/strict';
import { Servo } from '../../../examples/servo-driver.js';
import { pico } from '../../../peripherals/rp2040/index.js';
import { EntryPointError, open } from '../../../runtime/index.js';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { serialLink } from '../../../transports/serial/index.js';
import type { Transport } from '../../../transports/transport.js';
import { image } from '../../emulated.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';

const CH1_TOP = 0x40050024;

describe('The serial port of the emulated board', () => {
  const environment = virtualEnvironment();
  let emulated: EmulatedBoard;
  beforeEach(async () => {
    emulated = emulatedBoard({ image, environment });
    await emulated.plug();
  });
  afterEach(() => {
    assert.deepEqual(emulated.warnings, []);
    emulated.dispose();
  });

  const overSerial = (): Transport =>
    serialLink('the emulated port', (listener) => emulated.serialPort(listener), environment);

  it('carries a driver, whose call fails without a trace', async () => {
    const board = await open(overSerial(), pico);
    const servo = new Servo(board, 2);
    await servo.angle(90);
    const top = emulated.read32(CH1_TOP);
    assert.equal(top, 19_999);
    await assert.rejects(servo.angle(12_345, 400), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.deepEqual([error.code, error.rollback.outcome], ['register-contract', 'restored']);
      return true;
    });
    assert.equal(emulated.read32(CH1_TOP), top);
    assert.equal(servo.degrees, 90);
    await board.close();
  });

  it('can be opened again and again, by the same link', async () => {
    const link = overSerial();
    for (let i = 0; i < 3; i++) {
      const board = await open(link, pico);
      await new Servo(board, 2).angle(10 * i);
      await board.close();
    }
  });

  it('refuses what was written after it was closed, and is not there without a device', async () => {
    const port = await emulated.serialPort({ bytes: () => {}, lost: () => assert.fail('it was closed') });
    await port.close();
    await port.close();
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'link-closed' });
    await emulated.unplug();
    await assert.rejects(emulated.serialPort({ bytes: () => {}, lost: () => {} }), { code: 'device-not-found' });
  });

  it('tells when it is lost', async () => {
    const lost: unknown[] = [];
    const port = await emulated.serialPort({ bytes: () => {}, lost: (cause) => lost.push(cause) });
    await emulated.unplug();
    assert.deepEqual(
      lost.map((cause) => (cause as { code: string }).code),
      ['device-lost'],
    );
    await assert.rejects(port.write(Uint8Array.of(1)), { code: 'link-closed' });
  });
});
