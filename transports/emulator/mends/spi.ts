import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';
import { request } from './dma-request.js';
import { mended } from './mended.js';
import { RegisterBlock, repeated, type RegisterRows } from './registers.js';
import { SpiBus } from './spi-bus.js';

const CR0 = 0x00;
const CR1 = 0x04;
const DR = 0x08;
const SR = 0x0c;
const CPSR = 0x10;
const IMSC = 0x14;
const RIS = 0x18;
const MIS = 0x1c;
const ICR = 0x20;
const DMACR = 0x24;

/** RP2040 datasheet 4.4.4, table of SPI registers. */
const ROWS: RegisterRows = {
  [CR0]: { writable: 0xffff },
  [CR1]: { writable: 0xf },
  [DR]: {},
  [SR]: {},
  [CPSR]: { writable: 0xfe },
  [IMSC]: { writable: 0xf },
  [RIS]: {},
  [MIS]: {},
  [ICR]: {},
  [DMACR]: { writable: 0x3 },
  [0xfe0]: { reset: 0x22 },
  [0xfe4]: { reset: 0x10 },
  [0xfe8]: { reset: 0x34 },
  [0xfec]: {},
  ...repeated({}, 0xff0, 4),
  [0xff0]: { reset: 0x0d },
  [0xff4]: { reset: 0xf0 },
  [0xff8]: { reset: 0x05 },
  [0xffc]: { reset: 0xb1 },
};

const CONTROL = { loopback: 1 << 0, enable: 1 << 1, slave: 1 << 2 } as const;
const STATUS = { txEmpty: 1 << 0, txRoom: 1 << 1, rxSome: 1 << 2, rxFull: 1 << 3, busy: 1 << 4 } as const;
const INTERRUPT = { overrun: 1 << 0, timeout: 1 << 1, receive: 1 << 2, transmit: 1 << 3 } as const;
const DMA = { receive: 1 << 0, transmit: 1 << 1 } as const;

const FIFO_DEPTH = 8;
const HALF = FIFO_DEPTH / 2;
/** SSPRTINTR: frames are waiting and nobody has read one for so many bit periods (4.4.2). */
const TIMEOUT_BITS = 32;

type Dreq = Parameters<Silicon['dma']['setDREQ']>[0];

/**
 * An SPI block as a master (RP2040 datasheet 4.4, Arm PL022), in place of the package's, which sends whether enabled or
 * not, takes no time, and knows no loopback. Not here: slave mode, chip select by the block itself, frames that are not
 * of the Motorola format, and frames of other than 8 or 16 bits but for loopback.
 */
export class Spi extends RegisterBlock {
  readonly bus: SpiBus;
  readonly #silicon: Silicon;
  readonly #irq: number;
  readonly #dreq: { readonly tx: Dreq; readonly rx: Dreq };
  readonly #shifted: Alarm;
  readonly #silence: Alarm;
  readonly #sending: number[] = [];
  readonly #received: number[] = [];
  #shifting: number | undefined;
  #raised = 0;

