import type { I2cTarget, ModelClock } from '../../transports/emulator/bus-targets.js';
import { alarm1Matches, alarm2Matches, SECONDS, tick } from './model-calendar.js';
import {
  AGING,
  ALARMS_END,
  BUSY_DELAY,
  CONTROL,
  CONTROL_BITS,
  CONVERSION_INTERVAL,
  CONVERSION_NANOS,
  FIRST_CONVERSION,
  LAST,
  POWER_ON,
  SECOND,
  SQUARE_WAVE_HERTZ,
  STATUS,
  STATUS_BITS,
  TEMPERATURE_HIGH,
  TEMPERATURE_LOW,
  TIME_BITS,
  TIME_BYTES,
} from './model-map.js';

/*
 * DS3231, clock with temperature compensation, from the datasheet DS3231 rev 10 (19-5170).
 * Not modelled: the aging offset's effect (0.1 ppm a step), errors of the crystal, the waveform at the 32kHz pin, the
 * RST pin and its push-button, the time-out of the oscillator's start (up to 1 s), I²C on a battery that never had VCC.
 */

/** DS3231 "Slave Address Byte": 1101000b. */
const ADDRESS = 0x68;
const { EOSC, BBSQW, CONV, INTCN, ALARM_ENABLES } = CONTROL_BITS;
const { OSF, EN32KHZ, BSY, A2F, A1F } = STATUS_BITS;

export interface Ds3231Options {
  readonly clock: ModelClock;
  /** 7-bit address on the bus: always 0x68. */
  readonly address?: number;
  /** Whether a backup battery is in; there is one unless told. */
  readonly battery?: boolean;
  /** Degrees Celsius around the chip; 25 unless told. */
  readonly temperature?: number;
}

export interface Ds3231Model extends I2cTarget {
  readonly address: number;
  /** Degrees Celsius around the chip. A conversion shows what it is when the conversion ends. */
  temperature: number;
  /** Whether a backup battery is in. Without it and without power, everything is lost. */
  battery: boolean;
  /** The INT/SQW pin, open drain, with its pull-up: true is high. */
  readonly line: boolean;
  /** A copy of registers 00 to 12 as they are inside, not as latched for the bus. */
  readonly registers: Uint8Array;
  /** VCC on or off. With a battery the chip goes on, its bus too. */
  power(on: boolean): void;
}

