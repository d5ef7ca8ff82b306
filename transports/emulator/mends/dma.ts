import type { Silicon } from '../silicon.js';
import { DmaChannel, type DmaHost } from './dma-channel.js';
import { RegisterBlock, repeated, type RegisterRows } from './registers.js';

const CHANNELS = 12;
const CHANNEL_BYTES = 0x40;
const CHANNELS_END = CHANNELS * CHANNEL_BYTES;
const DEBUG = 0x800;

const INTR = 0x400;
const INTE0 = 0x404;
const INTF0 = 0x408;
const INTS0 = 0x40c;
/** INTR again, for the second interrupt line. */
const INTR1 = 0x410;
const INTE1 = 0x414;
const INTF1 = 0x418;
const INTS1 = 0x41c;
const TIMER0 = 0x420;
const MULTI_CHAN_TRIGGER = 0x430;
const CHAN_ABORT = 0x444;
const N_CHANNELS = 0x448;

const EVERY_CHANNEL = 0xfff;

/** RP2040 datasheet 2.5.7, behind the registers of the channels. */
const ROWS: RegisterRows = {
  [INTR]: {},
  [INTE0]: { writable: 0xffff },
  [INTF0]: { writable: 0xffff },
  [INTS0]: {},
  [INTR1]: {},
  [INTE1]: { writable: 0xffff },
  [INTF1]: { writable: 0xffff },
  [INTS1]: {},
  ...repeated({ writable: 0xffffffff }, TIMER0, 4),
  [MULTI_CHAN_TRIGGER]: {},
  [0x434]: { writable: 0xfff },
  [0x438]: { writable: 0xffffffff },
  [0x440]: {},
  [CHAN_ABORT]: {},
  [N_CHANNELS]: { reset: CHANNELS },
};

/** Which register of a channel each of its 16 words is: four views, the last word of each of which is a trigger. */
const VIEWS = ['read', 'write', 'count', 'ctrl', 'ctrl', 'read', 'write', 'count'] as const;
const LATER_VIEWS = ['ctrl', 'count', 'read', 'write', 'ctrl', 'write', 'count', 'read'] as const;
const WORDS = [...VIEWS, ...LATER_VIEWS];

const TIMER_REQUEST = 59;
const PERMANENT_REQUEST = 63;
const IRQ_DMA = [11, 12] as const;

/**
 * The DMA (RP2040 datasheet 2.5), in place of the package's, where transfers take no time, a bus error of a channel
 * hits the processor, the pacing timers are upside down, and neither CHAN_ABORT nor the block's reset works as on
 * silicon.
 */
export class Dma extends RegisterBlock implements DmaHost {
  /** Which request lines are asserted, by number (2.5.3.1); other blocks look at it. */
  readonly dreq: boolean[] = Array.from({ length: TIMER_REQUEST }, () => false);
  readonly #silicon: Silicon;
  readonly #channels: readonly DmaChannel[];
  #raised = 0;

  constructor(silicon: Silicon) {
    super(silicon, 'DMA', ROWS);
    this.#silicon = silicon;
    this.#channels = Array.from({ length: CHANNELS }, (_, index) => new DmaChannel(silicon, index, this));
  }

  setDREQ(line: number): void {
    if (this.dreq[line]) return;
    this.dreq[line] = true;
    for (const channel of this.#channels) channel.requested(line);
  }

  clearDREQ(line: number): void {
    this.dreq[line] = false;
  }

  cyclesUntil(request: number): number | undefined {
    if (request === PERMANENT_REQUEST) return 1;
    if (request < TIMER_REQUEST) return this.dreq[request] ? 1 : undefined;
    // 2.5.7, TIMER0: X / Y requests a cycle, one at most.
    const timer = this.get(TIMER0 + 4 * (request - TIMER_REQUEST));
    const [x, y] = [timer >>> 16, timer & 0xffff];
    return x === 0 || y === 0 ? undefined : Math.max(1, y / x);
  }

  raise(channel: number): void {
    this.#raised |= 1 << channel;
    this.#signal();
  }

  trigger(channel: number): void {
    this.#channels[channel]?.trigger();
  }

  override reset(): void {
    super.reset();
    for (const channel of this.#channels) channel.reset();
    this.#raised = 0;
    this.#signal();
  }

  override readUint32(offset: number): number {
    if (offset < CHANNELS_END) return this.#readChannel(offset);
    if (offset >= DEBUG && offset < DEBUG + CHANNELS_END && offset % CHANNEL_BYTES < 8) {
      const channel = this.#channels[Math.floor((offset - DEBUG) / CHANNEL_BYTES)]!;
      return offset % CHANNEL_BYTES === 4 ? channel.reload : 0;
    }
    return super.readUint32(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset < CHANNELS_END) this.#writeChannel(offset, value >>> 0);
    else super.writeUint32(offset, value);
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case INTR:
      case INTR1:
        return this.#raised;
      case INTS0:
        return this.#status(INTE0, INTF0);
      case INTS1:
        return this.#status(INTE1, INTF1);
    }
    return stored;
  }

  protected override written(offset: number, _before: number, _after: number, onBus: number): void {
    if (offset === CHAN_ABORT || offset === MULTI_CHAN_TRIGGER) {
      for (const [index, channel] of this.#channels.entries()) {
        if (!(onBus & (1 << index))) continue;
        if (offset === CHAN_ABORT) channel.abort();
        else channel.trigger();
      }
    } else if (offset === INTR || offset === INTR1) this.#raised &= ~onBus;
    else if (offset === INTS0) this.#raised &= ~(onBus & this.#status(INTE0, INTF0));
    else if (offset === INTS1) this.#raised &= ~(onBus & this.#status(INTE1, INTF1));
    else if (offset >= TIMER0 && offset < MULTI_CHAN_TRIGGER) {
      const request = TIMER_REQUEST + (offset - TIMER0) / 4;
      for (const channel of this.#channels) channel.requested(request);
    }
    this.#signal();
  }

  #readChannel(offset: number): number {
    const channel = this.#channels[Math.floor(offset / CHANNEL_BYTES)]!;
    switch (WORDS[(offset % CHANNEL_BYTES) / 4]!) {
      case 'read':
        return channel.readAddress;
      case 'write':
        return channel.writeAddress;
      case 'count':
        return channel.left;
      default:
        return channel.ctrl;
    }
  }

  #writeChannel(offset: number, value: number): void {
    const channel = this.#channels[Math.floor(offset / CHANNEL_BYTES)]!;
    const word = (offset % CHANNEL_BYTES) / 4;
    switch (WORDS[word]!) {
      case 'read':
        channel.readAddress = value;
        break;
      case 'write':
        channel.writeAddress = value;
        break;
      case 'count':
        channel.reload = value;
        break;
      case 'ctrl':
        channel.writeCtrl(value, this.rawWriteValue >>> 0);
        break;
    }
    if (word % 4 !== 3) return;
    if (value === 0) channel.nullTrigger();
    else channel.trigger();
  }

  #status(enabled: number, forced: number): number {
    return ((this.#raised & this.get(enabled)) | this.get(forced)) & EVERY_CHANNEL;
  }

  #signal(): void {
    this.#silicon.setInterrupt(IRQ_DMA[0], this.#status(INTE0, INTF0) !== 0);
    this.#silicon.setInterrupt(IRQ_DMA[1], this.#status(INTE1, INTF1) !== 0);
  }
}
