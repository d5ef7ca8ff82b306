import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';

/*
 * AT24C32, 4096 × 8 bit EEPROM, from Atmel's datasheet "2-Wire Serial EEPROM AT24C32, AT24C64" (0336K).
 * Not modelled: endurance, a software reset of the bus by nine clocks, the bias of open address pins.
 */

/** AT24C32 "Memory Organization": 128 pages of 32 bytes. */
const BYTES = 4096;
const PAGE_BYTES = 32;
/** AT24C32 figure 1: 1010, then the levels of the pins A2, A1 and A0. */
const ADDRESS = 0x50;
/** AT24C32 "AC Characteristics": t_WR, at most 10 ms (20 ms for the 1.8 V part). Later parts need 5 ms. */
const WRITE_NANOS = 10e6;
/** AT24C32 "Pin Description", WP: it protects the upper quadrant, 8 Kbit. */
const PROTECTED_FROM = 0xc00;
/** What an erased cell reads; a part leaves the factory erased (AT24C32E "Device Default Condition"). */
const ERASED = 0xff;

export interface At24c32Options {
  readonly clock: ModelClock;
  /** 7-bit address on the bus, 0x50 to 0x57. The model does not look at it: whoever connects it does. */
  readonly address?: number;
  /** How long a write cycle lasts, in nanoseconds; 10 ms unless told. */
  readonly writeNanos?: number;
}

export interface At24c32Model extends I2cTarget {
  readonly address: number;
  /** The level of the WP pin. A write to the upper quarter of the memory is then acknowledged and does nothing. */
  writeProtect: boolean;
  /** A write cycle is running: nothing is acknowledged. */
  readonly busy: boolean;
  /** Write cycles that were started, to see how often a driver wears the cells. */
  readonly writeCycles: number;
  /** A copy of what the cells hold; bytes of a running write cycle are in it once the cycle is over. */
  readonly memory: Uint8Array;
  /** Puts bytes into the cells, as a programmer would. Throws RangeError if they do not fit. */
  program(address: number, bytes: Iterable<number>): void;
  /** Supply on or off. The cells stay; a write cycle that is cut short leaves its bytes erased. */
  power(on: boolean): void;
}

type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'address'; readonly high: number | undefined }
  | { readonly name: 'data'; readonly page: Map<number, number> }
  | { readonly name: 'reading' };

/** An AT24C32 with erased cells, powered. */
export function at24c32Model({ clock, address = ADDRESS, writeNanos = WRITE_NANOS }: At24c32Options): At24c32Model {
  const cells = new Uint8Array(BYTES).fill(ERASED);
  let powered = true;
  let writeProtect = false;
  let writeCycles = 0;
  let phase: Phase = { name: 'idle' };
  let cycle: { readonly page: ReadonlyMap<number, number>; readonly until: number } | undefined;
  /** The address counter: one past the last byte read or written, for as long as power stays (AT24C32 "Current Address Read"). */
  let counter = 0;

  function settle(): void {
    if (cycle === undefined || clock.nanos < cycle.until) return;
    for (const [at, byte] of cycle.page) cells[at] = byte;
    cycle = undefined;
  }

  /** AT24C32 "Page Write": past the last byte of a page, the next is the first of the same page. */
  const nextInPage = (at: number): number => (at & ~(PAGE_BYTES - 1)) | ((at + 1) & (PAGE_BYTES - 1));

  return {
    address,
    get writeProtect() {
      return writeProtect;
    },
    set writeProtect(level) {
      writeProtect = level;
    },
    get busy() {
      settle();
      return cycle !== undefined;
    },
    get writeCycles() {
      return writeCycles;
    },
    get memory() {
      settle();
      return cells.slice();
    },

    start(direction) {
      settle();
      // A START in the middle of a page write drops it: only a STOP begins the cycle (AT24C32 "Byte Write").
      phase = { name: 'idle' };
      // AT24C32 "Acknowledge Polling": all inputs are disabled until the write cycle is over.
      if (!powered || cycle !== undefined) return false;
      phase = direction === 'read' ? { name: 'reading' } : { name: 'address', high: undefined };
      return true;
    },

    write(byte) {
      if (!powered) return false;
      if (phase.name === 'address') {
        if (phase.high === undefined) {
          // 4096 bytes need 12 bits of address; the upper four are not looked at (AT24C32 figure 3).
          phase = { name: 'address', high: byte & 0x0f };
        } else {
          counter = (phase.high << 8) | (byte & 0xff);
          phase = { name: 'data', page: new Map() };
        }
        return true;
      }
      if (phase.name !== 'data') return false;
      phase.page.set(counter, byte & 0xff);
      counter = nextInPage(counter);
      return true;
    },

    read() {
      // A released data line reads as ones.
      if (!powered || phase.name !== 'reading') return 0xff;
      const byte = cells[counter] ?? ERASED;
      // AT24C32 "Sequential Read": past the last byte of the memory, the next is its first.
      counter = (counter + 1) % BYTES;
      return byte;
    },

    stop() {
      const ended = phase;
      phase = { name: 'idle' };
      // An address without data is a dummy write: it sets the counter and starts no cycle (AT24C32 "Random Read").
      if (!powered || ended.name !== 'data' || ended.page.size === 0) return;
      const [first = 0] = ended.page.keys();
      // All bytes of a write are in one page, so the first tells whether the page is protected.
      if (writeProtect && first >= PROTECTED_FROM) return;
      cycle = { page: ended.page, until: clock.nanos + writeNanos };
      writeCycles++;
    },

    program(at, bytes) {
      settle();
      cells.set(Uint8Array.from(bytes), at);
    },

    power(on) {
      settle();
      // The datasheet promises nothing of bytes whose cycle lost its supply. Erased is what is left where the erase was
      // done and the write was not.
      for (const at of cycle?.page.keys() ?? []) cells[at] = ERASED;
      cycle = undefined;
      phase = { name: 'idle' };
      counter = 0;
      powered = on;
    },
  };
}
