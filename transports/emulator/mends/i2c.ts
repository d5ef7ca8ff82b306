import type { Silicon } from '../silicon.js';
import { I2cBus, I2cMaster, type Direction } from './i2c-bus.js';
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
  FS_HCNT,
  FS_LCNT,
  INTR_MASK,
  INTR_STAT,
  LEAST,
  LOCKED,
  RAW_INTR_STAT,
  ROWS,
  RXFLR,
  RX_TL,
  SPKLEN,
  SS_HCNT,
  SS_LCNT,
  STATUS,
  TAR,
  TXFLR,
  TX_ABRT_SOURCE,
  TX_TL,
} from './i2c-registers.js';
import { RegisterBlock } from './registers.js';

const MODE = { master: 1 << 0, tenBits: 1 << 4, restart: 1 << 5 } as const;
const SPEED = { standard: 1, fast: 2 } as const;
const ON = { enable: 1 << 0, abort: 1 << 1, block: 1 << 2 } as const;
const COMMAND = { read: 1 << 8, stop: 1 << 9, restart: 1 << 10 } as const;
const FIRST_DATA_BYTE = 1 << 11;
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
const REASON = { noAddress: 1 << 0, noAddress10: 1 << 1, noData: 1 << 3, user: 1 << 16 } as const;
const FLUSHED_SHIFT = 23;
const FIFO_DEPTH = 16;
/** Lines on which I2C0 asks the DMA for transfers: TX, then RX, then those of I2C1 (2.5.3.1). */
const DREQ_TX = 32;

interface DmaRequests {
  setDREQ(line: number): void;
  clearDREQ(line: number): void;
}

/**
 * An I²C block as a master (RP2040 datasheet 4.3), in place of the package's, whose IC_INTR_MASK and IC_SDA_HOLD cannot
 * be written, whose settings take writes at any time, and which disables itself in the middle of a transfer. Steps on
 * the bus take their time by the counts of the speed in IC_CON (4.3.14). Not here: slave mode, other masters, general
 * call and START byte, RX_FIFO_FULL_HLD_CTRL.
 */
export class I2c extends RegisterBlock {
  readonly bus: I2cBus;
  readonly #silicon: Silicon;
  readonly #irq: number;
  readonly #dreq: { readonly tx: number; readonly rx: number };
  readonly #master: I2cMaster;
  readonly #commands: number[] = [];
  readonly #received: number[] = [];
  #direction: Direction | undefined;
  /** No byte since the last address. */
  #addressed = false;
  #raised = 0;
  #source = 0;

  constructor(silicon: Silicon, index: 0 | 1, bus = new I2cBus()) {
    super(silicon, `I2C${index}`, ROWS);
    this.bus = bus;
    this.#silicon = silicon;
    this.#irq = silicon.i2c[index]!.irq;
    this.#dreq = { tx: DREQ_TX + 2 * index, rx: DREQ_TX + 2 * index + 1 };
    this.#master = new I2cMaster(silicon, bus, () => 1e9 / this.hertz);
  }

  /** The speed of SCL: ic_clk is clk_sys, and each phase lasts a little longer than its count (4.3.14.1). */
  get hertz(): number {
    const standard = (this.get(CON) >> 1) % 4 === SPEED.standard;
    const high = this.get(standard ? SS_HCNT : FS_HCNT) + this.get(SPKLEN) + 7;
    const low = this.get(standard ? SS_LCNT : FS_LCNT) + 1;
    return this.#silicon.clkSys / (high + low);
  }

  override reset(): void {
    super.reset();
    this.#master.letGo();
    this.#commands.length = this.#received.length = 0;
    this.#raised = this.#source = 0;
    this.#signal();
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
        return this.#commands.length;
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
    this.#next();
  }

