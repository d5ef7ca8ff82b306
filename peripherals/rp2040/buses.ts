import { Driver, entryPoint, FgftError, peripheral, type Board, type Handle } from '../../runtime/index.js';
import { resetBlock } from './block-reset.js';
import type { GpioPin } from './gpio.js';
import type { I2c } from './i2c.js';
import type { pico } from './index.js';
import type { Spi } from './spi.js';

type Pico = Board<(typeof pico)['peripherals']>;

/**
 * - `wrong-pin`: the pin does not carry that signal of that bus; the message names those that do.
 * - `impossible-speed`: the block cannot make that clock; the message names the range.
 */
export class BusError extends FgftError<'wrong-pin' | 'impossible-speed'> {}

/** clk_sys and clk_peri, as this project's firmware sets them (RP2040 datasheet 2.15.3, 2.18). */
const CLOCK_HZ = 125_000_000;
const NANOSECONDS = 1e9;
const PINS = Array.from({ length: 30 }, (_, gpio) => gpio);

/** RP2040 datasheet 2.19.2: SDA of I2C0 is on every fourth pin from 0, SCL from 1; those of I2C1 from 2 and 3. */
const i2cPins = (index: 0 | 1, role: 'sda' | 'scl'): readonly number[] =>
  PINS.filter((gpio) => gpio % 4 === 2 * index + (role === 'sda' ? 0 : 1));

/** RP2040 datasheet 2.19.2: RX, CSn, SCK, TX in turn; SPI0 and SPI1 take turns every eight pins. */
const spiPins = (index: 0 | 1, role: 'miso' | 'sck' | 'mosi'): readonly number[] =>
  PINS.filter((gpio) => Math.floor(gpio / 8) % 2 === index && gpio % 4 === { miso: 0, sck: 2, mosi: 3 }[role]);

function checkPin(bus: string, role: string, gpio: number, possible: readonly number[]): void {
  if (possible.includes(gpio)) return;
  throw new BusError('wrong-pin', `GPIO ${gpio} cannot be ${role} of ${bus}. Take one of ${possible.join(', ')}.`);
}

function checkSpeed(bus: string, hz: number, least: number, most: number): void {
  if (hz >= least && hz <= most) return;
  throw new BusError('impossible-speed', `${bus} cannot run at ${hz} Hz. Ask for ${least} to ${most} Hz.`);
}

/** IC_SS_SCL_LCNT and IC_FS_SCL_LCNT have 16 bits; the low phase is three fifths of a period. */
const I2C_LEAST_HZ = Math.ceil((CLOCK_HZ * 3) / 5 / 0xffff);
/** RP2040 datasheet 4.3.1: standard mode up to 100 kHz, fast mode up to 400 kHz, fast mode plus up to 1 MHz. */
const I2C_STANDARD_HZ = 100_000;
const I2C_FAST_HZ = 400_000;
const I2C_MOST_HZ = 1_000_000;

/**
 * What sets the speed of SCL, in cycles of clk_sys (RP2040 datasheet 4.3.14.2 to 4.3.14.4). SCL is low for three fifths of
 * a period: at the top speed of each mode, both phases are then as long as the I²C specification asks (UM10204 table 10:
 * 4.7 and 4.0 µs, 1.3 and 0.6 µs, 0.5 and 0.26 µs).
 */
export function i2cTiming(hz: number) {
  checkSpeed('I²C', hz, I2C_LEAST_HZ, I2C_MOST_HZ);
  const cycles = (nanoseconds: number) => Math.ceil((nanoseconds * CLOCK_HZ) / NANOSECONDS);
  const period = Math.ceil(CLOCK_HZ / hz);
  const low = Math.ceil((period * 3) / 5);
  // 4.3.11: spikes of 50 ns are ignored in every mode.
  const spike = cycles(50);
  return {
    // 4.3.14.1: the block adds one cycle to the low count, and the spike length and seven to the high count.
    low: low - 1,
    high: period - low - spike - 7,
    spike,
    // UM10204 table 10, note 3: SDA outlasts the falling edge of SCL, which takes 300 ns, or 120 ns in fast mode plus.
    hold: cycles(hz > I2C_FAST_HZ ? 120 : 300),
    hertz: CLOCK_HZ / period,
  };
}

/** An I²C bus: its block and its two pins. The chips on it are reached when it has been started. */
export class I2cBus extends Driver {
  @peripheral accessor block: Handle<I2c>;
  /** Those that can carry the bus, because `start` chooses among them. */
  @peripheral accessor pins: readonly Handle<GpioPin>[];
  readonly index: 0 | 1;

  constructor(board: Pico, index: 0 | 1) {
    super(board);
    this.index = index;
    this.block = board.i2c[index]!;
    this.pins = board.pin.filter((_, gpio) => Math.floor((gpio % 4) / 2) === index);
  }

