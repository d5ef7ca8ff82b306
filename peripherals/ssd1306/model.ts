import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { execute, parametersOf, RESET, type Pointer, type Ssd1306Registers } from './model-commands.js';

/*
 * SSD1306, 128 × 64 OLED controller on I²C, with a panel whose row y hangs on COM y and whose column x on SEG x, and
 * whose supply is the chip's own charge pump, as on the usual modules. From the datasheet SSD1306 rev 1.5.
 * Not modelled: brightness, the COM pin configuration (the panel is taken to be wired as DA says), the 100 ms until
 * segments light after AF, vertical scrolling (29, 2A, A3 are taken and do nothing), fading and zoom (23, D6, taken likewise), the RES# pin,
 * the parallel and SPI interfaces.
 */

/** SSD1306 8.7: display RAM, 128 columns of 8 pages; D0 is a page's top row. */
export const WIDTH = 128;
export const HEIGHT = 64;
const PAGES = 8;
/** SSD1306 8.1.5: 011110 and the level of the pin SA0. */
const ADDRESS = 0x3c;

/** SSD1306 8.1.5.2: control byte, Co (only data bytes follow where it is 0) and D/C# (display RAM where it is 1). */
const CONTROL_CONTINUATION = 0x80;
const CONTROL_DATA = 0x40;
/** SSD1306 table 9-2: what a read gives; the other bits are reserved. */
const STATUS_OFF = 0x40;

/** SSD1306 10.2.1: frames between two steps of a scroll, by C[2:0]. */
const SCROLL_FRAMES = [5, 64, 128, 256, 3, 4, 25, 2] as const;
/** SSD1306 table 13-1 (typical frequency) and 8.3 (clocks a row lasts besides its two charge phases). */
const OSCILLATOR_HERTZ = 370e3;
const BANK0_CLOCKS = 50;

export interface Ssd1306Options {
  readonly clock: ModelClock;
  /** 7-bit address on the bus, 0x3c or 0x3d. The model does not look at it: whoever connects it does. */
  readonly address?: number;
  /** The panel is glued in upside down, as on many modules: they set A1 and C8 to show an upright picture. */
  readonly rotated?: boolean;
}

export interface Ssd1306Model extends I2cTarget {
  readonly address: number;
  /** Whether the panel's pixel is lit: x to the right from 0 to 127, y down from 0 to 63. */
  pixel(x: number, y: number): boolean;
  /** A copy of display RAM by segment: byte `page * 128 + segment`. */
  readonly memory: Uint8Array;
  /** A copy of what commands have set. */
  readonly registers: Readonly<Ssd1306Registers & { pointer: Readonly<Pointer>; scrolling: boolean }>;
  /** Supply on or off. Registers come up as reset sets them, display RAM with noise. */
  power(on: boolean): void;
}

interface Scroll {
  readonly left: boolean;
  readonly startPage: number;
  readonly endPage: number;
  readonly frames: number;
}

