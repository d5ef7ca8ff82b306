/* The alert limits of the SHT30 (Sensirion, "Alert Mode of SHT3x- and STS3x-DIS", version 3.1). */

import { crc8 } from './model-commands.js';

/** Alert Mode tables 1 and 2: high set, high clear, low clear, low set. */
const RESET = [0xcd33, 0xc92d, 0x3869, 0x3466] as const;
const READ: readonly number[] = [0xe11f, 0xe114, 0xe109, 0xe102];
const WRITE: readonly number[] = [0x611d, 0x6116, 0x610b, 0x6100];

export class AlertLimits {
  #values: number[] = [...RESET];

  /** A copy, in the order of table 2. */
  get values(): readonly number[] {
    return [...this.#values];
  }

  /** Alert Mode 3.3: every reset loads the values of table 1. */
  reset(): void {
    this.#values = [...RESET];
  }

  /** The limit that a command reads, or undefined. */
  read(code: number): number | undefined {
    return this.#values[READ.indexOf(code)];
  }

  isWrite(code: number): boolean {
    return WRITE.includes(code);
  }

  /** Takes two bytes and their checksum. False: it was wrong, and the limit stays as it was. */
  write(code: number, [high = 0, low = 0, crc]: readonly number[]): boolean {
    if (crc8([high, low]) !== crc) return false;
    this.#values[WRITE.indexOf(code)] = (high << 8) | low;
    return true;
  }
}
