import { type Clock, ChipClock } from './clock.js';
import { mendSleep, startCore, takeFault, wakes } from './core.js';
import { installBlocks, type Blocks } from './mends/install.js';
import { CHIP_RESET_FLAGS } from './mends/chip-reset.js';
import type { WatchdogMemory } from './mends/watchdog.js';
import { Silicon } from './silicon.js';
import type { UsbBus } from './usb-bus.js';

/** The image's vector table, after the 256 bytes of the second stage boot loader (RP2040 datasheet 2.8.1.3). */
const VECTORS = 0x10000100;
/** The Pico's flash chip; a longer image gets the next size that holds it. */
const FLASH_BYTES = 0x200000;
const BOOT2_BYTES = 252;
const PSM_WDSEL = 0x40010008;
/** Stages of the power-on sequence up to RESETS: with one of these, all peripherals are reset (2.13.2). */
const STAGES_THROUGH_RESETS = 0xf;
const PINS = 30;
const WARNINGS_KEPT = 200;

/**
 * - `power-on`: everything is lost. `run-pin`: RAM keeps its contents, the watchdog's scratch registers do not.
 * - `watchdog`: RAM and scratch registers survive. `core`: the peripherals survive as well.
 */
export type ChipResetCause = 'power-on' | 'run-pin' | 'watchdog' | 'core';

/** Something that firmware should not have done, or that the emulator cannot do. */
export interface ChipWarning {
  readonly source: string;
  readonly message: string;
  /** Emulated time and program counter of the first time. */
  readonly nanos: number;
  readonly pc: number;
  count: number;
}

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
  readonly clock: Clock;
  readonly warnings: ChipWarning[] = [];
  readonly #options: ChipOptions;
  readonly #flash: Uint8Array<ArrayBuffer>;
  readonly #outside: (boolean | undefined)[] = Array.from({ length: PINS }, () => undefined);
  readonly #pinListeners = new Set<(pin: number, level: boolean) => void>();
  readonly #resetListeners = new Set<(cause: ChipResetCause) => void>();
  #life: { readonly silicon: Silicon; readonly clock: ChipClock; readonly blocks: Blocks } | undefined;
  #watchdog: WatchdogMemory = { reason: 0, scratch: new Uint32Array(8) };
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
    this.#watchdog = { reason: 0, scratch: new Uint32Array(8) };
    this.#chipResetFlag = CHIP_RESET_FLAGS.powerOn;
    this.#start('power-on');
  }

  powerOff(): void {
    this.#stop();
    for (let pin = 0; pin < PINS; pin++) this.#tellPin(pin, false);
  }

  /** Pulls the RUN pin low for a moment. */
  pressReset(): void {
    if (this.powered) this.#request('run-pin');
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
  }

  /** The level on a user pin. */
  pin(index: number): boolean {
    return this.#life?.blocks.pins.level(index) ?? false;
  }

  /** Drives a user pin from outside, or lets go of it. What the chip itself drives wins. */
  setPin(index: number, level: boolean | undefined): void {
    this.#outside[index] = level;
    this.#life?.blocks.pins.update(index);
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
    const before = this.#life?.silicon;
    if (cause === 'run-pin') {
      this.#watchdog = { reason: 0, scratch: new Uint32Array(8) };
      this.#chipResetFlag = CHIP_RESET_FLAGS.runPin;
    }
    this.#stop();
    const clock = new ChipClock(this.clock);
    const silicon = new Silicon(clock, this.#flash);
    silicon.logger = {
      debug: () => {},
      info: (_, message) => {
        // The package does not carry out SEV (ARMv6-M architecture A6.7.57), but says that it has met one.
        if (message === 'SEV') silicon.core.eventRegistered = true;
      },
      warn: (source, message) => this.#warn(source, message, silicon.core.PC),
      error: (source, message) => this.#warn(source, message, silicon.core.PC),
    };
    silicon.onBreak = () => (silicon.busError = 'BKPT without a debugger');
    if (before === undefined) scramble(silicon.sram, this.#options.random());
    else {
      silicon.sram.set(before.sram);
      silicon.usbDPRAM.set(before.usbDPRAM);
    }
    const blocks = installBlocks(silicon, {
      bus: this.#options.bus,
      random: this.#options.random,
      flashId: this.#options.flashId,
      chipResetFlag: this.#chipResetFlag,
      watchdog: this.#watchdog,
      outside: this.#outside,
      pinChanged: (pin, level) => this.#tellPin(pin, level),
      watchdogFired: () => this.#watchdogFired(),
      restartCore: () => this.#request('core'),
    });
    this.#life = { silicon, clock, blocks };
    blocks.pins.updateAll();
    this.#nanosPerCycle = 1e9 / silicon.clkSys;
    silicon.addClockListener((hertz) => (this.#nanosPerCycle = 1e9 / hertz));
    mendSleep(silicon.core);
    startCore(silicon.core, VECTORS);
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
    life.blocks.usb.reset();
    life.clock.stop();
    for (const pio of life.silicon.pio) pio.stop();
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
    const known = this.warnings.find((warning) => warning.message === message && warning.source === source);
    if (known !== undefined) known.count += 1;
    else if (this.warnings.length < WARNINGS_KEPT)
      this.warnings.push({ source, message, nanos: this.nanos, pc, count: 1 });
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

function flashWith(image: Uint8Array): Uint8Array<ArrayBuffer> {
  let size = FLASH_BYTES;
  while (size < image.length) size *= 2;
  const flash = new Uint8Array(size).fill(0xff);
  flash.set(image);
  return flash;
}

/** What RAM holds at power-on is anybody's guess: firmware that counts on zeros shall notice. */
function scramble(ram: Uint8Array<ArrayBuffer>, seed: number): void {
  let state = seed | 1;
  const words = new Uint32Array(ram.buffer);
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
}

/** The boot ROM starts boot2 only if its CRC-32/MPEG-2 stands behind it (RP2040 datasheet 2.8.1.3.1). */
function hasBootChecksum(flash: Uint8Array<ArrayBuffer>): boolean {
  let crc = 0xffffffff;
  for (const byte of flash.subarray(0, BOOT2_BYTES)) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0 === new DataView(flash.buffer).getUint32(BOOT2_BYTES, true);
}
