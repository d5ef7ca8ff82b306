/**
 * `pack.ts <image.bin> <image.uf2>`: checks the CRC that the boot ROM wants in the first 256 bytes of the flash, and
 * wraps the image as UF2, the format of the drive that an RP2040 shows when it starts with BOOTSEL held.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const BOOT2_BYTES = 256;
const FLASH = 0x10000000;

/** CRC-32/MPEG-2 (RP2040 datasheet 2.8.1.3.1): polynomial 04c11db7, start ffffffff, nothing reflected or inverted. */
function crc32Mpeg2(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc >>> 0;
}

/** https://github.com/microsoft/uf2: blocks of 512 bytes, each with 256 bytes of the image. */
const UF2 = {
  block: 512,
  payload: 256,
  data: 32,
  magic: [0x0a324655, 0x9e5d5157],
  endMagic: 0x0ab16f30,
  familyIdPresent: 0x2000,
  familyRp2040: 0xe48bff56,
} as const;

function uf2(image: Uint8Array, address: number): Uint8Array {
  const count = Math.ceil(image.length / UF2.payload);
  const file = new Uint8Array(count * UF2.block);
  for (let i = 0; i < count; i++) {
    const payload = image.subarray(i * UF2.payload, (i + 1) * UF2.payload);
    const header = [
      ...UF2.magic,
      UF2.familyIdPresent,
      address + i * UF2.payload,
      UF2.payload,
      i,
      count,
      UF2.familyRp2040,
    ];
    const view = new DataView(file.buffer, i * UF2.block, UF2.block);
    header.forEach((word, k) => view.setUint32(4 * k, word, true));
    view.setUint32(UF2.block - 4, UF2.endMagic, true);
    file.set(payload, i * UF2.block + UF2.data);
  }
  return file;
}

const [imagePath, uf2Path] = process.argv.slice(2);
if (!imagePath || !uf2Path) throw new Error('usage: pack.ts <image.bin> <image.uf2>');
const image = readFileSync(imagePath);
const expected = crc32Mpeg2(image.subarray(0, BOOT2_BYTES - 4));
const found = image.readUInt32LE(BOOT2_BYTES - 4);
if (found !== expected) {
  throw new Error(`boot2.S ends in ${found.toString(16)}; the boot ROM wants 0x${expected.toString(16)}`);
}
writeFileSync(uf2Path, uf2(image, FLASH));
