import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import {
  CLEARED,
  COMMAND_NANOS,
  COMMANDS,
  crc8,
  MEASURE_NANOS,
  PERIODIC,
  POWER_UP_NANOS,
  SINGLE_SHOT,
  SOFT_RESET_NANOS,
  STATUS,
} from './model-commands.js';
import { AlertLimits } from './model-limits.js';

/*
 * SHT30, humidity and temperature sensor, from Sensirion's datasheet SHT3x-DIS version 5, supplied with 2.4 V or more.
 * Not modelled: alerts that the limits give, and the ALERT pin (bits 11 and 10 of the status stay 0), the heater's
 * warmth, noise, self-heating, the serial number, the reset of the interface by nine clocks. A reset by general call
 * (4.9) is `reset()`: its address is not the chip's.
 */

/** SHT3x table 8: 0x44 with ADDR low, 0x45 with ADDR high. */
const ADDRESS = 0x44;

export interface Sht30Options {
  readonly clock: ModelClock;
  /** 7-bit address on the bus, 0x44 or 0x45. The model does not look at it: whoever connects it does. */
  readonly address?: number;
  /** Degrees Celsius around the sensor; 25 unless told. */
  readonly temperature?: number;
  /** Relative humidity around the sensor in percent; 50 unless told. */
  readonly humidity?: number;
}

export interface Sht30Model extends I2cTarget {
  readonly address: number;
  /** Degrees Celsius around the sensor. A measurement shows what it is when the measurement ends. */
  temperature: number;
  /** Relative humidity around the sensor, percent. */
  humidity: number;
  /**
   * Emulated time until which the sensor holds SCL low, after a read of a measurement with clock stretching. A bus that
   * does not wait so long reads what is around the sensor at that moment.
   */
  readonly stretchUntil: number;
  /** What the sensor is at, and its status register. */
  readonly registers: { readonly mode: 'idle' | 'single shot' | 'periodic'; readonly status: number };
  /** The alert limits: high set, high clear, low clear, low set. */
  readonly limits: readonly number[];
  /** A pulse on nRESET. */
  reset(): void;
  /** Supply on or off. Nothing is kept. */
  power(on: boolean): void;
}

type Activity =
  | { readonly mode: 'idle' }
  | { readonly mode: 'single shot'; readonly until: number; readonly stretch: boolean }
  | {
      readonly mode: 'periodic';
      readonly since: number;
      readonly lasts: number;
      readonly every: number;
      taken: number;
    };

const word = (value: number): number[] => {
  const bytes = [value >> 8, value & 0xff];
  return [...bytes, crc8(bytes)];
};
/** SHT3x 4.13: a share of the range as 16 bits. */
const share = (value: number): number => Math.round(Math.max(0, Math.min(1, value)) * 0xffff);

