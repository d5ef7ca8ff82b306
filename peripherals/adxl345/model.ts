import type { I2cTarget, ModelClock, SpiTarget } from '../../transports/emulator/bus-targets.js';
import { makeFifo } from './model-fifo.js';
import { makeI2c } from './model-i2c.js';
import { makeMotion } from './model-motion.js';
import { format, sense } from './model-output.js';
import {
  ADDRESSES,
  ASLEEP,
  FORMAT,
  INTERRUPT,
  POWER,
  rateHertz,
  REGISTER,
  REGISTERS,
  RESETS,
  TURN_ON_NANOS,
  WAKEUP_HERTZ,
  WRITABLE,
  type Acceleration,
} from './model-registers.js';

/*
 * ADXL345, three-axis accelerometer on SPI (mode 3) or I²C, from the datasheet rev E.
 * Not modelled: taps, noise and filters (a sample is the acceleration at its time), 3-wire SPI (a read gives ones then),
 * the low-power bit; and what model-fifo.ts and model-motion.ts say they leave out.
 */

/** ADXL345 "I2C": 0x1d with ALT ADDRESS high, 0x53 with it low. */
const ADDRESS = 0x53;
/** ADXL345 figure 37: the first byte is R/W, multiple bytes, and six bits of address. */
const SPI_READ = 0x80;
const SPI_MULTIPLE = 0x40;

export interface Adxl345Options {
  readonly clock: ModelClock;
  /** 7-bit address on an I²C bus, 0x53 or 0x1d. The model does not look at it: whoever connects it does. */
  readonly address?: number;
  /** What acts on the sensor, in g; 1 g along z unless told. */
  readonly acceleration?: Acceleration;
}

export interface Adxl345Model extends SpiTarget {
  /** The same chip on an I²C bus. */
  readonly i2c: I2cTarget;
  readonly address: number;
  /** What acts on the sensor, in g. */
  acceleration: Acceleration;
  /** The levels of INT1 and INT2. */
  readonly int1: boolean;
  readonly int2: boolean;
  /** A copy of registers 00 to 39, read without side effects. */
  readonly registers: Uint8Array;
  /** Supply on or off. Nothing is kept. */
  power(on: boolean): void;
}

