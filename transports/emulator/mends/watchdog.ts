import type { Alarm } from '../clock.js';
import type { Silicon } from '../silicon.js';
import { RegisterBlock, repeated } from './registers.js';
import type { Tick } from './tick.js';

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCHES = 8;
const TICK = 0x2c;

const TRIGGER = 0x80000000;
const ENABLE = 1 << 30;
const PAUSE_BITS = 7 << 24;
const TIME_BITS = 0xffffff;
const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
const TICK_CYCLES = 0x1ff;

/** REASON: why the last reset came. */
export const WATCHDOG_REASON = { timer: 1 << 0, force: 1 << 1 } as const;

/** Erratum RP2040-E1: the counter goes down by two at every tick. */
const COUNTS_PER_TICK = 2;

/** What of the watchdog survives the resets that it causes: power-on and the RUN pin alone reset it (4.7.1). */
export interface WatchdogMemory {
  reason: number;
  tick: number;
  readonly scratch: Uint32Array;
}

export function watchdogMemory(): WatchdogMemory {
  return { reason: 0, tick: TICK_ENABLE, scratch: new Uint32Array(SCRATCHES) };
}

/**
 * The watchdog (RP2040 datasheet 4.7). In the package an expiry without a handler never returns, and there is no
 * reset. Here `fired` is told, and whoever owns the chip resets what PSM.WDSEL and RESETS.WDSEL select. That CTRL.ENABLE
 * is off after that is an assumption: the datasheet does not say so, but boards do not go on resetting.
 */
export class Watchdog extends RegisterBlock {
  readonly #silicon: Silicon;
  readonly #tick: Tick;
  readonly #fired: (reason: number) => void;
  readonly #memory: WatchdogMemory;
  readonly #alarm: Alarm;
  #count = 0;
  #since = 0;
  #nanosPerTick = Infinity;

  constructor(silicon: Silicon, tick: Tick, memory: WatchdogMemory, fired: (reason: number) => void) {
    super(silicon, 'WATCHDOG', {
      [CTRL]: { reset: PAUSE_BITS, writable: ENABLE | PAUSE_BITS },
      [LOAD]: {},
      [REASON]: {},
      ...repeated({ writable: 0xffffffff }, SCRATCH0, SCRATCHES),
      [TICK]: { reset: TICK_ENABLE, writable: TICK_ENABLE | TICK_CYCLES },
    });
    this.#silicon = silicon;
    this.#tick = tick;
    this.#fired = fired;
    this.#memory = memory;
    this.#alarm = silicon.clock.createAlarm(() => this.#fire(WATCHDOG_REASON.timer));
    for (const [index, value] of memory.scratch.entries()) this.set(SCRATCH0 + 4 * index, value);
    tick.onChange(() => this.#restart());
    this.#startTick(memory.tick);
  }

  protected override read(offset: number, stored: number): number {
    switch (offset) {
      case CTRL:
        return stored | Math.max(0, this.#remaining());
      case REASON:
        return this.#memory.reason;
      case TICK:
        return stored | (this.#tick.nanos === Infinity ? 0 : TICK_RUNNING);
      default:
        return stored;
    }
  }

  protected override written(offset: number, _before: number, after: number, onBus: number): void {
    if (offset === LOAD) {
      this.#count = onBus & TIME_BITS;
      this.#since = this.#silicon.clock.nanos;
      this.#schedule();
    } else if (offset === CTRL) {
      if (onBus & TRIGGER) this.#fire(WATCHDOG_REASON.force);
      else this.#restart();
    } else if (offset === TICK) this.#startTick(after);
    else if (offset >= SCRATCH0) this.#memory.scratch[(offset - SCRATCH0) / 4] = after;
  }

  #startTick(register: number): void {
    this.#memory.tick = register;
    this.set(TICK, register);
    this.#tick.set((register & TICK_ENABLE) !== 0, register & TICK_CYCLES);
  }

  #remaining(): number {
    if (this.#nanosPerTick === Infinity) return this.#count;
    const ticks = Math.floor((this.#silicon.clock.nanos - this.#since) / this.#nanosPerTick);
    return this.#count - COUNTS_PER_TICK * ticks;
  }

  #restart(): void {
    this.#count = Math.max(0, this.#remaining());
    this.#since = this.#silicon.clock.nanos;
    this.#nanosPerTick = this.get(CTRL) & ENABLE ? this.#tick.nanos : Infinity;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#nanosPerTick === Infinity) this.#alarm.cancel();
    else this.#alarm.schedule(Math.ceil(this.#count / COUNTS_PER_TICK) * this.#nanosPerTick);
  }

  #fire(reason: number): void {
    this.#memory.reason = reason;
    this.set(CTRL, this.get(CTRL) & ~ENABLE);
    this.#nanosPerTick = Infinity;
    this.#alarm.cancel();
    this.#fired(reason);
  }
}
