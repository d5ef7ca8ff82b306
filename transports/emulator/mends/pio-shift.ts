const FIFO_DEPTH = 4;
const FJOIN = { tx: 0x40000000, rx: 0x80000000 } as const;
const WORD_BITS = 32;

/** Lowest bits of the fields of FDEBUG (RP2040 datasheet 3.7). */
export const FDEBUG = { rxStall: 0, rxUnder: 8, txOver: 16, txStall: 24 } as const;

export const ones = (count: number): number => (count >= WORD_BITS ? 0xffffffff : 2 ** count - 1);

/** The FIFOs and shift registers of a PIO state machine (RP2040 datasheet 3.2.3, 3.5.3, 3.5.4). */
export class PioShift {
  readonly tx: number[] = [];
  readonly rx: number[] = [];
  shiftctrl = 0;
  isr = 0;
  isrCount = 0;
  osr = 0;
  osrCount = WORD_BITS;
  readonly #note: (debugBit: number) => void;

  /** `note` is told the lowest bit of a field of FDEBUG when its event happens. */
  constructor(note: (debugBit: number) => void) {
    this.#note = note;
  }

  /** 3.7, SHIFTCTRL: a FIFO that is joined to the other one doubles it, and is both full and empty itself. */
  get txDepth(): number {
    return this.shiftctrl & FJOIN.rx ? 0 : this.shiftctrl & FJOIN.tx ? 2 * FIFO_DEPTH : FIFO_DEPTH;
  }

  get rxDepth(): number {
    return this.shiftctrl & FJOIN.tx ? 0 : this.shiftctrl & FJOIN.rx ? 2 * FIFO_DEPTH : FIFO_DEPTH;
  }

  get osrUsedUp(): boolean {
    return this.osrCount >= ((this.shiftctrl >> 25) & 0x1f || WORD_BITS);
  }

  get #pushThreshold(): number {
    return (this.shiftctrl >> 20) & 0x1f || WORD_BITS;
  }

  get #autopush(): boolean {
    return (this.shiftctrl & (1 << 16)) !== 0;
  }

  get #autopull(): boolean {
    return (this.shiftctrl & (1 << 17)) !== 0;
  }

  flush(): void {
    this.tx.length = this.rx.length = 0;
  }

  /** What a restart clears; the contents of the OSR stay (3.7, CTRL.SM_RESTART). */
  restart(): void {
    this.isr = this.isrCount = 0;
    this.osrCount = WORD_BITS;
  }

  /** 3.5.4.2: with autopull, an OSR that is used up is filled in any cycle. */
  endCycle(): void {
    if (this.#autopull && this.osrUsedUp) this.#refill();
  }

  /** IN (3.4.4, 3.5.4.1). Returns whether it is over; not, if it has to push and there is no room. */
  shiftIn(data: number, bits: number): boolean {
    const count = Math.min(WORD_BITS, this.isrCount + bits);
    const pushes = this.#autopush && count >= this.#pushThreshold;
    if (pushes && this.rx.length >= this.rxDepth) {
      this.#note(FDEBUG.rxStall);
      return false;
    }
    const shifted = (data & ones(bits)) >>> 0;
    if (bits === WORD_BITS) this.isr = shifted;
    else if (this.shiftctrl & (1 << 18)) this.isr = ((this.isr >>> bits) | (shifted << (WORD_BITS - bits))) >>> 0;
    else this.isr = ((this.isr << bits) | shifted) >>> 0;
    this.isrCount = count;
    if (pushes) this.#pushIsr();
    return true;
  }

  /**
   * OUT (3.4.5, 3.5.4.2). Returns what was shifted out. With autopull, an OSR that is used up costs a cycle to be
   * `refilled`, or stalls the machine while the FIFO is `empty`.
   */
  shiftOut(bits: number): number | 'refilled' | 'empty' {
    if (this.#autopull && this.osrUsedUp) {
      if (this.#refill()) return 'refilled';
      this.#note(FDEBUG.txStall);
      return 'empty';
    }
    let data = this.osr;
    if (bits === WORD_BITS) this.osr = 0;
    else if (this.shiftctrl & (1 << 19)) {
      data &= ones(bits);
      this.osr >>>= bits;
    } else {
      data >>>= WORD_BITS - bits;
      this.osr = (this.osr << bits) >>> 0;
    }
    this.osrCount = Math.min(WORD_BITS, this.osrCount + bits);
    return data >>> 0;
  }

  /** PUSH (3.4.6). Returns whether it is over. */
  push(onlyIfFull: boolean, blocks: boolean): boolean {
    if (onlyIfFull && this.isrCount < this.#pushThreshold) return true;
    if (this.rx.length < this.rxDepth) {
      this.#pushIsr();
      return true;
    }
    this.#note(FDEBUG.rxStall);
    if (blocks) return false;
    this.isr = this.isrCount = 0;
    return true;
  }

  /** PULL (3.4.7): from an empty FIFO, X if it does not block. With autopull, not while the OSR is full (3.5.4.2). */
  pull(onlyIfEmpty: boolean, blocks: boolean, x: number): boolean {
    if (onlyIfEmpty && !this.osrUsedUp) return true;
    if (this.#autopull && this.osrCount === 0) return true;
    if (this.#refill()) return true;
    this.#note(FDEBUG.txStall);
    if (blocks) return false;
    this.osr = x;
    this.osrCount = 0;
    return true;
  }

  #pushIsr(): void {
    this.rx.push(this.isr);
    this.isr = this.isrCount = 0;
  }

  #refill(): boolean {
    const word = this.tx.shift();
    if (word === undefined) return false;
    this.osr = word;
    this.osrCount = 0;
    return true;
  }
}