/** An SSD1306, powered: display off, noise in its RAM. */
export function ssd1306Model({ clock, address = ADDRESS, rotated = false }: Ssd1306Options): Ssd1306Model {
  const ram = new Uint8Array(WIDTH * PAGES);
  let powered = true;
  let registers: Ssd1306Registers = { ...RESET };
  let pointer: Pointer = { column: 0, page: 0 };
  /** Bytes of a command whose parameters are still to come: a STOP between them does not matter. */
  let pending: number[] = [];
  let control: { next: 'control' | 'one' | 'rest'; data: boolean } = { next: 'control', data: false };
  let scroll: Scroll | undefined;
  let scrollingSince: number | undefined;

  /** Nothing in the datasheet says what display RAM holds after power-up: noise catches who takes it for cleared. */
  function fillWithNoise(): void {
    let seed = 0x1306;
    for (let index = 0; index < ram.length; index++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      ram[index] = seed >> 16;
    }
  }

  function reset(): void {
    registers = { ...RESET };
    pointer = { column: 0, page: 0 };
    pending = [];
    control = { next: 'control', data: false };
    scroll = scrollingSince = undefined;
  }

  /** SSD1306 8.3: D × K × lines clocks, K being phase 1 + phase 2 + bank 0. */
  function frameNanos(): number {
    const divide = (registers.clockDivide & 0x0f) + 1;
    const rowClocks = (registers.preCharge & 0x0f) + (registers.preCharge >> 4) + BANK0_CLOCKS;
    return ((divide * rowClocks * registers.multiplex) / OSCILLATOR_HERTZ) * 1e9;
  }

  /** Scrolling turns the rows of display RAM itself (10.2.3: after 2E it has to be written again). */
  function settle(): void {
    if (scroll === undefined || scrollingSince === undefined) return;
    const stepNanos = scroll.frames * frameNanos();
    const steps = Math.floor((clock.nanos - scrollingSince) / stepNanos);
    if (steps <= 0) return;
    scrollingSince += steps * stepNanos;
    const shift = (scroll.left ? steps : -steps) % WIDTH;
    for (let page = scroll.startPage; page <= scroll.endPage; page++) {
      const row = ram.slice(page * WIDTH, (page + 1) * WIDTH);
      for (let at = 0; at < WIDTH; at++) ram[page * WIDTH + at] = row[(at + shift + WIDTH) % WIDTH] ?? 0;
    }
  }

  function commandByte(byte: number): void {
    pending.push(byte);
    const [command = byte, a = 0, b = 0, c = 0, d = 0] = pending;
    if (pending.length <= parametersOf(command)) return;
    pending = [];
    settle();
    if (command === 0x26 || command === 0x27) {
      // 10.2.1: dummy, start page, frames, end page, dummy, dummy; the end is not before the start.
      const [startPage, endPage] = [b & 0x07, d & 0x07];
      if (endPage >= startPage) {
        scroll = { left: command === 0x27, startPage, endPage, frames: SCROLL_FRAMES[c & 0x07] ?? 5 };
      }
    } else if (command === 0x29 || command === 0x2a) scroll = undefined;
    else if (command === 0x2e) scrollingSince = undefined;
    else if (command === 0x2f) scrollingSince = clock.nanos;
    else execute(registers, pointer, command, a, b);
  }

  /** SSD1306 10.1.3, figures 10-1 to 10-4: how the pointer moves on after a byte of display RAM. */
  function advance(): void {
    const { addressing, columnStart, columnEnd, pageStart, pageEnd } = registers;
    if (addressing === 'page') {
      pointer.column = (pointer.column + 1) % WIDTH;
      return;
    }
    const nextColumn = pointer.column === columnEnd ? columnStart : (pointer.column + 1) % WIDTH;
    const nextPage = pointer.page === pageEnd ? pageStart : (pointer.page + 1) % PAGES;
    if (addressing === 'horizontal') {
      if (pointer.column === columnEnd) pointer.page = nextPage;
      pointer.column = nextColumn;
    } else {
      if (pointer.page === pageEnd) pointer.column = nextColumn;
      pointer.page = nextPage;
    }
  }

  function dataByte(byte: number): void {
    settle();
    // 10.1.8: the remap acts on data as it is written; what RAM already holds stays where it is.
    const segment = registers.segmentRemap ? WIDTH - 1 - pointer.column : pointer.column;
    ram[pointer.page * WIDTH + segment] = byte;
    advance();
  }

  /** Tables 10-1 and 10-2: the RAM row that COM `com` shows, or undefined where the scan does not reach it. */
  function rowOf(com: number): number | undefined {
    const { comScanReversed, displayOffset, multiplex, startLine } = registers;
    const row = comScanReversed
      ? multiplex - 1 - ((com - displayOffset + HEIGHT) % HEIGHT)
      : (com + displayOffset) % HEIGHT;
    return row < 0 || row >= multiplex ? undefined : (row + startLine) % HEIGHT;
  }

  fillWithNoise();
  return {
    address,
    pixel(x, y) {
      settle();
      const segment = rotated ? WIDTH - 1 - x : x;
      const row = rowOf(rotated ? HEIGHT - 1 - y : y);
      // Without its charge pump the panel of a module has no supply (8.10).
      if (!powered || !registers.displayOn || !registers.chargePump || row === undefined) return false;
      // 10.1.9: A5 lights the display whatever RAM holds.
      if (registers.allOn) return true;
      const bit = ((ram[(row >> 3) * WIDTH + segment] ?? 0) >> (row & 7)) & 1;
      return (bit === 1) !== registers.inverse;
    },
    get memory() {
      settle();
      return ram.slice();
    },
    get registers() {
      return { ...registers, pointer: { ...pointer }, scrolling: scrollingSince !== undefined };
    },

    start() {
      control = { next: 'control', data: false };
      return powered;
    },
    write(byte) {
      if (!powered) return false;
      if (control.next === 'control') {
        control = {
          next: (byte & CONTROL_CONTINUATION) === 0 ? 'rest' : 'one',
          data: (byte & CONTROL_DATA) !== 0,
        };
        return true;
      }
      if (control.next === 'one') control.next = 'control';
      if (control.data) dataByte(byte & 0xff);
      else commandByte(byte & 0xff);
      return true;
    },
    /** The display RAM cannot be read over a serial interface (9.1); a read over I²C gives the status. */
    read: () => (powered ? (registers.displayOn ? 0 : STATUS_OFF) : 0xff),
    stop() {
      control = { next: 'control', data: false };
    },

    power(on) {
      reset();
      fillWithNoise();
      powered = on;
    },
  };
}
