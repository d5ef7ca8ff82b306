/** Winbond W25Q16JV, the flash chip of the Pico (datasheet revision H, table 8.1.2): standard SPI instructions. */
const INSTRUCTION = {
  readData: 0x03,
  readStatus1: 0x05,
  readStatus3: 0x15,
  readStatus2: 0x35,
  uniqueId: 0x4b,
  manufacturerAndDevice: 0x90,
  jedecId: 0x9f,
} as const;

/** Manufacturer Winbond, memory type 40h, capacity 2^21 bytes (8.1.1). */
const JEDEC_ID = [0xef, 0x40, 0x15];
const MANUFACTURER_AND_DEVICE = [0xef, 0x14];
/** Status register 2: QE, quad enable, which is set in the -IQ parts (7.1.3). */
const STATUS_2 = 0x02;
/** Nobody drives the line: it floats high. */
const UNDRIVEN = 0xff;

/**
 * What the flash chip answers to each byte while it is selected. Reading and identification only: nothing here erases
 * or programs.
 */
export class W25q {
  readonly #contents: Uint8Array;
  readonly #uniqueId: Uint8Array;
  #position = 0;
  #instruction = 0;
  #address = 0;

  /** `uniqueId`: 8 bytes, set in the factory (8.2.27). */
  constructor(contents: Uint8Array, uniqueId: Uint8Array) {
    this.#contents = contents;
    this.#uniqueId = uniqueId;
  }

  /** A falling edge of the chip select: the next byte is an instruction. */
  select(): void {
    this.#position = 0;
    this.#address = 0;
  }

  /** Shifts one byte in and, at the same time, one out. */
  exchange(byte: number): number {
    const position = this.#position;
    this.#position += 1;
    if (position === 0) {
      this.#instruction = byte;
      return UNDRIVEN;
    }
    const answer = this.#answer(position);
    if (position < 4) this.#address = (this.#address << 8) | byte;
    return answer ?? UNDRIVEN;
  }

  #answer(position: number): number | undefined {
    switch (this.#instruction) {
      case INSTRUCTION.readStatus1:
      case INSTRUCTION.readStatus3:
        return 0;
      case INSTRUCTION.readStatus2:
        return STATUS_2;
      case INSTRUCTION.jedecId:
        return JEDEC_ID[position - 1];
      case INSTRUCTION.manufacturerAndDevice:
        return position < 4 ? undefined : MANUFACTURER_AND_DEVICE[position & 1];
      case INSTRUCTION.uniqueId:
        return this.#uniqueId[position - 5];
      case INSTRUCTION.readData:
        return position < 4 ? undefined : this.#contents[(this.#address + position - 4) % this.#contents.length];
      default:
        return undefined;
    }
  }
}
