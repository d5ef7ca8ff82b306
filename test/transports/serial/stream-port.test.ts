import assert from 'node:assert/strict';
import { TransportError, type TransportErrorCode } from '../../../transports/errors.js';
import { streamPort } from '../../../transports/serial/stream-port.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { memoryBinding } from './memory-binding.js';

/** What bindings-cpp 13 says, on Linux, macOS and Windows. */
const OPEN_ERRORS: readonly (readonly [message: string, code: TransportErrorCode])[] = [
  ['Error: No such file or directory, cannot open /dev/ttyACM0', 'device-not-found'],
  ['Error: No such device or address, cannot open /dev/ttyS9', 'device-not-found'],
  ['Error: Permission denied, cannot open /dev/ttyACM0', 'access-denied'],
  ['Error: Device or resource busy, cannot open /dev/ttyACM0', 'device-busy'],
  ['Error Resource temporarily unavailable Cannot lock port', 'device-busy'],
  ['Opening COM3: Access denied', 'device-busy'],
  ['Opening COM9: File not found', 'device-not-found'],
  ['Error: Inappropriate ioctl for device, cannot open /dev/null', 'link-failed'],
];

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function opened() {
  const { binding, ports } = memoryBinding();
  const environment = virtualEnvironment();
  const open = streamPort({ path: '/dev/ttyACM0', binding }, environment);
  const received: number[][] = [];
  const lost: unknown[] = [];
  const listener = {
    bytes: (bytes: Uint8Array) => received.push([...bytes]),
    lost: (cause: unknown) => lost.push(cause),
  };
  return { open, environment, ports, received, lost, listener, port: await open(listener), memory: ports[0]! };
}

describe('A port over @serialport/stream', () => {
  it('opens with 115200 baud, for itself alone, with DTR that falls at the end', async () => {
    const { memory } = await opened();
    assert.deepEqual(memory.openOptions, { path: '/dev/ttyACM0', baudRate: 115_200, hupcl: true });
  });

  it('passes on what was asked for instead', async () => {
    const { binding, ports } = memoryBinding();
    const listener = { bytes: () => {}, lost: () => {} };
    await streamPort({ path: 'COM3', baudRate: 9600, hupcl: false, binding }, virtualEnvironment())(listener);
    assert.deepEqual(ports[0]!.openOptions, { path: 'COM3', baudRate: 9600, hupcl: false });
  });

  it('carries bytes both ways', async () => {
    const { port, memory, received } = await opened();
    await port.write(Uint8Array.of(1, 0, 255));
    assert.deepEqual(memory.written, [1, 0, 255]);
    await turn();
    memory.say([7, 8]);
    await turn();
    memory.say([9]);
    await turn();
    assert.deepEqual(received, [[7, 8], [9]]);
  });

  for (const [message, code] of OPEN_ERRORS)
    it(`says ${code} for '${message}'`, async () => {
      const { binding, state } = memoryBinding();
      state.openError = new Error(message);
      const error: unknown = await streamPort(
        { path: 'COM3', binding },
        virtualEnvironment(),
      )({ bytes() {}, lost() {} }).catch((reason: unknown) => reason);
      assert.ok(error instanceof TransportError, String(error));
      assert.deepEqual([error.code, error.cause], [code, state.openError]);
      assert.ok(error.message.startsWith(`serial COM3: ${message}. `) && error.message.length > message.length + 25);
    });

  it('tells of a port that vanishes under a read', async () => {
    const { memory, lost } = await opened();
    await turn();
    memory.fail(new Error('ENXIO: no such device or address, read'));
    await turn();
    assert.match(String(lost[0]), /ENXIO/);
  });

  it('notices within 250 ms that a port was hung up, though its reads do not fail, and closes it', async () => {
    const { environment, memory, lost } = await opened();
    memory.getError = new Error('Error: Input/output error, cannot get');
    environment.advance(250);
    await turn();
    assert.match(String(lost[0]), /Input\/output error/);
    await turn();
    assert.deepEqual([memory.isOpen, environment.timers], [false, 0]);
  });

  it('takes nothing else for that: a pseudo terminal has no modem lines', async () => {
    const { environment, memory, lost, port } = await opened();
    memory.getError = new Error('Error: Inappropriate ioctl for device, cannot get');
    for (let looks = 1; looks <= 3; looks++) {
      environment.advance(250);
      await turn();
      assert.equal(memory.gets, looks);
    }
    assert.deepEqual(lost, []);
    await port.close();
    assert.equal(environment.timers, 0, 'and stops looking when it is closed');
  });

  it('fails a write that the line refuses, and tells that the port is lost', async () => {
    const { port, memory, lost } = await opened();
    memory.writeError = new Error('EIO: i/o error, write');
    await assert.rejects(port.write(Uint8Array.of(1)), /EIO/);
    await turn();
    assert.ok(lost.length > 0);
  });

  it('can be closed twice, and after it was lost', async () => {
    const { port, memory } = await opened();
    await port.close();
    await port.close();
    assert.deepEqual([memory.isOpen, memory.closes], [false, 1]);
    const other = await opened();
    await turn();
    other.memory.fail(new Error('ENXIO'));
    await turn();
    await other.port.close();
    assert.equal(other.memory.closes, 1);
  });

  it('opens another stream for the next connection', async () => {
    const { open, port, ports, listener } = await opened();
    await port.close();
    const next = await open(listener);
    await next.write(Uint8Array.of(5));
    assert.deepEqual(
      ports.map(({ written }) => written),
      [[], [5]],
    );
  });
});
