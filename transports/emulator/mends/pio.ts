import type { Silicon } from '../silicon.js';
import { PioClock } from './pio-clock.js';
import { request } from './dma-request.js';
import { PioMachine, type PioBlock } from './pio-machine.js';
import {
  CTRL,
  FSTAT,
  FDEBUG_AT,
  FLEVEL,
  TXF0,
  RXF0,
  IRQ,
  IRQ_FORCE,
  DBG_PADOUT,
  DBG_PADOE,
  DBG_CFGINFO,
  INSTR_MEM0,
  SM0,
  INTR,
  INTS,
  SM,
  SM_BYTES,
  MACHINES,
  INSTRUCTIONS,
  PIO_ROWS,
} from './pio-registers.js';
import { FDEBUG, type PioShift } from './pio-shift.js';
import { RegisterBlock } from './registers.js';

const PINS = 30;
/** SHIFTCTRL.FJOIN_RX and FJOIN_TX. */
const FJOIN = 0xc0000000;
const EXEC_STALLED = 0x80000000;
/** 32 instructions, 4 machines, FIFOs of 4 words (RP2040 datasheet 3.7). */
const CFGINFO = 0x200404;
/** How the package says that a machine waits for a pin. */
const WAITS_FOR_PIN = 1;

/**
 * A PIO block (RP2040 datasheet 3). In the package it runs by the host's timers instead of emulated time, runs machines
 * that are disabled, and ignores clock dividers, delays and joined FIFOs.
 *
 * Each machine has a cycle when its divider says so; one that waits for something has none until something happens.
 */
export class Pio extends RegisterBlock implements PioBlock {
  readonly instructions = new Uint16Array(INSTRUCTIONS);
  flags = 0;
  /** Levels and directions for pins routed to this block, read by the package, a bit a pin. */
  pinValues = 0;
  pinDirections = 0;
  /** Told by the package when the level of any pin has changed: one machine that waits for whatever pin it is. */
  readonly machines: readonly object[];
  readonly #silicon: Silicon;
  readonly #machines: readonly PioMachine[];
  readonly #shifts: readonly PioShift[];
  readonly #packaged: Silicon['pio'][number];
  readonly #function: number;
  readonly #clock: PioClock;

