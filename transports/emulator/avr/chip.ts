import type { CPU } from 'avr8js';
import type { I2cTarget, ModelClock, SpiTarget } from '../bus-targets.js';
import { nextEvent, step, tick, wakes } from './core.js';
import { EEPROM_BYTES } from './eeprom.js';
import { FLASH_WORDS, NANOS_PER_CYCLE } from './io.js';
import { endLife, startLife, type AvrResetCause, type Life } from './life.js';
import type { UartLine } from './line.js';
import type { AvrPin } from './ports.js';

/** ADC0 to ADC7. */
const ANALOGUE_INPUTS = 8;
/** Firmware that executes WDR so often does nothing in between: 62 µs. */
const WAITING_CYCLES = 1000;
/** What SPI reads where no chip drives MISO. */
const NOBODY = 0xff;

export interface AvrChipOptions {
  /** What stands in flash, from its first byte on. */
  readonly image: Uint8Array;
  readonly line: UartLine;
  readonly random: () => number;
}

/** One ATmega328P at 16 MHz, over all the resets that it goes through. It starts without power. */
export class AvrChip implements ModelClock {
  /** The cells of the EEPROM: they stay. */
  readonly eeprom = new Uint8Array(EEPROM_BYTES).fill(0xff);
  /** What is connected to ADC0 to ADC7, in volts. */
  readonly volts: number[] = Array.from({ length: ANALOGUE_INPUTS }, () => 0);
  /** Called whenever something from outside may have given the processor something to do. */
  onWork: () => void = () => {};
  readonly #options: AvrChipOptions;
  readonly #flash = new Uint16Array(FLASH_WORDS).fill(0xffff);
  readonly #outside = new Map<AvrPin, boolean>();
  readonly #i2c = new Map<number, I2cTarget>();
  readonly #spi = new Map<AvrPin, SpiTarget>();
  readonly #pinListeners = new Set<(pin: AvrPin, level: boolean) => void>();
  readonly #resetListeners = new Set<(cause: AvrResetCause) => void>();
  #life: Life | undefined;
  #pendingReset: AvrResetCause | undefined;
  #isAsleep = false;
  #waitedAt = -Infinity;
  #cyclesBefore = 0;

