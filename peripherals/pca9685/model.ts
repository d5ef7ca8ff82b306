/**
 * An emulated NXP PCA9685 on an I²C bus. Sections are those of the PCA9685 datasheet, revision 4.
 *
 * Not modelled: the pins' drivers (MODE2 keeps INVRT, OUTDRV and OUTNE without effect; there is no OE pin), the wait of
 * a new value for the end of the LOW part of a cycle (7.3.4), and TestMode, which acknowledges, keeps nothing, reads 0.
 */
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { CHANNELS, Pwm, type Oscillator, type Pca9685Output } from './model-pwm.js';
import {
  MODE1,
  MODE2,
  SUBADR1,
  ALLCALLADR,
  LED_FIRST,
  LED_LAST,
  ALL_LED_FIRST,
  ALL_LED_LAST,
  PRE_SCALE,
  TEST_MODE,
  RESTART,
  EXTCLK,
  AI,
  SLEEP,
  ALLCALL,
  SUB,
  OCH,
  isRegister,
  resetRegisters,
} from './model-registers.js';

/** Bits that can be written: MODE2[7:5], bit 0 of the addresses and bits 7:5 of the counts' high bytes are read-only. */
const MODE2_BITS = 0x1f;
const ADDRESS_BITS = 0xfe;
const HIGH_BITS = 0x1f;
/** 7.3.5: the hardware forces a minimum. */
const PRE_SCALE_MINIMUM = 3;
/** 7.6. */
const GENERAL_CALL = 0x00;
const SOFTWARE_RESET = 0x06;

export interface Pca9685Options {
  readonly clock: ModelClock;
  /** 0x40 with all six address pins low (7.1.1). */
  readonly address?: number;
  /** What is on the EXTCLK pin; 0, nothing, by default. */
  readonly externalHertz?: number;
}

/** A PCA9685 just after power-on, at the clock's time. */
export function pca9685Model(options: Pca9685Options): Pca9685Model {
  return new Pca9685Model(options);
}

/** As a target it answers to its own address; `at()` gives the targets for the others. */
export class Pca9685Model implements I2cTarget {
  readonly address: number;
  readonly #clock: ModelClock;
  readonly #externalHertz: number;
  #powered = true;
  #registers = resetRegisters();
  #pwm: Pwm;
  #pointer = 0;
  /** What the next written byte is; `refused` until the next START once a byte was not acknowledged. */
  #expects: 'control' | 'data' | 'reset' | 'refused' = 'refused';
  /** The reset word was the last byte of a software reset call; STOP completes it. */
  #resetArmed = false;
  /** Registers of channels, one bit each of four, that were written and have not reached the outputs. */
  #loaded = new Uint8Array(CHANNELS);

  constructor({ clock, address = 0x40, externalHertz = 0 }: Pca9685Options) {
    this.#clock = clock;
    this.address = address;
    this.#externalHertz = externalHertz;
    this.#pwm = this.#freshPwm();
  }

  /** The chip at another address: LED All Call, the sub-addresses (7.1.2, 7.1.3), the general call (7.1.4). */
  at(address: number): I2cTarget {
    return {
      start: (direction) => this.#start(address, direction),
      write: (byte) => this.write(byte),
      read: () => this.read(),
      stop: () => this.stop(),
    };
  }

  output(channel: number): Pca9685Output {
    return this.#pwm.output(channel, this.#clock.nanos);
  }

  get oscillator(): Oscillator {
    return this.#pwm.oscillator(this.#clock.nanos);
  }

