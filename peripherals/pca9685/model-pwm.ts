/**
 * The oscillator and the PWM logic of an emulated PCA9685: running, asleep, and held by RESTART. Sections are those of
 * the PCA9685 datasheet, NXP, revision 4.
 */

export const CHANNELS = 16;
/** 7.3.5: the internal oscillator, and counts of one PWM cycle. */
const INTERNAL_HERTZ = 25e6;
const COUNTS = 4096;
/** 7.3.1, table 5, note 2, and 7.3.1.1: from SLEEP = 0 until the oscillator runs. */
export const STARTUP = 500e3;
/** LEDn_ON_H[4] full ON, LEDn_OFF_H[4] full OFF (7.3.3). */
const FULL = 1 << 12;

/** What a channel does now, before the pin's driver: INVRT, OUTDRV, OUTNE and the OE pin are not applied. */
export interface Pca9685Output {
  /** Part of the cycle during which the channel is on, 0 to 1; 0 while the PWM logic stands still. */
  readonly duty: number;
  /** Where in the cycle it turns on, 0 to 1. */
  readonly phase: number;
  /** Cycles per second; 0 while the PWM logic stands still. */
  readonly hertz: number;
}

const STILL: Pca9685Output = { duty: 0, phase: 0, hertz: 0 };

/** One channel's ON and OFF registers, 13 bits each. */
interface Counts {
  readonly on: number;
  readonly off: number;
}

export type Oscillator = 'off' | 'starting' | 'running';

/** Times are nanoseconds. It starts asleep with all channels full OFF, as after power-on (7.3.1, 7.3.3). */
export class Pwm {
  readonly #externalHertz: number;
  #channels: Counts[] = Array.from({ length: CHANNELS }, () => ({ on: 0, off: FULL }));
  #prescale: number;
  #external = false;
  /** When SLEEP was cleared last; undefined while it is set. */
  #awakeSince: number | undefined;
  /** Where a cycle began. */
  #cycleFrom = 0;
  /** End of the cycle in which SLEEP was set: the logic stops there and RESTART is set. */
  #stopsAt = Infinity;
  #restart = false;

  constructor(prescale: number, externalHertz: number) {
    this.#prescale = prescale;
    this.#externalHertz = externalHertz;
  }

  /** State of the RESTART logic, MODE1 bit 7. */
  restartPending(now: number): boolean {
    this.#settle(now);
    return this.#restart;
  }

  oscillator(now: number): Oscillator {
    this.#settle(now);
    if (this.#stopsAt !== Infinity) return 'running';
    if (this.#awakeSince === undefined) return 'off';
    return now < this.#readyAt ? 'starting' : 'running';
  }

  output(channel: number, now: number): Pca9685Output {
    const counts = this.#channels[channel];
    if (counts === undefined) throw new RangeError(`The PCA9685 has channels 0 to 15, not ${channel}.`);
    const hertz = this.#hertz;
    if (this.oscillator(now) !== 'running' || this.#restart || !this.#driven || hertz === 0) return STILL;
    const { on, off } = counts;
    const phase = (on % COUNTS) / COUNTS;
    // 7.3.3: full OFF takes precedence; full ON still begins at its ON count.
    if (off & FULL) return { duty: 0, phase: 0, hertz };
    if (on & FULL) return { duty: 1, phase, hertz };
    return { duty: ((off - on + COUNTS) % COUNTS) / COUNTS, phase, hertz };
  }

  load(channel: number, counts: Counts, now: number): void {
    this.#settle(now);
    const wasDriven = this.#driven;
    this.#channels[channel] = counts;
    // 7.3.3: while all outputs are always OFF, the cycle timing is disabled.
    if (!wasDriven && this.#driven) this.#cycleFrom = Math.max(now, this.#readyAt);
  }

  setPrescale(prescale: number): void {
    this.#prescale = prescale;
  }

  useExternalClock(): void {
    this.#external = true;
  }

  /** SLEEP = 1. With a channel that is not always OFF, the logic runs to the end of its cycle (7.3.1.1). */
  sleep(now: number): void {
    this.#settle(now);
    if (this.#awakeSince === undefined) return;
    const period = 1e9 / this.#hertz;
    if (this.#driven && !this.#restart) {
      const elapsed = Math.max(0, now - this.#cycleFrom);
      this.#stopsAt = this.#cycleFrom + (Math.floor(elapsed / period) + 1) * period;
    }
    this.#awakeSince = undefined;
  }

  /** SLEEP = 0. Before the end of the cycle in which it was set, nothing has stopped yet. */
  wake(now: number): void {
    this.#settle(now);
    if (this.#awakeSince !== undefined) return;
    this.#awakeSince = now;
    if (this.#stopsAt === Infinity) this.#cycleFrom = this.#readyAt;
    else this.#awakeSince -= STARTUP;
    this.#stopsAt = Infinity;
  }

  /** 1 written to RESTART. Too early after SLEEP = 0, it has no effect here; the datasheet only forbids it. */
  restart(now: number): void {
    if (this.#awakeSince === undefined || now < this.#readyAt) return;
    this.release(now);
  }

  /** What clears RESTART: the channels run from their registers, as soon as the oscillator does. */
  release(now: number): void {
    this.#settle(now);
    if (!this.#restart) return;
    this.#restart = false;
    this.#cycleFrom = Math.max(now, this.#readyAt);
  }

  get #readyAt(): number {
    return (this.#awakeSince ?? 0) + (this.#external ? 0 : STARTUP);
  }

  get #hertz(): number {
    return (this.#external ? this.#externalHertz : INTERNAL_HERTZ) / (COUNTS * (this.#prescale + 1));
  }

  get #driven(): boolean {
    return this.#channels.some(({ off }) => !(off & FULL));
  }

  #settle(now: number): void {
    if (now < this.#stopsAt) return;
    this.#stopsAt = Infinity;
    this.#restart = true;
  }
}
