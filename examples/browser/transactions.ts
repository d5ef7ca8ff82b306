/** The trace of a board as a list of transactions, each with its frames: what the timeline shows. */
import type { Observable } from 'rxjs';
import type { Op, TraceEvent } from '../../runtime/index.js';

export interface Frame {
  readonly sentAt: number;
  readonly ops: readonly Op[];
  answeredAt?: number;
  status?: string;
  /** How many of its operations have run. */
  ran?: number;
}

export interface Entry {
  readonly number: number;
  readonly call: string;
  readonly startedAt: number;
  readonly frames: Frame[];
  outcome: 'running' | 'committed' | 'restored' | 'nothing' | 'mismatch' | 'unknown';
  endedAt?: number;
  roundTrips?: number;
  cause?: unknown;
}

/** What recovery does stands between the transactions. */
export interface RecoveryEntry {
  readonly at: number;
  readonly step: string;
  readonly ms: number;
  readonly failed: boolean;
}

export interface Timeline {
  readonly entries: readonly Entry[];
  readonly recovery: readonly RecoveryEntry[];
}

/** So many are kept. */
const KEPT = 40;

/** Follows a trace, and says so after every event that changes something. Native operations are left out. */
export function followTrace(trace: Observable<TraceEvent>, changed: (timeline: Timeline) => void): void {
  const entries: Entry[] = [];
  const recovery: RecoveryEntry[] = [];
  trace.subscribe((event) => {
    if (event.type === 'recovery') {
      const what = event.peripheral ? `${event.step} ${event.peripheral}` : event.step;
      recovery.push({ at: event.at, step: what, ms: event.ms, failed: event.error !== undefined });
    } else if (event.transaction === 0) return;
    else if (event.type === 'opened') {
      const { transaction: number, call, at: startedAt } = event;
      entries.push({ number, call, startedAt, frames: [], outcome: 'running' });
    } else {
      const entry = entries.findLast(({ number }) => number === event.transaction);
      if (entry) take(entry, event);
    }
    entries.splice(0, entries.length - KEPT);
    recovery.splice(0, recovery.length - KEPT);
    changed({ entries, recovery });
  });
}

function take(entry: Entry, event: TraceEvent): void {
  if (event.type === 'sent') entry.frames.push({ sentAt: event.at, ops: event.ops });
  if (event.type === 'answered') {
    const frame = entry.frames.find(({ answeredAt }) => answeredAt === undefined);
    if (frame) Object.assign(frame, { answeredAt: event.at, status: event.status, ran: event.ran });
  }
  if (event.type === 'committed') {
    Object.assign(entry, { outcome: 'committed', endedAt: event.at, roundTrips: event.roundTrips });
  }
  if (event.type === 'rolled-back') {
    Object.assign(entry, { outcome: event.rollback.outcome, endedAt: event.at, cause: event.cause });
  }
}
