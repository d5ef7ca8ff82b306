import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decode, encode, Inbox, joined, sizeOf } from '../../../transports/usbip/codec.js';
import {
  DEVICE,
  IMPORT_REQUEST,
  INTERFACE,
  LIST_REPLY,
  OPERATION_HEADER,
  SUBMIT,
  SUBMIT_ANSWER,
  UNLINK,
  UNLINK_ANSWER,
  type Layout,
} from '../../../transports/usbip/messages.js';

/** With the bytes that Linux's usbip_protocol.rst gives each of them. */
const LAYOUTS: readonly (readonly [name: string, layout: Layout, bytes: number])[] = [
  ['OP_REQ_DEVLIST', OPERATION_HEADER, 8],
  ['OP_REQ_IMPORT, behind its header', IMPORT_REQUEST, 32],
  ['OP_REP_DEVLIST, behind its header', LIST_REPLY, 4],
  ['a device', DEVICE, 0x138],
  ['an interface', INTERFACE, 4],
  ['USBIP_CMD_SUBMIT', SUBMIT, 0x30],
  ['USBIP_RET_SUBMIT', SUBMIT_ANSWER, 0x30],
  ['USBIP_CMD_UNLINK', UNLINK, 0x30],
  ['USBIP_RET_UNLINK', UNLINK_ANSWER, 0x30],
];

const NUMBERS = { u8: [0, 0xff], u16: [0, 0xffff], u32: [0, 0xffffffff], i32: [-0x80000000, 0x7fffffff] } as const;

function valuesOf(layout: Layout): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, kind] of layout) {
    if (kind in NUMBERS) {
      const [min, max] = NUMBERS[kind as keyof typeof NUMBERS];
      fields[name] = fc.integer({ min, max });
    } else if (kind.startsWith('text')) fields[name] = fc.stringMatching(/^[a-z0-9/.-]{0,31}$/);
    else if (kind.startsWith('bytes')) fields[name] = fc.uint8Array({ minLength: 8, maxLength: 8 });
  }
  return fc.record(fields);
}

describe('The messages of USB/IP', () => {
  for (const [name, layout, bytes] of LAYOUTS) {
    it(`${name}: ${bytes} bytes, which say what was put in`, () => {
      assert.equal(sizeOf(layout), bytes);
      fc.assert(
        fc.property(valuesOf(layout), (values) => {
          const encoded = encode(layout, values as never);
          assert.equal(encoded.length, bytes);
          assert.deepEqual({ ...(decode(layout, encoded) as object) }, { ...values });
        }),
        { seed: 5 },
      );
    });
  }

  it('are those of the documentation, byte for byte', () => {
    // usbip_protocol.rst, "Example", CmdIntrIN.
    const text = `00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004 ${'0'.repeat(16)}`;
    const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex');
    const { setup, ...numbers } = decode(SUBMIT, bytes);
    assert.deepEqual(numbers, {
      command: 1,
      sequence: 0xd05,
      device: 0x1000f,
      direction: 1,
      endpoint: 1,
      flags: 0x200,
      length: 64,
      startFrame: -1,
      packets: 0,
      interval: 4,
    });
    assert.deepEqual(Buffer.from(encode(SUBMIT, { setup, ...numbers })), bytes);
  });

  it('end text with a zero, however long it was', () => {
    const encoded = encode(IMPORT_REQUEST, { busId: 'x'.repeat(40) });
    assert.deepEqual([encoded.length, encoded.at(-1)], [32, 0]);
    assert.equal(decode(IMPORT_REQUEST, encoded).busId, 'x'.repeat(31));
  });

  it('come out of a stream as they went in, in whatever pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), fc.array(fc.nat(30)), (pieces, counts) => {
        const inbox = new Inbox();
        for (const piece of pieces) inbox.put(piece);
        const whole = joined(...pieces);
        let at = 0;
        for (const count of counts) {
          const got = inbox.take(count);
          if (at + count > whole.length) assert.equal(got, undefined);
          else assert.deepEqual(Buffer.from(got!), Buffer.from(whole.subarray(at, (at += count))));
        }
        assert.deepEqual(Buffer.from(inbox.rest()), Buffer.from(whole.subarray(at)));
      }),
      { seed: 6 },
    );
  });
});
