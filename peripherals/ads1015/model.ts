/**
 * An emulated Texas Instruments ADS1015 on an I²C bus. Sections are those of the ADS1013/ADS1014/ADS1015 datasheet,
 * SBAS473E.
 *
 * Not modelled: noise, offset and gain error, input impedance, the supply's limits to the inputs, high-speed mode, and
 * the bus time-out. A conversion gives the voltage at its end, not the mean over its time.
 * Not said by the datasheet, and chosen here: bits 7:2 of the address pointer are ignored; bytes after the second of a
 * write are acknowledged and ignored, those of a read repeat the register; the lowest bit of the answer to an SMBus
 * alert is 0.
 */
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { Comparator } from './model-comparator.js';

/** Address pointer, P[1:0] (8.6.1). */
const CONVERSION = 0;
const CONFIG = 1;
const LO_THRESH = 2;
const HI_THRESH = 3;
/** Reset values (8.6.2 … 8.6.4); OS reads 1 while nothing is converted and is no stored bit. */
const RESET = [0x0000, 0x0583, 0x8000, 0x7fff];
/** Config register (8.6.3). */
const OS = 1 << 15;
const MODE_SINGLE_SHOT = 1 << 8;
/** 8.6.4: the low four bits are read-only, 0 in Lo_thresh and 1 in Hi_thresh. */
const THRESHOLD_BITS = 0xfff0;
const HI_THRESH_FIXED = 0x000f;
/** MUX[2:0]: positive and negative input; undefined is GND. */
const MUX: readonly (readonly [positive: number, negative: number | undefined])[] = [
  [0, 1],
  [0, 3],
  [1, 3],
  [2, 3],
  [0, undefined],
  [1, undefined],
  [2, undefined],
  [3, undefined],
];
/** PGA[2:0]: full-scale range in volts. */
const FULL_SCALE = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256];
/** DR[2:0]: samples per second. */
const RATE = [128, 250, 490, 920, 1600, 2400, 3300, 3300];
/** 8.4.2.1: from power-down to the start of a conversion. */
const POWER_UP = 25e3;
/** 7.5: the data rate is within 10 % of its nominal value. */
const SLOWEST = 0.9;
/** 8.5.1.2, and SMBus 2.0 for 8.3.9. */
const GENERAL_CALL = 0x00;
const GENERAL_CALL_RESET = 0x06;
const ALERT_RESPONSE = 0x0c;
const INPUTS = 4;
/** Equal conversions after which nothing changes any more; further ones are not computed one by one. */
const SETTLED = 16;

export interface Ads1015Options {
  readonly clock: ModelClock;
  /** By the ADDR pin: 0x48 at GND, 0x49 at VDD, 0x4a at SDA, 0x4b at SCL (8.5.1.1). */
  readonly address?: 0x48 | 0x49 | 0x4a | 0x4b;
  /** Volts on AIN0 … AIN3 at the start; 0 by default. */
  readonly inputs?: readonly number[];
  /** The oscillator's data rate as a part of the nominal one, 0.9 to 1.1; by default the slowest that is allowed. */
  readonly oscillator?: number;
}

/** An ADS1015 just after power-on. */
export function ads1015Model(options: Ads1015Options): Ads1015Model {
  return new Ads1015Model(options);
}

/** As a target it answers to its own address; `at()` gives the targets for the others. */
export class Ads1015Model implements I2cTarget {
  readonly address: number;
  readonly #clock: ModelClock;
  readonly #oscillator: number;
  readonly #inputs: number[];
  readonly #registers = Uint16Array.from(RESET);
  readonly #comparator = new Comparator();
  #powered = true;
  #pointer = CONVERSION;
  /** End of the conversion under way, and the settings that it began with. */
  #doneAt = Infinity;
  #converting = 0;
  #readyAt = -Infinity;
  /** Whom the transfer is with, and how many of its bytes have passed. */
  #talkingTo = 0;
  #bytes = 0;
  #high = 0;
  #reading = 0;

  constructor({ clock, address = 0x48, inputs = [], oscillator = SLOWEST }: Ads1015Options) {
    this.#clock = clock;
    this.address = address;
    this.#oscillator = oscillator;
    this.#inputs = Array.from({ length: INPUTS }, (_, index) => inputs[index] ?? 0);
  }

  /** The chip at another address: the general call (8.5.1.2), the SMBus alert response (8.3.9). */
  at(address: number): I2cTarget {
    return {
      start: (direction) => this.#start(address, direction),
      write: (byte) => this.write(byte),
      read: () => this.read(),
      stop: () => this.stop(),
    };
  }

