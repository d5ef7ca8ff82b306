import assert from 'node:assert/strict';
import { failureOf } from '../../failure.js';
import { Holder } from '../holder.js';
import { passUntil, recoveringBoard, type RecoveringBench } from './recovering-board.js';

/** GPIO_OUT (RP2040 datasheet 2.3.1.7), CH4_CC and CH0_CC (4.5.3), read past the firmware. */
const [GPIO_OUT, CH4_CC, CH0_CC] = [0xd0000010, 0x40050000 + 4 * 0x14 + 0x0c, 0x40050000 + 0x0c] as const;
/** WATCHDOG.CTRL through its set alias (2.1.2, 4.7.6), and TRIGGER in it. */
const WATCHDOG_CTRL_SET = 0x4005a000;
const TRIGGER = 0x80000000;
/** Longer than the lease, and shorter than a night. */
const ASLEEP_MS = 60_000;

interface Cause {
  /** Whether the controller has started again, and knows nothing of before. */
  readonly epoch: 'same' | 'another';
  /** What the call is told when it goes on. */
  readonly code: string;
  readonly harm: (bench: RecoveringBench) => Promise<unknown> | void;
}

const CAUSES: Readonly<Record<string, Cause>> = {
  'the hub is reset': { epoch: 'same', code: 'link-failure', harm: ({ emulated }) => emulated.busReset() },
  'the cable is pulled, of a board with a supply of its own': {
    epoch: 'same',
    code: 'device-lost',
    harm: ({ emulated }) => emulated.unplug({ power: 'kept' }),
  },
  'the cable is pulled': {
    epoch: 'another',
    code: 'device-lost',
    harm: ({ emulated }) => emulated.unplug({ power: 'lost' }),
  },
  'the watchdog fires': {
    epoch: 'another',
    code: 'device-lost',
    harm: ({ emulated }) => emulated.write32(WATCHDOG_CTRL_SET, TRIGGER),
  },
  'the power browns out': { epoch: 'another', code: 'device-lost', harm: ({ emulated }) => emulated.powerCycle() },
  'the reset pin is pulled': { epoch: 'another', code: 'device-lost', harm: ({ emulated }) => emulated.pressReset() },
  'the laptop sleeps for a minute': {
    epoch: 'same',
    code: 'controller-fault',
    harm: async ({ emulated, environment }) => {
      await emulated.suspend();
      environment.advance(ASLEEP_MS);
      emulated.advance(ASLEEP_MS);
      await emulated.resume();
    },
  },
  'another part of the program closes the device, without a goodbye': {
    epoch: 'same',
    code: 'device-lost',
    harm: ({ emulated }) => emulated.device!.close(),
  },
};

describe('In the middle of a call', function () {
  this.timeout(30_000);
  let bench: RecoveringBench;
  beforeEach(async () => (bench = await recoveringBoard()));
  afterEach(() => bench.dispose());

  const registers = () => [GPIO_OUT, CH4_CC, CH0_CC].map((address) => bench.emulated.read32(address));

  for (const [cause, { epoch, code, harm }] of Object.entries(CAUSES)) {
    it(`${cause}: the call fails, every register is as before it, and the next call runs`, async () => {
      const { board } = bench;
      await board.pwm.ch[0]!.CC.write({ A: 11, B: 22 });
      await board.pwm.ch[4]!.CC.write({ A: 33, B: 44 });
      const before = registers();
      const { epoch: first } = board.link;
      let goOn!: () => void;
      const finish = new Promise<void>((resolve) => (goOn = resolve));
      let failing!: ReturnType<typeof failureOf>;
      await new Promise<void>((resolve) => {
        failing = failureOf(new Holder(board).hold(resolve, finish));
      });
      assert.notDeepEqual(registers(), before);
      await harm(bench);
      goOn();
      await passUntil(failing, bench);
      const error = await failing;
      assert.deepEqual([error.code, error.rollback.outcome], [code, 'restored'], error.message);
      assert.deepEqual(registers(), before);
      assert.equal(board.link.epoch === first ? 'same' : 'another', epoch);
      const next = new Holder(board).hold(() => {}, Promise.resolve());
      await passUntil(next, bench);
      await next;
      assert.notDeepEqual(registers(), before);
    });
  }
});
