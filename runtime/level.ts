import type { RestoreReport } from './errors.js';
import { FallibleCall } from './fallible-call.js';
import type { Queued } from './outbox.js';

/** What a transaction leaves to do for its end: `fn` of `onRollback`, `onCommit`. */
export type Hook = () => void | Promise<void>;

/**
 * A call of an entry point inside a transaction: the outermost one, or one that another has called. Each can fail, and
 * be undone, without those around it.
 */
export class Level extends FallibleCall {
  /** 0 for the transaction's own call. */
  readonly depth: number;
  /** A savepoint for it has been queued; of the transaction's own call, BEGIN says that. */
  begun = false;
  /** The rollback that the controller did by itself when an op of this level failed there. */
  restored: RestoreReport | undefined;
  /** What this level asks for while one that it has called is running. */
  readonly parked: Queued[] = [];
  readonly onRollback: Hook[] = [];
  readonly onCommit: Hook[] = [];

  constructor(call: string, depth: number) {
    super(call);
    this.depth = depth;
  }

  override fail(cause: unknown): void {
    super.fail(cause);
    for (const { reject } of this.parked.splice(0)) reject(cause);
  }
}
