/** A TMP102 for emulated boards, as far as the examples need it: a pointer byte, then registers of two bytes. */
import type { I2cTarget } from '../transports/emulator/index.js';

/** TMP102 datasheet SBOS397, 6.5. It is 21.5 °C. */
export function tmp102Model(): I2cTarget & { readonly registers: Uint16Array } {
  const registers = Uint16Array.of(21.5 * 256, 0x60a0, 0x4b00, 0x5000);
  const bytes = new DataView(registers.buffer);
  const littleEndian = (at: number): number => (at & ~1) | (~at & 1);
  let pointer: number | undefined;
  let next = 0;
  return {
    registers,
    start(direction) {
      if (direction === 'write') pointer = undefined;
      next = 0;
      return true;
    },
    write(byte) {
      if (pointer === undefined) pointer = byte & 3;
      else bytes.setUint8(littleEndian(pointer * 2 + (next++ % 2)), byte);
      return true;
    },
    read: () => bytes.getUint8(littleEndian((pointer ?? 0) * 2 + (next++ % 2))),
    stop: () => {},
  };
}
