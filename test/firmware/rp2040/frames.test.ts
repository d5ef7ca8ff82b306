import assert from 'node:assert/strict';
import { answer, bytesOf, op, PWM_CH0_CC, request, STATUS, type Answer } from './frame.js';
import { plugged, type Link } from './link.js';

const SESSION = 0x1234;
const FRAME_MAX = 1024;
/** Header and CRC; what an echo op needs besides its bytes; a write op; header and CRC of an answer. */
const BYTES = { frame: 14, echo: 2, write: 9, answer: 18 } as const;

const pattern = (length: number): number[] => Array.from({ length }, (_, i) => (7 * i + length) & 0xff);

/** Ops that make a frame of exactly so many bytes: writes to peripheral 1, and an echo. */
function filling(frameLength: number): number[][] {
  const ops: number[][] = [];
  let left = frameLength - BYTES.frame;
  for (; left >= BYTES.write + BYTES.echo; left -= BYTES.write) ops.push(op.write(left));
  return [...ops, op.echo(pattern(left - BYTES.echo))];
}

for (const [stepping, revision] of [
  ['B1', 1],
  ['B2', 2],
] as const) {
  describe(`firmware/rp2040: frames on the bulk endpoints, on a chip of stepping ${stepping}`, () => {
    let link: Link;
    let next: number;

    beforeEach(async () => {
      link = await plugged({ revision });
      await link.hello(SESSION);
      next = 1;
      await run(op.define(PWM_CH0_CC));
    });
    afterEach(() => {
      assert.deepEqual(link.board.warnings, []);
      link.dispose();
    });

    const frame = (...ops: number[][]): Uint8Array => request({ session: SESSION, sequence: next++, ops });
    const run = (...ops: number[][]): Promise<Answer> => link.exchange({ session: SESSION, sequence: next++, ops });

    /** The board answers the next frame, and nothing else comes before that. */
    async function worksOn(): Promise<void> {
      const text = pattern(20);
      const reply = await run(op.echo(text));
      assert.equal(reply.sequence, next - 1);
      assert.deepEqual(bytesOf(reply), text);
    }

    it('carry a hello, an echo and a register', async () => {
      const hello = await link.hello(SESSION + 1, 500);
      assert.deepEqual([hello.board, hello.frameMax, hello.window, hello.lease], [1, FRAME_MAX, 8, 500]);
      link.board.write32(PWM_CH0_CC, 0x00c0ffee);
      const ops = [op.echo([1, 2, 3]), op.define(PWM_CH0_CC), op.read(), op.write(0x12345678), op.read()];
      const reply = await link.exchange({ session: SESSION + 1, sequence: 1, ops });
      assert.deepEqual([reply.status, reply.ran], [STATUS.ok, ops.length]);
      assert.deepEqual(bytesOf(reply).slice(0, 3), [1, 2, 3]);
      assert.equal(reply.body.getUint32(7, true), 0x00c0ffee);
      assert.equal(reply.body.getUint32(11, true), 0x12345678);
      assert.equal(link.board.read32(PWM_CH0_CC), 0x12345678);
    });

    it('may have any length up to 1024, whole packets or not', async () => {
      for (const length of [16, 63, 64, 65, 127, 128, 129, 192, 512, 959, 960, 961, FRAME_MAX - 1, FRAME_MAX]) {
        const ops = filling(length);
        const bytes = frame(...ops);
        assert.equal(bytes.length, length);
        const coming = link.receive();
        await link.send(bytes);
        const reply = answer(await coming);
        assert.deepEqual([reply.sequence, reply.status, reply.ran], [next - 1, STATUS.ok, ops.length]);
        assert.deepEqual([0x02, reply.body.byteLength, ...bytesOf(reply)], ops.at(-1));
      }
    });

    it('are answered in whole packets as well', async () => {
      for (const length of [64, 128, 192, 256, 704]) {
        const text = pattern(length - BYTES.answer);
        const ops = [];
        for (let at = 0; at < text.length; at += 200) ops.push(op.echo(text.slice(at, at + 200)));
        const coming = link.receive();
        await link.send(frame(...ops));
        const bytes = await coming;
        assert.equal(bytes.length, length);
        assert.deepEqual(bytesOf(answer(bytes)), text);
      }
      await worksOn();
    });

    it('that are too long are refused as damaged, to their last byte and no further', async () => {
      for (const excess of [1, 63, 64, 65, 1000, 5000]) {
        const whole = request({ session: SESSION, sequence: next, ops: filling(FRAME_MAX) });
        const coming = link.receive();
        await link.send(Uint8Array.from([...whole, ...pattern(excess)]));
        assert.equal(answer(await coming).status, STATUS['bad-frame']);
        await worksOn();
      }
    });

    it('may be empty or damaged: each is answered', async () => {
      for (const bytes of [[], [0xf6], pattern(64), pattern(1024)]) {
        const coming = link.receive();
        await link.send(Uint8Array.from(bytes));
        assert.equal(answer(await coming).status, STATUS['bad-frame']);
      }
      await worksOn();
    });

    it('are held off while the board is busy, and none is lost', async () => {
      const bytes = [frame(op.delay(20_000)), ...Array.from({ length: 7 }, (_, i) => frame(...filling(300 + 64 * i)))];
      const sent = bytes.map((each) => link.send(each));
      link.board.advance(5);
      assert.ok(link.board.counters.naks > 0);
      for (let i = 0; i < bytes.length; i++)
        assert.equal(answer(await link.receive()).sequence, next - bytes.length + i);
      await Promise.all(sent);
      await worksOn();
    });

    it('cut short by a resync leave nothing behind, whatever toggle they stopped at', async () => {
      for (let packets = 1; packets <= 5; packets++) {
        await link.device.transferOut(1, frame(...filling(800)).slice(0, 64 * packets));
        next -= 1;
        const { session, next: asked } = await link.resync();
        assert.deepEqual([session, asked], [SESSION, next]);
        await worksOn();
      }
    });

    it('that were not answered when a resync came keep their answers', async () => {
      for (const length of [20, 64, 150]) {
        const bytes = frame(...filling(length));
        await link.send(bytes);
        link.board.advance(1); // it has run, and its answer waits for the host
        assert.equal((await link.resync()).next, next);
        await worksOn();
        const again = link.receive();
        await link.send(bytes);
        assert.equal(answer(await again).status, STATUS.ok);
      }
    });

    it('are dropped by a resync when they have not begun to run', async () => {
      const delay = link.send(frame(op.delay(500_000)));
      const waiting = link.send(frame(op.echo([1])));
      link.board.advance(2);
      await Promise.all([delay, waiting]);
      const before = link.board.chip.nanos;
      assert.equal((await link.resync()).next, next - 1);
      assert.ok(link.board.chip.nanos - before < 2e6, 'the delay went on');
      next -= 1;
      await worksOn();
    });

    it('interrupted by a resync are not answered by themselves, but when they are repeated', async () => {
      const bytes = frame(op.delay(500_000));
      await link.send(bytes);
      link.board.advance(2);
      await link.resync();
      await worksOn();
      const coming = link.receive();
      await link.send(bytes);
      const reply = answer(await coming);
      assert.deepEqual([reply.sequence, reply.status], [next - 2, STATUS.interrupted]);
    });
  });
}
