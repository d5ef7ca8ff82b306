import type { Silicon } from '../silicon.js';
import { I2cMaster, type I2cLines } from './i2c-master.js';
import { CON, ENABLE, FS_HCNT, FS_LCNT, SPKLEN, SS_HCNT, SS_LCNT, TAR } from './i2c-registers.js';

/** IC_CON (RP2040 datasheet 4.3.17). */
const MODE = { master: 1 << 0, tenBits: 1 << 4, restart: 1 << 5 } as const;
export const SPEED = { standard: 1, fast: 2 } as const;
/** IC_ENABLE. */
export const ON = { enable: 1 << 0, abort: 1 << 1, block: 1 << 2 } as const;
/** IC_DATA_CMD. */
const COMMAND = { read: 1 << 8, stop: 1 << 9, restart: 1 << 10 } as const;
const FIRST_DATA_BYTE = 1 << 11;
/** IC_TX_ABRT_SOURCE. */
const REASON = {
  noAddress: 1 << 0,
  noAddress10: 1 << 1,
  noLowAddress10: 1 << 2,
  noData: 1 << 3,
  lost: 1 << 12,
  user: 1 << 16,
} as const;

type Direction = 'read' | 'write';
const directionOf = (command: number): Direction => (command & COMMAND.read ? 'read' : 'write');

/** The registers and FIFOs of the block that a transfer belongs to. */
export interface TransferBlock {
  setting(offset: number): number;
  received(byte: number): void;
  /** The transfer is over, for that reason, and the FIFO is empty. */
  aborted(reason: number, flushed: number): void;
  /** A transfer begins, or the FIFO has another length. */
  moved(): void;
}

/** What a master makes of the commands in its FIFO: START, address, bytes, acknowledges, STOP (RP2040 datasheet 4.3.7). */
export class I2cTransfer {
  /** The FIFO. */
  readonly commands: number[] = [];
  readonly #block: TransferBlock;
  readonly #clkSys: () => number;
  readonly #lines: I2cLines;
  readonly #master: I2cMaster;
  #direction: Direction | undefined;
  /** No byte since the last address. */
  #addressed = false;
  /** The command whose byte has been read and is still to be acknowledged, or not. */
  #unacknowledged: number | undefined;
  /** There was a START since the last STOP. */
  #taken = false;

