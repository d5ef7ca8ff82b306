import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';

/** Bits of CTRL (RP2040 datasheet 2.5.7, CH0_CTRL_TRIG). */
const CTRL = {
  enable: 1 << 0,
  incrementRead: 1 << 4,
  incrementWrite: 1 << 5,
  ringOnWrite: 1 << 10,
  quiet: 1 << 21,
  swap: 1 << 22,
  busy: 1 << 24,
  writeError: 1 << 29,
  readError: 1 << 30,
  anyError: 1 << 31,
} as const;
const KEPT = 0x00ffffff;
const CHAIN_SHIFT = 11;

/** How long a transfer that has been read is on its way to be written after an abort: a few cycles (2.5.5.3). */
const IN_FLIGHT_CYCLES = 4;

/** What the channels have in common. */
export interface DmaHost {
  /** Cycles until the next transfer that a request line lets through; undefined if it has to be asked for first. */
  cyclesUntil(request: number): number | undefined;
  raise(channel: number): void;
  trigger(channel: number): void;
}

/**
 * One DMA channel (RP2040 datasheet 2.5). One transfer takes one cycle at least, and other channels do not slow it down.
 * The sniffer is not here.
 */
export class DmaChannel {
  readAddress = 0;
  writeAddress = 0;
  /** What the next trigger loads into the counter: what was written to TRANS_COUNT (2.5.7). */
  reload = 0;
  /** Transfers that are left: what TRANS_COUNT reads. */
  left = 0;
  readonly #index: number;
  readonly #silicon: Silicon;
  readonly #host: DmaHost;
  readonly #alarm: Alarm;
  #ctrl = 0;
  #aborted = false;

  constructor(silicon: Silicon, index: number, host: DmaHost) {
    this.#index = index;
    this.#silicon = silicon;
    this.#host = host;
    this.#alarm = silicon.clock.createAlarm(() => (this.#aborted ? this.#drained() : this.#transfer()));
  }

  get ctrl(): number {
    const error = this.#ctrl & (CTRL.readError | CTRL.writeError) ? CTRL.anyError : 0;
    return (this.#ctrl | error) >>> 0;
  }

  /** `onBus` is the word as written, before the aliases were applied: what clears error flags. */
  writeCtrl(value: number, onBus: number): void {
    const cleared = onBus & (CTRL.readError | CTRL.writeError);
    this.#ctrl = (this.#ctrl & ~KEPT & ~cleared) | (value & KEPT);
    this.#proceed();
  }

  trigger(): void {
    if (!(this.#ctrl & CTRL.enable) || this.#ctrl & CTRL.busy) return;
    this.#ctrl |= CTRL.busy;
    this.left = this.reload;
    if (this.left === 0) this.#complete();
    else this.#proceed();
  }

  /** A trigger register was written with 0 (2.5.2.3). */
  nullTrigger(): void {
    if (this.#ctrl & CTRL.quiet) this.#host.raise(this.#index);
  }

  /** A request line was asserted. */
  requested(line: number): void {
    if (line === this.#request) this.#proceed();
  }

  /**
   * Erratum RP2040-E13: with a transfer in flight, CHAN_ABORT reads 0 too early; BUSY falls when the transfer is over,
   * and then it raises the interrupt, which 2.5.5.3 says it does not.
   */
  abort(): void {
    if (!(this.#ctrl & CTRL.busy)) return;
    if (!this.#alarm.scheduled) {
      this.left = 0;
      this.#ctrl &= ~CTRL.busy;
      return;
    }
    this.#aborted = true;
    this.#alarm.schedule(IN_FLIGHT_CYCLES * this.#cycle);
  }

  reset(): void {
    this.#alarm.cancel();
    this.#aborted = false;
    this.#ctrl = this.readAddress = this.writeAddress = this.reload = this.left = 0;
  }

  get #request(): number {
    return (this.#ctrl >> 15) & 0x3f;
  }

  get #cycle(): number {
    return 1e9 / this.#silicon.clkSys;
  }

  /** Starts the next transfer, if there is one, and it may, and it has not been started. */
  #proceed(): void {
    const runs = (this.#ctrl & CTRL.enable) !== 0 && (this.#ctrl & CTRL.busy) !== 0;
    const cycles = runs && !this.#alarm.scheduled ? this.#host.cyclesUntil(this.#request) : undefined;
    if (cycles !== undefined) this.#alarm.schedule(cycles * this.#cycle);
  }

  #drained(): void {
    this.#aborted = false;
    this.left = 0;
    this.#ctrl &= ~CTRL.busy;
    this.#host.raise(this.#index);
  }

  #transfer(): void {
    const error = this.#move();
    if (error !== 0) {
      // 2.5.7, AHB_ERROR: the channel halts, and always raises its interrupt.
      this.#ctrl = (this.#ctrl | error) & ~CTRL.busy;
      this.#host.raise(this.#index);
      return;
    }
    const ring = (1 << ((this.#ctrl >> 6) & 0xf)) - 1;
    const onWrite = (this.#ctrl & CTRL.ringOnWrite) !== 0;
    if (this.#ctrl & CTRL.incrementRead) this.readAddress = this.#after(this.readAddress, onWrite ? 0 : ring);
    if (this.#ctrl & CTRL.incrementWrite) this.writeAddress = this.#after(this.writeAddress, onWrite ? ring : 0);
    this.left -= 1;
    if (this.left === 0) this.#complete();
    else this.#proceed();
  }

  get #bytes(): 1 | 2 | 4 {
    return ([1, 2, 4] as const)[(this.#ctrl >> 2) & 3] ?? 1;
  }

  #after(address: number, ring: number): number {
    const next = address + this.#bytes;
    return (ring === 0 ? next : (address & ~ring) | (next & ring)) >>> 0;
  }

  /** Reads and writes once; returns the flag of the error that the bus answered with, or 0. */
  #move(): number {
    const silicon = this.#silicon;
    const bytes = this.#bytes;
    const [from, to] = [this.readAddress, this.writeAddress];
    let value: number;
    if (bytes === 4) value = silicon.readUint32(from);
    else value = bytes === 2 ? silicon.readUint16(from) : silicon.readUint8(from);
    if (silicon.takeBusError() !== undefined) return CTRL.readError;
    if (this.#ctrl & CTRL.swap) value = swapped(value, bytes);
    if (bytes === 4) silicon.writeUint32(to, value);
    else if (bytes === 2) silicon.writeUint16(to, value);
    else silicon.writeUint8(to, value);
    return silicon.takeBusError() === undefined ? 0 : CTRL.writeError;
  }

  #complete(): void {
    this.#ctrl &= ~CTRL.busy;
    if (!(this.#ctrl & CTRL.quiet)) this.#host.raise(this.#index);
    const next = (this.#ctrl >> CHAIN_SHIFT) & 0xf;
    if (next !== this.#index) this.#host.trigger(next);
  }
}

function swapped(value: number, bytes: 1 | 2 | 4): number {
  if (bytes === 1) return value;
  const half = ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
  return bytes === 2 ? half : ((half << 16) | ((value >>> 24) & 0xff) | ((value >>> 8) & 0xff00)) >>> 0;
}
