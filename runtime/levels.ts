import { Level } from './level.js';
import { strayCallError } from './refusals.js';

/** The calls of one transaction that are running: its own, and each that the code of the last one has called. */
export class Levels {
  readonly root: Level;
  readonly running: readonly Level[];
  readonly #running: Level[];
  readonly #drop: (levels: readonly Level[], cause: unknown) => void;

  /** `drop` is told of the levels that fail together: what they have not sent yet must not be sent. */
  constructor(call: string, drop: (levels: readonly Level[], cause: unknown) => void) {
    this.root = new Level(call, 0);
    this.#running = [this.root];
    this.running = this.#running;
    this.#drop = drop;
  }

  get innermost(): Level {
    return this.#running.at(-1)!;
  }

  open(parent: Level, call: string): Level {
    const level = new Level(call, parent.depth + 1);
    this.#running.push(level);
    return level;
  }

  /** A call has ended, and with it whatever it has called. */
  end(level: Level): void {
    this.#running.splice(level.depth);
  }

  /** The level, and all that it has called. */
  from(level: Level): readonly Level[] {
    return this.#running.slice(level.depth);
  }

  /** A level fails, and with it all that it has called. The first cause stands. */
  fail(failed: Level, cause: unknown): void {
    if (failed.failure) return;
    const levels = this.from(failed);
    for (const level of levels.toReversed()) level.fail(cause);
    this.#drop(levels, cause);
  }

  /** Ends the transaction's chance to commit. Once COMMIT is on its way, only its answer counts. */
  failAll(cause: unknown): void {
    if (!this.root.closed) this.fail(this.root, cause);
  }

  /** A call must not return before what it has called. */
  refuseRunning(level: Level): void {
    const running = this.#running[level.depth + 1];
    if (running) this.fail(level, strayCallError(level.call, running.call));
  }
}
