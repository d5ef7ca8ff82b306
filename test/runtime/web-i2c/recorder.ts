/** A chip that notes what reaches it on the bus, byte for byte: one address byte, then memory that counts up. */
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';

export interface Recorder extends I2cTarget {
  readonly memory: Uint8Array;
  /** One entry a transfer: `14 05`, or `12 > 2 bytes` where a read follows. */
  readonly transfers: string[];
}

export function recorder(): Recorder {
  const memory = Uint8Array.from({ length: 256 }, (_, at) => (at * 7) & 0xff);
  const transfers: string[] = [];
  let written: number[] = [];
  let read = 0;
  let pointer = 0;
  return {
    memory,
    transfers,
    start: () => true,
    write(byte) {
      if (written.push(byte) === 1) pointer = byte;
      else memory[pointer++ & 0xff] = byte;
      return true;
    },
    read() {
      read++;
      return memory[pointer++ & 0xff]!;
    },
    stop() {
      const bytes = written.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      transfers.push(read > 0 ? `${bytes} > ${read} bytes`.trim() : bytes);
      [written, read] = [[], 0];
    },
  };
}
