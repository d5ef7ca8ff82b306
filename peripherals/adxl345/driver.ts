import type { BoardSession } from '../../runtime/board.js';
import { attach, Driver, entryPoint, peripheral, state, type Handle, type SpiSelect } from '../../runtime/index.js';
import { checkIdentity } from '../chip-error.js';
import { adxl345, type Adxl345Registers } from './definition.js';

/** "Register 0x00—DEVID". */
const DEVICE_ID = 0xe5;
/** Table 7: the fastest rate, and its code. */
const FASTEST = { hertz: 3200, code: 15 } as const;
/** Table 1, note 7: until the first sample, besides its period. */
const TURN_ON_US = 1100;
/** Table 1: units per g in full resolution, whatever the range. */
const PER_G = 256;
/** "OFSX": 15.6 mg; "THRESH_ACT" and the other thresholds: 62.5 mg. */
const OFFSET_G = 1 / 64;
const THRESHOLD_G = 1 / 16;
/** "Retrieving Data from FIFO": the next sample is there 5 µs after the read of one; the timer counts whole ones. */
const NEXT_SAMPLE_US = 6;
/** "ACT_INACT_CTL": one half of it, of which the upper one is for activity. */
const ALL_AXES_AC = 0xf;
/** "DUR": 625 µs; "TIME_FF": 5 ms. */
const TAP_MS = 0.625;
const FREE_FALL_MS = 5;

/** In g. */
export interface Acceleration {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Adxl345Settings {
  /** Largest acceleration, in g. */
  readonly range: 2 | 4 | 8 | 16;
  /**
   * Samples per second: 3200, 1600, 800 and so on down to 1.5625; others give the next slower of these. Less gives 1.5625,
   * although table 7 goes on: `wake` waits for a sample, and no wait is longer than a second. "SPI": 1600 and 3200 need a bus of
   * 2 MHz or more.
   */
  readonly hertz: number;
}

/** What is looked for; left out: it is not. Thresholds are in g, up to 15.9. */
export interface Detection {
  /** Shorter than `ms`, up to 159. */
  readonly tap?: { readonly above: number; readonly ms: number };
  readonly activity?: { readonly above: number };
  /** For so many seconds, up to 255. */
  readonly inactivity?: { readonly below: number; readonly seconds: number };
  /** All axes, for so long, up to 1275. "THRESH_FF", "TIME_FF": 0.3 to 0.6 g and 100 to 350 ms are recommended. */
  readonly freeFall?: { readonly below: number; readonly ms: number };
}

const FINEST: Adxl345Settings = { range: 2, hertz: 100 };

/** A value in units of `unit` that fits into a byte; not 0, with which a detection does not work or does not end. */
const inUnits = (value: number, unit: number): number => Math.min(Math.max(Math.round(value / unit), 1), 0xff);

/** Acceleration, measured by an Analog Devices ADXL345 on an SPI bus in mode 3. */
export class Adxl345 extends Driver {
  @peripheral accessor chip: Handle<Adxl345Registers>;
  @state accessor settings: Adxl345Settings = FINEST;

  constructor(board: BoardSession, at: SpiSelect) {
    super(board);
    this.chip = attach(adxl345(at), board);
  }

  /** Looks whether it is an ADXL345, stops whatever it was set up for, and measures. */
  @entryPoint
  async init(settings: Partial<Adxl345Settings> = {}): Promise<void> {
    const { DEVID, POWER_CTL, INT_ENABLE, INT_MAP, FIFO_CTL, OFS } = this.chip;
    checkIdentity(this.chip, await DEVID.read(), DEVICE_ID);
    await POWER_CTL.write({});
    await INT_ENABLE.write({});
    await INT_MAP.write({});
    await FIFO_CTL.write({});
    await OFS.writeBlock(0, [0, 0, 0]);
    await this.configure({ ...FINEST, ...settings });
  }

  /** Changes some of the settings, and measures. Resolves when there is a sample that was taken with them. */
  @entryPoint
  async configure(settings: Partial<Adxl345Settings>): Promise<void> {
    const { POWER_CTL, DATA_FORMAT, BW_RATE } = this.chip;
    const next = { ...this.settings, ...settings };
    // Eleven: 1.5625 Hz, of which a period still fits into one wait.
    const halvings = Math.min(Math.max(Math.ceil(Math.log2(FASTEST.hertz / next.hertz)), 0), 11);
    this.settings = { range: next.range, hertz: FASTEST.hertz / 2 ** halvings };
    await POWER_CTL.modify({ MEASURE: false });
    await DATA_FORMAT.write({ FULL_RES: true, RANGE: `${next.range}` });
    await BW_RATE.write({ RATE: FASTEST.code - halvings });
    await this.wake();
  }

