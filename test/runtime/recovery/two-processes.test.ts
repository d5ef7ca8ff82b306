import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { systemEnvironment } from '../../../transports/environment.js';
import { image } from '../../emulated.js';
import { describeDevice, lendDevice } from '../../usb-over-ipc.js';

/** GPIO_OUT (RP2040 datasheet 2.3.1.7), read past the firmware. */
const GPIO_OUT = 0xd0000010;

describe('Two processes on one board', function () {
  this.timeout(30_000);
  let emulated: EmulatedBoard;
  const children: ChildProcess[] = [];

  /** Starts a process that uses the board; resolves with the first thing that it says. */
  async function start(program: string): Promise<{ child: ChildProcess; said: unknown }> {
    const device = emulated.device!;
    const child = fork(new URL(program, import.meta.url), [JSON.stringify(describeDevice(device))], {
      serialization: 'advanced',
      execArgv: ['--import', 'tsx'],
    });
    children.push(child);
    lendDevice(device, child);
    const said = await new Promise((resolve, reject) => {
      child.on('message', (message: { id?: unknown }) => {
        if (typeof message.id !== 'number') resolve(message);
      });
      child.once('exit', (code) => reject(new Error(`the child ended with ${code} before it said anything`)));
    });
    return { child, said };
  }

  beforeEach(async () => {
    emulated = emulatedBoard({ image, environment: systemEnvironment });
    await emulated.plug();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    emulated.dispose();
  });

  it('the second is refused with a sentence, and the first does not notice', async () => {
    const before = emulated.read32(GPIO_OUT);
    const first = await start('../holding-host.ts');
    assert.equal(first.said, 'holding');
    const during = emulated.read32(GPIO_OUT);
    assert.notEqual(during, before);
    const { said } = await start('./opening-host.ts');
    const { code, message } = said as { code: string; message: string };
    assert.equal(code, 'device-busy');
    assert.match(message, /cannot be claimed: Unable to claim interface\. Another program, .* keep it from us/);
    assert.equal(emulated.read32(GPIO_OUT), during, 'its transaction goes on');
    assert.equal(first.child.exitCode, null);
  });

  it('the second can have it when the first has ended, and what that left open is rolled back', async () => {
    const before = emulated.read32(GPIO_OUT);
    const { child } = await start('../holding-host.ts');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    while (emulated.device!.opened) await new Promise((resolve) => setImmediate(resolve));
    const { said } = await start('./opening-host.ts');
    assert.deepEqual(said, { code: 'opened', message: '' });
    assert.equal(emulated.read32(GPIO_OUT), before);
  });
});
