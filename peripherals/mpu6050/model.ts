/**
 * An emulated InvenSense MPU-6050 on an I²C bus. Registers are those of RM-MPU-6000A-00 revision 4.2 ("register map"),
 * cited by number; PS is the product specification PS-MPU-6000A-00 revision 3.4.
 *
 * Not modelled: the DMP, the auxiliary I²C master (its registers are kept, its slaves' data read 0), FSYNC, self-test,
 * noise, the low-pass filter's and the gyroscope's start-up delay, and registers that the map does not list (they read
 * 0 and keep nothing). The serial interface answers as soon as there is power.
 * Not said, and chosen here: a device reset takes the 100 ms that register 107 has a driver wait, and loses what is
 * written meanwhile; DATA_RDY_INT needs DATA_RDY_EN, as it tells of an interrupt, while FIFO_OFLOW_INT does not need its
 * enable (register 116); sensors that are switched off keep their last result.
 */
import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { Fifo, FIFO_SIZE } from './model-fifo.js';
import { clearsStatus, interruptLevel } from './model-interrupt.js';
import {
  FIFO_COUNTH,
  FIFO_COUNTL,
  FIFO_R_W,
  INT_ENABLE,
  INT_STATUS,
  PWR_MGMT_1,
  PWR_MGMT_1_RESET,
  SENSORS,
  SENSORS_END,
  USER_CTRL,
  WHO_AM_I,
  WHO_AM_I_VALUE,
  WRITABLE_BITS,
} from './model-registers.js';
import { fifoBytes, sample, samplePeriod, SENSOR_BYTES, type Motion } from './model-sensors.js';

/** Registers 56 and 58. */
const FIFO_OFLOW = 1 << 4;
const DATA_RDY = 1 << 0;
/** Register 106. */
const FIFO_ENABLED = 1 << 6;
const FIFO_RESET = 1 << 2;
const SIG_COND_RESET = 1 << 0;
/** Register 107. */
const DEVICE_RESET = 1 << 7;
const DEVICE_RESET_TIME = 100e6;
/** Equal samples after which the FIFO holds nothing else, at two bytes each; more are not taken one by one. */
const SETTLED = FIFO_SIZE / 2 + 1;

export interface Mpu6050Options {
  readonly clock: ModelClock;
  /** 0x68 with AD0 low, 0x69 with AD0 high (PS 6.4). */
  readonly address?: 0x68 | 0x69;
  /** By default at rest on a table: 1 g along z, no rotation, 25 °C. */
  readonly motion?: Partial<Motion>;
  /** Nanoseconds from DEVICE_RESET until it clears. */
  readonly deviceResetTime?: number;
}

/** An MPU-6050 just after power-on: asleep. */
export function mpu6050Model(options: Mpu6050Options): Mpu6050Model {
  return new Mpu6050Model(options);
}

export class Mpu6050Model implements I2cTarget {
  readonly address: number;
  readonly #clock: ModelClock;
  readonly #deviceResetTime: number;
  readonly #registers = new Uint8Array(256);
  readonly #fifo = new Fifo();
  /** Registers 59 to 72 as the sensors update them, and as they are read while a transfer lasts. */
  readonly #sensors = new Uint8Array(SENSOR_BYTES);
  readonly #seen = new Uint8Array(SENSOR_BYTES);
  #motion: Motion;
  #powered = true;
  #busy = false;
  #pointer = 0;
  #expects: 'register' | 'data' = 'register';
  /** Registers 114 and 115 show the count as of the last read of register 114. */
  #fifoCount = 0;
  #sampleAt = Infinity;
  #period = Infinity;
  #interruptAt = -Infinity;
  #resetUntil = -Infinity;

  constructor({ clock, address = 0x68, motion, deviceResetTime = DEVICE_RESET_TIME }: Mpu6050Options) {
    this.#clock = clock;
    this.address = address;
    this.#deviceResetTime = deviceResetTime;
    this.#motion = { acceleration: [0, 0, 1], rotation: [0, 0, 0], temperature: 25, ...motion };
    this.#reset();
  }

  get motion(): Motion {
    return this.#motion;
  }

  /** Changes the motion from now on. */
  setMotion(motion: Partial<Motion>): void {
    this.#settle();
    this.#motion = { ...this.#motion, ...motion };
  }

  get sampling(): boolean {
    return this.#period !== Infinity;
  }

  /** Bytes in the FIFO. */
  get fifoCount(): number {
    this.#settle();
    return this.#fifo.count;
  }

