import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const read = (name: string): Buffer => readFileSync(new URL(`../../../firmware/images/${name}`, import.meta.url));

/** What each may take: a quarter of the flash, or three eighths. The Makefile sees to the RAM, and the benchmark to the stack. */
const FLASH_BYTES = { 'fgft-atmega328p': 8 * 1024, 'fgft-atmega328p-full': 12 * 1024 };

/** The bytes of an Intel HEX file, which must begin at 0 and leave nothing out. */
function decodeHex(text: string): Buffer {
  const bytes: number[] = [];
  const lines = text.trim().split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    assert.match(line, /^:([0-9A-F]{2})+$/);
    const record = Buffer.from(line.slice(1), 'hex');
    assert.equal(
      record.reduce((sum, byte) => (sum + byte) & 0xff, 0),
      0,
      `checksum of line ${index + 1}`,
    );
    const [count, type] = [record[0]!, record[3]!];
    assert.equal(record.length, count + 5);
    assert.equal(type, index === lines.length - 1 ? 1 : 0, 'data, and one end');
    if (type === 0) assert.equal(record.readUInt16BE(1), bytes.length);
    bytes.push(...record.subarray(4, -1));
  }
  return Buffer.from(bytes);
}

describe('firmware/atmega328p: the committed images', () => {
  for (const [name, most] of Object.entries(FLASH_BYTES)) {
    const image = read(`${name}.bin`);

    it(`${name} is not larger than it may be`, () => {
      assert.ok(image.length <= most, `${image.length} bytes`);
    });

    it(`${name} is the same as Intel HEX`, () => {
      assert.deepEqual(decodeHex(read(`${name}.hex`).toString('latin1')), image);
    });
  }
});
