import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';
import { RegisterBlock, repeated } from './registers.js';
import type { Tick } from './tick.js';

const TIMEHW = 0x00;
const TIMELW = 0x04;
const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ARMED = 0x20;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const DBGPAUSE = 0x2c;
const PAUSE = 0x30;
const INTR = 0x34;
const INTE = 0x38;
const INTF = 0x3c;
const INTS = 0x40;

const ALARMS = 4;
const ALARM_BITS = 0xf;
const HIGH_WORD = 2 ** 32;
/** Rounding noise when a time is turned into ticks. */
const EPSILON = 1e-6;

/**
 * The 64-bit microsecond timer (RP2040 datasheet 4.6). In the package its time cannot be written or paused and does
 * not go back to 0 with a reset, and an alarm can fire a fraction of a microsecond before the counter reads its
 * target, which makes `while (now < target) wfi` sleep for ever.
 */
export class Timer extends RegisterBlock {
  readonly #silicon: Silicon;
  readonly #tick: Tick;
  readonly #alarms: Alarm[];
  #time = 0;
  #since = 0;
  #nanosPerTick = Infinity;
  #armed = 0;
  #lowToWrite = 0;
  #latchedHigh = 0;

  constructor(silicon: Silicon, tick: Tick) {
    super(silicon, 'TIMER', {
      ...repeated({}, TIMEHW, 4),
      ...repeated({ writable: 0xffffffff }, ALARM0, ALARMS),
      ...repeated({}, ARMED, 3),
      [DBGPAUSE]: { reset: 7, writable: 7 },
      [PAUSE]: { writable: 1 },
      [INTR]: { clearable: ALARM_BITS },
      [INTE]: { writable: ALARM_BITS },
      [INTF]: { writable: ALARM_BITS },
      [INTS]: {},
    });
    this.#silicon = silicon;
    this.#tick = tick;
    this.#alarms = Array.from({ length: ALARMS }, (_, index) => silicon.clock.createAlarm(() => this.#fire(index)));
    tick.onChange(() => this.#restart());
    this.#restart();
  }

  override reset(): void {
    super.reset();
    this.#armed = 0;
    this.#time = 0;
    this.#since = this.#silicon.clock.nanos;
    this.#restart();
    this.#raise();
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case TIMELR: {
        const time = this.#now();
        this.#latchedHigh = Math.floor(time / HIGH_WORD);
        return time % HIGH_WORD;
      }
      case TIMEHR:
        return this.#latchedHigh;
      case TIMERAWL:
        return this.#now() % HIGH_WORD;
      case TIMERAWH:
        return Math.floor(this.#now() / HIGH_WORD);
      case ARMED:
        return this.#armed;
      case INTS:
        return this.#status;
      default:
        return stored;
    }
  }

  protected override written(offset: number, _before: number, _after: number, onBus: number): void {
    if (offset === TIMELW) this.#lowToWrite = onBus;
    else if (offset === TIMEHW) {
      this.#time = onBus * HIGH_WORD + this.#lowToWrite;
      this.#since = this.#silicon.clock.nanos;
      this.#schedule();
    } else if (offset >= ALARM0 && offset < ARMED) {
      this.#armed |= 1 << ((offset - ALARM0) / 4);
      this.#schedule();
    } else if (offset === ARMED) {
      this.#armed &= ~onBus;
      this.#schedule();
    } else if (offset === PAUSE) this.#restart();
    else if (offset !== DBGPAUSE) this.#raise();
  }

  get #status(): number {
    return (this.get(INTR) & this.get(INTE)) | this.get(INTF);
  }

  #now(): number {
    if (this.#nanosPerTick === Infinity) return this.#time;
    return this.#time + Math.floor((this.#silicon.clock.nanos - this.#since) / this.#nanosPerTick + EPSILON);
  }

  /** The rate may have changed: the count goes on from here. */
  #restart(): void {
    this.#time = this.#now();
    this.#since = this.#silicon.clock.nanos;
    this.#nanosPerTick = this.get(PAUSE) ? Infinity : this.#tick.nanos;
    this.#schedule();
  }

  /** An alarm compares the low word only, and for equality (4.6.3): one that is late waits for the next time round. */
  #schedule(): void {
    for (const [index, alarm] of this.#alarms.entries()) {
      alarm.cancel();
      if (!(this.#armed & (1 << index)) || this.#nanosPerTick === Infinity) continue;
      const ticks = (this.get(ALARM0 + 4 * index) - (this.#now() % HIGH_WORD)) >>> 0;
      const due = this.#since + (this.#now() + ticks - this.#time) * this.#nanosPerTick;
      alarm.schedule(due - this.#silicon.clock.nanos);
    }
  }

  #fire(index: number): void {
    this.#armed &= ~(1 << index);
    this.set(INTR, this.get(INTR) | (1 << index));
    this.#raise();
  }

  #raise(): void {
    const status = this.#status;
    for (let index = 0; index < ALARMS; index++) this.#silicon.setInterrupt(index, (status & (1 << index)) !== 0);
  }
}
