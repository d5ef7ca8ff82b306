import assert from 'node:assert/strict';
import type { UsbController } from '../../../transports/emulator/usb-controller.js';
import { op, STATUS } from './frame.js';
import { FRAMES, plugged, type Link } from './link.js';

const OUT = 0x01;
const IN = 0x82;
/** Notifications of the serial port, and its data both ways. */
const SERIAL = [0x83, 0x04, 0x85];
const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

/** Whether frames go both ways. */
async function talks(link: Link): Promise<boolean> {
  const session = 0x5151;
  await link.hello(session);
  const { status } = await link.exchange({ session, sequence: 1, ops: [op.echo([1, 2, 3])] });
  return status === STATUS.ok;
}

for (const [stepping, revision] of [
  ['B1', 1],
  ['B2', 2],
] as const) {
  describe(`firmware/rp2040: requests to endpoint 0, on a chip of stepping ${stepping}`, () => {
    let link: Link;
    beforeEach(async () => (link = await plugged({ revision })));
    afterEach(() => {
      assert.deepEqual(link.board.warnings, []);
      link.dispose();
    });

    it('tell the status of device, interfaces and endpoints', async () => {
      assert.deepEqual(await link.control(0x80, 0, 0, 0, 2), bytes(0, 0));
      for (const number of [0, 1, 2]) {
        assert.deepEqual(await link.control(0x81, 0, 0, number, 2), bytes(0, 0));
        assert.deepEqual(await link.control(0x81, 10, 0, number, 1), bytes(number === 0 ? FRAMES : 0));
      }
      for (const endpoint of [0x00, 0x80, OUT, IN, ...SERIAL]) {
        assert.deepEqual(await link.control(0x82, 0, 0, endpoint, 2), bytes(0, 0));
      }
      assert.deepEqual(await link.control(0x80, 8, 0, 0, 1), bytes(1));
    });

    it('are stalled where they ask for what there is not, and the next one is answered', async () => {
      const bad: [type: number, code: number, value: number, index: number, data?: number | Uint8Array][] = [
        [0x80, 6, 0x0600, 0, 10], // device qualifier: there is no high speed
        [0x80, 6, 0x0700, 0, 10],
        [0x80, 6, 0x0101, 0, 18],
        [0x80, 6, 0x0201, 0, 9],
        [0x00, 7, 0x0100, 0, bytes(1, 2)], // SET_DESCRIPTOR
        [0x00, 9, 2, 0],
        [0x00, 9, 1, 1],
        [0x00, 5, 5, 0], // SET_ADDRESS of a configured device
        [0x00, 5, 128, 0],
        [0x00, 3, 1, 0], // remote wake-up
        [0x00, 3, 2, 0x0100], // test mode
        [0x00, 1, 1, 0],
        [0x01, 11, 2, 0],
        [0x01, 11, 0, 3],
        [0x01, 11, 1, 2],
        [0x01, 3, 0, 0],
        [0x81, 10, 0, 3, 1],
        [0x81, 0, 0, 3, 2],
        [0x82, 0, 0, 0x03, 2],
        [0x82, 0, 0, 0x84, 2],
        [0x82, 0, 0, 0x0104, 2],
        [0x82, 0, 0, 0x81, 2],
        [0x82, 12, 0, IN, 2], // SYNCH_FRAME
        [0x02, 3, 1, OUT],
        [0x02, 3, 0, 0x00],
        [0x02, 3, 0, 0x02],
        [0x02, 3, 0, 0x05],
        [0x21, 0x20, 0, 1, new Uint8Array(6)],
        [0x21, 0x02, 0, 1], // SET_COMM_FEATURE: we have none
        [0xa1, 0x03, 0, 1, 2],
        [0x02, 1, 0, 0x81],
        [0x80, 0, 1, 0, 2],
        [0x80, 0, 0, 1, 2],
        [0x80, 8, 1, 0, 1],
        [0xc0, 0x57, 1, 2, 255], // WebUSB: there is no landing page
        [0xc0, 0x4d, 0, 8, 255], // Microsoft: nor an alternate enumeration
        [0xc1, 0x52, 0, 1, 8], // resync of another interface
        [0x41, 0x52, 0, 0],
        [0x40, 0x99, 0, 0, new Uint8Array(200)],
        [0xa1, 1, 0, 0, 8],
        [0xff, 0xff, 0xffff, 0xffff, 0xffff],
      ];
      for (const each of bad) {
        assert.equal(await link.control(...each), 'stall', each.join(' '));
        assert.deepEqual(await link.control(0x80, 8, 0, 0, 1), bytes(1));
      }
      assert.ok(await talks(link));
    });

    it('know no interface and no bulk endpoint before the configuration is set', async () => {
      assert.deepEqual(await link.control(0x00, 9, 0, 0), bytes());
      assert.deepEqual(await link.control(0x80, 8, 0, 0, 1), bytes(0));
      assert.equal(await link.control(0x81, 0, 0, 0, 2), 'stall');
      for (const endpoint of [OUT, IN, ...SERIAL]) assert.equal(await link.control(0x82, 0, 0, endpoint, 2), 'stall');
      assert.equal(await link.control(0x81, 10, 0, 0, 1), 'stall');
      assert.equal(await link.control(0x01, 11, 0, 0), 'stall');
      assert.equal(await link.control(0x02, 1, 0, IN), 'stall');
      assert.equal(await link.control(0xc1, 0x52, 0, 0, 8), 'stall');
      assert.deepEqual(await link.control(0x82, 0, 0, 0x80, 2), bytes(0, 0));
      await link.device.selectConfiguration(1);
      await link.device.claimInterface(0);
      await link.device.selectAlternateInterface(0, FRAMES);
      assert.ok(await talks(link));
    });

    it('find the endpoints of frames in the second setting of their interface only', async () => {
      assert.deepEqual(await link.control(0x01, 11, 0, 0), bytes());
      assert.deepEqual(await link.control(0x81, 10, 0, 0, 1), bytes(0));
      for (const endpoint of [OUT, IN]) {
        assert.equal(await link.control(0x82, 0, 0, endpoint, 2), 'stall');
        assert.equal(await link.control(0x02, 3, 0, endpoint), 'stall');
        assert.equal(await link.control(0x02, 1, 0, endpoint), 'stall');
      }
      for (const endpoint of SERIAL) assert.deepEqual(await link.control(0x82, 0, 0, endpoint, 2), bytes(0, 0));
      assert.deepEqual(await link.control(0x01, 11, FRAMES, 0), bytes());
      assert.deepEqual(await link.control(0x81, 10, 0, 0, 1), bytes(FRAMES));
      link.board.host.resetToggles();
      assert.ok(await talks(link));
    });

    it('halt an endpoint until it is cleared, and start it again with DATA0', async () => {
      await link.hello(7);
      for (const endpoint of [OUT, IN]) {
        assert.deepEqual(await link.control(0x02, 3, 0, endpoint), bytes());
        assert.deepEqual(await link.control(0x82, 0, 0, endpoint, 2), bytes(1, 0));
      }
      assert.equal((await link.device.transferOut(1, bytes(1))).status, 'stall');
      assert.equal((await link.device.transferIn(2, 64)).status, 'stall');
      await link.device.clearHalt('out', 1);
      await link.device.clearHalt('in', 2);
      for (const endpoint of [OUT, IN]) assert.deepEqual(await link.control(0x82, 0, 0, endpoint, 2), bytes(0, 0));
      assert.ok(await talks(link));
    });

    it('find configuration, halts, toggles and line coding as they were after suspend and resume', async () => {
      const coding = bytes(0, 0x96, 0, 0, 0, 2, 8);
      await link.control(0x21, 0x20, 0, 1, coding);
      await link.hello(7);
      await link.control(0x02, 3, 0, 0x83);
      for (let i = 0; i < 3; i++) {
        await link.board.suspend();
        await link.board.resume();
        assert.deepEqual(await link.control(0x80, 8, 0, 0, 1), bytes(1));
        assert.deepEqual(await link.control(0x82, 0, 0, 0x83, 2), bytes(1, 0));
        assert.deepEqual(await link.control(0xa1, 0x21, 0, 1, 7), coding);
        assert.equal((await link.exchange({ session: 7, sequence: i + 1, ops: [op.echo([i])] })).status, STATUS.ok);
      }
    });

    it('reset the toggles also where nothing was halted, after any number of packets', async () => {
      for (let packets = 1; packets <= 4; packets++) {
        await link.hello(packets);
        await link.device.clearHalt('out', 1);
        await link.device.clearHalt('in', 2);
        await link.hello(100 + packets);
        await link.device.clearHalt('out', 1);
        await link.hello(200 + packets);
        await link.device.clearHalt('in', 2);
        assert.ok(await talks(link));
        await link.device.selectAlternateInterface(0, FRAMES);
        assert.ok(await talks(link));
        await link.device.selectConfiguration(1);
        await link.device.claimInterface(0);
        await link.device.selectAlternateInterface(0, FRAMES);
        assert.ok(await talks(link));
      }
    });

    it('are stalled when their data end early, and nothing is kept of it', async () => {
      const { board } = link;
      const usb = board.chip.silicon.usbCtrl as unknown as UsbController;
      const { address } = board.host;
      usb.setup(address, bytes(0x21, 0x20, 0, 0, 1, 0, 7, 0))!();
      board.advance(0.1);
      const data = usb.out(address, 0, bytes(1, 2, 3), 1);
      assert.ok(typeof data === 'function');
      data();
      board.advance(0.1);
      assert.equal(usb.in(address, 0), 'stall');
      assert.deepEqual(await link.control(0xa1, 0x21, 0, 1, 7), bytes(0x00, 0xc2, 0x01, 0, 0, 0, 8));
    });

    it('may be given up half-way: what was on offer is withdrawn before the host can take it for the next answer', async () => {
      // Token by token, because the emulated host leaves no time between SETUP and IN, and a bus does: the IN token
      // alone takes 35 bits, 2.9 µs (USB 2.0 8.3, 8.4.1).
      const { board } = link;
      const usb = board.chip.silicon.usbCtrl as unknown as UsbController;
      const { address } = board.host;
      const setup = (...packet: number[]): void => usb.setup(address, bytes(...packet))!();
      const given = [
        [0x80, 6, 0, 1, 0, 0, 18, 0], // data on offer
        [0xc0, 0x4d, 0, 0, 7, 0, 255, 0], // the first of several packets
        [0xc1, 0x52, 0, 0, 0, 0, 8, 0], // an answer that comes from the main loop
        [0x00, 5, 77, 0, 0, 0, 0, 0], // the status stage of SET_ADDRESS: stalled here, as the device is configured
        [0x21, 0x20, 0, 0, 1, 0, 7, 0], // SET_LINE_CODING, whose data never come
        [0x02, 1, 0, 0, IN, 0, 0, 0], // the status stage of CLEAR_FEATURE
      ];
      for (const packet of given) {
        for (const pause of [0.001, 0.01, 0.1]) {
          setup(...packet);
          board.advance(pause);
          setup(0x80, 8, 0, 0, 0, 0, 1, 0);
          board.advance(0.0029);
          const early = usb.in(address, 0);
          if (typeof early === 'object') early.done(false); // and the host asks again
          board.advance(1);
          const reply = usb.in(address, 0);
          for (const each of typeof early === 'object' ? [early, reply] : [reply]) {
            assert.ok(typeof each === 'object');
            assert.deepEqual([each.toggle, ...each.data], [1, 1]);
          }
          if (typeof reply === 'object') reply.done(true);
          board.advance(0.1);
          const status = usb.out(address, 0, bytes(), 1);
          assert.ok(typeof status === 'function');
          status();
        }
      }
      assert.ok(await talks(link));
    });
  });
}