  /**
   * Sets the block up anew as a master and connects it to its pins. `hz` is the most that SCL may run at, 1145 Hz to
   * 1 MHz; slow edges and chips that stretch the clock make it slower. Resolves with what the registers come to.
   */
  @entryPoint
  async start({ sda, scl, hz }: { sda: number; scl: number; hz: number }): Promise<number> {
    const bus = `I2C${this.index}`;
    checkPin(bus, 'SDA', sda, i2cPins(this.index, 'sda'));
    checkPin(bus, 'SCL', scl, i2cPins(this.index, 'scl'));
    const timing = i2cTiming(hz);
    const { block } = this;
    await resetBlock(block, 'I2C');
    // 4.3.10.2.1: out of reset the block is a master that sends repeated STARTs, and is disabled; so it takes settings.
    const standard = hz <= I2C_STANDARD_HZ;
    await block.IC_CON.write({ SPEED: standard ? 'standard' : 'fast' });
    const [high, low] = standard
      ? ([block.IC_SS_SCL_HCNT, block.IC_SS_SCL_LCNT] as const)
      : ([block.IC_FS_SCL_HCNT, block.IC_FS_SCL_LCNT] as const);
    await high.write({ COUNT: timing.high });
    await low.write({ COUNT: timing.low });
    await block.IC_FS_SPKLEN.write({ COUNT: timing.spike });
    await block.IC_SDA_HOLD.write({ IC_SDA_TX_HOLD: timing.hold });
    await block.IC_ENABLE.write({ ENABLE: true });
    for (const gpio of [sda, scl]) {
      const pin = this.pins[2 * Math.floor(gpio / 4) + (gpio % 2)]!;
      // 4.3.1.3: pull-up on, slew rate limited, Schmitt trigger on. The bus needs resistors of its own, too.
      await pin.PAD.write({ PUE: true, PDE: false, SCHMITT: true, SLEWFAST: false });
      await pin.CTRL.write({ FUNCSEL: 'i2c' });
    }
    return timing.hertz;
  }
}

/** RP2040 datasheet 4.4.3.4: clk_peri / (CPSDVSR × (1 + SCR)); CPSDVSR is even, 2 to 254, and SCR 0 to 255. */
const PRESCALERS = Array.from({ length: 127 }, (_, half) => 2 * (half + 1));
const SPI_MOST_HZ = CLOCK_HZ / 2;
const SPI_LEAST_HZ = Math.ceil(CLOCK_HZ / 254 / 256);

/** The prescaler and rate that come nearest to `hz` without being faster. */
export function spiTiming(hz: number) {
  checkSpeed('SPI', hz, SPI_LEAST_HZ, SPI_MOST_HZ);
  const divisor = CLOCK_HZ / hz;
  return PRESCALERS.map((prescaler) => ({ prescaler, times: Math.ceil(divisor / prescaler) }))
    .filter(({ times }) => times <= 256)
    .map(({ prescaler, times }) => ({ prescaler, rate: times - 1, hertz: CLOCK_HZ / prescaler / times }))
    .reduce((best, each) => (each.hertz > best.hertz ? each : best));
}

/** How an SPI bus is connected and clocked. */
export interface SpiSetup {
  readonly sck: number;
  readonly mosi: number;
  readonly miso: number;
  /** The chip select of every chip on the bus: any GPIO, active low, moved by the controller around each transfer. */
  readonly chipSelects: readonly number[];
  /** The most that SCK may run at: 1923 Hz to 62.5 MHz. */
  readonly hz: number;
  /** CPOL and CPHA, as usual: 0 to 3. */
  readonly mode: 0 | 1 | 2 | 3;
}

/** An SPI bus: its block, its three pins and its chip selects. The chips on it are reached when it has been started. */
export class SpiBus extends Driver {
  @peripheral accessor block: Handle<Spi>;
  /** All, because any pin can be a chip select. */
  @peripheral accessor pins: readonly Handle<GpioPin>[];
  readonly index: 0 | 1;

  constructor(board: Pico, index: 0 | 1) {
    super(board);
    this.index = index;
    this.block = board.spi[index]!;
    this.pins = board.pin;
  }

  /**
   * Sets the block up anew as a master of 8-bit frames and connects it to its pins. Resolves with the speed that it runs at.
   */
  @entryPoint
  async start({ sck, mosi, miso, chipSelects, hz, mode }: SpiSetup): Promise<number> {
    const bus = `SPI${this.index}`;
    checkPin(bus, 'SCK', sck, spiPins(this.index, 'sck'));
    checkPin(bus, 'MOSI', mosi, spiPins(this.index, 'mosi'));
    checkPin(bus, 'MISO', miso, spiPins(this.index, 'miso'));
    const free = PINS.filter((gpio) => gpio !== sck && gpio !== mosi && gpio !== miso);
    for (const gpio of chipSelects) checkPin(bus, 'a chip select', gpio, free);
    const timing = spiTiming(hz);
    // No chip may listen while the clock finds its level: all are deselected first (level, then driver, then function).
    for (const gpio of chipSelects) {
      const pin = this.pins[gpio]!;
      await pin.OUT.write({ HIGH: true });
      await pin.OE.write({ ENABLED: true });
      await pin.PAD.write({});
      await pin.CTRL.write({ FUNCSEL: 'sio' });
    }
    const { block } = this;
    await resetBlock(block, 'SPI');
    // 4.4.3.2 to 4.4.3.6: format and clock while the block is disabled; it is enabled last.
    await block.SSPCR0.write({ DSS: 7, FRF: 'motorola', SPO: mode >= 2, SPH: mode % 2 === 1, SCR: timing.rate });
    await block.SSPCPSR.write({ CPSDVSR: timing.prescaler });
    await block.SSPCR1.write({ SSE: true });
    for (const gpio of [sck, mosi, miso]) {
      const pin = this.pins[gpio]!;
      await pin.PAD.write({});
      await pin.CTRL.write({ FUNCSEL: 'spi' });
    }
    return timing.hertz;
  }
}