  /** What every address would read now; looking has no effect. */
  get registers(): Uint8Array {
    return Uint8Array.from({ length: 256 }, (_, register) => this.#value(register));
  }

  power(on: boolean): void {
    if (on === this.#powered) return;
    this.#powered = on;
    this.#reset();
  }

  powerCycle(): void {
    this.power(false);
    this.power(true);
  }

  start(direction: 'read' | 'write'): boolean {
    return this.#start(this.address, direction);
  }

  write(byte: number): boolean {
    const expected = this.#expects;
    this.#resetArmed = expected === 'reset' && byte === SOFTWARE_RESET;
    if (expected === 'data') {
      this.#set(this.#pointer, byte);
      this.#advance();
      return true;
    }
    if (expected === 'control' && isRegister(byte)) {
      this.#pointer = byte;
      this.#expects = 'data';
      return true;
    }
    this.#expects = 'refused';
    return this.#resetArmed;
  }

  read(): number {
    const value = this.#value(this.#pointer);
    this.#advance();
    return value;
  }

  stop(): void {
    if (this.#resetArmed) this.#reset();
    else if (!(this.#registers[MODE2]! & OCH)) this.#updateOutputs();
    this.#resetArmed = false;
    this.#expects = 'refused';
  }

  #start(address: number, direction: 'read' | 'write'): boolean {
    this.#resetArmed = false;
    this.#expects = 'refused';
    if (!this.#powered) return false;
    if (address === GENERAL_CALL) {
      if (direction === 'read') return false;
      this.#expects = 'reset';
      return true;
    }
    if (!this.#answersTo(address)) return false;
    this.#expects = 'control';
    return true;
  }

  #answersTo(address: number): boolean {
    const registers = this.#registers;
    const mode1 = registers[MODE1]!;
    if (address === this.address) return true;
    if (mode1 & ALLCALL && registers[ALLCALLADR]! >> 1 === address) return true;
    return SUB.some((bit, index) => mode1 & bit && registers[SUBADR1 + index]! >> 1 === address);
  }

  /** 7.2, table 4: after LED15_OFF_H and after PRE_SCALE comes MODE1. */
  #advance(): void {
    if (!(this.#registers[MODE1]! & AI)) return;
    const next = this.#pointer + 1;
    this.#pointer = isRegister(next) && next !== TEST_MODE ? next : MODE1;
  }

  #value(register: number): number {
    const restart = register === MODE1 && this.#pwm.restartPending(this.#clock.nanos);
    return this.#registers[register]! | (restart ? RESTART : 0);
  }

  #set(register: number, value: number): void {
    const registers = this.#registers;
    if (register === MODE1) this.#setMode1(value);
    else if (register === MODE2) registers[MODE2] = value & MODE2_BITS;
    else if (register <= ALLCALLADR) registers[register] = value & ADDRESS_BITS;
    else if (register <= LED_LAST) this.#setCount(register - LED_FIRST, value);
    else if (register === PRE_SCALE) this.#setPrescale(value);
    else if (register <= ALL_LED_LAST) {
      for (let channel = 0; channel < CHANNELS; channel++)
        this.#setCount(4 * channel + register - ALL_LED_FIRST, value);
    }
  }

  #setMode1(value: number): void {
    const now = this.#clock.nanos;
    const before = this.#registers[MODE1]!;
    // Table 5: EXTCLK takes a write with SLEEP while asleep, and stays until power-off or a software reset.
    const external = before & EXTCLK || (before & SLEEP && value & SLEEP ? value & EXTCLK : 0);
    if (external) this.#pwm.useExternalClock();
    this.#registers[MODE1] = (value & ~(RESTART | EXTCLK)) | external;
    if (value & RESTART && !(value & SLEEP)) this.#pwm.restart(now);
    if (value & SLEEP) this.#pwm.sleep(now);
    else this.#pwm.wake(now);
  }

  /** 7.3.5: writes are blocked unless asleep. */
  #setPrescale(value: number): void {
    if (!(this.#registers[MODE1]! & SLEEP)) return;
    const prescale = Math.max(value, PRE_SCALE_MINIMUM);
    this.#registers[PRE_SCALE] = prescale;
    this.#pwm.setPrescale(prescale);
  }

  /** `index` counts from LED0_ON_L. */
  #setCount(index: number, value: number): void {
    const channel = index >> 2;
    this.#registers[LED_FIRST + index] = index & 1 ? value & HIGH_BITS : value;
    this.#loaded[channel]! |= 1 << (index & 3);
    if (this.#registers[MODE2]! & OCH && this.#loaded[channel] === 0xf) this.#updateOutputs();
  }

  /** 7.3.2, table 6: on STOP all that was written, on ACK the channels of which all four registers were. */
  #updateOutputs(): void {
    const now = this.#clock.nanos;
    const needed = this.#registers[MODE2]! & OCH ? 0xf : 0x1;
    for (let channel = 0; channel < CHANNELS; channel++) {
      const loaded = this.#loaded[channel]!;
      if (needed === 0xf ? loaded !== 0xf : loaded === 0) continue;
      this.#loaded[channel] = 0;
      const count = (offset: number): number => this.#registers[LED_FIRST + 4 * channel + offset]!;
      this.#pwm.load(channel, { on: count(0) | (count(1) << 8), off: count(2) | (count(3) << 8) }, now);
      this.#pwm.release(now);
    }
  }

  #reset(): void {
    this.#registers = resetRegisters();
    this.#pwm = this.#freshPwm();
    this.#pointer = MODE1;
    this.#loaded.fill(0);
    this.#resetArmed = false;
    this.#expects = 'refused';
  }

  #freshPwm(): Pwm {
    return new Pwm(this.#registers[PRE_SCALE]!, this.#externalHertz);
  }
}
