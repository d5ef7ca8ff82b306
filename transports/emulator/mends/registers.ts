import { BasePeripheral, type RP2040 } from 'rp2040js';

/** One register of a block, as the datasheet's table gives it. Bits named in neither mask are read-only. */
export interface RegisterRow {
  readonly reset?: number;
  /** Bits that keep what is written to them. */
  readonly writable?: number;
  /** Bits that a 1 clears. */
  readonly clearable?: number;
}

/** By byte offset. Offsets that are not listed do not exist: they read as 0 and are reported. */
export type RegisterRows = Readonly<Record<number, RegisterRow>>;

/** The same row at `count` offsets, `step` bytes apart. */
export function repeated(row: RegisterRow, first: number, count: number, step = 4): RegisterRows {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [first + index * step, row]));
}

/**
 * A register block kept in a table. Subclasses add what happens on a read or a write. The atomic aliases (RP2040
 * datasheet 2.1.2) arrive as ordinary writes of the combined value; write-1-to-clear bits look at the word that was
 * on the bus, whichever alias it came through.
 */
export class RegisterBlock extends BasePeripheral {
  readonly #rows: RegisterRows;
  readonly #values = new Map<number, number>();

  constructor(rp: RP2040, name: string, rows: RegisterRows) {
    super(rp, name);
    this.#rows = rows;
    for (const [offset, row] of Object.entries(rows)) this.#values.set(Number(offset), row.reset ?? 0);
  }

  /** Back to the reset values; what a reset of the block does beyond that is up to the subclass. */
  reset(): void {
    for (const [offset, row] of Object.entries(this.#rows)) this.#values.set(Number(offset), row.reset ?? 0);
  }

  get(offset: number): number {
    return this.#values.get(offset) ?? 0;
  }

  set(offset: number, value: number): void {
    this.#values.set(offset, value >>> 0);
  }

  /** What a read gives, for registers that are more than storage. */
  protected read(_offset: number, stored: number): number {
    return stored;
  }

  /** What a write does beyond storing. `onBus` is the word as written, before the aliases were applied. */
  protected written(_offset: number, _before: number, _after: number, _onBus: number): void {}

  override readUint32(offset: number): number {
    const stored = this.#values.get(offset);
    if (stored !== undefined) return this.read(offset, stored) >>> 0;
    this.warn(`read of offset 0x${offset.toString(16)}, where no register is`);
    return 0;
  }

  override writeUint32(offset: number, value: number): void {
    const row = this.#rows[offset];
    if (row === undefined) {
      this.warn(`write to offset 0x${offset.toString(16)}, where no register is`);
      return;
    }
    const onBus = this.rawWriteValue >>> 0;
    const before = this.get(offset);
    const { writable = 0, clearable = 0 } = row;
    const after = ((before & ~writable & ~(onBus & clearable)) | (value & writable)) >>> 0;
    this.#values.set(offset, after);
    this.written(offset, before, after, onBus);
  }
}
