import type { Silicon } from '../silicon.js';
import { I2cBus } from './i2c-bus.js';
import { I2cPins } from './i2c-pins.js';
import {
  CLEARS,
  CLR_INTR,
  CON,
  DATA_CMD,
  DMA_CR,
  DMA_RDLR,
  DMA_TDLR,
  ENABLE,
  ENABLE_STATUS,
  INTR_MASK,
  INTR_STAT,
  LEAST,
  LOCKED,
  RAW_INTR_STAT,
  ROWS,
  RXFLR,
  RX_TL,
  STATUS,
  TXFLR,
  TX_ABRT_SOURCE,
  TX_TL,
} from './i2c-registers.js';
import { I2cTransfer, ON, SPEED } from './i2c-transfer.js';
import { request } from './dma-request.js';
import { mended } from './mended.js';
import { RegisterBlock } from './registers.js';

/** IC_RAW_INTR_STAT. */
const RAISED = {
  rxUnder: 1 << 0,
  rxOver: 1 << 1,
  rxFull: 1 << 2,
  txOver: 1 << 3,
  txEmpty: 1 << 4,
  abort: 1 << 6,
  activity: 1 << 8,
  stop: 1 << 9,
  start: 1 << 10,
} as const;
/** IC_TX_ABRT_SOURCE.TX_FLUSH_CNT. */
const FLUSHED_SHIFT = 23;
const FIFO_DEPTH = 16;
/** Lines on which I2C0 asks the DMA for transfers: TX, then RX, then those of I2C1 (2.5.3.1). */
const DREQ_TX = 32;

/**
 * An I²C block as a master (RP2040 datasheet 4.3), in place of the package's, whose IC_INTR_MASK and IC_SDA_HOLD cannot
 * be written, whose settings take writes at any time, and which disables itself in the middle of a transfer. It pulls
 * its pins down and looks at them, bit by bit, in the time of the counts for the speed in IC_CON (4.3.14). The bus clear
 * feature of 4.3.13 is not there, as on silicon: IC_CON has no bit for it (4.3.17). Not here: slave mode, general call
 * and START byte, RX_FIFO_FULL_HLD_CTRL.
 */
export class I2c extends RegisterBlock {
  readonly bus: I2cBus;
  readonly #silicon: Silicon;
  readonly #irq: number;
  readonly #dreq: { readonly tx: number; readonly rx: number };
  readonly #pins: I2cPins;
  readonly #transfer: I2cTransfer;
  readonly #received: number[] = [];
  /** What the inputs were. */
  #sda = false;
  #scl = false;
  #raised = 0;
  #source = 0;

