import { recordBytes, type Op, type OpResult } from '../link/ops.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { PeripheralSpec } from '../registers/definition.js';

/**
 * Of which peripherals the host keeps the committed registers: of all, of none, or of those for which the function says
 * so. It costs no round trip; of a chip behind a bus it costs the time to read the chip once more in each call that
 * changes it.
 */
export type RecordPolicy = boolean | ((peripheral: PeripheralSpec) => boolean);

/** What a frame and the controller's arena have room for. */
interface Room {
  readonly resultCapacity: number;
  readonly arenaBytes: number;
}

/** What the arena takes for a checkpoint beside its registers. */
const RECORD_HEAD_BYTES = 4;

/**
 * The registers of each peripheral as the last commit, or the last native operation, has left them, in the form in which
 * the controller tells them (`snapshot`) and takes them back (`restore`). What it does not have, it knows not to have:
 * a peripheral that was changed without being recorded is `missing`, and cannot be brought back.
 */
export class CommittedRegisters {
  readonly #policy: RecordPolicy;
  readonly #records = new Map<CompiledPeripheral, Uint8Array | 'missing'>();

  constructor(policy: RecordPolicy) {
    this.#policy = policy;
  }

  /** The op that asks for them; undefined where they are not to be kept, or cannot be. */
  snapshot(peripheral: CompiledPeripheral, number: number, room: Room): Op | undefined {
    if (!this.#isKept(peripheral, room)) return undefined;
    return { op: 'snapshot', peripheral: number, saves: peripheral.saves.length };
  }

  keep(peripheral: CompiledPeripheral, snapshot: OpResult): void {
    this.#records.set(peripheral, snapshot as Uint8Array);
  }

  /** The peripheral was changed, and nobody knows to what. */
  lose(peripheral: CompiledPeripheral): void {
    if (!holdsNothing(peripheral)) this.#records.set(peripheral, 'missing');
  }

  /** The registers as bytes; `missing` if they were changed unrecorded, undefined if they were not changed. */
  of(peripheral: CompiledPeripheral): Uint8Array | 'missing' | undefined {
    return this.#records.get(peripheral);
  }

  /** All peripherals that were changed, the controller's own first: the chips are reached through them. */
  get peripherals(): readonly CompiledPeripheral[] {
    const changed = [...this.#records.keys()];
    return [...changed.filter(({ spec }) => !spec.space), ...changed.filter(({ spec }) => spec.space)];
  }

  #isKept(peripheral: CompiledPeripheral, { resultCapacity, arenaBytes }: Room): boolean {
    const { spec, saves, journaled } = peripheral;
    // A checkpoint does not cover what only the journal protects.
    if (saves.length === 0 || journaled.length > 0) return false;
    const fits = 1 + recordBytes(saves.length) <= resultCapacity && RECORD_HEAD_BYTES + 4 * saves.length <= arenaBytes;
    return fits && (typeof this.#policy === 'function' ? this.#policy(spec) : this.#policy);
  }
}

/** A peripheral that has no registers to keep: a FIFO, a command that sets nothing. */
const holdsNothing = ({ saves, journaled }: CompiledPeripheral): boolean =>
  saves.length === 0 && journaled.length === 0;

/** Whether two records say the same of all that stays as it is until somebody writes it. */
export function sameRegisters({ steady }: CompiledPeripheral, one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [viewOf(one), viewOf(other)];
  return steady.every((mask, index) => {
    const at = index * VALUE_BYTES;
    return (
      ((a.getUint32(at, true) ^ b.getUint32(at, true)) & mask) === 0 &&
      isKnown(one, steady.length, index) === isKnown(other, steady.length, index)
    );
  });
}

/** Whether the controller knew all values of a record. */
export const allKnown = ({ saves }: CompiledPeripheral, record: Uint8Array): boolean =>
  saves.every((_, index) => isKnown(record, saves.length, index));

const VALUE_BYTES = 4;

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView => new DataView(buffer, byteOffset, length);

const isKnown = (record: Uint8Array, saves: number, index: number): boolean =>
  ((record[saves * VALUE_BYTES + (index >> 3)]! >> (index & 7)) & 1) === 1;
