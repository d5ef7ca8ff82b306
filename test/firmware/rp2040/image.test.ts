import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeBlock, familyMap, isUF2Block, UF2Flags } from 'uf2';
import { image } from './link.js';

const FLASH = 0x10000000;
const FLASH_END = 0x10200000;
const XIP_CACHE_BYTES = 16 * 1024;
/** Room for .data; the linker script checks what is left, byte by byte. */
const COPIED_BYTES = 5 * 1024;
const BOOT2_BYTES = 256;

describe('firmware/rp2040: the committed image', () => {
  const uf2 = readFileSync(new URL('../../../firmware/images/fgft-rp2040.uf2', import.meta.url));
  const words = new DataView(image.buffer, image.byteOffset, image.byteLength);

  it('begins with vectors into RAM and flash, behind the boot loader', () => {
    assert.equal(words.getUint32(BOOT2_BYTES, true), 0x20040000);
    const vectors = Array.from({ length: 47 }, (_, i) => words.getUint32(BOOT2_BYTES + 4 + 4 * i, true));
    for (const vector of vectors) {
      assert.equal(vector & 1, 1, 'Thumb');
      assert.ok(vector > FLASH + BOOT2_BYTES && vector < FLASH + image.length);
    }
  });

  it('fits into the cache through which it runs, but for what is copied to RAM', () => {
    assert.ok(image.length <= XIP_CACHE_BYTES + COPIED_BYTES, `${image.length} bytes`);
  });

  it('is the same as UF2, in blocks that the boot ROM of an RP2040 takes', () => {
    const count = uf2.length / 512;
    const payloads: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      // A copy: the decoder reads from the start of the buffer below, which Node may share with other data.
      const bytes = new Uint8Array(uf2).slice(512 * i, 512 * (i + 1));
      assert.ok(isUF2Block(bytes));
      const block = decodeBlock(bytes);
      assert.deepEqual([block.blockNumber, block.totalBlocks], [i, count]);
      assert.deepEqual(
        [block.flags, familyMap.get(block.boardFamily)],
        [UF2Flags.familyIDPresent, 'Raspberry Pi RP2040'],
      );
      assert.deepEqual([block.flashAddress, block.payload.length], [FLASH + 256 * i, 256]);
      assert.ok(block.flashAddress < FLASH_END);
      payloads.push(block.payload);
    }
    const whole = Buffer.concat(payloads);
    assert.deepEqual(whole.subarray(0, image.length), image);
    assert.ok(whole.subarray(image.length).every((byte) => byte === 0));
  });
});
