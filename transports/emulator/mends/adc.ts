import { FIFO } from 'rp2040js';
import type { Silicon } from '../silicon.js';
import { request } from './dma-request.js';
import { RegisterBlock } from './registers.js';

const CS = 0x00;
const RESULT = 0x04;
const FCS = 0x08;
const SAMPLES = 0x0c;
const DIV = 0x10;
const INTR = 0x14;
const INTE = 0x18;
const INTF = 0x1c;
const INTS = 0x20;

const CS_BITS = { en: 1 << 0, startOnce: 1 << 2, startMany: 1 << 3, ready: 1 << 8, errSticky: 1 << 10 } as const;
/** RROBIN, AINSEL, START_MANY, TS_EN, EN (RP2040 datasheet 4.9.6). */
const CS_WRITABLE = 0x1f700b;
const AINSEL = { bit: 12, mask: 7 } as const;
const RROBIN = { bit: 16, mask: 0x1f } as const;

const FCS_BITS = { en: 1, shift: 2, dreq: 8, empty: 1 << 8, full: 1 << 9, under: 1 << 10, over: 1 << 11 } as const;
/** THRESH, DREQ_EN, ERR, SHIFT, EN. */
const FCS_WRITABLE = 0x0f00000f;
const LEVEL_BIT = 16;
const THRESH_BIT = 24;

const INPUTS = 5;
const FIFO_DEPTH = 4;
/** 4.9.2: a conversion takes 96 cycles of the 48 MHz clock. */
const CONVERSION_CYCLES = 96;
const NANOS_PER_CYCLE = 1e9 / 48e6;
/** 2.3.2. */
const IRQ_ADC_FIFO = 22;

/**
 * The analogue to digital converter (RP2040 datasheet 4.9). In the package round robin skips inputs or hangs, a change
 * of CS cannot stop a conversion, flags cannot be cleared, DIV keeps bits that it has not, and a reset leaves a
 * conversion running.
 */
export class Adc extends RegisterBlock {
  /** What the inputs 0 to 4 convert to, 12 bits. */
  readonly channelValues = [0, 0, 0, 0, 0];
  readonly #silicon: Silicon;
  readonly #dreq: Silicon['adc']['dreq'];
  readonly #fifo = new FIFO(FIFO_DEPTH);
  readonly #conversion: ReturnType<Silicon['clock']['createAlarm']>;
  readonly #pacer: ReturnType<Silicon['clock']['createAlarm']>;
  #converting = false;
  /** The pacer is running: START_MANY with a DIV that leaves time between conversions. */
  #paced = false;

  constructor(silicon: Silicon) {
    super(silicon, 'ADC', {
      [CS]: { writable: CS_WRITABLE, clearable: CS_BITS.errSticky },
      [RESULT]: {},
      [FCS]: { writable: FCS_WRITABLE, clearable: FCS_BITS.under | FCS_BITS.over },
      [SAMPLES]: {},
      [DIV]: { writable: 0xffffff },
      [INTR]: {},
      [INTE]: { writable: 1 },
      [INTF]: { writable: 1 },
      [INTS]: {},
    });
    this.#silicon = silicon;
    this.#dreq = silicon.adc.dreq;
    this.#conversion = silicon.clock.createAlarm(() => this.#converted());
    this.#pacer = silicon.clock.createAlarm(() => this.#pace());
  }

  override reset(): void {
    super.reset();
    this.#stop();
    this.#fifo.reset();
    this.#signal();
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case CS:
        return stored | (stored & CS_BITS.en && !this.#converting ? CS_BITS.ready : 0);
      case FCS:
        return (
          stored |
          (this.#fifo.itemCount << LEVEL_BIT) |
          (this.#fifo.empty ? FCS_BITS.empty : 0) |
          (this.#fifo.full ? FCS_BITS.full : 0)
        );
      case SAMPLES:
        return this.#take();
      case INTR:
        return Number(this.#reached);
      case INTS:
        return this.#status;
      default:
        return stored;
    }
  }

  protected override written(offset: number, before: number, after: number, onBus: number): void {
    if (offset === CS) this.#controlled(before, after, onBus);
    // 4.9.6, DIV: the divider starts anew when it is written.
    else if (offset === DIV && this.#paced) this.#schedulePacer();
    this.#signal();
  }

  #controlled(before: number, after: number, onBus: number): void {
    if (!(after & CS_BITS.en)) this.#stop();
    else if (after & CS_BITS.startMany) {
      if (!(before & CS_BITS.startMany && before & CS_BITS.en)) this.#pace();
    } else {
      this.#unpace();
      if (onBus & CS_BITS.startOnce) this.#start();
    }
  }

  /** Whether conversions follow each other at once: DIV asks for no more than they take (4.9.2). */
  get #backToBack(): boolean {
    return 1 + this.get(DIV) / 256 <= CONVERSION_CYCLES;
  }

  #pace(): void {
    this.#start();
    this.#paced = !this.#backToBack;
    if (this.#paced) this.#schedulePacer();
  }

  #unpace(): void {
    this.#paced = false;
    this.#pacer.cancel();
  }

  #schedulePacer(): void {
    this.#pacer.schedule((1 + this.get(DIV) / 256) * NANOS_PER_CYCLE);
  }

  #start(): void {
    if (this.#converting) return;
    this.#converting = true;
    this.#conversion.schedule(CONVERSION_CYCLES * NANOS_PER_CYCLE);
  }

  #stop(): void {
    this.#converting = false;
    this.#conversion.cancel();
    this.#unpace();
  }

  #converted(): void {
    const cs = this.get(CS);
    const input = (cs >> AINSEL.bit) & AINSEL.mask;
    const value = (this.channelValues[input] ?? 0) & 0xfff;
    this.#converting = false;
    this.set(RESULT, value);
    if (this.get(FCS) & FCS_BITS.en) this.#keep(value);
    this.set(CS, (cs & ~(AINSEL.mask << AINSEL.bit)) | (nextInput(input, cs) << AINSEL.bit));
    this.#signal();
    if (cs & CS_BITS.startMany && !this.#paced) this.#pace();
  }

  #keep(value: number): void {
    const fcs = this.get(FCS);
    if (this.#fifo.full) this.set(FCS, fcs | FCS_BITS.over);
    else this.#fifo.push(fcs & FCS_BITS.shift ? value >> 4 : value);
  }

  #take(): number {
    if (this.#fifo.empty) {
      this.set(FCS, this.get(FCS) | FCS_BITS.under);
      return 0;
    }
    const value = this.#fifo.pull();
    this.#signal();
    return value;
  }

  /** 4.9.6, FCS.THRESH; an empty FIFO reaches no threshold, for INTR is 0 out of reset. */
  get #reached(): boolean {
    return !this.#fifo.empty && this.#fifo.itemCount >= this.get(FCS) >>> THRESH_BIT;
  }

  get #status(): number {
    return (Number(this.#reached) & this.get(INTE)) | this.get(INTF);
  }

  #signal(): void {
    this.#silicon.setInterrupt(IRQ_ADC_FIFO, this.#status !== 0);
    request(this.#silicon, this.#dreq, (this.get(FCS) & FCS_BITS.dreq) !== 0 && this.#reached);
  }
}

/** 4.9.2: the next input whose bit is set in RROBIN; without any, the same again. */
function nextInput(input: number, cs: number): number {
  const chosen = (cs >> RROBIN.bit) & RROBIN.mask;
  for (let ahead = 1; ahead <= INPUTS; ahead++) {
    const next = (input + ahead) % INPUTS;
    if (chosen & (1 << next)) return next;
  }
  return input;
}