/** An ADXL345, powered, in standby. */
export function adxl345Model({ clock, address = ADDRESS, acceleration: initial }: Adxl345Options): Adxl345Model {
  const registers = new Uint8Array(ADDRESSES);
  let acceleration = initial ?? { x: 0, y: 0, z: 1 };
  let powered = true;
  let fifo = makeFifo();
  const at = (register: number): number => registers[register] ?? 0;
  const motion = makeMotion(at);
  let nextSample = Infinity;
  /** Activity, inactivity and free fall, until INT_SOURCE is read. */
  let events = 0;
  /** The sample that a read of the data registers under way sees, whatever is measured meanwhile. */
  let held: Uint8Array | undefined;

  let selected = false;
  let spiCommand: number | undefined;
  let pointer = 0;

  function reset(): void {
    registers.fill(0);
    for (const [register, value] of RESETS) registers[register] = value;
    fifo = makeFifo();
    motion.restart();
    nextSample = Infinity;
    events = 0;
    held = undefined;
    selected = false;
    spiCommand = undefined;
    i2c.reset();
  }

  const asleep = (): boolean =>
    (at(REGISTER.POWER_CTL) & POWER.SLEEP) !== 0 || (at(REGISTER.ACT_TAP_STATUS) & ASLEEP) !== 0;
  const period = (): number =>
    1e9 / (asleep() ? (WAKEUP_HERTZ[at(REGISTER.POWER_CTL) & POWER.WAKEUP] ?? 8) : rateHertz(at(REGISTER.BW_RATE)));

  function sources(): number {
    return (
      events |
      (fifo.dataReady ? INTERRUPT.DATA_READY : 0) |
      (fifo.watermark ? INTERRUPT.WATERMARK : 0) |
      (fifo.overrun ? INTERRUPT.OVERRUN : 0)
    );
  }

  /** "INT_MAP": 0 sends an interrupt to INT1, 1 to INT2. */
  const active = (pin: 1 | 2): boolean =>
    (sources() & at(REGISTER.INT_ENABLE) & (pin === 1 ? ~at(REGISTER.INT_MAP) : at(REGISTER.INT_MAP))) !== 0;

  function sample(): void {
    const sensed = sense(at, acceleration);
    const found = motion.judge(sensed, nextSample);
    events |= found.events;
    let status = at(REGISTER.ACT_TAP_STATUS);
    if (found.sources !== 0) status = (status & ~0x70) | found.sources;
    // "AUTO_SLEEP Bit", and "Link Mode": an activity interrupt that was not cleared keeps the part from sleep.
    const sleeps = POWER.LINK | POWER.AUTO_SLEEP;
    const uncleared = (events & INTERRUPT.ACTIVITY) !== 0;
    if ((at(REGISTER.POWER_CTL) & sleeps) !== sleeps || uncleared) status &= ~ASLEEP;
    else if ((found.events & INTERRUPT.INACTIVITY) !== 0) status |= ASLEEP;
    registers[REGISTER.ACT_TAP_STATUS] = status;
    fifo.push(format(at, sensed), !asleep());
    if (active(fifo.triggerPin)) fifo.trigger();
  }

  function settle(): void {
    while (nextSample <= clock.nanos) {
      sample();
      nextSample += period();
    }
  }

  /** A data register was read, and the read has left the data registers: its sample is gone. */
  function release(): void {
    if (held !== undefined) fifo.pop(held);
    held = undefined;
  }

  function peek(register: number): number {
    if (register >= REGISTER.DATAX0 && register <= REGISTER.DATAZ1) {
      return (held ?? fifo.head)[register - REGISTER.DATAX0] ?? 0;
    }
    if (register === REGISTER.INT_SOURCE) return sources();
    if (register === REGISTER.FIFO_STATUS) return fifo.status;
    return at(register);
  }

  function readRegister(register: number): number {
    settle();
    if (register >= REGISTER.DATAX0 && register <= REGISTER.DATAZ1) held ??= fifo.head;
    else release();
    const value = peek(register);
    if (register === REGISTER.INT_SOURCE) events = 0;
    return value;
  }

  function writeRegister(register: number, byte: number): void {
    settle();
    const bits = WRITABLE.get(register);
    if (bits === undefined) return;
    const before = at(register);
    registers[register] = byte & bits;
    if (register === REGISTER.FIFO_CTL) fifo.control(byte);
    else if (register === REGISTER.INT_ENABLE || register === REGISTER.ACT_INACT_CTL) motion.restart();
    else if (register === REGISTER.BW_RATE && nextSample !== Infinity) nextSample = clock.nanos + period();
    else if (register === REGISTER.POWER_CTL) writePower(before ^ at(register));
  }

  function writePower(changed: number): void {
    if ((changed & POWER.LINK) !== 0) motion.restart();
    if ((at(REGISTER.POWER_CTL) & POWER.MEASURE) === 0) {
      nextSample = Infinity;
      registers[REGISTER.ACT_TAP_STATUS] = at(REGISTER.ACT_TAP_STATUS) & ~ASLEEP;
    } else if ((changed & POWER.MEASURE) !== 0) {
      motion.restart();
      nextSample = clock.nanos + period() + TURN_ON_NANOS;
    } else if ((changed & (POWER.SLEEP | POWER.WAKEUP)) !== 0) nextSample = clock.nanos + period();
  }

  function level(pin: 1 | 2): boolean {
    settle();
    return powered && active(pin) !== ((at(REGISTER.DATA_FORMAT) & FORMAT.INT_INVERT) !== 0);
  }

  const i2c = makeI2c({
    powered: () => powered,
    begin() {
      settle();
      release();
    },
    read: readRegister,
    write: writeRegister,
  });

  reset();
  return {
    address,
    get acceleration() {
      return acceleration;
    },
    set acceleration(value) {
      settle();
      acceleration = value;
    },
    get int1() {
      return level(1);
    },
    get int2() {
      return level(2);
    },
    get registers() {
      settle();
      return Uint8Array.from({ length: REGISTERS }, (_, register) => peek(register));
    },

    select(low) {
      settle();
      release();
      selected = low && powered;
      spiCommand = undefined;
    },
    transfer(byte) {
      if (!selected) return 0xff;
      if (spiCommand === undefined) {
        spiCommand = byte & 0xff;
        pointer = byte & (ADDRESSES - 1);
        return 0;
      }
      const register = pointer;
      if ((spiCommand & SPI_MULTIPLE) !== 0) pointer = (pointer + 1) % ADDRESSES;
      if ((spiCommand & SPI_READ) === 0) {
        writeRegister(register, byte & 0xff);
        return 0;
      }
      const value = readRegister(register);
      // In 3-wire mode SDO is not driven: the answer is on SDIO.
      return (at(REGISTER.DATA_FORMAT) & FORMAT.THREE_WIRE) === 0 ? value : 0xff;
    },

    i2c,

    power(on) {
      reset();
      powered = on;
    },
  };
}
