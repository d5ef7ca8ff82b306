import assert from 'node:assert/strict';
import { definePeripheral, Driver, entryPoint, flag, peripheral, state, type Handle } from '../../runtime/index.js';
import { attach } from '../../runtime/registers/handles.js';
import { cut, faulty, flipped, lost, onFrame, type FrameFault } from '../../transports/faulty.js';
import { picoBoard, type Bench } from '../emulated.js';
import { virtualEnvironment, type VirtualEnvironment } from '../../transports/virtual-environment.js';

const SIO = 0xd0000000;

/** GPIO_OUT_XOR flips an output each time that it is written (RP2040 datasheet 2.3.1.7): running an op twice shows. */
const toggle = definePeripheral({
  name: 'toggle',
  source: 'RP2040 datasheet 2.3.1.7',
  registers: {
    OUT: { address: SIO + 0x010, access: 'rw', owned: 1 << 7, fields: { HIGH: flag(7) } },
    OUT_XOR: { address: SIO + 0x01c, access: 'w1c', owned: 1 << 7, fields: { FLIP: flag(7) } },
  },
  save: ['OUT'],
});

class Flipper extends Driver {
  @peripheral accessor pin: Handle<typeof toggle>;
  @state accessor flips = 0;

  constructor(board: Bench['board']) {
    super(board);
    this.pin = attach(toggle, board);
  }

  /** Two frames: BEGIN, the flip and the read; then the write and COMMIT. */
  @entryPoint
  async flip(): Promise<boolean> {
    await this.pin.OUT_XOR.clear({ FLIP: true });
    this.flips++;
    const { HIGH } = await this.pin.OUT.read();
    await this.pin.OUT.write({ HIGH });
    return HIGH;
  }
}

/** Lets time pass until the promise is settled: for answers that will never come. */
async function passingTime<T>(environment: VirtualEnvironment, promise: Promise<T>): Promise<T> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  for (let turn = 0; turn < 5000; turn++) {
    const done = await Promise.race([settled, new Promise((resolve) => setImmediate(resolve))]);
    if (done) return promise;
    if (turn % 20 === 19) environment.advance(100);
  }
  return assert.fail('the host hangs');
}

/** Frames before the call: hello, the definition, a read. */
const BEFORE = 3;
/** Frames of the call. */
const FRAMES = 2;

describe('A damaged link', function () {
  this.timeout(60_000);

  async function flipThrough(direction: 'send' | 'receive', frame: number, damage: FrameFault): Promise<number> {
    const environment = virtualEnvironment();
    let length = 0;
    const watched: FrameFault = (bytes) => {
      length = bytes.length;
      return damage(bytes);
    };
    const bench = await picoBoard({
      environment,
      through: (transport) => faulty(transport, { [direction]: onFrame(BEFORE + frame + 1, watched) }),
    });
    try {
      const flipper = new Flipper(bench.board);
      // The definition is sent here, so that the frames of the call are the ones that are damaged.
      const { HIGH: before } = await flipper.pin.OUT.read();
      const after = await passingTime(environment, flipper.flip());
      assert.equal(after, !before, `${direction} ${frame}: the flip happened once`);
      assert.equal((await flipper.pin.OUT.read()).HIGH, !before);
      assert.equal(flipper.flips, 1);
      assert.notEqual(length, 0, 'the damage was done');
      return length;
    } finally {
      await bench.dispose();
    }
  }

  for (const direction of ['send', 'receive'] as const) {
    it(`that mutates any byte of any frame to ${direction} runs every op once and keeps the host going`, async () => {
      for (let frame = 0; frame < FRAMES; frame++) {
        let length = 1;
        for (let at = 0; at < length; at++) {
          length = await flipThrough(direction, frame, flipped(8 * at + ((at + frame) % 8)));
        }
        assert.ok(length >= 18, `every byte of ${length} had its turn`);
      }
    });

    it(`that loses any frame to ${direction} runs every op once and keeps the host going`, async () => {
      for (let frame = 0; frame < FRAMES; frame++) await flipThrough(direction, frame, lost);
    });

    it(`that cuts any frame to ${direction} short runs every op once and keeps the host going`, async () => {
      for (let frame = 0; frame < FRAMES; frame++) await flipThrough(direction, frame, cut(5));
    });
  }
});
