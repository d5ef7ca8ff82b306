/** The FIFO of an emulated MPU-6050: bytes without packets (RM-MPU-6000A-00 revision 4.2, registers 114 to 116). */

/** Product specification PS-MPU-6000A-00 revision 3.4, 7.17. */
export const FIFO_SIZE = 1024;

export class Fifo {
  readonly #bytes = new Uint8Array(FIFO_SIZE);
  #first = 0;
  #count = 0;
  #last = 0;

  get count(): number {
    return this.#count;
  }

  /** Register 116: when it is full, the oldest byte is lost. True: one was. */
  push(byte: number): boolean {
    const full = this.#count === FIFO_SIZE;
    this.#bytes[(this.#first + this.#count) % FIFO_SIZE] = byte;
    if (full) this.#first = (this.#first + 1) % FIFO_SIZE;
    else this.#count += 1;
    return full;
  }

  /** The byte that `pop` would give. Register 116: when it is empty, the last one again. */
  peek(): number {
    return this.#count === 0 ? this.#last : this.#bytes[this.#first]!;
  }

  pop(): number {
    this.#last = this.peek();
    if (this.#count > 0) {
      this.#first = (this.#first + 1) % FIFO_SIZE;
      this.#count -= 1;
    }
    return this.#last;
  }

  reset(): void {
    this.#first = 0;
    this.#count = 0;
  }
}
