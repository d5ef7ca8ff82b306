import type { Op } from './link/ops.js';
import type { StatusName } from './link/protocol.js';
import type { RecoveryStep, RollbackReport } from './errors.js';
import type { BoardState } from './recovery/recovery.js';

/**
 * What happens on a board, in order, for `board.trace`. `at` is milliseconds on the board's clock; `call` names the entry
 * point (`Servo.angle`) and `transaction` its number, 0 for native operations and for recovery.
 */
export type TraceEvent = { readonly at: number; readonly transaction: number; readonly call: string } & (
  | { readonly type: 'opened' }
  | { readonly type: 'sent'; readonly ops: readonly Op[] }
  | { readonly type: 'answered'; readonly status: StatusName; readonly ran: number }
  | { readonly type: 'committed'; readonly roundTrips: number }
  | { readonly type: 'rolled-back'; readonly cause: unknown; readonly rollback: RollbackReport }
  | { readonly type: 'stray'; readonly op: Op }
  | { readonly type: 'stray-state'; readonly path: string }
  | { readonly type: 'stray-call'; readonly name: string }
  | { readonly type: 'stray-rejection'; readonly reason: unknown }
  | {
      readonly type: 'event';
      readonly peripheral: string;
      readonly what: number;
      readonly fate: 'told' | 'held' | 'dropped';
    }
  | { readonly type: 'state'; readonly state: BoardState; readonly cause?: unknown }
  | ({ readonly type: 'recovery' } & RecoveryStep)
);

export type TraceDetail = TraceEvent extends infer Each ? (Each extends TraceEvent ? Omit<Each, 'at'> : never) : never;
