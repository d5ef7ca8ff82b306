import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readIntelHex } from '../../../../transports/emulator/index.js';

const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');

function record(address: number, type: number, bytes: readonly number[]): string {
  const all = [bytes.length, address >> 8, address & 0xff, type, ...bytes];
  return `:${hex([...all, -all.reduce((sum, byte) => sum + byte) & 0xff])}\n`;
}

const END = ':00000001FF\n';

describe('readIntelHex', () => {
  it('gives back the bytes of any image', () => {
    const property = fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom(1, 16, 32),
      (image, length) => {
        let text = '';
        for (let at = 0; at < image.length; at += length) text += record(at, 0, [...image.subarray(at, at + length)]);
        assert.deepEqual(readIntelHex(text + END), image);
      },
    );
    fc.assert(property);
  });

  it('fills what is left out with erased flash, and ends where the file says', () => {
    assert.deepEqual([...readIntelHex(record(2, 0, [1]) + END + record(0, 0, [7]))], [0xff, 0xff, 1]);
  });

  it('adds the base of segments and of linear addresses', () => {
    assert.equal(readIntelHex(record(0, 2, [0x10, 0]) + record(1, 0, [9]) + END).indexOf(9), 0x10001);
    assert.equal(readIntelHex(record(0, 4, [0, 1]) + record(1, 0, [9]) + END).indexOf(9), 0x10001);
  });

  for (const [what, text, message] of [
    ['a wrong checksum', ':0100000001FF\n', /Line 1 of the HEX file does not add up/],
    ['a wrong length', ':0200000001FD\n', /Line 1 .* as long as it says/],
    ['something else', 'hello\n', /Line 1 .* hexadecimal/],
    ['an unknown record', record(0, 9, []), /of type 9/],
    ['a file that was cut off', record(0, 0, [1]), /cut off/],
  ] as const)
    it(`refuses ${what}`, () => assert.throws(() => readIntelHex(text), message));
});