  constructor(silicon: Silicon, lines: I2cLines, block: TransferBlock) {
    this.#block = block;
    this.#lines = lines;
    this.#clkSys = () => silicon.clkSys;
    this.#master = new I2cMaster(silicon, lines, {
      phases: () => this.phases,
      isFree: () => this.#lines.level('sda') && this.#lines.level('scl') && !this.#taken,
      stillWanted: () => this.#stillWanted(),
      lost: () => this.#abort(REASON.lost),
    });
  }

  /** How long SCL is low and high, in nanoseconds: ic_clk is clk_sys, and a phase is longer than its count (4.3.14.1). */
  get phases(): { readonly low: number; readonly high: number } {
    const setting = (offset: number): number => this.#block.setting(offset);
    const standard = ((setting(CON) >> 1) & 3) === SPEED.standard;
    const cycle = 1e9 / this.#clkSys();
    const high = setting(standard ? SS_HCNT : FS_HCNT) + setting(SPKLEN) + 7;
    const low = setting(standard ? SS_LCNT : FS_LCNT) + 1;
    return { low: low * cycle, high: high * cycle };
  }

  get open(): boolean {
    return this.#master.open;
  }

  /** A level has changed; `edge` is the START or STOP that it made, by whomever. */
  look(edge: 'start' | 'stop' | undefined): void {
    if (edge !== undefined) this.#taken = edge === 'start';
    this.#master.look();
  }

  /** A block that was disabled knows nothing of the bus. */
  enabled(): void {
    if (!this.open) this.#taken = false;
  }

  /** The block was reset. */
  cutOff(): void {
    this.commands.length = 0;
    this.#unacknowledged = undefined;
    this.#taken = this.#addressed = false;
    this.#master.letGo();
  }

  /** What comes next on the bus, if the step before is over. */
  next(): void {
    const master = this.#master;
    this.#block.moved();
    if (master.busy) return;
    if (this.#unacknowledged !== undefined) return this.#acknowledge(this.#unacknowledged);
    const [command] = this.commands;
    const on = this.#block.setting(ENABLE);
    if (master.open && on & ON.abort) this.#abort(REASON.user);
    else if (master.open && !(on & ON.enable)) this.#stop();
    else if (command !== undefined && !(on & ON.block) && this.#mode & MODE.master) this.#perform(command);
  }

  get #mode(): number {
    return this.#block.setting(CON);
  }

  #perform(command: number): void {
    const master = this.#master;
    const again = !this.#addressed && this.#turns(command);
    if (!master.open || (again && this.#mode & MODE.restart)) this.#start(directionOf(command));
    else if (again) this.#stop();
    else {
      this.commands.shift();
      if (command & COMMAND.read) this.#read(command, this.#addressed ? FIRST_DATA_BYTE : 0);
      else master.write(command & 0xff, (taken) => (taken ? this.#byteDone(command) : this.#abort(REASON.noData)));
      this.#addressed = false;
    }
    this.#block.moved();
  }

  /** Whether an address comes before a command. */
  #turns(command: number): boolean {
    return (command & COMMAND.restart) !== 0 || directionOf(command) !== this.#direction;
  }

  #start(direction: Direction): void {
    const target = this.#block.setting(TAR);
    const read = direction === 'read' ? 1 : 0;
    this.#direction = direction;
    this.#addressed = true;
    if (this.#mode & MODE.tenBits) this.#startTen(target, read);
    else {
      this.#master.start([((target & 0x7f) << 1) | read], (refused) =>
        refused === undefined ? this.next() : this.#abort(REASON.noAddress),
      );
    }
  }

  /** UM10204 3.1.11: 11110 and the highest two bits, then the others; to read, after that, the first byte again. */
  #startTen(target: number, read: 0 | 1): void {
    const first = 0xf0 | ((target >> 7) & 6);
    const then = (refused: number | undefined): void => {
      if (refused === undefined) this.next();
      else this.#abort(refused === 0 ? REASON.noAddress10 : REASON.noLowAddress10);
    };
    this.#master.start([first, target & 0xff], (refused) => {
      if (refused === undefined && read) this.#master.start([first | read], then);
      else then(refused);
    });
  }

  #read(command: number, mark: number): void {
    this.#master.read((byte) => {
      this.#block.received(byte | mark);
      this.#unacknowledged = command;
      this.next();
    });
  }

  /** A byte is acknowledged if another one is to follow: until that is known, the bus waits before the ninth clock. */
  #acknowledge(command: number): void {
    const [next] = this.commands;
    const on = this.#block.setting(ENABLE);
    const ends = (command & COMMAND.stop) !== 0 || (on & ON.abort) !== 0 || !(on & ON.enable);
    if (!ends && next === undefined) return;
    this.#unacknowledged = undefined;
    this.#master.acknowledge(!ends && !this.#turns(next!), () => this.#byteDone(command));
  }

  #byteDone(command: number): void {
    if (command & COMMAND.stop) this.#stop();
    else this.next();
  }

  /** The bus has come free while a START was waiting for it. */
  #stillWanted(): boolean {
    if (this.#block.setting(ENABLE) & ON.abort) this.#flush(REASON.user);
    return this.commands.length > 0;
  }

  #abort(reason: number): void {
    this.#flush(reason);
    if (this.open) this.#stop();
  }

  #flush(reason: number): void {
    const flushed = this.commands.length;
    this.commands.length = 0;
    this.#block.aborted(reason, flushed);
  }

  #stop(): void {
    this.#addressed = false;
    this.#master.stop(() => this.next());
  }
}
