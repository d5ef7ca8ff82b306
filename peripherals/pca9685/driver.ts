import type { BoardSession } from '../../runtime/board.js';
import {
  attach,
  Driver,
  entryPoint,
  FgftError,
  peripheral,
  state,
  type Handle,
  type I2cAddress,
  type Transaction,
} from '../../runtime/index.js';
import { notInitialised } from '../chip-error.js';
import {
  CYCLE,
  cycleUs,
  hertzOf,
  OSCILLATOR_US,
  pca9685,
  PCA9685_CHANNELS,
  pca9685Channel,
  type Pca9685ChannelRegisters,
  type Pca9685Registers,
} from './definition.js';

/**
 * - `no-such-channel`: channels are 0 to 15.
 * - `impossible-frequency`: the prescaler makes 24 to 1526 Hz.
 * - `impossible-pulse`: a pulse lasts for 0 to 1 of a cycle.
 */
export class PulseError extends FgftError<'no-such-channel' | 'impossible-frequency' | 'impossible-pulse'> {}

/** 7.3.5: the hardware takes no less than 3. */
const LEAST_PRESCALE = 3;
const MOST_PRESCALE = 255;
const LEAST_HERTZ = Math.ceil(hertzOf(MOST_PRESCALE));
const MOST_HERTZ = Math.ceil(hertzOf(LEAST_PRESCALE));

/** The bit of ON and OFF that means always (7.3.3). */
const FULL = 0x1000;

export interface Pca9685Settings {
  /** Cycles in a second: 24 to 1526. */
  readonly hertz?: number;
  /** `totem-pole` if left out. */
  readonly outputs?: 'totem-pole' | 'open-drain';
  /** Outputs are low while a channel is on. */
  readonly inverted?: boolean;
}

function prescaleFor(hertz: number): number {
  if (hertz >= LEAST_HERTZ && hertz <= MOST_HERTZ) {
    // 7.3.5: rounded, so that the frequency is the nearest there is.
    return Math.round(hertzOf(0) / hertz) - 1;
  }
  throw new PulseError(
    'impossible-frequency',
    `A PCA9685 cannot run at ${hertz} Hz. Ask for ${LEAST_HERTZ} to ${MOST_HERTZ} Hz.`,
  );
}

/** ON and OFF of a pulse; both are parts of a cycle. */
function countsOf(part: number, phase: number): { on: number; off: number } {
  if (!(part >= 0 && part <= 1 && phase >= 0 && phase < 1))
    throw new PulseError(
      'impossible-pulse',
      `A pulse lasts for 0 to 1 of a cycle and begins at 0 to less than 1, not ${part} at ${phase}.`,
    );
  const on = Math.floor(phase * CYCLE);
  const length = Math.round(part * CYCLE);
  if (length === 0) return { on, off: FULL };
  if (length === CYCLE) return { on: on | FULL, off: 0 };
  return { on, off: (on + length) % CYCLE };
}

/** The register handles of a driver, and what it waits with. */
type Chip = Handle<Pca9685Registers>;
type Channels = readonly Handle<Pca9685ChannelRegisters>[];
type Tx = Pick<Transaction, 'delay'>;

function known(prescale: number | undefined): number {
  if (prescale === undefined) throw notInitialised('Pca9685');
  return prescale;
}

/** 7.3.1.1: the outputs stop at the end of the running cycle, and if any of them was on, RESTART is set. */
async function stop({ MODE1 }: Chip, tx: Tx, prescale: number): Promise<void> {
  await MODE1.modify({ SLEEP: true });
  await tx.delay(cycleUs(prescale));
}

/** 7.3.1.1, steps 2 and 3. */
async function restart({ MODE1 }: Chip, tx: Tx): Promise<void> {
  await MODE1.modify({ SLEEP: false });
  await tx.delay(OSCILLATOR_US);
  await MODE1.modify({ RESTART: true });
}

