import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';
import { request } from './dma-request.js';
import { mended } from './mended.js';
import { RegisterBlock, repeated, type RegisterRows } from './registers.js';

const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const IBRD = 0x24;
const FBRD = 0x28;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const DMACR = 0x48;

/** RP2040 datasheet 4.2.8, table of UART registers. */
const ROWS: RegisterRows = {
  [DR]: {},
  [RSR]: {},
  [FR]: {},
  [0x20]: { writable: 0xff },
  [IBRD]: { writable: 0xffff },
  [FBRD]: { writable: 0x3f },
  [LCR_H]: { writable: 0xff },
  [CR]: { reset: 0x300, writable: 0xff87 },
  [IFLS]: { reset: 0x12, writable: 0x3f },
  [IMSC]: { writable: 0x7ff },
  [RIS]: {},
  [MIS]: {},
  [ICR]: {},
  [DMACR]: { writable: 0x7 },
  [0xfe0]: { reset: 0x11 },
  [0xfe4]: { reset: 0x10 },
  [0xfe8]: { reset: 0x34 },
  [0xfec]: {},
  ...repeated({}, 0xff0, 4),
  [0xff0]: { reset: 0x0d },
  [0xff4]: { reset: 0xf0 },
  [0xff8]: { reset: 0x05 },
  [0xffc]: { reset: 0xb1 },
};

const FLAG = { cts: 1 << 0, busy: 1 << 3, rxEmpty: 1 << 4, txFull: 1 << 5, rxFull: 1 << 6, txEmpty: 1 << 7 } as const;
const LINE = { parity: 1 << 1, twoStops: 1 << 3, fifos: 1 << 4 } as const;
const CONTROL = { enable: 1 << 0, loopback: 1 << 7, transmit: 1 << 8, receive: 1 << 9, cts: 1 << 15 } as const;
const DMA = { receive: 1 << 0, transmit: 1 << 1 } as const;
const INTERRUPT = { receive: 1 << 4, transmit: 1 << 5, timeout: 1 << 6, overrun: 1 << 10 } as const;
const OVERRUN_ERROR = 1 << 3;
/** Bit 11 of UARTDR: a byte before this one was lost. */
const OVERRUN_IN_DATA = 1 << 11;

const FIFO_DEPTH = 32;
/** Of 32 entries, by UARTIFLS code: ⅛, ¼, ½, ¾, ⅞. */
const LEVELS = [4, 8, 16, 24, 28] as const;
/** RTRIS: no byte for so many bit periods although some are waiting (4.2.6.4). */
const TIMEOUT_BITS = 32;
const OVERSAMPLING = 16;
const FRACTIONS = 64;

/** A line on which a block asks the DMA for a transfer (RP2040 datasheet 2.5.3.1). */
type Dreq = Parameters<Silicon['dma']['setDREQ']>[0];

/** One character on the line. */
export interface UartCharacter {
  readonly value: number;
  /** Bits a second, by the divisors that were in force. */
  readonly baud: number;
  /** Start, data, parity and stop bits. */
  readonly bits: number;
}

/**
 * A UART (RP2040 datasheet 4.2, Arm PL011), in place of the package's, which sends at once whether enabled or not, knows
 * no loopback, takes new divisors without the UARTLCR_H write that latches them (PL011 TRM 3.3.7), and lacks UARTRSR, UARTIFLS
 * and UARTDMACR. Not here: parity, framing and break errors, modem signals other than CTS, IrDA.
 */
export class Uart extends RegisterBlock {
  /** Hears each character when its last stop bit has been sent. */
  onSent: ((character: UartCharacter) => void) | undefined;
  readonly #silicon: Silicon;
  readonly #irq: number;
  readonly #dreq: { readonly tx: Dreq; readonly rx: Dreq };
  readonly #shifted: Alarm;
  readonly #silence: Alarm;
  readonly #sending: number[] = [];
  readonly #received: number[] = [];
  #shifting: number | undefined;
  /** In 64ths, as the last write to UARTLCR_H latched it. */
  #divisor = 0;
  #raised = 0;
  #lost = false;
  #clearToSend = true;

  constructor(silicon: Silicon, index: 0 | 1) {
    super(silicon, `UART${index}`, ROWS);
    this.#silicon = silicon;
    const packaged = silicon.uart[index]!;
    this.#irq = packaged.irq;
    this.#dreq = packaged.dreq;
    this.#shifted = silicon.clock.createAlarm(() => this.#characterSent());
    this.#silence = silicon.clock.createAlarm(() => this.#raise(INTERRUPT.timeout));
  }

  /** Bits a second; 0 while the divisor is 0, which stops the UART (4.2.3.2.1). */
  get baud(): number {
    return this.#divisor === 0 ? 0 : (this.#silicon.clkPeri * FRACTIONS) / (OVERSAMPLING * this.#divisor);
  }

  /** Whether the other end lets this one send, when CTS flow control is on. */
  set clearToSend(clear: boolean) {
    this.#clearToSend = clear;
    this.#settle();
  }

  /** A character from the other end, which has arrived by now. */
  receive(value: number): void {
    if (!(this.get(CR) & CONTROL.loopback)) this.#arrive(value);
  }

  /** Called by the package when clk_peri changes; the next character is sent at the new speed. */
  clkPeriChanged(): void {}

