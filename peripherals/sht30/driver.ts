import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, state, type Handle, type I2cAddress } from '../../runtime/index.js';
import {
  COMMAND_US,
  RESET_US,
  sht30,
  sht30Heater,
  sht30Limit,
  sht30Mode,
  SHT30_LIMIT_NAMES,
  SHT30_LIMITS,
  type LimitName,
  type Sht30Data,
  type Sht30Heater,
  type Sht30Limit,
  type Sht30Mode,
} from './definition.js';
import { fromLimit, Sht30Error, toBytes, toCelsius, toLimit, toPercent, toWords, type Climate } from './words.js';

export type Repeatability = 'low' | 'medium' | 'high';
export type Hertz = 0.5 | 1 | 2 | 4 | 10;

export interface MeasureOptions {
  readonly repeatability?: Repeatability;
  readonly stretch?: boolean;
}

/** SHT3x tables 9 and 4: second bytes of the commands, and t_MEAS at most, at the lowest supply. */
const SINGLE = {
  low: { code: 0x16, stretching: 0x10, us: 4500 },
  medium: { code: 0x0b, stretching: 0x0d, us: 6500 },
  high: { code: 0x00, stretching: 0x06, us: 15_500 },
} as const;

/** SHT3x table 10: the first byte without its bits 7 to 4, and the second. */
const PERIODIC: Readonly<Record<Hertz, Readonly<{ first: number } & Record<Repeatability, number>>>> = {
  0.5: { first: 0x0, high: 0x32, medium: 0x24, low: 0x2f },
  1: { first: 0x1, high: 0x30, medium: 0x26, low: 0x2d },
  2: { first: 0x2, high: 0x36, medium: 0x20, low: 0x2b },
  4: { first: 0x3, high: 0x34, medium: 0x22, low: 0x29 },
  10: { first: 0x7, high: 0x37, medium: 0x21, low: 0x2a },
};

/** SHT3x table 18. */
export interface Sht30Status {
  readonly alertPending: boolean;
  readonly heater: boolean;
  readonly humidityAlert: boolean;
  readonly temperatureAlert: boolean;
  /** It was reset, or lost its supply, since the status was last cleared. */
  readonly resetDetected: boolean;
  /** The last command was not carried out. */
  readonly commandFailed: boolean;
  /** The last data did not have its checksum. */
  readonly checksumFailed: boolean;
}

