import assert from 'node:assert/strict';
import { TransportError, type TransportErrorCode } from '../../../transports/errors.js';
import { serialLink } from '../../../transports/serial/index.js';
import type { Transport } from '../../../transports/transport.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../../transports/virtual-environment.js';
import { EPOCH, Line, NEXT_SEQUENCE, resyncAnswer, SESSION } from './line.js';

const FRAME = [0xf6, 1, 0, 0, 7];
const ANSWER = [0x6f, 1, 0, 0, 8];
const STATE = { epoch: EPOCH, session: SESSION, nextSequence: NEXT_SEQUENCE };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const failsWith = (code: TransportErrorCode, promise: Promise<unknown>): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof TransportError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /^serial test: .{20}/, 'it says where and what happened');
    return true;
  });

describe('A serial link', () => {
  let line: Line;
  let environment: VirtualEnvironment;
  let link: Transport;
  const unhandled: unknown[] = [];
  const remember = (reason: unknown): void => void unhandled.push(reason);

  /** Lets time pass, in steps, with turns of the event loop between them. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await turn();
      environment.advance(100);
    }
    await turn();
  }

  before(() => process.on('unhandledRejection', remember));
  after(() => process.off('unhandledRejection', remember));

  beforeEach(() => {
    line = new Line();
    environment = virtualEnvironment();
    link = serialLink('serial test', line.openPort, environment);
  });

  afterEach(async () => {
    await link.close();
    await turn();
    assert.equal(environment.timers, 0, 'no timer is left');
    assert.deepEqual(unhandled.splice(0), [], 'no rejection is left unhandled');
  });

  describe('when it is opened', () => {
    it('asks for a fresh start before anything else, with a nonce that is handed in', async () => {
      await link.open();
      assert.deepEqual(line.nonces, [virtualEnvironment().random()]);
    });

    it('opens the port once, however often it is asked, and anew after it was closed', async () => {
      await Promise.all([link.open(), link.open()]);
      assert.equal(line.opened, 1);
      await link.close();
      await link.open();
      assert.deepEqual([line.opened, line.closed], [2, 1]);
    });

    it('asks again while a board starts', async () => {
      line.toBoard = () => [];
      const opened = link.open();
      await pass(2500);
      line.toBoard = (bytes) => bytes;
      await pass(500);
      await opened;
      assert.equal(line.nonces.length, 1);
    });

    it('gives up on a line with no board of ours, says so, and closes the port', async () => {
      line.toBoard = () => [];
      const failed = failsWith('link-failed', link.open());
      await pass(6000);
      await failed;
      assert.equal(line.closed, 1);
    });

    it('gives up on a port that does not open, and closes it when it opens after all', async () => {
      let open = (): void => {};
      line.open = () => new Promise((resolve) => (open = resolve));
      const failed = failsWith('transfer-timeout', link.open());
      await pass(5000);
      await failed;
      open();
      await turn();
      assert.deepEqual([line.opened, line.closed], [1, 1]);
    });

    it('can be closed and opened anew meanwhile; the first opening is refused and leaves the second alone', async () => {
      const opens: (() => void)[] = [];
      line.open = () => new Promise((resolve) => opens.push(resolve));
      const first = failsWith('link-closed', link.open());
      await turn();
      await link.close();
      const second = link.open();
      await turn();
      for (const open of opens) open();
      await Promise.all([first, second]);
      await link.send(Uint8Array.from(FRAME));
      assert.deepEqual(line.frames, [FRAME]);
    });
  });

  describe('with frames', () => {
    beforeEach(() => link.open());

    it('sends them and hands on what comes back, in order, zeros and all', async () => {
      line.onFrame = (frame) => line.say([...ANSWER, ...frame]);
      const frames = [FRAME, [0xf6, 0, 0], [0xf6, ...Array.from({ length: 1000 }, () => 1)]];
      for (const frame of frames) await link.send(Uint8Array.from(frame));
      for (const frame of frames) assert.deepEqual([...(await link.receive())], [...ANSWER, ...frame]);
    });

    it('hands a frame to who waits for it; a second one who waits is refused', async () => {
      const first = link.receive();
      await failsWith('link-failed', link.receive());
      line.say(ANSWER);
      assert.deepEqual([...(await first)], ANSWER);
    });

    it('drops half frames and garbage, and hands on the next whole one', async () => {
      line.sayBytes([9, 1, 2, 3, 0, 255, 4, 0]);
      line.say(ANSWER);
      assert.deepEqual([...(await link.receive())], ANSWER);
    });

    it('takes no answer to a resync for a frame, not even a damaged one or one that nobody asked for', async () => {
      line.say(resyncAnswer(1));
      line.say([0x5f, 1, 2, 3]);
      line.say(ANSWER);
      assert.deepEqual([...(await link.receive())], ANSWER);
    });
  });

  describe('when it is resynchronised', () => {
    beforeEach(() => link.open());

    it('ends a half frame on the line, and says where the board stands', async () => {
      line.toBoard = (bytes) => bytes.slice(0, 2);
      await link.send(Uint8Array.from(FRAME));
      line.toBoard = (bytes) => bytes;
      assert.deepEqual(await link.resync(), STATE);
      assert.deepEqual(line.frames, []);
    });

    it('forgets frames that came before the answer, and keeps those that come after it', async () => {
      line.say(ANSWER);
      line.toBoard = (bytes) => {
        line.say([...ANSWER, 1]);
        return bytes;
      };
      await link.resync();
      line.say([...ANSWER, 2]);
      assert.deepEqual([...(await link.receive())], [...ANSWER, 2]);
    });

    it('asks again, with another nonce, where the request or the answer was damaged', async () => {
      const nonces = line.nonces.length;
      let damaged = 2;
      line.toHost = (bytes) => (damaged-- > 0 ? bytes.map((byte, at) => (at === 5 ? byte ^ 0x40 : byte)) : bytes);
      const resynced = link.resync();
      await pass(1500);
      assert.deepEqual(await resynced, STATE);
      assert.equal(new Set(line.nonces.slice(nonces)).size, 3);
    });

    it('takes no late answer to an earlier request for one to this', async () => {
      line.toBoard = () => [];
      const failed = failsWith('link-failed', link.resync());
      line.say(resyncAnswer(line.nonces[0]!));
      await pass(2000);
      await failed;
    });

    it('can be told to wait for nothing by a close', async () => {
      line.toBoard = () => [];
      const failed = failsWith('link-closed', link.resync());
      await turn();
      await link.close();
      await failed;
    });
  });

  describe('when the line fails', () => {
    beforeEach(() => link.open());

    it('tells everybody who waits that the board is gone, and everybody after that', async () => {
      const waiting = failsWith('device-lost', link.receive());
      line.write = () => new Promise(() => {});
      const sending = failsWith('device-lost', link.send(Uint8Array.from(FRAME)));
      await turn();
      line.unplug();
      line.unplug();
      await Promise.all([waiting, sending]);
      await failsWith('device-lost', link.receive());
      await failsWith('device-lost', link.send(Uint8Array.from(FRAME)));
      await failsWith('device-lost', link.resync());
    });

    it('gives a write 2 s, and is of no use after one that was not done', async () => {
      line.write = () => new Promise(() => {});
      const waiting = failsWith('transfer-timeout', link.receive());
      const failed = failsWith('transfer-timeout', link.send(Uint8Array.from(FRAME)));
      await pass(2000);
      await Promise.all([failed, waiting]);
      await failsWith('transfer-timeout', link.send(Uint8Array.from(FRAME)));
    });

    it('takes a write that fails for a lost board, and keeps the cause', async () => {
      const cause = new Error('EIO: i/o error, write');
      line.write = () => Promise.reject(cause);
      const error: unknown = await link.send(Uint8Array.from(FRAME)).catch((reason: unknown) => reason);
      assert.ok(error instanceof TransportError);
      assert.deepEqual([error.code, error.cause], ['device-lost', cause]);
    });

    it('works again after it was closed and opened', async () => {
      line.unplug();
      await link.close();
      await link.open();
      await link.send(Uint8Array.from(FRAME));
      assert.deepEqual(line.frames, [FRAME]);
    });
  });

  describe('when it is closed', () => {
    it('tells who waits, closes the port once, and refuses what comes after', async () => {
      await link.open();
      const waiting = failsWith('link-closed', link.receive());
      await Promise.all([link.close(), link.close()]);
      await link.close();
      await waiting;
      assert.equal(line.closed, 1);
      await failsWith('link-closed', link.send(Uint8Array.from(FRAME)));
      await failsWith('link-closed', link.receive());
      await failsWith('link-closed', link.resync());
    });
  });
});
