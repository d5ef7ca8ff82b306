import type { Silicon } from '../silicon.js';
import type { ChipSelect } from './io-qspi.js';
import { RegisterBlock, repeated } from './registers.js';
import type { W25q } from './w25q.js';

const CTRLR0 = 0x00;
const SSIENR = 0x08;
const SER = 0x10;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const DR0 = 0x60;
const DATA_REGISTERS = 36;

/** SR: transmit FIFO not full, empty; receive FIFO not empty, full (RP2040 datasheet 4.10.13, SR). */
const STATUS = { txNotFull: 1 << 1, txEmpty: 1 << 2, rxNotEmpty: 1 << 3, rxFull: 1 << 4 } as const;
const FIFO_DEPTH = 16;
/** CTRLR0.TMOD: transmit and receive, transmit only, receive only, "EEPROM read". */
const MODE_SHIFT = 8;
const MODE = { both: 0, transmit: 1 } as const;
const FRAME_BITS_SHIFT = 16;

/**
 * The flash interface (RP2040 datasheet 4.10) in standard SPI mode, fed through DR0, with the flash chip at the other
 * end. Frames take no time. The package has storage only. Execute-in-place does not pass through here: the emulator
 * reads flash directly, so code that runs from flash while it commands the flash is reported instead of crashing.
 */
export class Ssi extends RegisterBlock {
  readonly #silicon: Silicon;
  readonly #flash: W25q;
  readonly #received: number[] = [];
  #waiting: number[] = [];
  #select: ChipSelect = 'peripheral';
  #selected = false;

  constructor(silicon: Silicon, flash: W25q) {
    super(silicon, 'SSI', {
      [CTRLR0]: { writable: 0x017fffff },
      0x04: { writable: 0xffff },
      [SSIENR]: { writable: 1 },
      0x0c: { writable: 7 },
      [SER]: { writable: 1 },
      0x14: { writable: 0xffff },
      ...repeated({ writable: 0xff }, 0x18, 2),
      ...repeated({}, TXFLR, 3),
      0x2c: { writable: 0x3f },
      ...repeated({}, 0x30, 7),
      0x4c: { writable: 3 },
      ...repeated({ writable: 0xff }, 0x50, 2),
      0x58: { reset: 0x51535049 },
      0x5c: { reset: 0x3430312a },
      ...repeated({}, DR0, DATA_REGISTERS),
      0xf0: { writable: 0xff },
      0xf4: { reset: 0x03000000, writable: 0xff07fb3f },
      0xf8: { writable: 0xff },
    });
    this.#silicon = silicon;
    this.#flash = flash;
  }

  /** The chip select is driven by this block, or forced by IO_QSPI. */
  selectBy(how: ChipSelect): void {
    this.#select = how;
    this.#drive(how === 'low' || how === 'inverted');
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case TXFLR:
        return this.#waiting.length;
      case RXFLR:
        return this.#received.length;
      case SR:
        // By the time anybody looks, the FIFO has drained and the block has let go of the chip select (4.10.4).
        if (this.#select === 'peripheral') this.#drive(false);
        return (
          (this.#waiting.length < FIFO_DEPTH ? STATUS.txNotFull : 0) |
          (this.#waiting.length === 0 ? STATUS.txEmpty : 0) |
          (this.#received.length > 0 ? STATUS.rxNotEmpty : 0) |
          (this.#received.length === FIFO_DEPTH ? STATUS.rxFull : 0)
        );
      default:
        return isData(offset) ? (this.#received.shift() ?? 0) : stored;
    }
  }

  protected override written(offset: number, _before: number, after: number, onBus: number): void {
    if (offset === SSIENR && after === 0) {
      this.#received.length = 0;
      this.#waiting = [];
      if (this.#select === 'peripheral') this.#drive(false);
    } else if (offset === SER) this.#drain();
    else if (isData(offset)) {
      if (!this.get(SSIENR)) this.warn('write to DR0 while SSIENR is 0');
      else if (this.#waiting.length < FIFO_DEPTH) this.#waiting.push(onBus);
      this.#drain();
    }
  }

  /** Sends what waits, if a slave is enabled (4.10.13, SER). */
  #drain(): void {
    if (!this.get(SER) || this.#waiting.length === 0) return;
    const mode = (this.get(CTRLR0) >> MODE_SHIFT) & 3;
    if (mode !== MODE.both && mode !== MODE.transmit) this.warn(`transfer mode ${mode} through DR0 is not emulated`);
    const pc = this.#silicon.core.PC;
    if (pc >= 0x10000000 && pc < 0x14000000) this.warn('code that runs from flash commands the flash');
    if (this.#select === 'peripheral') this.#drive(true);
    for (const frame of this.#waiting.splice(0)) {
      const answer = this.#exchange(frame);
      if (mode === MODE.both && this.#received.length < FIFO_DEPTH) this.#received.push(answer);
    }
  }

  #exchange(frame: number): number {
    const bits = ((this.get(CTRLR0) >> FRAME_BITS_SHIFT) & 0x1f) + 1;
    let answer = 0;
    for (let shift = Math.ceil(bits / 8) * 8 - 8; shift >= 0; shift -= 8) {
      const byte = (frame >>> shift) & 0xff;
      answer = (answer << 8) | (this.#selected ? this.#flash.exchange(byte) : 0xff);
    }
    return answer >>> 0;
  }

  #drive(low: boolean): void {
    if (low && !this.#selected) this.#flash.select();
    this.#selected = low;
  }
}

function isData(offset: number): boolean {
  return offset >= DR0 && offset < DR0 + 4 * DATA_REGISTERS;
}
