import assert from 'node:assert/strict';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { lend, serve, type LentBoard } from '../../../transports/usbip/index.js';
import { decode, encode, sizeOf } from '../../../transports/usbip/codec.js';
import {
  DEVICE,
  IMPORT_REQUEST,
  INTERFACE,
  LIST_REPLY,
  OPERATION,
  OPERATION_HEADER,
  STATUS,
} from '../../../transports/usbip/messages.js';
import { image } from '../../emulated.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { Client } from './client.js';

const GET_DEVICE = { endpoint: 0, setup: [0x80, 6, 0, 1, 0, 0, 18, 0], ask: 18 };

describe('The USB/IP server', () => {
  let boards: EmulatedBoard[];
  let lent: LentBoard[];
  let told: string[];
  let detached: (() => void)[];

  before(async () => {
    const environment = virtualEnvironment();
    boards = [1n, 2n].map((flashId) => emulatedBoard({ image, environment, power: 'kept', flashId }));
    lent = await lend(boards);
  });
  after(() => {
    for (const board of boards) board.dispose();
  });
  beforeEach(() => {
    told = [];
    detached = [];
  });

  function connect(): Client {
    const client = new Client();
    return client.connect(
      serve(client.line, lent, {
        attached: ({ busId }) => void told.push(`${busId} attached`),
        detached: ({ busId }) => {
          told.push(`${busId} detached`);
          for (const resolve of detached.splice(0)) resolve();
        },
      }),
    );
  }

  /** Resolves when the board can be had again. */
  async function hangUp(client: Client): Promise<void> {
    const gone = new Promise<void>((resolve) => detached.push(resolve));
    client.hangUp();
    await gone;
  }

  async function list(): Promise<string[]> {
    const client = connect();
    client.operation(OPERATION.listRequest);
    const { code, status } = decode(OPERATION_HEADER, await client.take(sizeOf(OPERATION_HEADER)));
    assert.deepEqual([code, status], [OPERATION.listReply, STATUS.ok]);
    const { devices } = decode(LIST_REPLY, await client.take(sizeOf(LIST_REPLY)));
    const found: string[] = [];
    for (let index = 0; index < devices; index++) {
      const device = decode(DEVICE, await client.take(sizeOf(DEVICE)));
      const classes: number[] = [];
      for (let each = 0; each < device.interfaces; each++)
        classes.push(decode(INTERFACE, await client.take(sizeOf(INTERFACE))).class);
      const ids = [device.vendor, device.product, device.speed, device.bus, device.number].map((id) => id.toString(16));
      found.push(`${device.busId} ${ids.join(' ')} [${classes.join()}]`);
    }
    assert.ok(client.isOver, 'one answer, and the line is closed');
    return found;
  }

  it('lists what is to be had: a vendor interface and a serial port each', async () => {
    assert.deepEqual(await list(), ['1-1 1209 1 2 1 2 [255,2,10]', '1-2 1209 1 2 1 3 [255,2,10]']);
  });

  it('lends a board to one client at a time, and again when that has hung up', async () => {
    const first = connect();
    assert.equal(await first.attach('1-1'), STATUS.ok);
    assert.equal((await first.transfer(GET_DEVICE)).status, 0);
    assert.equal((await list()).length, 1);
    assert.equal(await connect().attach('1-1'), STATUS.deviceBusy);
    await hangUp(first);
    const next = connect();
    assert.equal(await next.attach('1-1'), STATUS.ok);
    assert.equal((await next.transfer(GET_DEVICE)).status, 0);
    await hangUp(next);
    assert.deepEqual(told, ['1-1 attached', '1-1 detached', '1-1 attached', '1-1 detached']);
  });

  it('lends several at once', async () => {
    const clients = [connect(), connect()];
    for (const [index, client] of clients.entries()) assert.equal(await client.attach(`1-${index + 1}`), STATUS.ok);
    for (const client of clients) assert.equal((await client.transfer(GET_DEVICE)).status, 0);
    for (const client of clients) await hangUp(client);
    assert.equal((await list()).length, 2);
  });

  it('pulls the cable of a board that is detached, which keeps its power', async () => {
    const client = connect();
    await client.attach('1-1');
    assert.ok(boards[0]!.device);
    await hangUp(client);
    assert.equal(boards[0]!.device, undefined);
    assert.doesNotThrow(() => boards[0]!.read32(0x40050070), 'it runs');
  });

  it('says when there is no such board', async () => {
    assert.equal(await connect().attach('9-9'), STATUS.noDevice);
  });

  it('takes a request in pieces, and what comes behind it', async () => {
    const client = connect();
    const header = encode(OPERATION_HEADER, { version: 0x0111, code: OPERATION.importRequest, status: 0 });
    const body = encode(IMPORT_REQUEST, { busId: '1-2' });
    for (const byte of [...header, ...body]) client.send(Uint8Array.of(byte));
    await client.take(sizeOf(OPERATION_HEADER) + sizeOf(DEVICE));
    assert.equal((await client.transfer(GET_DEVICE)).status, 0);
    await hangUp(client);
  });

  it('has the board back when its client hangs up while it is plugged in', async () => {
    const client = connect();
    client.operation(OPERATION.importRequest, encode(IMPORT_REQUEST, { busId: '1-1' }));
    client.hangUp();
    while (lent[0]!.isTaken) await new Promise(setImmediate);
    assert.equal((await list()).length, 2);
  });

  it('ends the line at another version, or at nonsense', () => {
    for (const header of [
      { version: 0x0106, code: OPERATION.listRequest, status: 0 },
      { version: 0x0111, code: 0x4242, status: 0 },
    ]) {
      const client = connect();
      client.send(encode(OPERATION_HEADER, header));
      assert.ok(client.isOver);
    }
  });
});