  /** Measures no more, and keeps the settings. */
  @entryPoint
  async standby(): Promise<void> {
    await this.chip.POWER_CTL.modify({ MEASURE: false });
  }

  /** Goes on measuring. Resolves when there is a sample. */
  @entryPoint
  async wake(): Promise<void> {
    await this.chip.POWER_CTL.modify({ MEASURE: true });
    await this.tx.delay(TURN_ON_US + Math.ceil(1e6 / this.settings.hertz));
  }

  /** The last sample; while samples are recorded, takes the oldest of them, and a failure does not put it back. */
  @entryPoint
  async read(): Promise<Acceleration> {
    return accelerationOf(await this.chip.DATA.readBlock(0, 3));
  }

  /** Sets what is added to each sample, in g, from -2 to 1.98 in steps of 1/64. */
  @entryPoint
  async offset({ x, y, z }: Acceleration): Promise<void> {
    const units = [x, y, z].map((g) => Math.min(Math.max(Math.round(g / OFFSET_G), -128), 127) & 0xff);
    await this.chip.OFS.writeBlock(0, units);
  }

  /** From now on keeps the last 32 samples until `takeRecorded` takes them; or not any more. */
  @entryPoint
  async record(on: boolean): Promise<void> {
    const { FIFO_CTL } = this.chip;
    // "FIFO_CTL": bypass mode empties it.
    await FIFO_CTL.write({ FIFO_MODE: 'bypass' });
    if (on) await FIFO_CTL.write({ FIFO_MODE: 'stream' });
  }

  /** Takes the recorded samples, the oldest first. If the call fails behind them, they are not put back. */
  @entryPoint
  async takeRecorded(): Promise<Acceleration[]> {
    const { FIFO_STATUS, DATA } = this.chip;
    const { ENTRIES } = await FIFO_STATUS.read();
    const samples = Array.from({ length: ENTRIES }, () => {
      const sample = DATA.readBlock(0, 3);
      void this.tx.delay(NEXT_SAMPLE_US);
      return sample;
    });
    // All that is asked for before anything is awaited goes in one frame.
    return (await Promise.all(samples)).map(accelerationOf);
  }

  /** Looks for these from now on, and for nothing else, in all axes. They appear on INT1, and in `takeEvents`. */
  @entryPoint
  async detect({ tap, activity, inactivity, freeFall }: Detection): Promise<void> {
    const { INT_ENABLE, THRESH_TAP, DUR, TAP_AXES, THRESH_ACT, THRESH_INACT, TIME_INACT, THRESH_FF, TIME_FF } =
      this.chip;
    // "INT_ENABLE": the functions are to be set up first.
    await INT_ENABLE.write({});
    if (tap) {
      await THRESH_TAP.write(inUnits(tap.above, THRESHOLD_G));
      await DUR.write(inUnits(tap.ms, TAP_MS));
      await TAP_AXES.write({ TAP_X: true, TAP_Y: true, TAP_Z: true });
    }
    if (activity) await THRESH_ACT.write(inUnits(activity.above, THRESHOLD_G));
    if (inactivity) {
      await THRESH_INACT.write(inUnits(inactivity.below, THRESHOLD_G));
      await TIME_INACT.write(inUnits(inactivity.seconds, 1));
    }
    if (freeFall) {
      await THRESH_FF.write(inUnits(freeFall.below, THRESHOLD_G));
      await TIME_FF.write(inUnits(freeFall.ms, FREE_FALL_MS));
    }
    // Compared with what was measured at the beginning, so that gravity does not count ("ACT AC/DC").
    const [moving, still] = [activity !== undefined, inactivity !== undefined];
    const axes = (on: boolean): number => (on ? ALL_AXES_AC : 0);
    await this.chip.ACT_INACT_CTL.writeBits((axes(moving) << 4) | axes(still));
    const falling = freeFall !== undefined;
    await INT_ENABLE.write({ SINGLE_TAP: tap !== undefined, ACTIVITY: moving, INACTIVITY: still, FREE_FALL: falling });
  }

  /** What was detected since the last time. Native, because reading clears it. */
  async takeEvents(): Promise<(keyof Detection)[]> {
    const { SINGLE_TAP, ACTIVITY, INACTIVITY, FREE_FALL } = await this.chip.INT_SOURCE.read();
    const events = { tap: SINGLE_TAP, activity: ACTIVITY, inactivity: INACTIVITY, freeFall: FREE_FALL };
    return (Object.keys(events) as (keyof Detection)[]).filter((each) => events[each]);
  }
}

function accelerationOf(words: ArrayLike<number>): Acceleration {
  const [x = 0, y = 0, z = 0] = Array.from(words, (word) => ((word << 16) >> 16) / PER_G);
  return { x, y, z };
}