  constructor(silicon: Silicon, index: 0 | 1) {
    super(silicon, `PIO${index}`, PIO_ROWS);
    this.#silicon = silicon;
    this.#packaged = silicon.pio[index]!;
    this.#function = 6 + index; // 2.19.2
    this.#machines = Array.from({ length: MACHINES }, (_, each) => new PioMachine(this, each));
    this.#shifts = this.#machines.map(({ shift }) => shift);
    this.#clock = new PioClock(silicon, {
      count: MACHINES,
      divider: (each) => this.#divider(each),
      isActive: (each) => this.#isActive(each),
      run: (indexes) => this.#run(indexes),
    });
    this.machines = silicon.gpio.map((_, pin) => ({
      enabled: true,
      waiting: true,
      waitType: WAITS_FOR_PIN,
      waitIndex: pin,
      checkWait: () => this.#wake(),
    }));
    this.#configure();
  }

  override reset(): void {
    super.reset();
    this.instructions.fill(0);
    this.flags = 0;
    this.#configure();
    for (const machine of this.#machines) machine.reset();
    this.#drive(0, 0);
    this.#wake();
    this.#signal();
  }

  /** Called when the chip loses its power. */
  stop(): void {
    this.#clock.stop();
  }

  inputs(): number {
    return this.#silicon.gpioValues >>> 0;
  }

  input(pin: number): boolean {
    return this.#silicon.gpio[pin]?.inputValue ?? false;
  }

  setLevels(mask: number, values: number): void {
    this.#drive((this.pinValues & ~mask) | (values & mask), this.pinDirections);
  }

  setDirections(mask: number, values: number): void {
    this.#drive(this.pinValues, (this.pinDirections & ~mask) | (values & mask));
  }

  note(machine: number, bit: number): void {
    this.set(FDEBUG_AT, this.get(FDEBUG_AT) | (1 << (bit + machine)));
  }

  protected override read(offset: number, stored: number): number {
    const machine = this.#machines[Math.floor((offset - SM0) / SM_BYTES)];
    if (machine !== undefined) return this.#readMachine(machine, (offset - SM0) % SM_BYTES, stored);
    if (offset >= RXF0 && offset < IRQ) return this.#take((offset - RXF0) / 4);
    switch (offset) {
      case FSTAT:
        return this.#bits(
          ({ rx, rxDepth }) => rx.length >= rxDepth,
          ({ rx }) => rx.length === 0,
          ({ tx, txDepth }) => tx.length >= txDepth,
          ({ tx }) => tx.length === 0,
        );
      case FLEVEL:
        return this.#shifts.reduce((all, { rx, tx }, at) => all | (((rx.length << 4) | tx.length) << (8 * at)), 0);
      case IRQ:
        return this.flags;
      case DBG_PADOUT:
        return this.pinValues;
      case DBG_PADOE:
        return this.pinDirections;
      case DBG_CFGINFO:
        return CFGINFO;
      case INTR:
        return this.#raised;
      case INTS[0]:
      case INTS[1]:
        return this.#status(offset);
      default:
        return stored;
    }
  }

  protected override written(offset: number, before: number, after: number, onBus: number): void {
    const index = Math.floor((offset - SM0) / SM_BYTES);
    const machine = this.#machines[index];
    if (machine !== undefined) this.#writeMachine(machine, index, (offset - SM0) % SM_BYTES, before, after, onBus);
    else if (offset === CTRL) this.#control(onBus);
    else if (offset >= TXF0 && offset < RXF0) this.#append((offset - TXF0) / 4, onBus);
    else if (offset >= INSTR_MEM0 && offset < SM0) this.instructions[(offset - INSTR_MEM0) / 4] = onBus;
    else if (offset === IRQ) this.flags &= ~onBus;
    else if (offset === IRQ_FORCE) this.flags |= onBus & 0xff;
    this.#wake();
    this.#signal();
  }

  #readMachine(machine: PioMachine, register: number, stored: number): number {
    if (register === SM.addr) return machine.pc;
    if (register === SM.instr) return machine.latched ?? this.instructions[machine.pc]!;
    return register === SM.execctrl && machine.latched !== undefined ? stored | EXEC_STALLED : stored;
  }

  #writeMachine(
    machine: PioMachine,
    index: number,
    register: number,
    before: number,
    after: number,
    onBus: number,
  ): void {
    this.#configure();
    if (register === SM.instr) machine.inject(onBus & 0xffff);
    else if (register === SM.shiftctrl && (before ^ after) & FJOIN) machine.shift.flush();
    else if (register === SM.clkdiv) this.#clock.restart(index);
  }

  #configure(): void {
    for (const [index, machine] of this.#machines.entries()) {
      const at = SM0 + index * SM_BYTES;
      machine.pins.execctrl = this.get(at + SM.execctrl);
      machine.shift.shiftctrl = this.get(at + SM.shiftctrl);
      machine.pins.pinctrl = this.get(at + SM.pinctrl);
    }
  }

  /** 3.7, CTRL: SM_RESTART is 7:4, CLKDIV_RESTART 11:8. */
  #control(onBus: number): void {
    for (const [index, machine] of this.#machines.entries()) {
      if (onBus & (1 << (4 + index))) machine.restart();
      if (onBus & (1 << (8 + index))) this.#clock.restart(index);
    }
  }

  #append(index: number, word: number): void {
    const { tx, txDepth } = this.#shifts[index]!;
    if (tx.length >= txDepth) this.note(index, FDEBUG.txOver);
    else tx.push(word);
  }

  #take(index: number): number {
    const word = this.#shifts[index]!.rx.shift();
    if (word === undefined) this.note(index, FDEBUG.rxUnder);
    this.#wake();
    this.#signal();
    return word ?? 0;
  }

  /** A bit of each machine in each of four bytes. */
  #bits(...of: readonly ((shift: PioShift) => boolean)[]): number {
    let bits = 0;
    for (const [byte, is] of of.entries())
      for (const [index, shift] of this.#shifts.entries()) if (is(shift)) bits |= 1 << (8 * byte + index);
    return bits;
  }

  /** 3.7, INTR: the four lower IRQ flags, TX FIFOs that are not full, RX FIFOs that are not empty. */
  get #raised(): number {
    const room = this.#bits(({ tx, txDepth }) => tx.length < txDepth);
    const data = this.#bits(({ rx }) => rx.length > 0);
    return ((this.flags & 0xf) << 8) | (room << 4) | data;
  }

  /** INTE and INTF stand before each INTS. */
  #status(ints: number): number {
    return (this.#raised & this.get(ints - 8)) | this.get(ints - 4);
  }

  #signal(): void {
    for (const [line, ints] of INTS.entries())
      this.#silicon.setInterrupt(this.#packaged.firstIrq + line, this.#status(ints) !== 0);
    for (const [index, { tx, txDepth, rx }] of this.#shifts.entries()) {
      request(this.#silicon, this.#packaged.dreqTx[index]!, tx.length < txDepth);
      request(this.#silicon, this.#packaged.dreqRx[index]!, rx.length > 0);
    }
  }

  #drive(values: number, directions: number): void {
    const known = 2 ** PINS - 1;
    let changed = ((this.pinValues ^ values) | (this.pinDirections ^ directions)) & known;
    this.pinValues = values & known;
    this.pinDirections = directions & known;
    for (let pin = 0; changed !== 0; pin++, changed >>>= 1) {
      const gpio = this.#silicon.gpio[pin]!;
      if (changed & 1 && gpio.functionSelect === this.#function) gpio.checkForUpdates();
    }
  }

  /** 3.7, CLKDIV: an INT of 0 is 65536. */
  #divider(index: number): number {
    const divider = this.get(SM0 + index * SM_BYTES + SM.clkdiv);
    return (divider >>> 16 || 65536) + ((divider >>> 8) & 0xff) / 256;
  }

  #isActive(index: number): boolean {
    const { parked, latched } = this.#machines[index]!;
    return !parked && (latched !== undefined || (this.get(CTRL) & (1 << index)) !== 0);
  }

  /** Something happened: whoever waits looks again in its next cycle. */
  #wake(): void {
    for (const machine of this.#machines) machine.parked = false;
    this.#clock.schedule();
  }

  #run(indexes: readonly number[]): void {
    const before = this.#state;
    let moved = false;
    for (const index of indexes) {
      const machine = this.#machines[index]!;
      machine.cycle();
      moved ||= !machine.parked;
    }
    const changed = this.#state !== before;
    if (changed) this.#signal();
    // A machine that did something may have done what another one waits for.
    if (changed && moved) this.#wake();
    else this.#clock.schedule();
  }

  /** What machines and interrupts wait for: IRQ flags, and how full the FIFOs are. */
  get #state(): number {
    return this.#shifts.reduce((all, { tx, rx }) => all * 81 + tx.length * 9 + rx.length, this.flags);
  }
}
