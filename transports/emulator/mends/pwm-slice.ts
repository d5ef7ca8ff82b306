/** Bits of CSR (RP2040 datasheet 4.5.3, CH0_CSR). PH_ADV and PH_RET clear themselves. */
export const CSR = {
  enable: 1 << 0,
  phaseCorrect: 1 << 1,
  invertA: 1 << 2,
  invertB: 1 << 3,
  divideMode: 3 << 4,
  kept: 0x3f,
  retard: 1 << 6,
  advance: 1 << 7,
} as const;

/** CSR.DIVMODE: what lets the counter count. */
const MODE = { free: 0, gatedByB: 1, risingB: 2, fallingB: 3 } as const;

/** Rounding noise when a time is turned back into ticks. */
const EPSILON = 1e-6;
const COUNTER_RANGE = 0x10000;

export const SLICE_RESET = { div: 0x10, top: 0xffff } as const;

/**
 * One PWM slice (RP2040 datasheet 4.5.2) as a function of time: nothing runs while it counts; `sync` works out where
 * the counter is by now. `cc` and `top` are what the registers hold, `active` is what the comparators use: the
 * registers are copied when the counter wraps, or at once while the slice stands still (4.5.2.3).
 */
export class PwmSlice {
  csr = 0;
  div: number = SLICE_RESET.div;
  cc = 0;
  top: number = SLICE_RESET.top;
  /** Set by every wrap; cleared by whoever collects it. */
  wrapped = false;
  /** The level on the B pin when DIVMODE makes it an input. */
  inputB = false;
  #active = { a: 0, b: 0, top: SLICE_RESET.top as number };
  /** Where the counter is on its way: 0 to TOP, and in phase-correct mode on to 2·TOP + 1, counting down again. */
  #position = 0;
  #since = 0;
  #edges = 0;

  get enabled(): boolean {
    return (this.csr & CSR.enable) !== 0;
  }

  get counter(): number {
    const { top } = this.#active;
    return this.#position <= top || !this.#phaseCorrect ? this.#position : 2 * top + 1 - this.#position;
  }

  get outputA(): boolean {
    return this.counter < this.#active.a !== ((this.csr & CSR.invertA) !== 0);
  }

  get outputB(): boolean {
    return this.counter < this.#active.b !== ((this.csr & CSR.invertB) !== 0);
  }

  /** B is an output only while the slice counts by itself (4.5.2.5). */
  get drivesB(): boolean {
    return this.#mode === MODE.free;
  }

  /** Brings the counter up to `now`; must be called before anything is read or changed. */
  sync(now: number, clockNanos: number): void {
    const tick = this.#tickNanos(clockNanos);
    if (!this.#runs) {
      this.#since = now;
      return;
    }
    const ticks = Math.floor((now - this.#since) / tick + EPSILON);
    this.#since += ticks * tick;
    this.#count(ticks);
  }

  /** When the outputs or the wrap flag change next, seen from the last `sync`: nanoseconds, or Infinity. */
  nextEvent(clockNanos: number): number {
    if (!this.#runs) return Infinity;
    const { a, b, top } = this.#active;
    const turns = [this.#period(), a, b];
    if (this.#phaseCorrect) turns.push(2 * top + 2 - a, 2 * top + 2 - b);
    const ahead = turns.filter((turn) => turn > this.#position);
    return this.#since + (Math.min(...ahead) - this.#position) * this.#tickNanos(clockNanos);
  }

  writeCsr(value: number): void {
    const { counter } = this;
    const turnedAround = ((this.csr ^ value) & CSR.phaseCorrect) !== 0;
    this.csr = value & CSR.kept;
    if (turnedAround) this.#position = counter;
    if (!this.enabled) this.#latch();
    if (this.enabled && value & CSR.advance) this.#count(1);
    if (this.enabled && value & CSR.retard) this.#position = (this.#position || this.#period()) - 1;
    this.#clamp();
  }

  writeCounter(value: number): void {
    this.#position = value & 0xffff;
    this.#clamp();
  }

  writeCompare(value: number): void {
    this.cc = value >>> 0;
    if (!this.enabled) this.#latch();
  }

  writeTop(value: number): void {
    this.top = value & 0xffff;
    if (!this.enabled) this.#latch();
  }

  /** A change on the B pin: in the edge modes edges are what the divider divides. */
  feedB(level: boolean): void {
    const rising = level && !this.inputB;
    const falling = !level && this.inputB;
    this.inputB = level;
    if (!this.enabled || !((this.#mode === MODE.risingB && rising) || (this.#mode === MODE.fallingB && falling)))
      return;
    this.#edges += 1;
    if (this.#edges < this.#divisor) return;
    this.#edges -= this.#divisor;
    this.#count(1);
  }

  reset(): void {
    this.csr = 0;
    this.div = SLICE_RESET.div;
    this.cc = 0;
    this.top = SLICE_RESET.top;
    this.wrapped = false;
    this.#edges = 0;
    this.#position = 0;
    this.#latch();
  }

  get #mode(): number {
    return (this.csr & CSR.divideMode) >> 4;
  }

  get #phaseCorrect(): boolean {
    return (this.csr & CSR.phaseCorrect) !== 0;
  }

  get #runs(): boolean {
    return this.enabled && (this.#mode === MODE.free || (this.#mode === MODE.gatedByB && this.inputB));
  }

  /** INT 0 divides by 256; FRAC counts sixteenths (4.5.3, CH0_DIV). Its jitter is averaged away here. */
  get #divisor(): number {
    return (this.div >> 4 || 256) + (this.div & 0xf) / 16;
  }

  #tickNanos(clockNanos: number): number {
    return clockNanos * this.#divisor;
  }

  /** A counter that was set beyond TOP runs on to the end of its 16 bits. */
  #period(): number {
    const { top } = this.#active;
    if (this.#phaseCorrect) return 2 * (top + 1);
    return this.#position > top ? COUNTER_RANGE : top + 1;
  }

  #count(ticks: number): void {
    let left = ticks;
    let toWrap = this.#period() - this.#position;
    if (left >= toWrap) {
      left -= toWrap;
      this.#position = 0;
      this.wrapped = true;
      this.#latch();
      toWrap = this.#period();
      left %= toWrap;
    }
    this.#position += left;
  }

  #latch(): void {
    this.#active = { a: this.cc & 0xffff, b: this.cc >>> 16, top: this.top };
    this.#clamp();
  }

  #clamp(): void {
    if (this.#phaseCorrect) this.#position = Math.min(this.#position, this.#period() - 1);
  }
}
