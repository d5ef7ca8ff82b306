import type { CPU } from 'avr8js';
import { CPU_HZ, IO, VECTOR } from './io.js';

/** WDTCSR (ATmega328P datasheet 11.9.2). */
const WDIF = 1 << 7;
const WDIE = 1 << 6;
const WDP3 = 1 << 5;
const WDCE = 1 << 4;
const WDE = 1 << 3;
const WDP210 = 7;
/** MCUSR (11.9.1). */
const WDRF = 1 << 3;

/** 11.8.1: its own oscillator, and 2048 of its cycles for the shortest time-out. */
const OSCILLATOR_HZ = 128_000;
const SHORTEST = 2048;
/** 11.8.2: how long the prescaler and WDE can be changed. */
const CHANGE_CYCLES = 4;

/**
 * The watchdog (ATmega328P datasheet 11.8). It stands in for that of avr8js, which resets the processor and leaves all blocks
 * as they are, and forgets that a chip comes out of its reset with the watchdog on.
 */
export class Watchdog {
  readonly #cpu: CPU;
  readonly #reset: () => void;
  #changeableUntil = 0;
  #due = Infinity;
  #looksAt = Infinity;
  readonly #look = (): void => this.#expired();
  readonly #interrupt = {
    address: VECTOR.watchdog,
    flagRegister: IO.WDTCSR,
    flagMask: WDIF,
    enableRegister: IO.WDTCSR,
    enableMask: WDIE,
  };

  constructor(cpu: CPU, reset: () => void) {
    this.#cpu = cpu;
    this.#reset = reset;
    cpu.onWatchdogReset = () => this.#restart();
    cpu.writeHooks[IO.WDTCSR] = (value) => this.#write(value);
    // 11.9.1, WDRF: while it is set, so is WDE.
    if (cpu.data[IO.MCUSR]! & WDRF) cpu.data[IO.WDTCSR] = WDE;
    this.#restart();
  }

  #write(value: number): true {
    const { data, cycles } = this.#cpu;
    const old = data[IO.WDTCSR]!;
    const changeable = cycles <= this.#changeableUntil;
    const begins = (value & (WDCE | WDE)) === (WDCE | WDE);
    if (begins) this.#changeableUntil = cycles + CHANGE_CYCLES;
    const kept = changeable && !begins ? 0 : old & (WDP3 | WDP210 | WDE);
    const taken = changeable && !begins ? value & (WDP3 | WDP210 | WDE) : value & WDE;
    const forced = data[IO.MCUSR]! & WDRF ? WDE : 0;
    if (value & WDIF) this.#cpu.clearInterrupt(this.#interrupt);
    data[IO.WDTCSR] = (data[IO.WDTCSR]! & WDIF) | (value & WDIE) | kept | taken | forced;
    this.#cpu.updateInterruptEnable(this.#interrupt, value);
    this.#restart();
    return true;
  }

  #restart(): void {
    const setting = this.#cpu.data[IO.WDTCSR]!;
    const isOn = (setting & (WDE | WDIE)) !== 0;
    const scale = ((setting & WDP3) >> 2) | (setting & WDP210);
    this.#due = isOn ? this.#cpu.cycles + (SHORTEST << scale) * (CPU_HZ / OSCILLATOR_HZ) : Infinity;
    // A WDR is executed often, and the end of the time is far: an event that is there looks again.
    if (this.#due >= this.#looksAt) return;
    if (this.#looksAt !== Infinity) this.#cpu.clearClockEvent(this.#look);
    this.#lookWhenDue();
  }

  #lookWhenDue(): void {
    this.#looksAt = this.#due;
    if (this.#due !== Infinity) this.#cpu.addClockEvent(this.#look, this.#due - this.#cpu.cycles);
  }

  #expired(): void {
    const { cycles, data } = this.#cpu;
    this.#looksAt = Infinity;
    if (cycles < this.#due) return this.#lookWhenDue();
    const setting = data[IO.WDTCSR]!;
    if (setting & WDIE) {
      this.#cpu.setInterruptFlag(this.#interrupt);
      // 11.9.2, table 11-1: with WDE too, the next time-out resets.
      if (setting & WDE) data[IO.WDTCSR]! &= ~WDIE;
    } else if (setting & WDE) return this.#reset();
    this.#restart();
  }
}
