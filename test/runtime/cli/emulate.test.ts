import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo } from 'node:net';
import { decode, sizeOf } from '../../../transports/usbip/codec.js';
import { DEVICE, OPERATION, STATUS } from '../../../transports/usbip/messages.js';
import { Client } from '../../transports/usbip/client.js';
import { fgft } from './running.js';

/** A client over TCP; `closed` resolves when the server has closed the connection. */
function dial(port: number): { client: Client; closed: Promise<void>; hangUp: () => void } {
  const socket = connect(port, '127.0.0.1');
  const client = new Client();
  socket.on('data', (bytes) => client.line.write(bytes));
  client.connect({ bytes: (bytes) => void socket.write(bytes), ended: () => void socket.destroy() });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { client, closed, hangUp: () => socket.destroy() };
}

describe('fgft emulate', () => {
  it('lends boards over TCP until it is interrupted, and says who has them', async () => {
    const running = fgft('emulate', '--usbip', '0', '--count', '2', '--json');
    const [line] = await running.until(/^.*\n/);
    const { event, host, port, boards } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual([event, host], ['listening', '127.0.0.1']);
    assert.deepEqual(boards, [
      { busId: '1-1', serialNumber: 'F6F7000000000001' },
      { busId: '1-2', serialNumber: 'F6F7000000000002' },
    ]);

    const first = dial(port as number);
    assert.equal(await first.client.attach('1-2'), STATUS.ok);
    await running.until(/{"event":"attached","busId":"1-2"}\n/);
    const setup = [0x80, 6, 0, 1, 0, 0, 18, 0];
    assert.equal((await first.client.transfer({ endpoint: 0, setup, ask: 18 })).length, 18);
    first.hangUp();
    await running.until(/{"event":"detached","busId":"1-2"}\n/);

    const second = dial(port as number);
    assert.equal(await second.client.attach('1-2'), STATUS.ok);
    running.interrupt();
    await second.closed;
    assert.equal(await running.code, 0);
    assert.equal(running.said.err, '');
  });

  it('tells people how to attach what it lends', async () => {
    const running = fgft('emulate', '--usbip', '0');
    const [, port] = await running.until(/^Lending at 127\.0\.0\.1, port (\d+):\n {2}1-1 {2}Raspberry Pi Pico/);
    await running.until(new RegExp(`usbip --tcp-port ${port} attach -r 127\\.0\\.0\\.1 -b 1-1\n`));
    const { client } = dial(Number(port));
    client.operation(OPERATION.listRequest);
    const list = await client.take(12 + sizeOf(DEVICE));
    assert.equal(decode(DEVICE, list.subarray(12)).busId, '1-1');
    running.interrupt();
    assert.equal(await running.code, 0);
  });

  it('says when the port is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, said } = fgft('emulate', '--usbip', String(port));
    assert.equal(await code, 1);
    assert.match(said.err, new RegExp(`^fgft: Port ${port} of 127.0.0.1 is taken\\. .*--usbip.*\\[port-taken\\]\n$`));
    other.close();
  });

  it('says when it cannot listen at an address', async () => {
    const { code, said } = fgft('emulate', '--usbip', '0', '--host', '192.0.2.1');
    assert.equal(await code, 1);
    assert.match(said.err, /192\.0\.2\.1: this machine does not have that address\. \[port-refused\]/);
  });

  for (const [what, args, message] of [
    ['another board', ['--board', 'mega'], /no board mega to emulate/],
    ['a Pico over TCP', ['--tcp', '0'], /--tcp is for an Uno/],
    ['a port that there is not', ['--usbip', '65536'], /--usbip is a number from 0 to 65535, not 65536/],
    ['no boards', ['--count', '0'], /--count is a number from 1 to 8, not 0/],
    ['more boards than a controller has ports', ['--count', '9'], /--count is a number from 1 to 8/],
    ['an option that it does not have', ['--speed', '3'], /--speed/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { code, said } = fgft('emulate', ...args);
      assert.equal(await code, 2);
      assert.match(said.err, message);
      assert.match(said.err, /fgft emulate --help says what it takes\. \[usage\]/);
    });
  }
});