/** A DS3231 whose VCC has just been applied for the first time. */
export function ds3231Model(options: Ds3231Options): Ds3231Model {
  const { clock } = options;
  const registers = new Uint8Array(LAST + 1);
  /** DS3231 "Address Map": the time as it was at the last START, or when the pointer came to 00. */
  const latched = new Uint8Array(TIME_BYTES);
  let temperature = options.temperature ?? 25;
  let battery = options.battery ?? true;
  let vcc = true;
  let pointer = 0;
  let pointerComes = false;
  /** When the counters take their next second. While the oscillator stands: how far off that was when it stopped. */
  let nextSecond = 0;
  let running = false;
  let nextConversion = 0;
  let conversion: { readonly since: number; readonly byUser: boolean } | undefined;

  const at = (address: number): number => registers[address] ?? 0;
  const alive = (): boolean => vcc || battery;

  function powerOn(): void {
    registers.fill(0);
    for (const [address, value] of POWER_ON) registers[address] = value;
    pointer = 0;
    conversion = undefined;
    running = true;
    nextSecond = clock.nanos + SECOND;
    nextConversion = clock.nanos + FIRST_CONVERSION;
  }

  function runSeconds(): void {
    while (nextSecond <= clock.nanos) {
      nextSecond += SECOND;
      tick(registers);
      // DS3231 "Alarms": the match is tested on the once-per-second update.
      const flags = (alarm1Matches(registers) ? A1F : 0) | (alarm2Matches(registers) ? A2F : 0);
      if (flags !== 0) registers[STATUS] = at(STATUS) | flags;
    }
  }

  function runConversions(): void {
    for (;;) {
      if (conversion === undefined) {
        if (nextConversion > clock.nanos) return;
        conversion = { since: nextConversion, byUser: false };
        nextConversion += CONVERSION_INTERVAL;
      }
      if (clock.nanos < conversion.since + CONVERSION_NANOS) return;
      // An automatic conversion that fell due during this one has nothing to add to it.
      while (nextConversion <= conversion.since + CONVERSION_NANOS) nextConversion += CONVERSION_INTERVAL;
      conversion = undefined;
      registers[CONTROL] = at(CONTROL) & ~CONV;
      const quarters = Math.max(-512, Math.min(511, Math.round(temperature * 4)));
      registers[TEMPERATURE_HIGH] = quarters >> 2;
      registers[TEMPERATURE_LOW] = (quarters & 0x03) << 6;
    }
  }

  function settle(): void {
    if (!running) return;
    runSeconds();
    runConversions();
  }

  /** DS3231 "Control Register", EOSC: it stops the oscillator on battery alone. Stopping it sets OSF. */
  function updateOscillator(): void {
    const runs = vcc || (battery && (at(CONTROL) & EOSC) === 0);
    if (runs === running) return;
    running = runs;
    if (runs) {
      nextSecond += clock.nanos;
      nextConversion = clock.nanos;
    } else {
      nextSecond -= clock.nanos;
      conversion = undefined;
      registers[CONTROL] = at(CONTROL) & ~CONV;
      registers[STATUS] = at(STATUS) | OSF;
    }
  }

  /** VCC or battery came or went. */
  function supply(change: () => void): void {
    settle();
    const wasAlive = alive();
    change();
    if (!alive()) running = false;
    else if (wasAlive) updateOscillator();
    else powerOn();
  }

  function status(): number {
    const busy = conversion !== undefined && (!conversion.byUser || clock.nanos - conversion.since >= BUSY_DELAY);
    return at(STATUS) | (busy ? BSY : 0);
  }

  function advance(): void {
    pointer = pointer >= LAST ? 0 : pointer + 1;
    if (pointer === SECONDS) latched.set(registers.subarray(0, TIME_BYTES));
  }

  function writeControl(byte: number): void {
    // CONV stays 1 until the conversion is over, whatever is written meanwhile.
    registers[CONTROL] = byte | (at(CONTROL) & CONV);
    if ((byte & CONV) !== 0 && conversion === undefined && running) {
      conversion = { since: clock.nanos, byUser: true };
    }
    updateOscillator();
  }

  function writeRegister(byte: number): void {
    if (pointer < TIME_BYTES) {
      registers[pointer] = byte & (TIME_BITS[pointer] ?? 0);
      // DS3231 "Clock and Calendar": writing the seconds resets the countdown chain.
      if (pointer === SECONDS) nextSecond = (running ? clock.nanos : 0) + SECOND;
    } else if (pointer < ALARMS_END || pointer === AGING) registers[pointer] = byte;
    else if (pointer === CONTROL) writeControl(byte);
    else if (pointer === STATUS) {
      // OSF and the alarm flags can only be written to 0.
      registers[STATUS] = (at(STATUS) & byte & (OSF | A2F | A1F)) | (byte & EN32KHZ);
    }
  }

  powerOn();
  return {
    address: options.address ?? ADDRESS,
    get temperature() {
      return temperature;
    },
    set temperature(celsius) {
      settle();
      temperature = celsius;
    },
    get battery() {
      return battery;
    },
    set battery(present) {
      supply(() => (battery = present));
    },
    get line() {
      settle();
      const control = at(CONTROL);
      // DS3231 "Control Register", BBSQW: without it the pin is released on battery.
      if (!alive() || (!vcc && (control & BBSQW) === 0)) return true;
      if ((control & INTCN) !== 0) return (control & at(STATUS) & ALARM_ENABLES) === 0;
      if (!running) return true;
      // The 1 Hz wave goes high 500 ms after the second, so each half period begins with the second's edge, low.
      const sinceSecond = clock.nanos - (nextSecond - SECOND);
      const hertz = SQUARE_WAVE_HERTZ[(control >> 3) & 0x03] ?? 1;
      return Math.floor((sinceSecond * 2 * hertz) / SECOND) % 2 === 1;
    },
    get registers() {
      settle();
      const copy = registers.slice();
      copy[STATUS] = status();
      return copy;
    },

    start(direction) {
      if (!alive()) return false;
      settle();
      latched.set(registers.subarray(0, TIME_BYTES));
      pointerComes = direction === 'write';
      return true;
    },
    write(byte) {
      if (!alive()) return false;
      settle();
      if (pointerComes) {
        pointer = byte & 0xff;
        pointerComes = false;
      } else {
        writeRegister(byte & 0xff);
        advance();
      }
      return true;
    },
    read() {
      if (!alive()) return 0xff;
      settle();
      const byte = pointer < TIME_BYTES ? latched[pointer] : pointer === STATUS ? status() : at(pointer);
      advance();
      return byte ?? 0;
    },
    stop() {
      pointerComes = false;
    },

    power(on) {
      supply(() => (vcc = on));
    },
  };
}
