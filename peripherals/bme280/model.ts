/**
 * An emulated Bosch BME280 on an I²C bus. Sections are those of the BME280 datasheet, BST-BME280-DS002 revision 1.6.
 *
 * Not modelled: SPI, noise, drift and the response time of the sensing elements, current, the copy of calibration data
 * before every conversion (5.4.4 gives no time for it; here it takes none), and the values of reserved registers (5.1
 * guarantees none; they read 0 here and keep nothing).
 */
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { calibrationBytes, SAMPLE_CALIBRATION, type Air, type Calibration } from './model-calibration.js';
import { Converter, measurementNanos, standbyNanos, type Settings, type Timing } from './model-converter.js';

/** Register addresses (5.3, table 18). */
const ID = 0xd0;
const RESET = 0xe0;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const DATA = 0xf7;
const DATA_END = 0xfe;

/** 5.4.1 and 5.4.2. */
const CHIP_ID = 0x60;
const RESET_WORD = 0xb6;
/** 5.4.4. */
const MEASURING = 1 << 3;
const IM_UPDATE = 1 << 0;
/** Bits that exist (5.4.3, 5.4.6); ctrl_meas has all eight. */
const CTRL_HUM_BITS = 0x07;
const CONFIG_BITS = 0xfd;
/** mode[1:0], 5.4.5, table 25: 00 sleep, 01 and 10 forced, 11 normal. */
const MODE_BITS = 0x03;
const NORMAL = 0x03;
/** Table 1, t_startup: from supply to the first communication, at most. */
const STARTUP = 2e6;
/** After this many equal measurements the slowest filter stands still: (15/16)^512 of 2^20 is nothing. */
const SETTLED = 512;

export interface Bme280Options {
  readonly clock: ModelClock;
  /** 0x76 with SDO low, 0x77 with SDO high (6.2). */
  readonly address?: 0x76 | 0x77;
  /** The air at the start; by default 25 °C, 101325 Pa, 40 %. */
  readonly air?: Partial<Air>;
  readonly calibration?: Calibration;
  /** Which times of 9.1 it takes; `maximum` by default, which shows a driver that waits too short. */
  readonly timing?: Timing;
}

/** A BME280 whose supply has been stable since long before the clock started. */
export function bme280Model(options: Bme280Options): Bme280Model {
  return new Bme280Model(options);
}

export class Bme280Model implements I2cTarget {
  readonly address: number;
  readonly #clock: ModelClock;
  readonly #nvm: ReadonlyMap<number, number>;
  readonly #converter: Converter;
  readonly #timing: Timing;
  #air: Air;
  #powered = true;
  /** The bus interface answers from then on, and the calibration data are in place. */
  #answersAt = -Infinity;
  #copiedAt = -Infinity;
  #ctrlHum = 0;
  /** What ctrl_hum said when ctrl_meas was last written (5.4.3). */
  #effectiveHum = 0;
  #ctrlMeas = 0;
  #config = 0;
  /** A write to ctrl_meas during a measurement waits for its end (3.3.1). */
  #pendingMeas: number | undefined;
  /** End of the running measurement, or, in normal mode, of the running standby. */
  #measuredAt = Infinity;
  #standbyUntil = Infinity;
  #measurements = 0;
  #pointer = 0;
  /** The byte of a pair (register, data) that comes next in a write (6.2.1). */
  #expects: 'register' | 'data' = 'register';
  /** 4.1: a burst sees the results of one measurement. */
  #shadow: Uint8Array;

  constructor({ clock, address = 0x76, air, calibration = SAMPLE_CALIBRATION, timing = 'maximum' }: Bme280Options) {
    this.#clock = clock;
    this.address = address;
    this.#air = { temperature: 25, pressure: 101325, humidity: 40, ...air };
    this.#nvm = calibrationBytes(calibration);
    this.#converter = new Converter(calibration);
    this.#shadow = this.#converter.data;
    this.#timing = timing;
  }

  get air(): Air {
    return this.#air;
  }

  /** Changes the air from now on; a measurement sees the air at its end. */
  setAir(air: Partial<Air>): void {
    this.#settle();
    this.#air = { ...this.#air, ...air };
  }

