import { flashWith, hasBootChecksum, VECTORS } from './boot.js';
import type { Clock } from './clock.js';
import { startCore, takeFault, wakes } from './core.js';
import { endLife, startLife, type Life } from './life.js';
import { CHIP_RESET_FLAGS } from './mends/chip-reset.js';
import { I2cBus } from './mends/i2c-bus.js';
import { SpiBus } from './mends/spi-bus.js';
import { watchdogMemory } from './mends/watchdog.js';
import type { Silicon } from './silicon.js';
import type { UsbBus } from './usb-bus.js';
import { addWarning, type ChipWarning } from './warnings.js';

const PSM_WDSEL = 0x40010008;
/** Stages of the power-on sequence up to RESETS: with one of these, all peripherals are reset (2.13.2). */
const STAGES_THROUGH_RESETS = 0xf;
const PINS = 30;

/**
 * - `power-on`: everything is lost. `run-pin`: RAM keeps its contents, the watchdog's scratch registers do not.
 * - `watchdog`: RAM and scratch registers survive. `core`: the peripherals survive as well.
 */
export type ChipResetCause = 'power-on' | 'run-pin' | 'watchdog' | 'core';

export interface ChipOptions {
  /** What stands in flash, from its first byte on: the second stage boot loader, then the vectors. */
  readonly image: Uint8Array;
  /** The flash chip's unique number, 8 bytes. */
  readonly flashId: Uint8Array;
  readonly clock: Clock;
  readonly bus: UsbBus;
  readonly random: () => number;
}

/** One RP2040 with its flash, over all the resets that it goes through. It starts without power. */
export class Chip {
  /** I²C 0 and 1, SPI 0 and 1, with the chips that stand on them. */
  readonly i2c: readonly [I2cBus, I2cBus] = [new I2cBus(), new I2cBus()];
  readonly spi: readonly [SpiBus, SpiBus] = [new SpiBus(), new SpiBus()];
  readonly clock: Clock;
  readonly warnings: ChipWarning[] = [];
  /** Called whenever something from outside may have given the processor something to do. */
  onWork: () => void = () => {};
  readonly #options: ChipOptions;
  readonly #flash: Uint8Array<ArrayBuffer>;
  readonly #outside: (boolean | undefined)[] = Array.from({ length: PINS }, () => undefined);
  readonly #pinListeners = new Set<(pin: number, level: boolean) => void>();
  readonly #resetListeners = new Set<(cause: ChipResetCause) => void>();
  #life: Life | undefined;
  #watchdog = watchdogMemory();
  #chipResetFlag: number = CHIP_RESET_FLAGS.powerOn;
  #pendingReset: ChipResetCause | undefined;
  #nanosPerCycle = 8;
  #cyclesBefore = 0;
  #lockedUp = false;
  /** Leave the inner loop: the processor to run is another one now, or none. */
  #interrupted = false;
  #returning = false;

  constructor(options: ChipOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.#flash = flashWith(options.image);
  }

  get powered(): boolean {
    return this.#life !== undefined;
  }