/** An SHT30, SHT31 or SHT35, which measures temperature and relative humidity. */
export class Sht30 extends Driver {
  @peripheral accessor chip: Handle<Sht30Data>;
  @peripheral accessor mode: Handle<Sht30Mode>;
  @peripheral accessor heating: Handle<Sht30Heater>;
  @peripheral accessor limits: readonly Handle<Sht30Limit>[];
  /** How often the chip measures by itself; undefined if it does not. */
  @state accessor hertz: Hertz | undefined = undefined;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.chip = attach(sht30(at), board);
    this.mode = attach(sht30Mode(at), board);
    this.heating = attach(sht30Heater(at), board);
    this.limits = SHT30_LIMIT_NAMES.map((_, number) => attach(sht30Limit(at, number), board));
  }

  /**
   * Measures once: 15 ms at high repeatability, 6 at medium, 4 at low. With `stretch` the answer comes as soon as it is there, and
   * the chip holds the bus until then.
   */
  @entryPoint
  async measure({ repeatability = 'high', stretch = false }: MeasureOptions = {}): Promise<Climate> {
    if (this.hertz !== undefined)
      throw new Sht30Error(
        'wrong-mode',
        `The SHT30 measures by itself, at ${this.hertz} Hz: use fetch(), or stop() it.`,
      );
    const { code, stretching, us } = one(SINGLE, repeatability, 'repeatability');
    await this.ready();
    await (stretch ? this.chip.MEASURE_STRETCHING.send(stretching) : this.chip.MEASURE.send(code));
    await this.tx.delay(stretch ? COMMAND_US : us);
    return this.pair();
  }

  /** Has the chip measure by itself from now on; `fetch` tells what it has found. */
  @entryPoint
  async periodic(hertz: Hertz, repeatability: Repeatability = 'high'): Promise<void> {
    const { first, ...codes } = one(PERIODIC, hertz, 'rate');
    const code = one(codes, repeatability, 'repeatability');
    await this.stop();
    await this.mode.PERIODIC.send(first, code);
    await this.tx.delay(COMMAND_US);
    this.hertz = hertz;
  }

  /**
   * The last measurement of the periodic mode. Each can be fetched once: a call that comes before the next one fails with
   * `bus-fault`, because that is how the chip says so.
   */
  @entryPoint
  async fetch(): Promise<Climate> {
    if (this.hertz === undefined)
      throw new Sht30Error(
        'wrong-mode',
        'The SHT30 does not measure by itself: call periodic() first, or use measure().',
      );
    await this.ready();
    await this.chip.FETCH.send();
    await this.tx.delay(COMMAND_US);
    return this.pair();
  }

  /** Ends the periodic measurements. */
  @entryPoint
  async stop(): Promise<void> {
    await this.mode.BREAK.send();
    await this.tx.delay(COMMAND_US);
    this.hertz = undefined;
  }

  /** Warms the sensor by a few degrees, to see whether it notices. */
  @entryPoint
  async heater(on: boolean): Promise<void> {
    await (on ? this.heating.HEATER_ON.send() : this.heating.HEATER_OFF.send());
    await this.tx.delay(COMMAND_US);
  }

  @entryPoint
  async status(): Promise<Sht30Status> {
    await this.ready();
    await this.chip.STATUS.send();
    const word = await this.word();
    const bit = (number: number): boolean => ((word >> number) & 1) === 1;
    return {
      alertPending: bit(15),
      heater: bit(13),
      humidityAlert: bit(11),
      temperatureAlert: bit(10),
      resetDetected: bit(4),
      commandFailed: bit(1),
      checksumFailed: bit(0),
    };
  }

  /** Clears the alerts and `resetDetected`. */
  @entryPoint
  async clearStatus(): Promise<void> {
    await this.chip.CLEAR_STATUS.send();
    await this.tx.defer({ op: 'delay', us: COMMAND_US });
  }

  /** Sets an alert limit, in steps of about 1 % and 0.5 °C. Alerts are given in the periodic mode. */
  @entryPoint
  async setLimit(name: LimitName, climate: Climate): Promise<void> {
    one(SHT30_LIMITS, name, 'limit');
    await this.limits[SHT30_LIMIT_NAMES.indexOf(name)]!.LIMIT.send(...toBytes(toLimit(climate)));
    await this.tx.delay(COMMAND_US);
  }

  /** An alert limit as the chip has it. */
  @entryPoint
  async limit(name: LimitName): Promise<Climate> {
    const { read } = one(SHT30_LIMITS, name, 'limit');
    await this.ready();
    await this.chip.LIMIT.send(read);
    return fromLimit(await this.word());
  }

  /** Sets everything to what it is after power-on, then has the chip reset itself (with the commit). */
  @entryPoint
  async reset(): Promise<void> {
    await this.stop();
    await this.heater(false);
    for (const [number, name] of SHT30_LIMIT_NAMES.entries()) {
      await this.limits[number]!.LIMIT.send(...SHT30_LIMITS[name].initial);
      await this.tx.delay(COMMAND_US);
    }
    await this.chip.SOFT_RESET.send();
    await this.tx.defer({ op: 'delay', us: RESET_US });
  }

  /** A call that has failed right before may have sent a command, after which the chip takes no other for a while. */
  private ready(): Promise<void> {
    return this.tx.delay(COMMAND_US);
  }

  private async pair(): Promise<Climate> {
    const [temperature, humidity] = toWords(await this.chip.PAIR.ask()) as [number, number];
    return { temperature: toCelsius(temperature), humidity: toPercent(humidity) };
  }

  private async word(): Promise<number> {
    await this.tx.delay(COMMAND_US);
    return toWords(await this.chip.WORD.ask())[0]!;
  }
}

/** What a table has for a name; throws Sht30Error for others. */
function one<T extends object, K extends keyof T>(table: T, name: K, what: string): T[K] {
  if (Object.hasOwn(table, name)) return table[name];
  throw new Sht30Error(
    'bad-setting',
    `An SHT30 has no ${what} ${String(name)}. Take one of ${Object.keys(table).join(', ')}.`,
  );
}
