/** What stands in memory before the first instruction: flash, and RAM after power-on. */

/** The image's vector table, after the second stage boot loader (RP2040 datasheet 2.8.1.3). */
export const VECTORS = 0x10000100;
/** The second stage boot loader: 252 bytes and their checksum. */
const BOOT2_BYTES = 252;
/** The Pico's flash chip; a longer image gets the next size that holds it. */
const FLASH_BYTES = 0x200000;
const CRC32_POLYNOMIAL = 0x04c11db7;

export function flashWith(image: Uint8Array): Uint8Array<ArrayBuffer> {
  let size = FLASH_BYTES;
  while (size < image.length) size *= 2;
  const flash = new Uint8Array(size).fill(0xff);
  flash.set(image);
  return flash;
}

/** What RAM holds at power-on is anybody's guess: firmware that counts on zeros shall notice. */
export function scramble(ram: Uint8Array<ArrayBuffer>, seed: number): void {
  let state = seed | 1;
  const words = new Uint32Array(ram.buffer);
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
}

/** The boot ROM starts boot2 only if its CRC-32/MPEG-2 stands behind it (RP2040 datasheet 2.8.1.3.1). */
export function hasBootChecksum(flash: Uint8Array<ArrayBuffer>): boolean {
  let crc = 0xffffffff;
  for (const byte of flash.subarray(0, BOOT2_BYTES)) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ CRC32_POLYNOMIAL : crc << 1;
  }
  return crc >>> 0 === new DataView(flash.buffer).getUint32(BOOT2_BYTES, true);
}