  /** Puts volts on AIN0 … AIN3. */
  setInput(index: number, volts: number): void {
    if (this.#inputs[index] === undefined) throw new RangeError(`The ADS1015 has inputs 0 to 3, not ${index}.`);
    this.#settle();
    this.#inputs[index] = volts;
  }

  get converting(): boolean {
    return !(this.registers[CONFIG]! & OS);
  }

  /** The level on the ALERT/RDY pin with its pull-up. */
  get alert(): boolean {
    const { converting } = this;
    const config = this.#registers[CONFIG]!;
    const continuous = !(config & MODE_SINGLE_SHOT);
    const sinceReady = this.#clock.nanos - this.#readyAt;
    return !this.#powered || this.#comparator.pin(config, this.#thresholds, converting, continuous, sinceReady);
  }

  /** What the four registers would read now; looking has no effect. */
  get registers(): Uint16Array {
    this.#settle();
    return Uint16Array.from(RESET, (_, register) => this.#value(register));
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
    this.#settle();
    const position = this.#bytes++;
    if (this.#talkingTo === GENERAL_CALL) {
      const isReset = position === 0 && byte === GENERAL_CALL_RESET;
      if (isReset) this.#reset();
      return isReset;
    }
    if (position === 0) this.#pointer = byte & 3;
    else if (position === 1) this.#high = byte;
    else if (position === 2) this.#set(this.#pointer, (this.#high << 8) | byte);
    return true;
  }

  read(): number {
    this.#settle();
    const config = this.#registers[CONFIG]!;
    if (this.#talkingTo === ALERT_RESPONSE) {
      this.#comparator.acknowledge(config);
      return this.address << 1;
    }
    if (this.#bytes++ % 2 === 0) {
      // Both bytes are of one conversion, even where the next one ends between them.
      this.#reading = this.#value(this.#pointer);
      return this.#reading >> 8;
    }
    if (this.#pointer === CONVERSION) this.#comparator.acknowledge(config);
    return this.#reading & 0xff;
  }

  stop(): void {
    this.#bytes = 0;
  }

  #start(address: number, direction: 'read' | 'write'): boolean {
    this.#settle();
    this.#talkingTo = address;
    this.#bytes = 0;
    if (!this.#powered) return false;
    if (address === GENERAL_CALL) return direction === 'write';
    if (address === ALERT_RESPONSE) return direction === 'read' && this.#comparator.latched(this.#registers[CONFIG]!);
    return address === this.address;
  }

  #value(register: number): number {
    const value = this.#registers[register]!;
    return register === CONFIG && this.#doneAt === Infinity ? value | OS : value;
  }

  #set(register: number, value: number): void {
    if (register === LO_THRESH) this.#registers[LO_THRESH] = value & THRESHOLD_BITS;
    if (register === HI_THRESH) this.#registers[HI_THRESH] = value | HI_THRESH_FIXED;
    if (register !== CONFIG) return;
    this.#registers[CONFIG] = value & ~OS;
    // 8.6.3: OS starts a conversion in power-down alone; one that is under way ends as it began (8.4.2.2).
    const starts = Boolean(value & OS) || !(value & MODE_SINGLE_SHOT);
    if (starts && this.#doneAt === Infinity) this.#convert(this.#clock.nanos + POWER_UP);
  }

  #convert(from: number): void {
    this.#converting = this.#registers[CONFIG]!;
    this.#doneAt = from + this.#conversionNanos;
  }

  /** 8.3.6: a conversion takes the inverse of the data rate. */
  get #conversionNanos(): number {
    return 1e9 / (RATE[(this.#converting >> 5) & 7]! * this.#oscillator);
  }

  #settle(): void {
    const now = this.#clock.nanos;
    while (this.#doneAt <= now) {
      const at = this.#doneAt;
      this.#registers[CONVERSION] = this.#sample(this.#converting);
      this.#readyAt = at;
      this.#comparator.converted(this.#registers[CONVERSION], this.#converting, this.#thresholds);
      this.#doneAt = Infinity;
      if (this.#registers[CONFIG]! & MODE_SINGLE_SHOT) return;
      this.#convert(at);
      const left = Math.floor((now - at) / this.#conversionNanos);
      this.#doneAt += Math.max(0, left - SETTLED) * this.#conversionNanos;
    }
  }

  /** 8.5.4: twelve bits in two's complement, left-justified, clipped at the ends of the range. */
  #sample(config: number): number {
    const [positive, negative] = MUX[(config >> 12) & 7]!;
    const volts = this.#inputs[positive]! - (negative === undefined ? 0 : this.#inputs[negative]!);
    const code = Math.round((volts / FULL_SCALE[(config >> 9) & 7]!) * 2048);
    return (Math.min(2047, Math.max(-2048, code)) << 4) & 0xffff;
  }

  get #thresholds(): { low: number; high: number } {
    return { low: this.#registers[LO_THRESH]!, high: this.#registers[HI_THRESH]! };
  }

  #reset(): void {
    this.#registers.set(RESET);
    this.#comparator.reset();
    this.#pointer = CONVERSION;
    this.#doneAt = Infinity;
    this.#readyAt = -Infinity;
  }
}
