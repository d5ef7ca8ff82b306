import assert from 'node:assert/strict';
import { emulatedBoard, type EmulatedBoard } from '../../../transports/emulator/index.js';
import { serveUrbs } from '../../../transports/usbip/index.js';
import { ERRNO } from '../../../transports/usbip/urbs.js';
import { image } from '../../emulated.js';
import { virtualEnvironment } from '../../../transports/virtual-environment.js';
import { echo, FRAMES, hello, IN, OUT } from '../real-board.js';
import { Client } from './client.js';

const GET_DEVICE = [0x80, 6, 0, 1, 0, 0, 18, 0];
const GET_CONFIGURATION = [0x80, 8, 0, 0, 0, 0, 1, 0];
const SET_CONFIGURATION = [0, 9, 1, 0, 0, 0, 0, 0];
const SET_INTERFACE = [1, 11, FRAMES, 0, 0, 0, 0, 0];
const GET_INTERFACE = [0x81, 10, 0, 0, 0, 0, 1, 0];
const NO_REQUEST = [0xc0, 0x99, 0, 0, 0, 0, 4, 0];
const FIRST_ASK = [0x80, 6, 0, 1, 0, 0, 64, 0];
const RESET_PORT = [0x23, 3, 4, 0, 0, 0, 0, 0];
const SET_ADDRESS = [0, 5, 77, 0, 0, 0, 0, 0];
const NOTIFICATIONS = 3;
const SESSION = 0x4711;
const SHORT_NOT_OK = 1;
const EREMOTEIO = -121;

describe('A board that a kernel has over USB/IP', () => {
  let board: EmulatedBoard;
  let client: Client;

  beforeEach(async () => {
    board = emulatedBoard({ image, environment: virtualEnvironment(), power: 'kept' });
    await board.plug();
    client = new Client();
    client.connect(serveUrbs(client.line, board));
  });
  afterEach(() => board.dispose());

  const control = (setup: readonly number[]) =>
    client.transfer({ endpoint: 0, setup, ...(setup[0]! & 0x80 ? { ask: setup[6]! } : {}) });
  const configure = async () => {
    assert.equal((await control(SET_CONFIGURATION)).status, 0);
    assert.equal((await control(SET_INTERFACE)).status, 0);
  };
  const configuration = async () => (await control(GET_CONFIGURATION)).data[0];

  async function ask(frame: Uint8Array): Promise<Uint8Array> {
    const answer = client.submit({ endpoint: IN, ask: 1088 });
    assert.equal((await client.transfer({ endpoint: OUT, send: frame })).status, 0);
    return (await client.answerTo(answer)).data;
  }

  it('answers requests', async () => {
    const { status, length, data } = await control(GET_DEVICE);
    assert.deepEqual([status, length, [...data.subarray(0, 2)]], [0, 18, [18, 1]]);
  });

  it('stalls what it does not know, with EPIPE', async () => {
    assert.deepEqual((await control(NO_REQUEST)).status, ERRNO.stall);
  });

  it('carries bulk transfers both ways', async () => {
    await configure();
    await ask(hello(SESSION));
    const question = echo(SESSION, 1, 200);
    assert.equal((await ask(question)).length, 218);
  });

  it('has EREMOTEIO for a short answer that must not be one', async () => {
    const { status, length } = await client.transfer({
      endpoint: 0,
      setup: [0x80, 6, 0, 1, 0, 0, 255, 0],
      ask: 255,
      flags: SHORT_NOT_OK,
    });
    assert.deepEqual([status, length], [EREMOTEIO, 18]);
  });

  it('keeps an interrupt transfer until there is something to say, and takes it back when asked to, once', async () => {
    await configure();
    const waiting = client.submit({ endpoint: NOTIFICATIONS, ask: 16 });
    await control(GET_DEVICE);
    assert.equal((await client.answerTo(client.unlink(waiting))).status, ERRNO.cancelled);
    assert.equal((await client.answerTo(client.unlink(waiting))).status, 0);
    await control(GET_DEVICE);
    assert.ok(
      client.answers.every(({ sequence }) => sequence !== waiting),
      'it is not answered',
    );
  });

  it('takes back the one that is meant, and not its neighbours', async () => {
    await configure();
    await ask(hello(SESSION));
    const [first, second, third] = [1, 2, 3].map(() => client.submit({ endpoint: IN, ask: 1088 }));
    assert.equal((await client.answerTo(client.unlink(second!))).status, ERRNO.cancelled);
    for (const sequence of [1, 2]) await client.transfer({ endpoint: OUT, send: echo(SESSION, sequence, 10) });
    for (const urb of [first!, third!]) assert.ok((await client.answerTo(urb)).length > 10);
  });

  it('answers 0 when it is to take back what was answered already', async () => {
    const { sequence } = await control(GET_DEVICE);
    assert.equal((await client.answerTo(client.unlink(sequence))).status, 0);
  });

  it('is reset when the client asks for its descriptor as only after a reset, and works after it', async () => {
    await configure();
    assert.equal((await control(FIRST_ASK)).length, 18);
    assert.equal(await configuration(), 0);
    await configure();
    await ask(hello(SESSION));
    assert.ok((await ask(echo(SESSION, 1, 100))).length > 100);
  });

  it('is reset when the client says so, and has its configuration and setting back', async () => {
    await configure();
    await ask(hello(SESSION));
    assert.equal((await control(RESET_PORT)).status, 0);
    assert.equal(await configuration(), 1);
    assert.deepEqual([...(await control(GET_INTERFACE)).data], [FRAMES]);
    await ask(hello(SESSION + 1));
    assert.ok((await ask(echo(SESSION + 1, 1, 100))).length > 100);
  });

  it('keeps the address that it has here', async () => {
    assert.equal((await control(SET_ADDRESS)).status, 0);
    assert.equal((await control(GET_DEVICE)).status, 0);
  });

  it('that is unplugged ends what is pending with ESHUTDOWN, and the line', async () => {
    await configure();
    const waiting = client.submit({ endpoint: IN, ask: 64 });
    await board.unplug();
    assert.equal((await client.answerTo(waiting)).status, ERRNO.gone);
    assert.ok(client.isOver);
  });

  it('has nothing pending any more when the client hangs up', async () => {
    await configure();
    client.submit({ endpoint: IN, ask: 64 });
    client.hangUp();
    const { transfers } = board.counters;
    board.host.cancel('cancelled');
    assert.equal(board.counters.transfers, transfers);
  });

  for (const [what, nonsense] of [
    ['an endpoint that USB does not have', { endpoint: 16, ask: 8 }],
    ['isochronous packets', { endpoint: 2, ask: 8, packets: 3 }],
    ['a length below zero', { endpoint: 2, ask: -1 }],
    ['more than a kernel asks for', { endpoint: 2, ask: 0x7fffffff }],
  ] as const) {
    it(`ends the line at ${what}`, () => {
      client.submit(nonsense);
      assert.ok(client.isOver);
    });
  }

  it('ends the line at a command that there is not', () => {
    client.send(new Uint8Array(48).fill(0x55));
    assert.ok(client.isOver);
  });
});
