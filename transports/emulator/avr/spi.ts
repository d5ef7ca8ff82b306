import type { CPU } from 'avr8js';
import { IO, VECTOR } from './io.js';

/** SPCR (ATmega328P datasheet 19.5.1). */
const SPIE = 1 << 7;
const SPE = 1 << 6;
const DORD = 1 << 5;
const MSTR = 1 << 4;
const SPR = 3;
/** SPSR (19.5.2). */
const SPIF = 1 << 7;
const WCOL = 1 << 6;
const SPI2X = 1 << 0;
/** 19.5.2, table 19-5, without SPI2X. */
const DIVIDERS = [4, 16, 64, 128] as const;
const BITS = 8;

/** What surrounds the block. */
export interface SpiPins {
  /** Exchanges a byte with whoever is selected. */
  readonly transfer: (byte: number) => number;
  /** Whether SS is an input, and low: another master has taken the bus. */
  readonly isTaken: () => boolean;
}

/**
 * The SPI as a master (ATmega328P datasheet 19). It stands in for that of avr8js, where SPIF and WCOL can be written, and reading
 * the data register does not clear them.
 */
export class Spi {
  readonly #cpu: CPU;
  readonly #pins: SpiPins;
  #received = 0;
  #isBusy = false;
  /** 19.5.2: SPSR was read with its flags set, so the next access of SPDR clears them. */
  #clears = 0;
  readonly #interrupt = {
    address: VECTOR.spi,
    flagRegister: IO.SPSR,
    flagMask: SPIF,
    enableRegister: IO.SPCR,
    enableMask: SPIE,
  };

  constructor(cpu: CPU, pins: SpiPins) {
    this.#cpu = cpu;
    this.#pins = pins;
    const { data } = cpu;
    cpu.writeHooks[IO.SPCR] = (value) => {
      data[IO.SPCR] = value;
      cpu.updateInterruptEnable(this.#interrupt, value);
      this.watchBus();
      return true;
    };
    cpu.writeHooks[IO.SPSR] = (value) => {
      data[IO.SPSR] = (data[IO.SPSR]! & ~SPI2X) | (value & SPI2X);
      return true;
    };
    cpu.readHooks[IO.SPSR] = () => {
      this.#clears = data[IO.SPSR]! & (SPIF | WCOL);
      return data[IO.SPSR]!;
    };
    cpu.readHooks[IO.SPDR] = () => {
      this.#clearFlags();
      return this.#received;
    };
    cpu.writeHooks[IO.SPDR] = (value) => this.#write(value);
  }

  /** 19.3.2: a master whose SS is pulled low is one no more, and says so. To be called when that pin has changed. */
  watchBus(): void {
    const { data } = this.#cpu;
    if ((data[IO.SPCR]! & (SPE | MSTR)) !== (SPE | MSTR) || !this.#pins.isTaken()) return;
    data[IO.SPCR]! &= ~MSTR;
    this.#cpu.setInterruptFlag(this.#interrupt);
  }

  #clearFlags(): void {
    if (this.#clears & SPIF) this.#cpu.clearInterrupt(this.#interrupt);
    this.#cpu.data[IO.SPSR]! &= ~this.#clears;
    this.#clears = 0;
  }

  #write(value: number): true {
    const { data } = this.#cpu;
    this.#clearFlags();
    const control = data[IO.SPCR]!;
    if (this.#isBusy) data[IO.SPSR]! |= WCOL;
    else if ((control & (SPE | MSTR)) === (SPE | MSTR)) {
      this.#isBusy = true;
      const divider = DIVIDERS[control & SPR]! / (data[IO.SPSR]! & SPI2X ? 2 : 1);
      const inOrder = control & DORD ? reversed : (byte: number): number => byte;
      this.#cpu.addClockEvent(() => {
        this.#isBusy = false;
        this.#received = inOrder(this.#pins.transfer(inOrder(value)));
        this.#cpu.setInterruptFlag(this.#interrupt);
      }, BITS * divider);
    }
    return true;
  }
}

/** The same bits, the last one first: models take the highest bit first. */
function reversed(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < BITS; bit++) if (byte & (1 << bit)) result |= 0x80 >> bit;
  return result;
}