  /** The level on the INT pin; undefined while it floats (register 55). */
  get interruptPin(): boolean | undefined {
    this.#settle();
    if (!this.#powered) return undefined;
    return interruptLevel(this.#registers, this.#clock.nanos - this.#interruptAt);
  }

  /** What every address would read now; looking has no effect. */
  get registers(): Uint8Array {
    this.#settle();
    return Uint8Array.from({ length: 256 }, (_, register) => this.#value(register, this.#sensors));
  }

  power(on: boolean): void {
    if (on === this.#powered) return;
    this.#powered = on;
    this.#busy = false;
    this.#reset();
    this.#resetUntil = -Infinity;
  }

  powerCycle(): void {
    this.power(false);
    this.power(true);
  }

  start(direction: 'read' | 'write'): boolean {
    if (!this.#powered) return false;
    this.#settle();
    // Registers 59 to 72: what is read follows the sensors while the interface is idle, and holds still in a transfer.
    if (!this.#busy) this.#seen.set(this.#sensors);
    this.#busy = true;
    if (direction === 'write') this.#expects = 'register';
    return true;
  }

  write(byte: number): boolean {
    this.#settle();
    if (this.#expects === 'register') {
      this.#pointer = byte;
      this.#expects = 'data';
    } else {
      if (this.#clock.nanos >= this.#resetUntil) this.#set(this.#pointer, byte);
      this.#advance();
    }
    return true;
  }

  read(): number {
    this.#settle();
    const register = this.#pointer;
    if (register === FIFO_COUNTH) this.#fifoCount = this.#fifo.count;
    const value = this.#value(register, this.#seen);
    if (register === FIFO_R_W && this.#fifoEnabled) this.#fifo.pop();
    if (clearsStatus(this.#registers, register)) this.#registers[INT_STATUS] = 0;
    this.#advance();
    return value;
  }

  stop(): void {
    this.#busy = false;
    this.#expects = 'register';
  }

  /** PS 7.17: the FIFO register is read in bursts, so the pointer stays on it. */
  #advance(): void {
    if (this.#pointer !== FIFO_R_W) this.#pointer = (this.#pointer + 1) & 0xff;
  }

  #value(register: number, sensors: Uint8Array): number {
    if (register >= SENSORS && register <= SENSORS_END) return sensors[register - SENSORS]!;
    if (register === FIFO_COUNTH) return this.#fifoCount >> 8;
    if (register === FIFO_COUNTL) return this.#fifoCount & 0xff;
    if (register === FIFO_R_W) return this.#fifo.peek();
    if (register === WHO_AM_I) return WHO_AM_I_VALUE;
    const resetting = register === PWR_MGMT_1 && this.#clock.nanos < this.#resetUntil;
    return this.#registers[register]! | (resetting ? DEVICE_RESET : 0);
  }

  #set(register: number, value: number): void {
    if (register === PWR_MGMT_1 && value & DEVICE_RESET) {
      this.#reset();
      this.#resetUntil = this.#clock.nanos + this.#deviceResetTime;
      return;
    }
    const bits = WRITABLE_BITS[register]!;
    if (bits !== 0) this.#registers[register] = value & bits;
    if (register === FIFO_R_W && this.#fifoEnabled) this.#push(value);
    if (register === USER_CTRL) {
      // Register 106: FIFO_RESET acts while FIFO_EN is 0 only.
      if (value & FIFO_RESET && !(value & FIFO_ENABLED)) this.#fifo.reset();
      if (value & SIG_COND_RESET) this.#sensors.fill(0);
    }
    this.#schedule();
  }

  get #fifoEnabled(): boolean {
    return Boolean(this.#registers[USER_CTRL]! & FIFO_ENABLED);
  }

  #reset(): void {
    this.#registers.fill(0);
    this.#registers[PWR_MGMT_1] = PWR_MGMT_1_RESET;
    this.#fifo.reset();
    this.#fifoCount = 0;
    this.#sensors.fill(0);
    this.#interruptAt = -Infinity;
    this.#schedule();
  }

  /** A change of the sample rate, and waking, begin a new period. */
  #schedule(): void {
    const period = samplePeriod(this.#registers);
    if (period === this.#period) return;
    this.#period = period;
    this.#sampleAt = this.#clock.nanos + period;
  }

  #settle(): void {
    const now = this.#clock.nanos;
    if (this.#sampleAt > now) return;
    const due = Math.floor((now - this.#sampleAt) / this.#period) + 1;
    // Whole samples are left out, so the bytes that stay in a full FIFO are the same.
    this.#sampleAt += Math.max(0, due - SETTLED) * this.#period;
    for (; this.#sampleAt <= now; this.#sampleAt += this.#period) this.#sample(this.#sampleAt);
  }

  #sample(at: number): void {
    sample(this.#registers, this.#motion, this.#sensors);
    if (this.#fifoEnabled) for (const byte of fifoBytes(this.#registers, this.#sensors)) this.#push(byte, at);
    if (this.#registers[INT_ENABLE]! & DATA_RDY) this.#interrupt(DATA_RDY, at);
  }

  #push(byte: number, at = this.#clock.nanos): void {
    if (this.#fifo.push(byte)) this.#interrupt(FIFO_OFLOW, at);
  }

  #interrupt(bit: number, at: number): void {
    this.#registers[INT_STATUS]! |= bit;
    if (this.#registers[INT_ENABLE]! & bit) this.#interruptAt = at;
  }
}
