import type { CPU } from 'avr8js';
import { CPU_HZ, IO, VECTOR } from './io.js';

export const EEPROM_BYTES = 1024;

/** EECR (ATmega328P datasheet 8.6.3). */
const EEPM1 = 1 << 5;
const EEPM0 = 1 << 4;
const EERIE = 1 << 3;
const EEMPE = 1 << 2;
const EEPE = 1 << 1;
const EERE = 1 << 0;
const MODE = EEPM1 | EEPM0;
/** 8.6.3: EEMPE is cleared by itself. */
const MASTER_CYCLES = 4;
/** 8.6.3: the processor is halted. */
const READ_CYCLES = 4;
const WRITE_CYCLES = 2;
/** Table 8-1: what each mode does, and how long it takes. */
const MODES = [
  { erases: true, writes: true, milliseconds: 3.4 },
  { erases: true, writes: false, milliseconds: 1.8 },
  { erases: false, writes: true, milliseconds: 1.8 },
  { erases: false, writes: false, milliseconds: 0 },
] as const;

/**
 * The EEPROM's registers (ATmega328P datasheet 8.6) in front of its cells, which stay over every reset. They stand in for those
 * of avr8js, where EEPE can be cleared and the address changed while a cell is being written.
 */
export class Eeprom {
  readonly #cpu: CPU;
  readonly #cells: Uint8Array;
  #armedUntil = 0;
  #pending: (() => void) | undefined;
  readonly #interrupt = {
    address: VECTOR.eeprom,
    flagRegister: IO.EECR,
    flagMask: EEPE,
    enableRegister: IO.EECR,
    enableMask: EERIE,
    constant: true,
    inverseFlag: true,
  };

  constructor(cpu: CPU, cells: Uint8Array) {
    this.#cpu = cpu;
    this.#cells = cells;
    cpu.writeHooks[IO.EECR] = (value) => this.#control(value);
    for (const [address, bits] of [
      [IO.EEARL, 0xff],
      [IO.EEARH, 0x03],
      [IO.EEDR, 0xff],
    ] as const)
      cpu.writeHooks[address] = (value) => {
        if (this.#pending === undefined) cpu.data[address] = value & bits;
        return true;
      };
  }

  /** 11.3: a reset does not end a write. */
  finish(): void {
    this.#pending?.();
    this.#pending = undefined;
  }

  #control(value: number): true {
    const { data } = this.#cpu;
    const isBusy = this.#pending !== undefined;
    const mode = isBusy ? data[IO.EECR]! & MODE : value & MODE;
    data[IO.EECR] = mode | (value & (EERIE | EEMPE)) | (isBusy ? EEPE : 0);
    this.#cpu.updateInterruptEnable(this.#interrupt, value);
    const at = (data[IO.EEARH]! << 8) | data[IO.EEARL]!;
    if (value & EEPE && !isBusy && this.#cpu.cycles <= this.#armedUntil) this.#begin(at, data[IO.EEDR]!, mode);
    else if (value & EEMPE) this.#arm();
    if (value & EERE && !isBusy) {
      data[IO.EEDR] = this.#cells[at]!;
      this.#cpu.cycles += READ_CYCLES;
    }
    return true;
  }

  #arm(): void {
    this.#armedUntil = this.#cpu.cycles + MASTER_CYCLES;
    this.#cpu.addClockEvent(() => {
      if (this.#cpu.cycles >= this.#armedUntil) this.#cpu.data[IO.EECR]! &= ~EEMPE;
    }, MASTER_CYCLES);
  }

  #begin(at: number, value: number, mode: number): void {
    const { erases, writes, milliseconds } = MODES[mode >> 4]!;
    this.#armedUntil = 0;
    if (erases) this.#cells[at] = 0xff;
    const pending = (): void => void (writes && (this.#cells[at]! &= value));
    this.#pending = pending;
    this.#cpu.data[IO.EECR]! &= ~EEMPE;
    this.#cpu.data[IO.EECR]! |= EEPE;
    this.#cpu.clearInterrupt(this.#interrupt, false);
    this.#cpu.addClockEvent(
      () => {
        this.finish();
        this.#cpu.setInterruptFlag(this.#interrupt);
      },
      (milliseconds * CPU_HZ) / 1000,
    );
    this.#cpu.cycles += WRITE_CYCLES;
  }
}
