/** Tests of a servo on a board, with mocha: each begins with the registers that the one before has found. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pico } from '../peripherals/rp2040/index.js';
import { open, systemEnvironment, type Board } from '../runtime/index.js';
import { guardBoard } from '../runtime/testing/index.js';
import { emulatedBoard } from '../transports/emulator/index.js';
import { webUsb } from '../transports/webusb.js';
import { Servo } from './servo-driver.js';

describe('A servo', () => {
  let board: Board<(typeof pico)['peripherals']>;
  let servo: Servo;
  before(async () => {
    const image = await readFile(new URL('../firmware/images/fgft-rp2040.bin', import.meta.url));
    const emulated = emulatedBoard({ image, environment: systemEnvironment });
    board = await open(webUsb(await emulated.plug()), pico);
    servo = new Servo(board, 2);
    await servo.angle(90);
  });
  after(() => board.close());

  guardBoard({ board: () => board, peripherals: () => [servo.pin, servo.slice] });

  it('stays where it is when it is told to', async () => {
    await servo.angle(90);
    assert.equal((await servo.slice.CC.read()).A, 1500);
  });

  it('is left somewhere else', () => servo.angle(45));

  it('is where it was all the same', async () => {
    assert.equal((await servo.slice.CC.read()).A, 1500);
  });
});