  constructor(silicon: Silicon, index: 0 | 1, bus = new I2cBus()) {
    super(silicon, `I2C${index}`, ROWS);
    this.bus = bus;
    this.#silicon = silicon;
    this.#irq = silicon.i2c[index]!.irq;
    this.#dreq = { tx: DREQ_TX + 2 * index, rx: DREQ_TX + 2 * index + 1 };
    this.#pins = new I2cPins(silicon, index, bus);
    this.#transfer = new I2cTransfer(silicon, this.#pins, {
      setting: (offset) => this.get(offset),
      received: (byte) => this.#receive(byte),
      aborted: (reason, flushed) => this.#aborted(reason, flushed),
      moved: () => this.#moved(),
    });
  }

  /** The speed of SCL. */
  get hertz(): number {
    const { low, high } = this.#transfer.phases;
    return 1e9 / (low + high);
  }

  override reset(): void {
    super.reset();
    this.#transfer.cutOff();
    this.#received.length = 0;
    this.#raised = this.#source = 0;
    this.#signal();
  }

  /** A pin has got another function. */
  routed(pin: number): void {
    this.#pins.routed(pin);
    this.look();
  }

  /** A pin may have another level. START and STOP are events whoever makes them (4.3.17, IC_RAW_INTR_STAT). */
  look(): void {
    const [sda, scl] = [this.#pins.level('sda'), this.#pins.level('scl')];
    const changed = sda !== this.#sda && scl && this.#scl && this.#enabled;
    this.#sda = sda;
    this.#scl = scl;
    if (changed) {
      this.#raised |= sda ? RAISED.stop : RAISED.start;
      this.#signal();
    }
    this.#transfer.look(changed ? (sda ? 'stop' : 'start') : undefined);
  }

  override writeUint32(offset: number, value: number): void {
    if (LOCKED.has(offset) && this.#enabled) return;
    super.writeUint32(offset, value);
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case DATA_CMD:
        return this.#take();
      case RAW_INTR_STAT:
        return this.#interrupts;
      case INTR_STAT:
        return this.#interrupts & this.get(INTR_MASK);
      case STATUS:
        return this.#status;
      case TXFLR:
        return this.#transfer.commands.length;
      case RXFLR:
        return this.#received.length;
      case TX_ABRT_SOURCE:
        return this.#source;
      case ENABLE_STATUS:
        return this.#enabled ? 1 : 0;
      case CLR_INTR:
        return this.#clear(~0);
    }
    const clears = CLEARS[offset];
    return clears === undefined ? stored : this.#clear(clears);
  }

  protected override written(offset: number, before: number, after: number, onBus: number): void {
    const speed = (after >> 1) & 3;
    if (offset === CON && speed !== SPEED.standard) this.set(CON, (after & ~6) | (SPEED.fast << 1));
    else if (offset === RX_TL || offset === TX_TL) this.set(offset, Math.min(after, FIFO_DEPTH));
    else if (offset === DATA_CMD) this.#put(onBus);
    else if (offset === ENABLE) this.#switch(before, after);
    this.set(offset, Math.max(this.get(offset), LEAST.get(offset) ?? 0));
    this.#transfer.next();
  }

  /** IC_ENABLE_STATUS.IC_EN: the block is disabled only when the transfer that was going on is over. */
  get #enabled(): boolean {
    return (this.get(ENABLE) & ON.enable) !== 0 || this.#transfer.open;
  }

  get #status(): number {
    const active = this.#transfer.open ? 0x21 : 0;
    const [sending, received] = [this.#transfer.commands.length, this.#received.length];
    return (
      active |
      (sending < FIFO_DEPTH ? 1 << 1 : 0) |
      (sending === 0 ? 1 << 2 : 0) |
      (received > 0 ? 1 << 3 : 0) |
      (received === FIFO_DEPTH ? 1 << 4 : 0)
    );
  }

  get #interrupts(): number {
    const full = this.#received.length > this.get(RX_TL);
    const empty = this.#enabled && this.#transfer.commands.length <= this.get(TX_TL);
    return this.#raised | (full ? RAISED.rxFull : 0) | (empty ? RAISED.txEmpty : 0);
  }

  #clear(interrupts: number): number {
    const cleared = (this.#raised & interrupts) !== 0;
    this.#raised &= ~interrupts;
    if (interrupts & RAISED.abort) this.#source = 0;
    this.#signal();
    return cleared ? 1 : 0;
  }

  #put(command: number): void {
    // After an abort the FIFO stays flushed until TX_ABRT is cleared (IC_RAW_INTR_STAT.TX_ABRT).
    if (!(this.get(ENABLE) & ON.enable) || this.#raised & RAISED.abort) return;
    if (this.#transfer.commands.length < FIFO_DEPTH) this.#transfer.commands.push(command & 0x7ff);
    else this.#raised |= RAISED.txOver;
  }

  #take(): number {
    if (this.#received.length === 0) this.#raised |= RAISED.rxUnder;
    const value = this.#received.shift() ?? 0;
    this.#signal();
    return value;
  }

  #switch(before: number, after: number): void {
    // ABORT is taken only while the block is enabled, and only the hardware clears it.
    const abort = (after | before) & ON.abort && after & ON.enable && this.#transfer.open;
    this.set(ENABLE, abort ? after | ON.abort : after & ~ON.abort);
    if (!(after & ON.enable)) this.#transfer.commands.length = this.#received.length = 0;
    else if (!(before & ON.enable)) this.#transfer.enabled();
  }

  #receive(byte: number): void {
    if (this.#received.length < FIFO_DEPTH) this.#received.push(byte);
    else this.#raised |= RAISED.rxOver;
  }

  #moved(): void {
    if (this.#transfer.open) this.#raised |= RAISED.activity;
    this.#signal();
  }

  #aborted(reason: number, flushed: number): void {
    this.set(ENABLE, this.get(ENABLE) & ~ON.abort);
    this.#source |= reason | (flushed << FLUSHED_SHIFT);
    this.#raised |= RAISED.abort;
    this.#signal();
  }

  #signal(): void {
    this.#silicon.setInterrupt(this.#irq, (this.#interrupts & this.get(INTR_MASK)) !== 0);
    const dma = this.get(ENABLE) & ON.enable ? this.get(DMA_CR) : 0;
    request(this.#silicon, this.#dreq.tx, (dma & 2) !== 0 && this.#transfer.commands.length <= this.get(DMA_TDLR));
    request(this.#silicon, this.#dreq.rx, (dma & 1) !== 0 && this.#received.length > this.get(DMA_RDLR));
  }
}

/** The mended I²C block of a chip. */
export const i2cOf = (silicon: Silicon, index: 0 | 1): I2c => mended(I2c, silicon.i2c, index);