  /** IC_ENABLE_STATUS.IC_EN: the block is disabled only when the transfer that was going on is over. */
  get #enabled(): boolean {
    return (this.get(ENABLE) & ON.enable) !== 0 || this.#master.open;
  }

  get #status(): number {
    const active = this.#master.open ? 0x21 : 0;
    const [sending, received] = [this.#commands.length, this.#received.length];
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
    const empty = this.#enabled && this.#commands.length <= this.get(TX_TL);
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
    if (this.#commands.length < FIFO_DEPTH) this.#commands.push(command & 0x7ff);
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
    const abort = (after | before) & ON.abort && after & ON.enable && this.#master.open;
    this.set(ENABLE, abort ? after | ON.abort : after & ~ON.abort);
    if (!(after & ON.enable)) this.#commands.length = this.#received.length = 0;
  }

  /** What comes next on the bus, once the step before is over. */
  #next(): void {
    this.#signal();
    const master = this.#master;
    if (master.busy) return;
    const [command] = this.#commands;
    const on = this.get(ENABLE);
    if (master.open && on & ON.abort) {
      this.set(ENABLE, on & ~ON.abort);
      this.#abort(REASON.user);
    } else if (master.open && !(on & ON.enable)) this.#stop();
    else if (command !== undefined && !(on & ON.block) && this.get(CON) & MODE.master) this.#perform(command);
  }

  #perform(command: number): void {
    const master = this.#master;
    const direction = command & COMMAND.read ? 'read' : 'write';
    const again = !this.#addressed && (command & COMMAND.restart || direction !== this.#direction);
    if (!master.open || (again && this.get(CON) & MODE.restart)) this.#start(direction);
    else if (again) this.#stop();
    else {
      this.#commands.shift();
      if (direction === 'write') {
        master.write(command & 0xff, (acknowledged) =>
          acknowledged ? this.#byteDone(command) : this.#abort(REASON.noData),
        );
      } else {
        const first = this.#addressed ? FIRST_DATA_BYTE : 0;
        master.read((byte) => {
          if (this.#received.length < FIFO_DEPTH) this.#received.push((byte & 0xff) | first);
          else this.#raised |= RAISED.rxOver;
          this.#byteDone(command);
        });
      }
      this.#addressed = false;
    }
    this.#signal();
  }

  #start(direction: Direction): void {
    const ten = (this.get(CON) & MODE.tenBits) !== 0;
    this.#direction = direction;
    this.#addressed = true;
    this.#raised |= RAISED.start | RAISED.activity;
    this.#master.start(this.get(TAR) & (ten ? 0x3ff : 0x7f), direction, ten ? 2 : 1, (acknowledged) => {
      if (acknowledged) this.#next();
      else this.#abort(ten ? REASON.noAddress10 : REASON.noAddress);
    });
  }

  #byteDone(command: number): void {
    if (command & COMMAND.stop) this.#stop();
    else this.#next();
  }

  #abort(reason: number): void {
    this.#source |= reason | (this.#commands.length << FLUSHED_SHIFT);
    this.#raised |= RAISED.abort;
    this.#commands.length = 0;
    this.#stop();
  }

  #stop(): void {
    this.#addressed = false;
    this.#master.stop(() => {
      this.#raised |= RAISED.stop;
      this.#next();
    });
    this.#signal();
  }

  #signal(): void {
    this.#silicon.setInterrupt(this.#irq, (this.#interrupts & this.get(INTR_MASK)) !== 0);
    const dma = this.get(ENABLE) & ON.enable ? this.get(DMA_CR) : 0;
    this.#request(this.#dreq.tx, (dma & 2) !== 0 && this.#commands.length <= this.get(DMA_TDLR));
    this.#request(this.#dreq.rx, (dma & 1) !== 0 && this.#received.length > this.get(DMA_RDLR));
  }

  #request(line: number, asserted: boolean): void {
    const dma: DmaRequests = this.#silicon.dma;
    if (asserted) dma.setDREQ(line);
    else dma.clearDREQ(line);
  }
}

/** The mended I²C block of a chip. */
export function i2cOf(silicon: Silicon, index: 0 | 1): I2c {
  const block: unknown = silicon.i2c[index];
  if (block instanceof I2c) return block;
  throw new TypeError(`I2C${index} of this chip is not the mended one.`);
}
