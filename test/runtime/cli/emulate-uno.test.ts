import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { uno } from '../../../peripherals/atmega328p/index.js';
import { open } from '../../../runtime/index.js';
import { systemEnvironment } from '../../../transports/environment.js';
import { serialLink } from '../../../transports/serial/index.js';
import type { Transport } from '../../../transports/transport.js';
import { fgft } from './running.js';

/** The serial line that is lent at a port, without a tty in between. */
const overTcp = (port: number): Transport =>
  serialLink(
    `TCP ${port}`,
    async (listener) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('data', (bytes) => listener.bytes(bytes));
      socket.on('close', () => listener.lost(new Error('The connection has ended.')));
      return {
        write: async (data) => void socket.write(data),
        close: async () => void socket.destroy(),
      };
    },
    systemEnvironment,
  );

describe('fgft emulate --board uno', () => {
  it('lends the serial line of one board over TCP until it is interrupted', async () => {
    const running = fgft('emulate', '--board', 'uno', '--json');
    const [, line] = await running.until(/^(.*)\n/);
    const { event, host, port } = JSON.parse(line!) as Record<string, unknown>;
    assert.deepEqual([event, host], ['listening', '127.0.0.1']);

    const first = await open(overTcp(port as number), uno);
    await running.until(/{"event":"attached"}\n/);
    await first.timer0.a.OCR.write(123);
    const { epoch } = first.link;
    const second = connect(port as number, '127.0.0.1');
    await once(second, 'close');
    await first.close();
    await running.until(/{"event":"detached"}\n/);

    const again = await open(overTcp(port as number), uno);
    assert.equal(again.link.epoch, epoch, 'the board was not restarted');
    assert.equal(await again.timer0.a.OCR.read(), 123);
    await again.close();
    running.interrupt();
    assert.equal(await running.code, 0);
    assert.equal(running.said.err, '');
  });

  it('tells people how to make a serial port of it', async () => {
    const running = fgft('emulate', '--board', 'uno');
    const [, port] = await running.until(/^The serial line of an Arduino Uno is at 127\.0\.0\.1, port (\d+)\./);
    await running.until(new RegExp(`socat PTY,link=/tmp/uno,raw,echo=0,ignoreeof TCP:127\\.0\\.0\\.1:${port}\n`));
    running.interrupt();
    assert.equal(await running.code, 0);
  });

  for (const [what, args, message] of [
    ['USB', ['--usbip', '0'], /no USB of its own/],
    ['several', ['--count', '2'], /Only Picos can be several/],
    ['a port that there is not', ['--tcp', '65536'], /--tcp is a number from 0 to 65535, not 65536/],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { code, said } = fgft('emulate', '--board', 'uno', ...args);
      assert.equal(await code, 2);
      assert.match(said.err, message);
    });
});