async function put(channels: Channels, channel: number, part: number, phase: number): Promise<void> {
  const registers = channels[channel];
  if (!registers) throw new PulseError('no-such-channel', `A PCA9685 has channels 0 to 15, not ${channel}.`);
  const { on, off } = countsOf(part, phase);
  // 7.3.2, table 6: in one transfer, so that the output goes from one pulse to the other with nothing between.
  await registers.COUNTS.writeBlock(0, [on & 0xff, on >> 8, off & 0xff, off >> 8]);
}

async function putAllOff(channels: Channels): Promise<void> {
  for (const { OFF_H } of channels) await OFF_H.write({ FULL: true });
}

/** Sixteen outputs with pulses of 12 bits: an NXP PCA9685, on its own oscillator. */
export class Pca9685 extends Driver {
  @peripheral accessor chip: Chip;
  @peripheral accessor channels: Channels;
  /** PRE_SCALE, as this driver has set it. */
  @state accessor prescale: number | undefined;
  @state accessor awake = false;

  constructor(board: BoardSession, at: I2cAddress) {
    super(board);
    this.chip = attach(pca9685(at), board);
    this.channels = Array.from({ length: PCA9685_CHANNELS }, (_, channel) =>
      attach(pca9685Channel(at, channel), board),
    );
  }

  /** Sets the chip up, at 50 Hz if nothing else is asked for, with all channels off. Resolves with the frequency. */
  @entryPoint
  async init({ hertz = 50, outputs = 'totem-pole', inverted = false }: Pca9685Settings = {}): Promise<number> {
    const prescale = prescaleFor(hertz);
    const { MODE1, MODE2, PRE_SCALE } = this.chip;
    await MODE1.write({ AI: true, SLEEP: true, ALLCALL: false });
    await MODE2.write({ OUTDRV: outputs, INVRT: inverted, OCH: 'stop' });
    await putAllOff(this.channels);
    await PRE_SCALE.write(prescale);
    await restart(this.chip, this.tx);
    this.prescale = prescale;
    this.awake = true;
    return hertzOf(prescale);
  }

  /**
   * Changes the frequency of all channels; pulses keep their part of a cycle. The outputs stand still for a cycle
   * meanwhile. Resolves with the nearest frequency that the chip can make.
   */
  @entryPoint
  async frequency(hertz: number): Promise<number> {
    const prescale = prescaleFor(hertz);
    const { awake, chip, tx } = this;
    if (awake) await stop(chip, tx, known(this.prescale));
    await chip.PRE_SCALE.write(prescale);
    if (awake) await restart(chip, tx);
    this.prescale = prescale;
    return hertzOf(prescale);
  }

  /** On for a part of each cycle, 0 to 1, from `phase` on, 0 to less than 1. */
  @entryPoint
  async duty(channel: number, part: number, phase = 0): Promise<void> {
    known(this.prescale);
    await put(this.channels, channel, part, phase);
  }

  /** On for so many microseconds of each cycle. */
  @entryPoint
  async pulse(channel: number, microseconds: number): Promise<void> {
    const cycles = hertzOf(known(this.prescale)) / 1e6;
    await put(this.channels, channel, microseconds * cycles, 0);
  }

  @entryPoint
  async off(channel: number): Promise<void> {
    known(this.prescale);
    await put(this.channels, channel, 0, 0);
  }

  /** All channels off, one after the other. */
  @entryPoint
  async allOff(): Promise<void> {
    await putAllOff(this.channels);
  }

  /** Stops the outputs at the end of the running cycle, and then the oscillator. */
  @entryPoint
  async sleep(): Promise<void> {
    await stop(this.chip, this.tx, known(this.prescale));
    this.awake = false;
  }

  /** Starts the oscillator, and the outputs with the pulses that they have. */
  @entryPoint
  async wake(): Promise<void> {
    known(this.prescale);
    await restart(this.chip, this.tx);
    this.awake = true;
  }
}