  get state(): 'off' | 'sleep' | 'measuring' | 'standby' {
    this.#settle();
    if (!this.#powered) return 'off';
    if (this.#measuredAt !== Infinity) return 'measuring';
    return this.#standbyUntil === Infinity ? 'sleep' : 'standby';
  }

  /** Measurements finished since the model was made. */
  get measurements(): number {
    this.#settle();
    return this.#measurements;
  }

  /** What every address would read now; looking has no effect. */
  get registers(): Uint8Array {
    this.#settle();
    const data = this.#converter.data;
    return Uint8Array.from({ length: 256 }, (_, address) => this.#value(address, data));
  }

  power(on: boolean): void {
    if (on === this.#powered) return;
    this.#settle();
    this.#powered = on;
    this.#reset();
    this.#answersAt = this.#copiedAt = this.#clock.nanos + STARTUP;
  }

  powerCycle(): void {
    this.power(false);
    this.power(true);
  }

  start(direction: 'read' | 'write'): boolean {
    if (!this.#powered || this.#clock.nanos < this.#answersAt) return false;
    this.#settle();
    if (direction === 'read') this.#shadow = this.#converter.data;
    else this.#expects = 'register';
    return true;
  }

  write(byte: number): boolean {
    this.#settle();
    if (this.#expects === 'register') {
      this.#pointer = byte;
      this.#expects = 'data';
    } else {
      this.#expects = 'register';
      this.#set(this.#pointer, byte);
    }
    return true;
  }

  /** 6.2.2: addresses count up while reading. What follows 0xFF is not said; here it is 0x00. */
  read(): number {
    this.#settle();
    const value = this.#value(this.#pointer, this.#shadow);
    this.#pointer = (this.#pointer + 1) & 0xff;
    return value;
  }

  stop(): void {
    this.#expects = 'register';
  }

  #value(address: number, data: Uint8Array): number {
    const copying = this.#clock.nanos < this.#copiedAt;
    if (address >= DATA && address <= DATA_END) return data[address - DATA]!;
    if (address === ID) return CHIP_ID;
    if (address === CTRL_HUM) return this.#ctrlHum;
    if (address === STATUS) return (this.#measuredAt === Infinity ? 0 : MEASURING) | (copying ? IM_UPDATE : 0);
    if (address === CTRL_MEAS) return this.#ctrlMeas;
    if (address === CONFIG) return this.#config;
    return copying ? 0 : (this.#nvm.get(address) ?? 0);
  }

  #set(address: number, value: number): void {
    const now = this.#clock.nanos;
    // Nothing is said of writes during the power-on-reset procedure; here they are lost.
    if (now < this.#copiedAt) return;
    if (address === RESET && value === RESET_WORD) {
      // 5.4.2: the complete power-on-reset procedure. The bus answers meanwhile, and status says that data are copied.
      this.#reset();
      this.#copiedAt = now + STARTUP;
    } else if (address === CTRL_HUM) {
      if (this.#pendingMeas === undefined) this.#ctrlHum = value & CTRL_HUM_BITS;
    } else if (address === CTRL_MEAS) {
      // 3.3.1: during a measurement the first command waits, further ones are ignored.
      if (this.#measuredAt === Infinity) this.#execute(value, now);
      else this.#pendingMeas ??= value;
    } else if (address === CONFIG && (this.#ctrlMeas & MODE_BITS) !== NORMAL) {
      // 5.4.6: in normal mode, writes to config may be ignored. Here they are.
      this.#config = value & CONFIG_BITS;
      this.#converter.resetFilter();
    }
  }

  #execute(ctrlMeas: number, now: number): void {
    this.#ctrlMeas = ctrlMeas;
    this.#effectiveHum = this.#ctrlHum;
    this.#standbyUntil = Infinity;
    if ((ctrlMeas & MODE_BITS) !== 0) this.#measuredAt = now + measurementNanos(this.#settings, this.#timing);
  }

  #reset(): void {
    this.#ctrlHum = this.#effectiveHum = this.#ctrlMeas = this.#config = 0;
    this.#pendingMeas = undefined;
    this.#measuredAt = this.#standbyUntil = Infinity;
    this.#converter.reset();
    this.#pointer = 0;
    this.#expects = 'register';
  }

  get #settings(): Settings {
    return { ctrlHum: this.#effectiveHum, ctrlMeas: this.#ctrlMeas, config: this.#config };
  }

  /** Brings the chip to the clock's time. */
  #settle(): void {
    const now = this.#clock.nanos;
    for (;;) {
      if (this.#measuredAt <= now) this.#finish(this.#measuredAt);
      else if (this.#standbyUntil <= now) this.#next(this.#standbyUntil, now);
      else return;
    }
  }

  #finish(at: number): void {
    this.#measuredAt = Infinity;
    this.#measurements += 1;
    this.#converter.convert(this.#settings, this.#air);
    const pending = this.#pendingMeas;
    this.#pendingMeas = undefined;
    if ((this.#ctrlMeas & MODE_BITS) === NORMAL) this.#standbyUntil = at + standbyNanos(this.#settings);
    else this.#ctrlMeas &= ~MODE_BITS;
    if (pending !== undefined) this.#execute(pending, at);
  }

  /** The next cycle of normal mode (3.3.4); cycles that cannot change the results any more are counted, not computed. */
  #next(at: number, now: number): void {
    const measurement = measurementNanos(this.#settings, this.#timing);
    const cycle = measurement + standbyNanos(this.#settings);
    const skipped = Math.max(0, Math.floor((now - at) / cycle) - SETTLED);
    this.#measurements += skipped;
    this.#standbyUntil = Infinity;
    this.#measuredAt = at + skipped * cycle + measurement;
  }
}
