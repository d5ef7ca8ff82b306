import { FIFO, type Peripheral } from 'rp2040js';
import type { Silicon } from '../silicon.js';
import { RegisterBlock } from './registers.js';

const RESET = 0x0;
const WDSEL = 0x4;
const RESET_DONE = 0x8;
const ALL = 0x01ffffff;

/** CLK_PERI, CLK_USB, CLK_ADC and CLK_RTC control registers and their enable bit (RP2040 datasheet 2.15.7). */
const CLOCK_CONTROL = { peri: 0x40008048, usb: 0x40008054, adc: 0x40008060, rtc: 0x4000806c } as const;
const CLOCK_ENABLE = 1 << 11;

interface ResettableBlock {
  readonly bit: number;
  readonly page: number;
  /** The clock without which the block never says that it is out of reset. */
  readonly clock?: keyof typeof CLOCK_CONTROL;
}

/** The blocks under the reset controller that the emulator has (RP2040 datasheet 2.14.3); `page` is address >> 12. */
export const RESETTABLE: Readonly<Record<string, ResettableBlock>> = {
  ADC: { bit: 0, page: 0x4004c, clock: 'adc' },
  BUSCTRL: { bit: 1, page: 0x40030 },
  DMA: { bit: 2, page: 0x50000 },
  I2C0: { bit: 3, page: 0x40044 },
  I2C1: { bit: 4, page: 0x40048 },
  IO_BANK0: { bit: 5, page: 0x40014 },
  IO_QSPI: { bit: 6, page: 0x40018 },
  PADS_BANK0: { bit: 8, page: 0x4001c },
  PADS_QSPI: { bit: 9, page: 0x40020 },
  PIO0: { bit: 10, page: 0x50200 },
  PIO1: { bit: 11, page: 0x50300 },
  PLL_SYS: { bit: 12, page: 0x40028 },
  PLL_USB: { bit: 13, page: 0x4002c },
  PWM: { bit: 14, page: 0x40050 },
  RTC: { bit: 15, page: 0x4005c, clock: 'rtc' },
  SPI0: { bit: 16, page: 0x4003c, clock: 'peri' },
  SPI1: { bit: 17, page: 0x40040, clock: 'peri' },
  SYSCFG: { bit: 18, page: 0x40004 },
  SYSINFO: { bit: 19, page: 0x40000 },
  TBMAN: { bit: 20, page: 0x4006c },
  TIMER: { bit: 21, page: 0x40054 },
  UART0: { bit: 22, page: 0x40034, clock: 'peri' },
  UART1: { bit: 23, page: 0x40038, clock: 'peri' },
  USBCTRL: { bit: 24, page: 0x50110, clock: 'usb' },
};

/** What the boot ROM has taken out of reset by the time it starts the image, to read the flash (2.8.1.2). */
const RELEASED_BY_ROM = (1 << RESETTABLE['IO_QSPI']!.bit) | (1 << RESETTABLE['PADS_QSPI']!.bit);

/**
 * The reset controller (RP2040 datasheet 2.14). In the package it does nothing. Here every block starts in reset, a
 * block that is put into reset goes back to its reset values, and while it is held there it ignores writes and reads
 * as 0 (what silicon gives is not documented; either way the access is reported).
 */
export class Resets extends RegisterBlock {
  readonly #silicon: Silicon;
  readonly #toReset = new Map<number, () => void>();

  constructor(silicon: Silicon) {
    super(silicon, 'RESETS', {
      [RESET]: { reset: ALL, writable: ALL },
      [WDSEL]: { writable: ALL },
      [RESET_DONE]: {},
    });
    this.#silicon = silicon;
    this.set(RESET, ALL & ~RELEASED_BY_ROM);
    for (const [name, block] of Object.entries(RESETTABLE)) this.#gate(name, block);
  }

  /** Blocks that a watchdog reset puts back although it does not go through the power-on sequence. */
  get selectedByWatchdog(): number {
    return this.get(WDSEL);
  }

  resetBlocks(bits: number): void {
    for (const [bit, reset] of this.#toReset) if (bits & (1 << bit)) reset();
  }

  protected override read(offset: number, stored: number): number {
    if (offset !== RESET_DONE) return stored;
    let done = ALL & ~this.get(RESET);
    for (const { bit, clock } of Object.values(RESETTABLE)) {
      if (clock && !(this.#silicon.readUint32(CLOCK_CONTROL[clock]) & CLOCK_ENABLE)) done &= ~(1 << bit);
    }
    return done;
  }

  protected override written(offset: number, before: number, after: number): void {
    if (offset === RESET) this.resetBlocks(after & ~before);
  }

  #gate(name: string, { bit, page }: ResettableBlock): void {
    const { peripherals } = this.#silicon;
    const block = peripherals[page];
    if (block === undefined) return;
    this.#toReset.set(bit, resetOf(block));
    const held = (access: string): boolean => {
      if (!(this.get(RESET) & (1 << bit))) return false;
      this.warn(`${access} of ${name} while it is held in reset`);
      return true;
    };
    peripherals[page] = {
      // A read through one of the atomic aliases is a plain read (2.1.2).
      readUint32: (offset) => (held('read') ? 0 : block.readUint32(offset & 0xfff)),
      writeUint32: (offset, value) => {
        if (!held('write')) block.writeUint32(offset, value);
      },
      writeUint32Atomic: (offset, value, alias) => {
        if (!held('write')) block.writeUint32Atomic(offset, value, alias);
      },
    };
  }
}

/** How a block is reset: by itself where it is ours, else by putting its plain fields back to what they are now. */
function resetOf(block: Peripheral): () => void {
  if ('reset' in block && typeof block.reset === 'function') return () => (block as RegisterBlock).reset();
  const fields = Object.entries(block) as [string, unknown][];
  const plain = Object.fromEntries(
    fields.filter(([, value]) => typeof value === 'number' || typeof value === 'boolean' || value === null),
  );
  const queues = fields.map(([, value]) => value).filter((value) => value instanceof FIFO);
  return () => {
    Object.assign(block, plain);
    for (const queue of queues) queue.reset();
  };
}
