import type { BoardSession } from './board.js';
import type { Level } from './level.js';
import { changesRegisters, type Op } from './link/ops.js';
import type { LockMode, Owner } from './locks.js';

/** The locks of a transaction, as its ops ask for them; while one is waited for, nothing is sent. */
export class LockWaits {
  readonly #board: BoardSession;
  readonly #owner: Owner;
  readonly #onFailure: (level: Level, error: unknown) => void;
  readonly #onLocked: () => void;
  /** Levels whose ops wait for locks, an entry for each wait. */
  readonly #waits = new Set<{ readonly level: Level; readonly over: Promise<void> }>();

  /** `onFailure` hears which level gets no lock, `onLocked` that a wait is over, whichever way. */
  constructor(
    board: BoardSession,
    owner: Owner,
    onFailure: (level: Level, error: unknown) => void,
    onLocked: () => void,
  ) {
    this.#board = board;
    this.#owner = owner;
    this.#onFailure = onFailure;
    this.#onLocked = onLocked;
  }

  /** The end of a wait; undefined where nothing is waited for. What a failed level waited for was dropped with its ops. */
  get pending(): Promise<void> | undefined {
    for (const { level, over } of this.#waits) if (!level.failure) return over;
    return undefined;
  }

  /** A peripheral is locked when an op on it is queued. */
  lock(level: Level, op: Op): void {
    const lock = lockOf(op);
    if (!lock) return;
    const name = this.#board.peripheralOf(lock.peripheral);
    const waiting = this.#board.locks.acquire(this.#owner, lock.peripheral, name, lock.mode);
    if (!waiting) return;
    const wait = {
      level,
      over: waiting
        .catch((error: unknown) => this.#onFailure(level, error))
        .then(() => {
          this.#waits.delete(wait);
          this.#onLocked();
        }),
    };
    this.#waits.add(wait);
  }

  /** Resolves when no lock is waited for any more, or the level has failed; undefined if that is so already. */
  over(level: Level): Promise<void> | undefined {
    return this.pending && !level.failure ? this.#over(level) : undefined;
  }

  async #over(level: Level): Promise<void> {
    for (let wait = this.pending; wait && !level.failure; wait = this.pending)
      await Promise.race([wait, level.failed.catch(() => {})]);
  }
}

/** The peripheral that an op touches, and how; undefined for ops that touch none. */
function lockOf(op: Op): { readonly peripheral: number; readonly mode: LockMode } | undefined {
  if ('at' in op) return { peripheral: op.at.peripheral, mode: changesRegisters(op) ? 'write' : 'read' };
  return op.op === 'digest' ? { peripheral: op.peripheral, mode: 'read' } : undefined;
}
