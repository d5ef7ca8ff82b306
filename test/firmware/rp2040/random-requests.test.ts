import assert from 'node:assert/strict';
import fc from 'fast-check';
import { op, STATUS } from './frame.js';
import { openLine } from './line.js';
import { FRAMES, plugged } from './link.js';

const RESYNC = 0x52;
const byte = fc.nat(0xff);
/** Fields near those that mean something, and any others. */
const type = fc.oneof(fc.constantFrom(0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x21, 0xa1, 0xc0, 0xc1), byte);
const code = fc.oneof(fc.nat(12), fc.constantFrom(0x20, 0x21, 0x22, 0x23, 0x4d, RESYNC, 0x57), byte);
const value = fc.oneof(fc.nat(3), fc.constantFrom(0x100, 0x200, 0x300, 0x302, 0x600, 0xf00), fc.nat(0xffff));
const index = fc.oneof(fc.nat(5), fc.constantFrom(7, 0x80, 0x82, 0x83, 0x85, 0x409), fc.nat(0xffff));
const length = fc.oneof(fc.nat(9), fc.constantFrom(18, 63, 64, 65, 128, 255), fc.nat(600));
const packet = fc.tuple(type, code, value, index, length);

describe('firmware/rp2040: any requests to endpoint 0', () => {
  it('are answered or stalled, and leave a board that enumerates and talks over both links', async () => {
    const link = await plugged();
    const requests = fc.array(packet, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        for (const [requestType, request, ...rest] of all) {
          if (requestType === 0x00 && request === 5) continue; // SET_ADDRESS: the host would lose the device
          const [wValue, wIndex, wLength] = rest;
          const data = requestType & 0x80 ? wLength : new Uint8Array(wLength);
          await link.control(requestType, request, wValue, wIndex, data);
          assert.deepEqual(await link.control(0x80, 0, 0, 0, 2), Uint8Array.of(0, 0));
        }
        await link.device.selectConfiguration(1);
        await link.device.claimInterface(0);
        await link.device.selectAlternateInterface(0, FRAMES);
        await link.hello(1);
        await link.device.selectAlternateInterface(0, 0);
        const line = await openLine(link.board);
        await line.hello(2);
        assert.equal((await line.exchange({ session: 2, sequence: 1, ops: [op.echo([7])] })).status, STATUS.ok);
        await line.port.close();
      }),
      { numRuns: 60, seed: 9 },
    );
    assert.deepEqual(link.board.warnings, []);
    link.dispose();
  });
});