  /** The emulated chip, for looking deeper than this class does; another one after every reset. */
  get silicon(): Silicon {
    if (this.#life === undefined) throw new Error('The emulated chip has no power: plug the board in first.');
    return this.#life.silicon;
  }

  /** Processor cycles since the chip was made. */
  get cycles(): number {
    return this.#cyclesBefore + (this.#life?.silicon.core.cycles ?? 0);
  }

  /** Emulated time since the board was made. */
  get nanos(): number {
    return this.clock.nanos;
  }

  /** Whether the processor has stopped for good, in a fault within a fault. */
  get lockedUp(): boolean {
    return this.#lockedUp;
  }

  powerOn(): void {
    if (this.powered) return;
    this.#watchdog = watchdogMemory();
    this.#chipResetFlag = CHIP_RESET_FLAGS.powerOn;
    this.#start('power-on');
    this.onWork();
  }

  powerOff(): void {
    this.#stop();
  }

  /** Pulls the RUN pin low for a moment. */
  pressReset(): void {
    if (!this.powered) return;
    this.#request('run-pin');
    this.onWork();
  }

  /** A word of the chip's address space, as the processor would read it, side effects included. */
  read32(address: number): number {
    const { silicon } = this;
    const value = silicon.readUint32(address);
    refuseBusError(silicon);
    return value;
  }

  write32(address: number, value: number): void {
    const { silicon } = this;
    silicon.writeUint32(address, value >>> 0);
    refuseBusError(silicon);
    this.onWork();
  }

  /** The level on a user pin. */
  pin(index: number): boolean {
    return this.#life?.blocks.pins.level(index) ?? false;
  }

  /** Drives a user pin from outside, or lets go of it. What the chip itself drives wins. */
  setPin(index: number, level: boolean | undefined): void {
    this.#outside[index] = level;
    this.#life?.blocks.pins.update(index);
    this.onWork();
  }

  /** Tells of every change of level on the user pins, over resets; returns what ends that. */
  onPin(listener: (pin: number, level: boolean) => void): () => void {
    this.#pinListeners.add(listener);
    return () => void this.#pinListeners.delete(listener);
  }

  /** Tells of every start of the processor, before its first instruction; returns what ends that. */
  onReset(listener: (cause: ChipResetCause) => void): () => void {
    this.#resetListeners.add(listener);
    return () => void this.#resetListeners.delete(listener);
  }

  /**
   * Runs until there is nothing to do, or `steps` instructions and alarms are over; returns the steps that are left, 0
   * if there is more to do. While the processor sleeps, time passes no further than `passUntil()` says.
   */
  run(steps: number, passUntil: () => number): number {
    let left = steps;
    this.#returning = false;
    while (left > 0 && !this.#returning) {
      if (this.#pendingReset !== undefined) this.#start(this.#pendingReset);
      const life = this.#life;
      if (life !== undefined && !this.#lockedUp && isAwake(life.silicon)) {
        left = this.#execute(life.silicon, left);
        continue;
      }
      const { clock } = this;
      const until = passUntil();
      if (clock.nextDue > until || clock.nextDue === Infinity) {
        if (Number.isFinite(until)) clock.advanceTo(until);
        return left;
      }
      clock.advanceTo(clock.nextDue);
      left -= 1;
    }
    return left;
  }

  /** Makes `run` return before its next step, or after the instruction that is being executed. */
  interrupt(): void {
    this.#interrupted = true;
    this.#returning = true;
  }

  #execute(silicon: Silicon, steps: number): number {
    const { clock } = this;
    const { core } = silicon;
    let left = steps;
    this.#interrupted = false;
    do {
      const pc = core.PC;
      const cycles = core.executeInstruction();
      if (silicon.busError !== undefined) this.#fault(silicon, pc);
      clock.advance(cycles * this.#nanosPerCycle);
      left -= 1;
    } while (left > 0 && !core.waiting && !this.#interrupted);
    return left;
  }

  #fault(silicon: Silicon, pc: number): void {
    this.#warn('core', `bus error: ${silicon.takeBusError()!}`, pc);
    if (takeFault(silicon.core, pc)) return;
    this.#warn('core', 'locked up: a fault in the handler of a fault', pc);
    this.#lockedUp = true;
    this.#interrupted = true;
  }

  #request(cause: ChipResetCause): void {
    this.#pendingReset = cause;
    this.#interrupted = true;
  }

  #start(cause: ChipResetCause): void {
    this.#pendingReset = undefined;
    this.#lockedUp = false;
    if (cause === 'core') startCore(this.silicon.core, VECTORS);
    else this.#rebuild(cause);
    for (const listener of this.#resetListeners) listener(cause);
  }

  #rebuild(cause: ChipResetCause): void {
    const before = this.#life;
    if (cause === 'run-pin') {
      this.#watchdog = watchdogMemory();
      this.#chipResetFlag = CHIP_RESET_FLAGS.runPin;
    }
    this.#stop();
    const life = startLife({
      ...this.#options,
      before,
      flash: this.#flash,
      i2c: this.i2c,
      spi: this.spi,
      chipResetFlag: this.#chipResetFlag,
      watchdog: this.#watchdog,
      outside: this.#outside,
      pinChanged: (pin, level) => this.#tellPin(pin, level),
      watchdogFired: () => this.#watchdogFired(),
      restartCore: () => this.#request('core'),
      warn: (source, message, pc) => this.#warn(source, message, pc),
    });
    this.#life = life;
    this.#nanosPerCycle = 1e9 / life.silicon.clkSys;
    life.silicon.addClockListener((hertz) => (this.#nanosPerCycle = 1e9 / hertz));
    if (!hasBootChecksum(this.#flash)) {
      this.#warn('boot ROM', 'the checksum of boot2 is wrong: a real chip would not start this image', VECTORS);
    }
  }

  #stop(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#cyclesBefore += life.silicon.core.cycles;
    this.#life = undefined;
    this.#interrupted = true;
    this.#pendingReset = undefined;
    endLife(life);
    for (let pin = 0; pin < PINS; pin++) if (life.blocks.pins.level(pin)) this.#tellPin(pin, false);
  }

  /** RP2040 datasheet 4.7.1: PSM.WDSEL and RESETS.WDSEL say what the watchdog resets; at power-on, that is nothing. */
  #watchdogFired(): void {
    const { silicon, blocks } = this.#life!;
    const stages = silicon.readUint32(PSM_WDSEL);
    blocks.resets.resetBlocks(blocks.resets.selectedByWatchdog);
    if (stages !== 0) this.#request(stages & STAGES_THROUGH_RESETS ? 'watchdog' : 'core');
  }

  #tellPin(pin: number, level: boolean): void {
    for (const listener of this.#pinListeners) listener(pin, level);
  }

  #warn(source: string, message: string, pc: number): void {
    addWarning(this.warnings, { source, message, pc, nanos: this.nanos });
  }
}

function isAwake({ core }: Silicon): boolean {
  if (core.waiting && wakes(core)) core.waiting = false;
  return !core.waiting;
}

function refuseBusError(silicon: Silicon): void {
  const error = silicon.takeBusError();
  if (error !== undefined) throw new RangeError(`The emulated chip refuses a ${error}.`);
}