/** An SHT30 that has been powered for long enough to be idle. */
export function sht30Model(options: Sht30Options): Sht30Model {
  const { clock } = options;
  let temperature = options.temperature ?? 25;
  let humidity = options.humidity ?? 50;
  let powered = true;
  let status = STATUS.ALERT_PENDING | STATUS.RESET_DETECTED;
  let activity: Activity = { mode: 'idle' };
  let measured: readonly number[] | undefined;
  /** What the next read header gets, besides a single shot: a status or fetched data. */
  let answer: readonly number[] | undefined;
  let command: number[] = [];
  const limits = new AlertLimits();
  let sending: { readonly bytes: readonly number[]; at: number } | undefined;
  /** Until then no header is acknowledged, or none that writes. */
  let deafUntil = 0;
  let writableFrom = 0;
  let stretchUntil = 0;

  const measure = (): number[] => [...word(share((temperature + 45) / 175)), ...word(share(humidity / 100))];

  function settle(): void {
    if (activity.mode === 'single shot' && clock.nanos >= activity.until) {
      measured = measure();
      activity = { mode: 'idle' };
    } else if (activity.mode === 'periodic') {
      const taken = Math.floor((clock.nanos - activity.since - activity.lasts) / activity.every) + 1;
      if (taken > activity.taken) measured = measure();
      activity.taken = Math.max(activity.taken, taken);
    }
  }

  function measuring(): boolean {
    if (activity.mode !== 'periodic') return activity.mode === 'single shot';
    return (clock.nanos - activity.since) % activity.every < activity.lasts;
  }

  function reset(nanos: number): void {
    status = STATUS.ALERT_PENDING | STATUS.RESET_DETECTED;
    activity = { mode: 'idle' };
    measured = answer = sending = undefined;
    command = [];
    limits.reset();
    stretchUntil = 0;
    deafUntil = clock.nanos + nanos;
    writableFrom = deafUntil;
  }

  /** False: not processed (invalid, or not at this time). */
  function execute(code: number): boolean {
    answer = undefined;
    const single = SINGLE_SHOT[code];
    const periodic = PERIODIC[code];
    if (single !== undefined || periodic !== undefined) {
      // 4.5 and 4.8 recommend a break first and do not say what happens without: here, nothing.
      if (activity.mode !== 'idle') return false;
      measured = undefined;
      if (single !== undefined) {
        const until = clock.nanos + MEASURE_NANOS[single.repeatability];
        activity = { mode: 'single shot', until, stretch: single.stretch };
      } else if (periodic !== undefined) {
        const [lasts, every] = [MEASURE_NANOS[periodic.repeatability], 1e9 / periodic.hertz];
        activity = { mode: 'periodic', since: clock.nanos, lasts, every, taken: 0 };
      }
    } else if (code === COMMANDS.FETCH) {
      // 4.6: the data memory is cleared by the command, whether the data is then read or not.
      answer = measured;
      measured = undefined;
    } else if (code === COMMANDS.BREAK) {
      activity = { mode: 'idle' };
      measured = undefined;
    } else if (code === COMMANDS.SOFT_RESET) {
      // 4.9: it can be sent when the system is idle.
      if (measuring()) return false;
      reset(SOFT_RESET_NANOS);
    } else if (code === COMMANDS.HEATER_ON) status |= STATUS.HEATER;
    else if (code === COMMANDS.HEATER_OFF) status &= ~STATUS.HEATER;
    else if (code === COMMANDS.CLEAR_STATUS) status &= ~CLEARED;
    else return false;
    return true;
  }

  function receive(code: number): void {
    writableFrom = clock.nanos + COMMAND_NANOS;
    settle();
    // The status tells of the command before the one that asks for it.
    const limit = limits.read(code);
    if (code === COMMANDS.READ_STATUS) answer = word(status);
    else if (limit !== undefined) {
      answer = word(limit);
      status &= ~STATUS.COMMAND_FAILED;
    } else if (limits.isWrite(code)) {
      answer = undefined;
      status &= ~STATUS.COMMAND_FAILED;
    } else if (execute(code)) status &= ~STATUS.COMMAND_FAILED;
    else status |= STATUS.COMMAND_FAILED;
  }

  /** Commands are two bytes; the only data that a host can write are the alert limits, with their checksum (4.12). */
  function writeData(byte: number): boolean {
    const [high = 0, low = 0] = command;
    const code = (high << 8) | low;
    if (!limits.isWrite(code) || command.length === 5) return false;
    command.push(byte);
    if (command.length < 5) return true;
    const taken = limits.write(code, command.slice(2));
    status = taken ? status & ~STATUS.CHECKSUM_FAILED : status | STATUS.CHECKSUM_FAILED;
    return true;
  }

  function startRead(): boolean {
    if (activity.mode === 'single shot' && activity.stretch && answer === undefined) {
      stretchUntil = activity.until;
      return true;
    }
    const bytes = answer ?? (activity.mode === 'idle' ? measured : undefined);
    if (bytes === undefined) return false;
    if (answer === undefined) measured = undefined;
    answer = undefined;
    sending = { bytes, at: 0 };
    return true;
  }

  return {
    address: options.address ?? ADDRESS,
    get temperature() {
      return temperature;
    },
    set temperature(celsius) {
      settle();
      temperature = celsius;
    },
    get humidity() {
      return humidity;
    },
    set humidity(percent) {
      settle();
      humidity = percent;
    },
    get stretchUntil() {
      return stretchUntil;
    },
    get registers() {
      settle();
      return { mode: activity.mode, status };
    },
    get limits() {
      return limits.values;
    },

    start(direction) {
      command = [];
      sending = undefined;
      stretchUntil = 0;
      if (!powered || clock.nanos < deafUntil) return false;
      settle();
      return direction === 'read' ? startRead() : clock.nanos >= writableFrom;
    },
    write(byte) {
      if (!powered) return false;
      if (command.length >= 2) return writeData(byte & 0xff);
      if (clock.nanos < writableFrom) return false;
      command.push(byte & 0xff);
      const [high = 0, low] = command;
      if (low !== undefined) receive((high << 8) | low);
      return true;
    },
    read() {
      if (!powered) return 0xff;
      if (stretchUntil > 0) {
        settle();
        sending = { bytes: measured ?? measure(), at: 0 };
        activity = { mode: 'idle' };
        measured = undefined;
        stretchUntil = 0;
      }
      return sending?.bytes[sending.at++] ?? 0xff;
    },
    stop() {
      command = [];
      sending = undefined;
      stretchUntil = 0;
    },

    reset: () => reset(POWER_UP_NANOS),
    power(on) {
      reset(POWER_UP_NANOS);
      powered = on;
    },
  };
}