  override reset(): void {
    super.reset();
    this.#shifted.cancel();
    this.#shifting = undefined;
    this.#divisor = this.#raised = 0;
    this.#flush();
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case DR:
        return this.#take();
      case FR:
        return this.#flags;
      case RIS:
        return this.#raised;
      case MIS:
        return this.#raised & this.get(IMSC);
    }
    return stored;
  }

  protected override written(offset: number, before: number, after: number, onBus: number): void {
    if (offset === DR) this.#put(onBus & 0xff);
    else if (offset === RSR) this.set(RSR, 0);
    else if (offset === ICR) this.#raised &= ~onBus;
    else if (offset === LCR_H) {
      const whole = this.get(IBRD);
      this.#divisor = whole === 0 ? 0 : whole * FRACTIONS + this.get(FBRD);
      if (before & ~after & LINE.fifos) this.#flush();
    }
    this.#settle();
  }

  get #depth(): number {
    return this.get(LCR_H) & LINE.fifos ? FIFO_DEPTH : 1;
  }

  get #dataBits(): number {
    return 5 + ((this.get(LCR_H) >> 5) & 3);
  }

  get #characterBits(): number {
    const line = this.get(LCR_H);
    return 1 + this.#dataBits + (line & LINE.parity ? 1 : 0) + (line & LINE.twoStops ? 2 : 1);
  }

  get #flags(): number {
    const sending = this.#sending.length;
    const received = this.#received.length;
    return (
      (this.#clearToSend ? FLAG.cts : 0) |
      (this.#shifting !== undefined || sending > 0 ? FLAG.busy : 0) |
      (received === 0 ? FLAG.rxEmpty : 0) |
      (sending >= this.#depth ? FLAG.txFull : 0) |
      (received >= this.#depth ? FLAG.rxFull : 0) |
      (sending === 0 ? FLAG.txEmpty : 0)
    );
  }

  #enabled(part: number): boolean {
    const needed = CONTROL.enable | part;
    return (this.get(CR) & needed) === needed;
  }

  #put(value: number): void {
    if (this.#sending.length >= this.#depth) return;
    this.#sending.push(value);
    if (this.#sending.length > this.#level('transmit')) this.#raised &= ~INTERRUPT.transmit;
  }

  #take(): number {
    const value = this.#received.shift() ?? 0;
    if (this.#received.length < this.#level('receive')) this.#raised &= ~INTERRUPT.receive;
    if (this.#received.length === 0) {
      this.#raised &= ~INTERRUPT.timeout;
      this.#silence.cancel();
    }
    this.#settle();
    return value;
  }

  #characterSent(): void {
    const value = this.#shifting!;
    this.#shifting = undefined;
    this.onSent?.({ value, baud: this.baud, bits: this.#characterBits });
    if (this.get(CR) & CONTROL.loopback) this.#arrive(value);
    this.#settle();
  }

  #arrive(value: number): void {
    if (!this.#enabled(CONTROL.receive)) return;
    if (this.#received.length >= this.#depth) {
      this.#lost = true;
      this.set(RSR, OVERRUN_ERROR);
      this.#raise(INTERRUPT.overrun);
      return;
    }
    const data = value & ((1 << this.#dataBits) - 1);
    this.#received.push(this.#lost ? data | OVERRUN_IN_DATA : data);
    this.#lost = false;
    if (this.baud > 0) this.#silence.schedule((TIMEOUT_BITS / this.baud) * 1e9);
    if (this.#received.length >= this.#level('receive')) this.#raised |= INTERRUPT.receive;
    this.#settle();
  }

  /** At how many bytes the interrupt of a FIFO is raised (UARTIFLS); without FIFOs, by the only byte. */
  #level(direction: 'transmit' | 'receive'): number {
    if (this.#depth === 1) return direction === 'transmit' ? 0 : 1;
    const code = (this.get(IFLS) >> (direction === 'transmit' ? 0 : 3)) & 7;
    return LEVELS[code] ?? LEVELS[4];
  }

  #raise(interrupt: number): void {
    this.#raised |= interrupt;
    this.#settle();
  }

  #flush(): void {
    this.#sending.length = this.#received.length = 0;
    this.#lost = false;
    this.#silence.cancel();
    this.#settle();
  }

  /** After any change: the next character, the interrupt, the DMA requests. */
  #settle(): void {
    const held = (this.get(CR) & CONTROL.cts) !== 0 && !this.#clearToSend;
    const { baud } = this;
    if (this.#shifting === undefined && this.#sending.length > 0 && this.#enabled(CONTROL.transmit) && !held && baud) {
      this.#shifting = this.#sending.shift()! & ((1 << this.#dataBits) - 1);
      this.#shifted.schedule((this.#characterBits / baud) * 1e9);
      if (this.#sending.length === this.#level('transmit')) this.#raised |= INTERRUPT.transmit;
    }
    this.#silicon.setInterrupt(this.#irq, (this.#raised & this.get(IMSC)) !== 0);
    const dma = this.#enabled(0) ? this.get(DMACR) : 0;
    request(this.#silicon, this.#dreq.tx, (dma & DMA.transmit) !== 0 && this.#sending.length < this.#depth);
    request(this.#silicon, this.#dreq.rx, (dma & DMA.receive) !== 0 && this.#received.length > 0);
  }
}

/** The mended UART of a chip. */
export const uartOf = (silicon: Silicon, index: 0 | 1): Uart => mended(Uart, silicon.uart, index);
