import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { SerialVectors } from '../vectors.js';
import { answer, bytesOf, op, PWM_CH0_CC, request, STATUS, type Answer } from './frame.js';
import { decode, encode, openLine, resyncRequest, type Line } from './line.js';
import { plugged, type Link } from './link.js';

const SESSION = 0x2345;
const WINDOW = 8;
const vectors = JSON.parse(readFileSync(new URL('../serial-vectors.json', import.meta.url), 'utf8')) as SerialVectors;

const pattern = (length: number): number[] => Array.from({ length }, (_, i) => (7 * i + length) & 0xff);
/** Echoes that make a frame, and an answer, of so many bytes more than their headers. */
const echoes = (length: number): number[][] => {
  const ops = [];
  for (let left = length; left > 0; left -= 200) ops.push(op.echo(pattern(Math.min(left, 200))));
  return ops;
};

describe('firmware/rp2040: frames on the serial port', () => {
  let link: Link;
  let line: Line;
  let next: number;

  beforeEach(async () => {
    link = await plugged();
    line = await openLine(link.board);
    await line.hello(SESSION);
    next = 1;
  });
  afterEach(() => {
    assert.deepEqual(link.board.warnings, []);
    link.dispose();
  });

  const frame = (...ops: number[][]): Uint8Array => request({ session: SESSION, sequence: next++, ops });
  const run = (...ops: number[][]): Promise<Answer> => line.exchange({ session: SESSION, sequence: next++, ops });

  /** The board answers the next frame, and nothing else comes before that. */
  async function worksOn(): Promise<void> {
    const text = pattern(20);
    const reply = await run(op.echo(text));
    assert.equal(reply.sequence, next - 1);
    assert.deepEqual(bytesOf(reply), text);
  }

  it('are coded here as in the vectors', () => {
    for (const { name, packetHex, lineHex } of vectors.encodings) {
      const packet = Uint8Array.from(Buffer.from(packetHex, 'hex'));
      const coded = Buffer.from(lineHex, 'hex');
      assert.deepEqual(Buffer.from(encode(packet)), coded, name);
      assert.deepEqual(decode(coded.subarray(0, -1)), packet, name);
    }
  });

  it('reach a register', async () => {
    link.board.write32(PWM_CH0_CC, 0x00c0ffee);
    const reply = await run(op.define(PWM_CH0_CC), op.read(), op.write(0x12345678));
    assert.equal(reply.status, STATUS.ok);
    assert.equal(reply.body.getUint32(4, true), 0x00c0ffee);
    assert.equal(link.board.read32(PWM_CH0_CC), 0x12345678);
  });

  it('may have any length, and so may their answers, whole packets of the bus or not', async () => {
    for (let length = 20; length < 150; length++) {
      const reply = await run(...echoes(length));
      assert.deepEqual(
        bytesOf(reply),
        echoes(length).flatMap((each) => each.slice(2)),
      );
    }
    for (const length of [300, 700, 820]) assert.equal((await run(...echoes(length))).status, STATUS.ok);
  });

  it('may come in pieces, or several at once', async () => {
    for (const byte of encode(frame(op.echo([0, 1, 0])))) await line.port.write(Uint8Array.of(byte));
    assert.deepEqual(bytesOf(answer(await line.receive())), [0, 1, 0]);
    const frames = Array.from({ length: WINDOW }, (_, i) => [...encode(frame(op.echo([i])))]);
    await line.port.write(Uint8Array.from(frames.flat()));
    for (let i = 0; i < WINDOW; i++) assert.deepEqual(bytesOf(answer(await line.receive())), [i]);
  });

  it('are kept while one is busy, as many as the window says, and each is answered', async () => {
    const frames = [frame(op.delay(20_000)), ...Array.from({ length: WINDOW - 1 }, () => frame(...echoes(820)))];
    for (const each of frames) await line.port.write(encode(each));
    for (let i = 0; i < WINDOW; i++) {
      const { sequence, status } = answer(await line.receive());
      assert.deepEqual([sequence, status], [next - WINDOW + i, STATUS.ok]);
    }
    await worksOn();
  });

  it('that are damaged, or longer than a frame may be, are dropped without an answer', async () => {
    const whole = frame(op.echo([1]));
    next -= 1;
    for (let at = 0; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at]! ^= 0x20;
      await line.port.write(encode(damaged));
    }
    for (const length of [1, 13, 1024, 1025, 5000]) await line.port.write(encode(Uint8Array.from(pattern(length))));
    await worksOn();
  });

  it('get through behind any garbage', async () => {
    const garbage = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(garbage, async (bytes) => {
        await line.port.write(Uint8Array.of(...bytes, 0));
        await worksOn();
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  it('are dropped by a resync, one that waits for something included', async () => {
    await line.port.write(encode(frame(op.delay(900_000))));
    for (let i = 0; i < 3; i++) await line.port.write(encode(frame(op.echo([i]))));
    link.board.advance(2);
    const before = link.board.chip.nanos;
    assert.deepEqual({ ...(await line.resync(0x00112200)), epoch: 0 }, { epoch: 0, session: SESSION, next: next - 3 });
    assert.ok(link.board.chip.nanos - before < 5e6, 'the delay went on');
    next -= 3;
    await worksOn();
    const again = await line.exchange({ session: SESSION, sequence: next - 2, ops: [op.delay(900_000)] });
    assert.equal(again.status, STATUS.interrupted);
  });

  it('leave room for a resync, however many there are', async () => {
    const before = link.board.chip.nanos;
    await line.port.write(encode(frame(op.delay(900_000))));
    for (let i = 0; i < 3 * WINDOW; i++) await line.port.write(encode(request({ session: 1, sequence: i, ops: [] })));
    const { session } = await line.resync(7);
    assert.equal(session, SESSION);
    assert.ok(link.board.chip.nanos - before < 50e6, 'the resync waited for the delay');
    await worksOn();
  });

  it('cut short leave nothing behind after a resync', async () => {
    for (const length of [1, 5, 63, 64, 65, 500]) {
      await line.port.write(encode(frame(...echoes(700))).slice(0, length));
      next -= 1;
      assert.equal((await line.resync(length)).next, next);
      await worksOn();
    }
  });

  it('are resynchronised by the last of several requests', async () => {
    await line.port.write(Uint8Array.of(...resyncRequest(1), ...resyncRequest(2), ...resyncRequest(3)));
    assert.equal((await line.resync(4)).next, next);
    await worksOn();
  });

  it('go on after a halt of either endpoint, and after the interface was set', async () => {
    await link.control(0x02, 3, 0, 0x85);
    await worksOn();
    for (const endpoint of [0x04, 0x83]) {
      assert.deepEqual(await link.control(0x02, 3, 0, endpoint), new Uint8Array(0));
      assert.deepEqual(await link.control(0x82, 0, 0, endpoint, 2), Uint8Array.of(1, 0));
      assert.deepEqual(await link.control(0x02, 1, 0, endpoint), new Uint8Array(0));
      link.board.host.resetToggles(endpoint & 0xf, endpoint < 0x80);
    }
    await worksOn();
    for (const number of [1, 2]) assert.deepEqual(await link.control(0x01, 11, 0, number), new Uint8Array(0));
    link.board.host.resetToggles(4, true);
    link.board.host.resetToggles(5, false);
    await worksOn();
  });
});
