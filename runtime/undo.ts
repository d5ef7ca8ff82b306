/** How what a transaction has changed comes back: by the controller, by the next rungs of the recovery ladder, by hooks. */
import type { BoardSession } from './board.js';
import { ControllerError, type RestoreReport, type RollbackReport } from './errors.js';
import type { Hook, Level } from './level.js';
import type { Op } from './link/ops.js';
import { END_REASONS } from './link/protocol.js';
import type { Outbox } from './outbox.js';

const NOTHING: RestoreReport = { outcome: 'nothing', registers: 0, mismatches: [] };
/** Reasons in a `no-transaction` answer which mean that the registers are back. */
const ENDED_BY_ROLLBACK = new Set<number>([
  END_REASONS['rolled-back'],
  END_REASONS['op-failed'],
  END_REASONS['lease-expired'],
  END_REASONS['link-lost'],
]);
/** The transaction was gone when we asked: the controller had ended it (lease, lost link), and said so to nobody. */
const ROLLED_BACK_ALONE: RestoreReport = { ...NOTHING, outcome: 'restored' };

type UnknownOutcome = Pick<RollbackReport, 'outcome' | 'registers' | 'mismatches' | 'error'>;
type Recovered = Pick<RollbackReport, 'outcome' | 'registers' | 'mismatches' | 'error' | 'recovery'>;

/** Has the controller restore everything (`rollback`), or what the innermost call has changed (`revert`). */
export async function restore(
  board: BoardSession,
  outbox: Outbox,
  op: 'rollback' | 'revert',
  level: Level,
): Promise<RestoreReport | UnknownOutcome> {
  const ops: Op[] = [{ op }];
  try {
    const answer = await outbox.request(ops);
    // A level that failed on the controller was restored there: then its own report was in that failure.
    if (answer.status === 'ok') return level.restored ?? board.reportOf(answer.results[0]);
    const error = board.failureOf(answer, ops);
    // A restore that did not read back is an answer, too: its report names the registers.
    if (error.code === 'restore-mismatch') return error.restore;
    // A frame that was still on its way may have failed first: then its answer held the report.
    const restored = level.restored ?? restoredBy(outbox, error);
    if (restored && error.code === 'no-transaction') return restored;
    throw error;
  } catch (error) {
    return { outcome: 'unknown', registers: 0, mismatches: [], error };
  }
}

/** What there is to tell where the controller need not be asked: it has restored already, or has nothing to. */
export const restoredAlready = (level: Level): RestoreReport => level.restored ?? NOTHING;

/** The rollback that a controller's failure has already caused, if it has. */
export function restoredBy(outbox: Outbox, error: unknown): RestoreReport | undefined {
  if (!(error instanceof ControllerError) || !outbox.begun) return undefined;
  if (error.code !== 'no-transaction') return error.restore;
  return ENDED_BY_ROLLBACK.has(error.expected) ? ROLLED_BACK_ALONE : undefined;
}

/** What did not come back on the controller, or nobody knows of, is a matter for the next rungs of the ladder. */
export async function recover(
  board: BoardSession,
  outbox: Outbox,
  report: RestoreReport | UnknownOutcome,
  cause: unknown,
): Promise<Recovered> {
  const { peripherals, recovery } = board;
  if (report.outcome === 'mismatch') {
    // A report names so many registers and no more; and none where the controller could not even look.
    const names = new Set(report.mismatches.map(({ peripheral }) => peripheral));
    const isWhole = names.size > 0 && report.mismatches.length < board.hello.limits.mismatches;
    const concerned = outbox.changed.filter(({ name }) => !isWhole || names.has(name));
    const steps = await peripherals.restoreAgain(concerned, cause);
    const isBack =
      steps.length > 0 && steps.length === concerned.length && steps.every(({ error }) => error === undefined);
    return { ...report, ...(isBack ? { outcome: 'restored', mismatches: [] } : {}), recovery: steps };
  }
  if (report.outcome !== 'unknown') return { ...report, recovery: [] };
  const verdict = await recovery.verdictOn(outbox.link, outbox.number, outbox.changed);
  if (verdict.outcome === 'restored') return { ...NOTHING, outcome: 'restored', recovery: recovery.steps };
  const error = ('error' in verdict ? verdict.error : undefined) ?? report.error;
  return { ...report, error, recovery: recovery.steps };
}

/** The link was lost when COMMIT was on its way: the next session says whether it arrived. */
export async function wasCommitted(board: BoardSession, outbox: Outbox, failure: unknown): Promise<boolean> {
  if (!outbox.begun || failure instanceof ControllerError) return false;
  const { outcome } = await board.recovery.verdictOn(outbox.link, outbox.number, outbox.changed);
  return outcome === 'committed';
}

/** Runs compensations, the last one first; one that fails does not keep the others from theirs. */
export async function runBackwards(hooks: readonly Hook[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const hook of hooks.toReversed()) {
    try {
      await hook();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
