import type { Environment } from '../../transports/environment.js';
import { ControllerError, type RecoveryError, type RecoveryStep } from '../errors.js';
import type { Answer, Link } from '../link/link.js';
import type { Op } from '../link/ops.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { TraceDetail } from '../trace.js';
import { notRecordedError, notRestoredError } from './failures.js';
import { allKnown, sameRegisters, type CommittedRegisters } from './record.js';

/** What this needs of the board. */
export interface Reaching {
  readonly environment: Environment;
  readonly link: Link;
  numberOf(peripheral: CompiledPeripheral): number;
  /** The op that asks for a peripheral's registers; undefined where they are not recorded. */
  snapshot(number: number): Op | undefined;
  failureOf(answer: Answer, ops: readonly Op[]): ControllerError;
  emit(detail: TraceDetail): void;
}

/**
 * Brings peripherals back from the host's record, with their own restore sequences, each verified by the controller.
 * One that does not come back is refused to calls, and tried again before the next one; the others work.
 */
export class Peripherals {
  readonly #board: Reaching;
  readonly #committed: CommittedRegisters;
  readonly #refused = new Map<CompiledPeripheral, RecoveryError>();
  #retrying: Promise<void> | undefined;

  constructor(board: Reaching, committed: CommittedRegisters) {
    this.#board = board;
    this.#committed = committed;
  }

  get allUsable(): boolean {
    return this.#refused.size === 0;
  }

  /**
   * Why a peripheral cannot be used; undefined if it can. One that was changed for the first time when the controller
   * was reset has no record, and is refused from here on.
   */
  refusal(peripheral: CompiledPeripheral, sameEpoch = true): RecoveryError | undefined {
    if (!sameEpoch && !this.#committed.of(peripheral) && !this.#refused.has(peripheral))
      this.#refused.set(peripheral, notRecordedError(peripheral.name));
    return this.#refused.get(peripheral);
  }

  /** After a rollback that did not read back: the restore sequence once more, from the record. */
  async restoreAgain(peripherals: Iterable<CompiledPeripheral>, cause: unknown): Promise<readonly RecoveryStep[]> {
    const steps: RecoveryStep[] = [];
    for (const peripheral of peripherals) {
      // Without a record there is nothing more to be done than to report what did not read back.
      if (!(this.#committed.of(peripheral) instanceof Uint8Array)) continue;
      this.#refused.set(peripheral, notRestoredError(peripheral.name, cause));
      // Where the link fails, its own recovery goes on from here.
      const step = await this.#step(peripheral, false).catch(() => undefined);
      if (step) steps.push(step);
    }
    return steps;
  }

  /** Whether all of them can be brought back from the record. */
  areRecorded(peripherals: Iterable<CompiledPeripheral>): boolean {
    return [...peripherals].every((peripheral) => this.#committed.of(peripheral) instanceof Uint8Array);
  }

  /**
   * In a new session: everything that was changed in the one before, as its last commits have left it. Where the controller
   * was not reset, only what differs is written, and what is `inDoubt` or refused. What has no record stays refused.
   */
  async bringBack(sameEpoch: boolean, inDoubt: ReadonlySet<CompiledPeripheral>): Promise<readonly RecoveryStep[]> {
    const steps: RecoveryStep[] = [];
    for (const peripheral of this.#committed.peripherals) {
      const isLookedAt = sameEpoch && !inDoubt.has(peripheral) && !this.#refused.has(peripheral);
      if (this.#committed.of(peripheral) instanceof Uint8Array) steps.push(await this.#step(peripheral, isLookedAt));
      // A controller that was not reset has rolled back by itself, and holds what nobody has recorded.
      else if (!sameEpoch) this.#refused.set(peripheral, notRecordedError(peripheral.name));
    }
    return steps;
  }

  /** Of peripherals that a commit without an answer may have changed: of all, or of none where the link fails. */
  async recordAgain(peripherals: Iterable<CompiledPeripheral>): Promise<void> {
    const snapshots: (readonly [CompiledPeripheral, Uint8Array | undefined])[] = [];
    for (const peripheral of peripherals) snapshots.push([peripheral, await this.#snapshot(peripheral)]);
    for (const [peripheral, snapshot] of snapshots) {
      // The controller has forgotten what was written to registers that cannot be read.
      if (snapshot && allKnown(peripheral, snapshot)) this.#committed.keep(peripheral, snapshot);
      else this.#committed.lose(peripheral);
    }
  }

  /** Takes a peripheral as it is now, whatever it was. */
  async adopt(peripheral: CompiledPeripheral): Promise<void> {
    const snapshot = await this.#snapshot(peripheral);
    if (snapshot) this.#committed.keep(peripheral, snapshot);
    this.#refused.delete(peripheral);
  }

  /** Tries once more to bring back what is refused. Never rejects. */
  retry(): Promise<void> {
    return (this.#retrying ??= this.#retry().finally(() => (this.#retrying = undefined)));
  }

  async #retry(): Promise<void> {
    for (const peripheral of this.#refused.keys())
      if (this.#committed.of(peripheral) instanceof Uint8Array) await this.#step(peripheral, false).catch(() => {});
  }

  /** Rejects when the link fails; what the controller cannot do, the step says. */
  async #step(peripheral: CompiledPeripheral, compareFirst: boolean): Promise<RecoveryStep> {
    const { environment } = this.#board;
    const start = environment.now();
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#restore(peripheral, this.#committed.of(peripheral) as Uint8Array, compareFirst);
      this.#refused.delete(peripheral);
    } catch (error) {
      if (!(error instanceof ControllerError)) throw error;
      failure = { error };
      this.#refused.set(peripheral, notRestoredError(peripheral.name, error));
    }
    const step: RecoveryStep = {
      step: 'restore',
      peripheral: peripheral.name,
      ms: environment.now() - start,
      ...failure,
    };
    this.#board.emit({ type: 'recovery', transaction: 0, call: 'recovery', ...step });
    return step;
  }

  /** Rejects with what kept the controller from it, a register that does not read back included. */
  async #restore(peripheral: CompiledPeripheral, record: Uint8Array, compareFirst: boolean): Promise<void> {
    if (compareFirst) {
      const now = await this.#snapshot(peripheral);
      if (now && sameRegisters(peripheral, now, record)) return;
    }
    const number = this.#board.numberOf(peripheral);
    const ops: Op[] = [{ op: 'restore', peripheral: number, saves: peripheral.saves.length, record }];
    const answer = await this.#board.link.request(ops);
    if (answer.status !== 'ok') throw this.#board.failureOf(answer, ops);
  }

  /** The registers as they are; undefined where they are not recorded, or the controller cannot read them. */
  async #snapshot(peripheral: CompiledPeripheral): Promise<Uint8Array | undefined> {
    const { link } = this.#board;
    const op = this.#board.snapshot(this.#board.numberOf(peripheral));
    if (!op) return undefined;
    const { status, results } = await link.request([op]);
    return status === 'ok' ? (results[0] as Uint8Array) : undefined;
  }
}
