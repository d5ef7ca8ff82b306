import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeBlock, familyMap, isUF2Block, UF2Flags } from 'uf2';
import { image } from './link.js';

const FLASH = 0x10000000;
const FLASH_END = 0x10200000;
const RAM = 0x20000000;
/** Interrupt 5, behind the exceptions 1 to 15 (RP2040 datasheet 2.3.2). */
const USB_VECTOR = 15 + 5;
const XIP_CACHE_BYTES = 16 * 1024;
/** Room for .data; the linker script checks what is left, byte by byte. */
const COPIED_BYTES = 11 * 1024;
const BOOT2_BYTES = 256;

describe('firmware/rp2040: the committed image', () => {
  const uf2 = readFileSync(new URL('../../../firmware/images/fgft-rp2040.uf2', import.meta.url));
  const words = new DataView(image.buffer, image.byteOffset, image.byteLength);

  it('begins with vectors, behind the boot loader: into flash, but for USB, which is served from RAM', () => {
    assert.equal(words.getUint32(BOOT2_BYTES, true), 0x20040000);
    const vectors = Array.from({ length: 47 }, (_, i) => words.getUint32(BOOT2_BYTES + 4 + 4 * i, true));
    for (const [i, vector] of vectors.entries()) {
      const [start, length] = i === USB_VECTOR ? [RAM, COPIED_BYTES] : [FLASH + BOOT2_BYTES, XIP_CACHE_BYTES];
      assert.equal(vector & 1, 1, 'Thumb');
      assert.ok(vector > start && vector < start + length, vector.toString(16));
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
