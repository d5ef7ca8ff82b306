import { FgftError } from '../transports/errors.js';
import type { StatusName } from './link/protocol.js';
import { sentence } from './sentence.js';

export { FgftError, TransportError, type TransportErrorCode } from '../transports/errors.js';

/**
 * The link carries frames, but what it carries cannot be used:
 * - `version-mismatch`: the firmware speaks another protocol, or lacks a feature; nothing was changed.
 * - `board-mismatch`: the firmware runs on another board than the definition is for.
 * - `controller-reset`: the controller was reset; its registers are no longer what they were.
 * - `session-lost`: somebody else opened a session on the board.
 * - `answer-timeout`: no answer, not even after resynchronising.
 * - `link-unreliable`: frames kept arriving damaged.
 * - `frame-too-long`: one operation is longer than a frame of this board.
 * - `cancelled`: the AbortSignal of the request fired before it was sent.
 */
export type LinkErrorCode =
  | 'version-mismatch'
  | 'board-mismatch'
  | 'controller-reset'
  | 'session-lost'
  | 'answer-timeout'
  | 'link-unreliable'
  | 'frame-too-long'
  | 'cancelled';

export class LinkError extends FgftError<LinkErrorCode> {}

/** A register that does not hold what it should. */
export interface Mismatch {
  readonly peripheral: string;
  readonly register: string;
  readonly expected: number;
  readonly found: number;
}

/** What the controller says about a rollback. */
export interface RestoreReport {
  readonly outcome: 'nothing' | 'restored' | 'mismatch';
  /** How many registers were written back. */
  readonly registers: number;
  readonly mismatches: readonly Mismatch[];
}

/** The controller refused an operation, or it failed there. `code` is the status of its answer. */
export class ControllerError extends FgftError<Exclude<StatusName, 'ok'>> {
  /** Index of the operation in its frame, and its name. */
  readonly operation: { readonly index: number; readonly name: string };
  /** The register it was about, as `peripheral.register`, or undefined. */
  readonly register: string | undefined;
  readonly expected: number;
  readonly found: number;
  /** The rollback that this failure caused on the controller. */
  readonly restore: RestoreReport;

  constructor(
    code: Exclude<StatusName, 'ok'>,
    message: string,
    details: Pick<ControllerError, 'operation' | 'register' | 'expected' | 'found' | 'restore'>,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
    this.operation = details.operation;
    this.register = details.register;
    this.expected = details.expected;
    this.found = details.found;
    this.restore = details.restore;
  }
}

/**
 * The register contract was broken on this side; nothing was sent:
 * - `undeclared-register`, `unknown-field`, `unknown-value`: the definition has no such name.
 * - `undeclared-chip`, `undeclared-message`: no definition says what is at that address, or what those bytes mean.
 * - `value-out-of-range`: the value does not fit into the field or register.
 * - `read-only`, `write-only`: the register cannot be accessed in that direction.
 * - `not-attached`: the peripheral belongs to no board yet.
 */
export type RegisterErrorCode =
  | 'undeclared-register'
  | 'undeclared-chip'
  | 'undeclared-message'
  | 'unknown-field'
  | 'unknown-value'
  | 'value-out-of-range'
  | 'read-only'
  | 'write-only'
  | 'not-attached';

export class RegisterError extends FgftError<RegisterErrorCode> {}

/** A definition contradicts itself; thrown when it is made, before any board sees it. */
export class DefinitionError extends FgftError<'bad-definition'> {
  constructor(message: string) {
    super('bad-definition', message);
  }
}

/**
 * What went wrong around a transaction:
 * - `transaction-ended`: stray work of a finished call touched a register; it was refused.
 * - `nested-failure`: a protected method inside this one failed, so this one cannot commit.
 * - `deadline`: the call took longer than its deadline.
 * - `rejection`: a promise of the call's code was rejected, and nobody looked at it (with `attributeRejections`).
 * - `re-entrancy`: the code of a call has called its own driver from outside, and would wait for itself (with a `context`).
 * - `deadlock`: calls wait for each other in a circle, and this one was chosen to fail; the message shows the circle.
 * - `lock-timeout`: another call holds a peripheral of this one for too long.
 * - `invariant`: what the driver declares as always true would not have been.
 * - `argument-schema`, `result-schema`: an argument, or the result, is not what its schema asks for.
 * - `after-commit`: the call has committed, but one of its `onCommit` hooks failed.
 * - `outside-transaction`: `this.tx` was used outside an entry point.
 * - `irrevocable`: an entry point asked for something that a rollback could not undo.
 * - `stray-work`: an entry point returned while work that it had started was still under way.
 */
export type TransactionErrorCode =
  | 'transaction-ended'
  | 'nested-failure'
  | 'deadline'
  | 'rejection'
  | 're-entrancy'
  | 'deadlock'
  | 'lock-timeout'
  | 'after-commit'
  | 'invariant'
  | 'argument-schema'
  | 'result-schema'
  | 'outside-transaction'
  | 'irrevocable'
  | 'stray-work';

export class TransactionError extends FgftError<TransactionErrorCode> {}

/**
 * An object cannot be protected that way; it was not changed:
 * - `no-method`: it has no method of that name.
 * - `fixed-this`: the method is an arrow function or a bound one, which would change the object past any view of it.
 * - `already-protected`: it is a protected object or a Driver, which has entry points of its own.
 * - `no-view`: the object keeps its state where no view can show it: it is frozen, or of a class of the platform.
 */
export class ProtectError extends FgftError<'no-method' | 'fixed-this' | 'already-protected' | 'no-view'> {}

