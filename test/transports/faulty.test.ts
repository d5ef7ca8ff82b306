import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cut, faulty, flipped, lost, onFrame, type Faults } from '../../transports/faulty.js';
import type { Transport } from '../../transports/transport.js';
import { virtualEnvironment } from '../../transports/virtual-environment.js';

const FRAMES = [1, 2, 3, 4].map((byte) => Uint8Array.of(byte, byte, byte, byte, byte, byte));

/** A transport that keeps what was sent, and gives it back when it is asked for a frame. */
function loopback(): Transport & { readonly frames: Uint8Array[]; readonly calls: string[] } {
  const frames: Uint8Array[] = [];
  const calls: string[] = [];
  return {
    name: 'loopback',
    environment: virtualEnvironment(),
    frames,
    calls,
    open: async () => void calls.push('open'),
    send: async (frame) => void frames.push(frame),
    receive: async () => frames.shift()!,
    resync: async () => ({ epoch: calls.push('resync'), session: 0, nextSequence: 0 }),
    close: async () => void calls.push('close'),
  };
}

async function sendAll(transport: Transport): Promise<void> {
  for (const frame of FRAMES) await transport.send(frame);
}

describe('A faulty transport', () => {
  it('without faults passes on every frame and every call', async () => {
    const inner = loopback();
    const transport = faulty(inner, {});
    assert.equal(transport.name, inner.name);
    assert.equal(transport.environment, inner.environment);
    await transport.open();
    await sendAll(transport);
    for (const frame of FRAMES) assert.equal(await transport.receive(), frame);
    assert.equal((await transport.resync()).epoch, 2);
    await transport.close();
    assert.deepEqual(inner.calls, ['open', 'resync', 'close']);
  });

  it('loses the n-th frame to the board and no other', async () => {
    for (let n = 1; n <= FRAMES.length; n++) {
      const inner = loopback();
      await sendAll(faulty(inner, { send: onFrame(n, lost) }));
      assert.deepEqual(inner.frames, FRAMES.toSpliced(n - 1, 1));
    }
  });

  it('loses the n-th frame from the board and hands on the one behind it', async () => {
    for (let n = 1; n < FRAMES.length; n++) {
      const inner = loopback();
      await sendAll(inner);
      const transport = faulty(inner, { receive: onFrame(n, lost) });
      for (const frame of FRAMES.toSpliced(n - 1, 1)) assert.deepEqual(await transport.receive(), frame);
    }
  });

  it('takes faults that are set while it is open', async () => {
    const inner = loopback();
    const faults: Faults = {};
    const transport = faulty(inner, faults);
    await transport.send(FRAMES[0]!);
    faults.send = lost;
    await transport.send(FRAMES[1]!);
    faults.send = undefined;
    await transport.send(FRAMES[2]!);
    assert.deepEqual(inner.frames, [FRAMES[0], FRAMES[2]]);
  });

  it('flips exactly one bit, wherever it is asked to, and leaves the frame of the sender alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(1000), (frame, at) => {
        const before = frame.slice();
        const damaged = flipped(at)(frame)!;
        assert.deepEqual(frame, before);
        const flips = [...damaged].map((byte, index) => byte ^ frame[index]!).filter((bits) => bits !== 0);
        assert.equal(damaged.length, frame.length);
        assert.deepEqual(flips, [1 << (at & 7)]);
      }),
    );
  });

  it('cuts a frame short', () => {
    assert.deepEqual(cut(2)(Uint8Array.of(1, 2, 3, 4)), Uint8Array.of(1, 2));
  });
});
