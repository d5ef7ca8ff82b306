import type { PreviousSession } from '../link/hello.js';
import type { Link } from '../link/link.js';

/** What a new session tells of the one before. */
export interface NewSession {
  /** The link that was lost. */
  readonly lost: Link;
  /** The controller was not reset in between. */
  readonly sameEpoch: boolean;
  /** What the controller says of the lost session; undefined where it had another one in between, or was reset. */
  readonly previous: PreviousSession | undefined;
}

/**
 * What is known of the transactions of a session whose link was lost, from when one session was opened behind it, whatever
 * becomes of that one.
 *
 * The controller runs frames in the order in which they were sent, and tells which transaction it has committed last. So
 * of those whose COMMIT was not answered, that one is committed, and those behind it are not. Those before it are in doubt:
 * their frames have run, and may have failed. Where the controller tells nothing, all are in doubt.
 */
export class LostSession {
  /** The transaction whose commit was made although its answer was lost. */
  committed: number | undefined;
  /** Transactions of which nobody can tell any more whether they were committed. */
  inDoubt: readonly number[];
  /** Transactions in doubt that are undone with the record, whether they were committed or not. */
  undone: readonly number[] = [];
  /** The record says what was committed, and what was left as it stands. */
  recorded = false;
  /** The peripherals have been brought back. */
  isOver = false;
  /** The controller says that all registers which it has rolled back by itself read back. */
  readonly readsBack: boolean;
  #sameEpoch: boolean;

  constructor({ lost, sameEpoch, previous }: NewSession) {
    const unanswered = sameEpoch ? lost.unansweredCommits : [];
    const last = previous ? unanswered.indexOf(previous.lastCommitted) : unanswered.length;
    this.committed = unanswered[last];
    this.inDoubt = unanswered.slice(0, Math.max(last, 0));
    this.readsBack = previous?.mismatches === 0;
    this.#sameEpoch = sameEpoch;
  }

  /** The controller was not reset since then. */
  get sameEpoch(): boolean {
    return this.#sameEpoch;
  }

  nowRecorded(undone: readonly number[], left: readonly number[]): void {
    this.undone = undone;
    this.inDoubt = left;
    this.recorded = true;
  }

  /** One session more has been opened, because the link of the one before was lost in its turn. */
  again({ sameEpoch }: NewSession): void {
    if (sameEpoch) return;
    this.#sameEpoch = false;
    if (this.recorded) return;
    // Whatever was committed went before anybody could look, and what the record says is brought back.
    this.committed = undefined;
    this.inDoubt = [];
  }
}