/**
 * What recovery has to say:
 * - `board-broken`: the board could not be brought back; `cause` is the first failure, `failures` what recovery met.
 * - `not-restored`: the peripheral could not be brought back after the controller was reset, or after a rollback; the
 *   others work. `board.adopt` takes it as it is.
 * - `in-doubt`: the link was lost, and what became of the call's registers cannot be known; only as the `error` of an
 *   `unknown` rollback.
 * - `circuit-open`: the entry point has failed too often in a row, and rests.
 */
export type RecoveryErrorCode = 'board-broken' | 'not-restored' | 'in-doubt' | 'circuit-open';

export class RecoveryError extends FgftError<RecoveryErrorCode> {
  /** What failed while recovering, in order; the failure that started it is the `cause`. */
  readonly failures: readonly unknown[];

  constructor(code: RecoveryErrorCode, message: string, cause: unknown, failures: readonly unknown[] = []) {
    super(code, message, { cause });
    this.failures = failures;
  }
}

/**
 * One step of a recovery:
 * - `resync`: the link was cleared, and what was not answered was repeated.
 * - `reopen`: the device was found again and a session opened on it.
 * - `define`: the controller was taught the peripherals again.
 * - `restore`: a peripheral was brought back from the host's record, and read back; where it reads so already, nothing
 *   was written.
 */
export interface RecoveryStep {
  readonly step: 'resync' | 'reopen' | 'define' | 'restore';
  /** Of a `restore`: which one. */
  readonly peripheral?: string;
  readonly ms: number;
  /** Why it failed; left out when it did not. */
  readonly error?: unknown;
}

/** How an entry point's failure was noticed. */
export type FailureDetector =
  | 'exception'
  | 'register-contract'
  | 'state-contract'
  | 'controller-fault'
  | 'link-failure'
  | 'deadline'
  | 'rejection'
  | 're-entrancy'
  | 'deadlock'
  | 'lock-timeout'
  | 'after-commit'
  | 'invariant'
  | 'argument-schema'
  | 'result-schema'
  | 'device-lost'
  | 'nested-failure'
  | 'irrevocable'
  | 'stray-work'
  | 'isolation-contract'
  | 'worker-death'
  | RecoveryErrorCode;

/** An irrevocable operation that the controller had begun when the commit failed. */
export interface Permanent {
  /** What it wrote to: `at24c32@i2c0:0x50.CELLS[32]`. */
  readonly register: string;
  /** Whether it ran to its end; otherwise it may have been done in part, or not at all. */
  readonly done: boolean;
}

/** What became of the registers when an entry point failed. */
export interface RollbackReport {
  /**
   * - `nothing`: no register had been changed.
   * - `restored`: every saved register reads as before.
   * - `mismatch`: restored, but some registers do not read back; see `mismatches`.
   * - `unknown`: see `error`. Mostly the controller could not be asked: it rolls back by itself when its lease expires, and the
   *   board is to be opened anew. With a way back to the board, a peripheral is not as it was (`not-restored`: `board.adopt`
   *   takes it as it is), or nobody can tell (`in-doubt`).
   */
  readonly outcome: RestoreReport['outcome'] | 'unknown';
  readonly registers: number;
  readonly mismatches: readonly Mismatch[];
  /** What had been done for good: only where the commit itself failed, because it is deferred to there. */
  readonly permanent: readonly Permanent[];
  /** What `onRollback` hooks have thrown, the first one first. */
  readonly failedHooks: readonly unknown[];
  /** Why the outcome is unknown. */
  readonly error?: unknown;
  /** What had to be done beyond the controller's own rollback; mostly nothing. */
  readonly recovery: readonly RecoveryStep[];
  /** Milliseconds from the failure until the rollback was known to be done. */
  readonly ms: number;
}

/**
 * What the caller of a failed entry point gets. `code` names the detector, `cause` is the first failure, `rollback` says
 * what became of the registers. The driver's state is what it was before the call, and nothing is replayed.
 */
export class EntryPointError extends FgftError<FailureDetector> {
  readonly entryPoint: string;
  /** The nested call in which it happened, the innermost one. */
  readonly within: string | undefined;
  readonly rollback: RollbackReport;
  /** Round trips that the failed call cost, the rollback included. */
  readonly roundTrips: number;

  constructor(
    code: FailureDetector,
    entryPoint: string,
    cause: unknown,
    rollback: RollbackReport,
    roundTrips: number,
    within?: string,
  ) {
    const what = `${entryPoint} failed (${code}${within ? ` in ${within}` : ''}): ${sentence(cause)}`;
    super(code, `${what} ${afterwards(rollback)}${forGood(rollback)}`, { cause });
    this.entryPoint = entryPoint;
    this.within = within;
    this.rollback = rollback;
    this.roundTrips = roundTrips;
  }
}

const AFTERWARDS: Record<RollbackReport['outcome'], string> = {
  nothing: 'No register had been changed.',
  restored: 'All registers are back as they were before the call.',
  mismatch: 'The registers were restored, but some do not read back: see rollback.mismatches before using the device.',
  unknown: 'The controller could not be asked about the rollback: it rolls back by itself; reopen the board.',
};

/** Where the board is ready again, what keeps it from being as before says itself what to do. */
function afterwards({ outcome, error }: RollbackReport): string {
  const isReached = error instanceof RecoveryError && error.code !== 'board-broken';
  return outcome === 'unknown' && isReached ? `What became of the registers: ${sentence(error)}` : AFTERWARDS[outcome];
}

function forGood({ permanent }: RollbackReport): string {
  if (permanent.length === 0) return '';
  const names = permanent.map(({ register, done }) => (done ? register : `${register} (perhaps, or in part)`));
  return ` Written for good before that: ${names.join(', ')}.`;
}
