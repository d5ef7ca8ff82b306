/** The cable, pulled and put back again and again while a program makes calls: no call by half, no board that needs a power cycle. */
import assert from 'node:assert/strict';
import * as usb3 from 'usb';
import { EntryPointError } from '../../runtime/index.js';
import { nodeUsb } from '../../transports/node-usb/index.js';
import { webUsb } from '../../transports/webusb.js';
import type { Session } from '../conformance/path.js';
import { picoFamily } from '../conformance/pico.js';
import { randomOf } from '../torture/random.js';
import { KernelBoard } from './kernel-board.js';
import { kernelComplaints } from './kernel-log.js';
import { trials } from './trials.js';

const CYCLES = trials(200);
/** RP2040 datasheet 4.5.3: CC of PWM slices 5 and 6; output A is the lower half. */
const COMPARE = [0x40050070, 0x40050084] as const;
/** A call takes a few milliseconds here. */
const LONGEST_LIFE_MS = 40;
/** What Linux says of a transfer that is submitted while the cable is on its way out (drivers/usb/usbip/vhci_tx.c, vhci_hcd.c). */
const OF_A_PULLED_CABLE = /vhci_hcd: sendmsg failed!, ret=-32 for \d+$|usb \d-\d: enqueue for inactive port 0$/;

describe('The cable of a board behind Linux', () => {
  let board: KernelBoard;
  before(() => {
    board = new KernelBoard();
  });
  after(() => board.close());

  /** Past the firmware. */
  const count = async (): Promise<number> => {
    const [first, second] = [await board.read(COMPARE[0]), await board.read(COMPARE[1])];
    assert.equal(first & 0xffff, second & 0xffff, 'half of a call');
    return first & 0xffff;
  };

  const open = async (): Promise<Session> => picoFamily.open(webUsb(await nodeUsb({ library: usb3 }).board()));

  /** Calls until the link has gone; resolves with how many were committed. */
  async function callUntilLost({ probe }: Session): Promise<number> {
    for (let committed = 0; ; committed++) {
      try {
        await probe.count();
      } catch (error) {
        assert.ok(error instanceof EntryPointError, String(error));
        assert.equal(error.code, 'device-lost', error.message);
        return committed;
      }
    }
  }

  it(`is pulled and put back ${CYCLES} times, anywhere in its calls`, async function () {
    this.timeout(CYCLES * 10_000);
    kernelComplaints();
    const random = randomOf('replug');
    await board.plug();
    const first = await open();
    const { epoch } = first.board.link;
    await first.probe.put([0, 0]);
    await first.board.close();
    let before = 0;
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const session = await open();
      assert.equal(session.board.link.epoch, epoch, `cycle ${cycle}: without a power cycle`);
      const pulled = new Promise((resolve) => setTimeout(resolve, random.below(LONGEST_LIFE_MS))).then(() =>
        board.unplug(),
      );
      const [committed] = await Promise.all([callUntilLost(session), pulled]);
      await session.board.close();
      const now = await count();
      // The last one may have been committed without anybody having heard of it.
      assert.ok(
        [committed, committed + 1].includes(now - before),
        `cycle ${cycle}: ${now - before}, told ${committed}`,
      );
      before = now;
      await board.plug();
      if (before > 200) {
        const reset = await open();
        await reset.probe.put([0, 0]);
        await reset.board.close();
        before = 0;
      }
    }
    const complaints = kernelComplaints().filter((line) => !OF_A_PULLED_CABLE.test(line));
    assert.deepEqual(complaints, []);
  });
});
