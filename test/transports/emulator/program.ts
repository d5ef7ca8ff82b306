/** Firmware of a few instructions, assembled by hand (ARMv6-M architecture A6.7), for tests of the chip itself. */

const BOOT2_BYTES = 256;
const VECTORS = 48;
const FLASH = 0x10000000;
const STACK_TOP = 0x20040000;
const [ADDRESS, VALUE] = [0, 1];

const OP = {
  nop: 0xbf00,
  wfe: 0xbf20,
  wfi: 0xbf30,
  sev: 0xbf40,
  maskOn: 0xb672,
  maskOff: 0xb662,
  bkpt: 0xbe00,
} as const;

export class Program {
  readonly #code: number[] = [];
  readonly #literals: { readonly at: number; readonly register: number; readonly value: number }[] = [];
  readonly #handlers = new Map<number, number>();

  op(...names: (keyof typeof OP)[]): this {
    this.#code.push(...names.map((name) => OP[name]));
    return this;
  }

  raw(...halfwords: number[]): this {
    this.#code.push(...halfwords);
    return this;
  }

  store(address: number, value: number): this {
    return this.#load(ADDRESS, address).#load(VALUE, value).raw(0x6000 | (ADDRESS << 3) | VALUE);
  }

  read(address: number): this {
    return this.#load(ADDRESS, address).raw(0x6800 | (ADDRESS << 3) | VALUE);
  }

  copy(from: number, to: number): this {
    return this.read(from).#load(ADDRESS, to).raw(0x6000 | (ADDRESS << 3) | VALUE);
  }

  increment(address: number): this {
    return this.read(address).raw(0x3000 | (VALUE << 8) | 1, 0x6000 | (ADDRESS << 3) | VALUE);
  }

  /** An endless loop; with `wfi`, one that sleeps. */
  forever(body?: 'wfi'): this {
    return body === undefined ? this.raw(0xe7fe) : this.raw(OP.wfi, 0xe7fd);
  }

  /** What follows is the handler of an exception; it ends with `return`. */
  handler(exception: number): this {
    this.#handlers.set(exception, this.#code.length);
    return this;
  }

  /** Back from a handler that has called nothing: `bx lr`. */
  return(): this {
    return this.raw(0x4770);
  }

  image(): Uint8Array {
    const codeAt = BOOT2_BYTES + 4 * VECTORS;
    const poolAt = codeAt + 2 * (this.#code.length + (this.#code.length & 1));
    const bytes = new Uint8Array(poolAt + 4 * this.#literals.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(BOOT2_BYTES, STACK_TOP, true);
    const entries = [...this.#handlers, [1, 0] as const];
    for (const [exception, index] of entries)
      view.setUint32(BOOT2_BYTES + 4 * exception, FLASH + codeAt + 2 * index + 1, true);
    for (const [index, halfword] of this.#code.entries()) view.setUint16(codeAt + 2 * index, halfword, true);
    for (const [index, { at, register, value }] of this.#literals.entries()) {
      const literal = poolAt + 4 * index;
      const pc = (codeAt + 2 * at + 4) & ~3;
      view.setUint16(codeAt + 2 * at, 0x4800 | (register << 8) | ((literal - pc) >> 2), true);
      view.setUint32(literal, value >>> 0, true);
    }
    view.setUint32(BOOT2_BYTES - 4, crc32mpeg2(bytes.subarray(0, BOOT2_BYTES - 4)), true);
    return bytes;
  }

  #load(register: number, value: number): this {
    this.#literals.push({ at: this.#code.length, register, value });
    return this.raw(0);
  }
}

function crc32mpeg2(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