  constructor(silicon: Silicon, index: 0 | 1, level: (pin: number) => boolean, bus = new SpiBus()) {
    super(silicon, `SPI${index}`, ROWS);
    this.bus = bus;
    bus.level = level;
    this.#silicon = silicon;
    const packaged = silicon.spi[index]!;
    this.#irq = packaged.irq;
    this.#dreq = packaged.dreq;
    this.#shifted = silicon.clock.createAlarm(() => this.#frameDone());
    this.#silence = silicon.clock.createAlarm(() => {
      this.#raised |= INTERRUPT.timeout;
      this.#settle();
    });
    // The package's block has asked the DMA for data already, although it is disabled.
    this.#settle();
  }

  /** Bits a second; 0 while the prescaler is 0, which stops the clock (4.4.3). */
  get hertz(): number {
    const prescaler = this.get(CPSR);
    return prescaler === 0 ? 0 : this.#silicon.clkPeri / (prescaler * (1 + (this.get(CR0) >> 8)));
  }

  override reset(): void {
    super.reset();
    this.#shifted.cancel();
    this.#silence.cancel();
    this.#shifting = undefined;
    this.#sending.length = this.#received.length = 0;
    this.#raised = 0;
    this.#settle();
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case DR:
        return this.#take();
      case SR:
        return this.#status;
      case RIS:
        return this.#interrupts;
      case MIS:
        return this.#interrupts & this.get(IMSC);
    }
    return stored;
  }

  protected override written(offset: number, before: number, after: number, onBus: number): void {
    if (offset === DR && this.#sending.length < FIFO_DEPTH) this.#sending.push(onBus & this.#frameMask);
    else if (offset === ICR) this.#raised &= ~onBus;
    // Master or slave can be chosen only while the block is disabled (SSPCR1.MS).
    else if (offset === CR1 && before & CONTROL.enable)
      this.set(CR1, (after & ~CONTROL.slave) | (before & CONTROL.slave));
    this.#settle();
  }

  get #frameBits(): number {
    return (this.get(CR0) & 0xf) + 1;
  }

  get #frameMask(): number {
    return (1 << this.#frameBits) - 1;
  }

  get #status(): number {
    const [sending, received] = [this.#sending.length, this.#received.length];
    return (
      (sending === 0 ? STATUS.txEmpty : 0) |
      (sending < FIFO_DEPTH ? STATUS.txRoom : 0) |
      (received > 0 ? STATUS.rxSome : 0) |
      (received === FIFO_DEPTH ? STATUS.rxFull : 0) |
      (sending > 0 || this.#shifting !== undefined ? STATUS.busy : 0)
    );
  }

  get #interrupts(): number {
    return (
      this.#raised |
      (this.#received.length >= HALF ? INTERRUPT.receive : 0) |
      (this.#sending.length <= HALF ? INTERRUPT.transmit : 0)
    );
  }

  #take(): number {
    const value = this.#received.shift() ?? 0;
    this.#watchSilence();
    if (this.#received.length === 0) this.#raised &= ~INTERRUPT.timeout;
    this.#settle();
    return value;
  }

  #frameDone(): void {
    const sent = this.#shifting!;
    this.#shifting = undefined;
    const received = this.get(CR1) & CONTROL.loopback ? sent : this.#exchange(sent);
    if (this.#received.length < FIFO_DEPTH) this.#received.push(received & this.#frameMask);
    else this.#raised |= INTERRUPT.overrun;
    this.#watchSilence();
    this.#settle();
  }

  #exchange(sent: number): number {
    const high = this.#frameBits > 8 ? this.bus.transfer(sent >> 8) : 0;
    return (high << 8) | this.bus.transfer(sent & 0xff);
  }

  #watchSilence(): void {
    if (this.#received.length === 0 || this.hertz === 0) this.#silence.cancel();
    else this.#silence.schedule((TIMEOUT_BITS / this.hertz) * 1e9);
  }

  /** After any change: the next frame, the interrupt, the DMA requests. */
  #settle(): void {
    const { hertz } = this;
    const runs = (this.get(CR1) & (CONTROL.enable | CONTROL.slave)) === CONTROL.enable && hertz > 0;
    if (runs && this.#shifting === undefined && this.#sending.length > 0) {
      this.#shifting = this.#sending.shift()!;
      this.#shifted.schedule((this.#frameBits / hertz) * 1e9);
    }
    this.#silicon.setInterrupt(this.#irq, (this.#interrupts & this.get(IMSC)) !== 0);
    const dma = this.get(CR1) & CONTROL.enable ? this.get(DMACR) : 0;
    request(this.#silicon, this.#dreq.tx, (dma & DMA.transmit) !== 0 && this.#sending.length < FIFO_DEPTH);
    request(this.#silicon, this.#dreq.rx, (dma & DMA.receive) !== 0 && this.#received.length > 0);
  }
}

/** The mended SPI block of a chip. */
export const spiOf = (silicon: Silicon, index: 0 | 1): Spi => mended(Spi, silicon.spi, index);