  constructor(options: AvrChipOptions) {
    this.#options = options;
    const flash = new Uint8Array(this.#flash.buffer);
    if (options.image.length > flash.length)
      throw new RangeError(`An ATmega328P has ${flash.length} bytes of flash, and the image ${options.image.length}.`);
    flash.set(options.image);
  }

  get powered(): boolean {
    return this.#life !== undefined;
  }

  /** Cycles of the processor, or of the time without one, since the chip was made. */
  get cycles(): number {
    return this.#life?.cpu.cycles ?? this.#cyclesBefore;
  }

  /** Emulated time since the chip was made. */
  get nanos(): number {
    return this.cycles * NANOS_PER_CYCLE;
  }

  powerOn(): void {
    if (this.powered) return;
    this.#start('power-on');
    this.onWork();
  }

  powerOff(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#cyclesBefore = life.cpu.cycles;
    this.#life = undefined;
    this.#pendingReset = undefined;
    endLife(life, false);
    this.#options.line.disconnect();
  }

  /** Pulls the RESET pin low for a moment. */
  pressReset(): void {
    if (!this.powered) return;
    this.#pendingReset = 'reset-pin';
    this.onWork();
  }

  /** A byte of data space, as the processor would read it, side effects included. */
  read8(address: number): number {
    return this.#powered().cpu.readData(address);
  }

  write8(address: number, value: number): void {
    this.#powered().cpu.writeData(address, value);
    this.onWork();
  }

  /** The level on a pin. */
  pin(pin: AvrPin): boolean {
    return this.#life?.blocks.ports.level(pin) ?? false;
  }

  /** Drives a pin from outside, or lets go of it. What the chip itself drives wins. */
  setPin(pin: AvrPin, level: boolean | undefined): void {
    if (level === undefined) this.#outside.delete(pin);
    else this.#outside.set(pin, level);
    this.#life?.blocks.ports.update(pin);
    this.onWork();
  }

  /** Tells of every change of level on the pins, over resets; returns what ends that. */
  onPin(listener: (pin: AvrPin, level: boolean) => void): () => void {
    this.#pinListeners.add(listener);
    return () => void this.#pinListeners.delete(listener);
  }

  /** Tells of every start of the processor, before its first instruction; returns what ends that. */
  onReset(listener: (cause: AvrResetCause) => void): () => void {
    this.#resetListeners.add(listener);
    return () => void this.#resetListeners.delete(listener);
  }

  /** Puts a chip on the two-wire bus; returns what takes it off again. */
  connectI2c(address: number, target: I2cTarget): () => void {
    this.#i2c.set(address, target);
    return () => void this.#i2c.delete(address);
  }

  /** Puts a chip on SPI that is selected while a pin is low; returns what takes it off again. */
  connectSpi(chipSelect: AvrPin, target: SpiTarget): () => void {
    this.#spi.set(chipSelect, target);
    return () => void this.#spi.delete(chipSelect);
  }

  /**
   * Runs until the processor sleeps or waits and time must pass no further than `passUntil()` says, or until `end`, at most `steps`
   * instructions and events; returns the steps that are left, 0 if there is more to do. Times are in cycles.
   */
  run(steps: number, passUntil: () => number, end = Infinity): number {
    let left = steps;
    while (left > 0 && this.cycles < end) {
      if (this.#pendingReset !== undefined) this.#start(this.#pendingReset);
      const life = this.#life;
      if (life === undefined) {
        if (end !== Infinity) this.#cyclesBefore = end;
        return left;
      }
      const { cpu } = life;
      left -= 1;
      if (this.#isAsleep) {
        const until = Math.min(passUntil(), end);
        if (!wakes(cpu) && nextEvent(cpu) > until) {
          cpu.cycles = Math.max(cpu.cycles, until);
          return left;
        }
        this.#sleepOn(cpu);
      } else if (this.#execute(cpu) && cpu.cycles >= passUntil()) return left;
    }
    return left;
  }

  /** One instruction; true where the processor does nothing but wait. */
  #execute(cpu: CPU): boolean {
    const stop = step(cpu);
    this.#isAsleep = stop === 'sleep';
    if (stop !== 'wait') return false;
    const since = cpu.cycles - this.#waitedAt;
    this.#waitedAt = cpu.cycles;
    return since < WAITING_CYCLES;
  }

  /** Until the next event or interrupt; an interrupt ends the sleep. */
  #sleepOn(cpu: CPU): void {
    const { pc } = cpu;
    if (!wakes(cpu)) cpu.cycles = Math.max(cpu.cycles, nextEvent(cpu));
    tick(cpu);
    this.#isAsleep = cpu.pc === pc;
  }

  #start(cause: AvrResetCause): void {
    this.#pendingReset = undefined;
    this.#isAsleep = false;
    this.#waitedAt = -Infinity;
    const before = this.#life;
    if (before !== undefined) endLife(before, true);
    this.#life = startLife(
      {
        flash: this.#flash,
        eeprom: this.eeprom,
        outside: this.#outside,
        volts: this.volts,
        i2c: this.#i2c,
        line: this.#options.line,
        random: this.#options.random,
        spiTransfer: (byte) => this.#spiTransfer(byte),
        pinChanged: (pin, level) => this.#tellPin(pin, level),
        watchdogFired: () => void (this.#pendingReset = 'watchdog'),
      },
      cause,
      this.cycles,
      before,
    );
    for (const listener of this.#resetListeners) listener(cause);
  }

  #powered(): Life {
    if (this.#life === undefined) throw new Error('The emulated chip has no power: plug the board in first.');
    return this.#life;
  }

  /** Every chip that is selected takes the byte; the first one of them answers. */
  #spiTransfer(byte: number): number {
    const answers = [...this.#spi].filter(([pin]) => !this.pin(pin)).map(([, target]) => target.transfer(byte));
    return answers[0] ?? NOBODY;
  }

  #tellPin(pin: AvrPin, level: boolean): void {
    this.#spi.get(pin)?.select(!level);
    for (const listener of this.#pinListeners) listener(pin, level);
  }
}
