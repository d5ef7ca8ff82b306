import type { BoardSession } from './board.js';
import {
  ControllerError,
  TransactionError,
  type Permanent,
  type RestoreReport,
  type RollbackReport,
} from './errors.js';
import type { Answer } from './link/link.js';
import { changesRegisters, opSize, resultSize, type Op, type OpResult } from './link/ops.js';
import { END_REASONS } from './link/protocol.js';
import type { CompiledPeripheral } from './registers/compile.js';
import type { RegisterPort } from './registers/register.js';

interface Queued {
  readonly op: Op;
  /** It cannot be undone, so it leaves with the commit. */
  readonly final?: true;
  readonly resolve: (result: OpResult) => void;
  readonly reject: (error: unknown) => void;
}

const POSTED = { resolve: () => {}, reject: () => {} };
const DONE = Promise.resolve();
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

/**
 * One call of an entry point, as the controller sees it.
 *
 * Writes are posted: they wait in a queue and leave in one frame, at the next read, at the commit, or in the next turn
 * of the event loop. The first frame that changes a register starts with BEGIN, so a call that only reads costs the
 * controller nothing; the last one ends with COMMIT, so a call that only writes is one round trip. The controller
 * checkpoints each peripheral before its first change.
 *
 * When an op fails on the controller, the transaction has been rolled back there by the time we read of it. When
 * anything fails on this side, `rollback` has the controller do it. Either way the transaction is over: what its code
 * still does afterwards is stray work, and is refused.
 */
export class Transaction implements RegisterPort {
  /** The entry point, for messages and traces: `Servo.angle`. */
  readonly call: string;
  /** Times that this call waited for the controller. */
  roundTrips = 0;

  readonly #board: BoardSession;
  readonly #number: number;
  #queue: Queued[] = [];
  #deferred: Queued[] = [];
  #flushing = false;
  #gathering = false;
  #begun = false;
  /** Commit or rollback has started: nothing more is taken. */
  #closed = false;
  #inFlight = 0;
  #lastFrame: Promise<void> = DONE;
  #failure: { readonly cause: unknown } | undefined;
  readonly #permanent: Permanent[] = [];
  /** What the controller said of a rollback that it did by itself. */
  #restored: RestoreReport | undefined;
  #onFailure: ((cause: unknown) => void) | undefined;
  #abort: AbortController | undefined;

  constructor(board: BoardSession, call: string) {
    this.#board = board;
    this.call = call;
    this.#number = board.takeTransaction(this);
    board.emit({ type: 'opened', ...this.#label });
  }

  /** Fires when the transaction has failed, so that code which waits for something else can stop. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#failure) this.#abort.abort(this.#failure.cause);
    return this.#abort.signal;
  }

  /** Rejects when the transaction fails, never resolves. */
  get failed(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.#failure) reject(this.#failure.cause);
      this.#onFailure = reject;
    });
  }

  /** Waits on the controller, in order with the writes around it. `us` is in microseconds, at most a second. */
  delay(us: number): Promise<void> {
    return this.post({ op: 'delay', us });
  }

  numberOf(peripheral: CompiledPeripheral): number {
    return this.#board.numberOf(peripheral);
  }

  post(op: Op): Promise<void> {
    const refusal = this.#enqueue(op, POSTED);
    if (refusal) return refusal;
    if (!this.#flushing) {
      this.#flushing = true;
      this.#board.environment.turn(() => {
        this.#flushing = false;
        if (!this.#gathering) this.#flush();
      });
    }
    return DONE;
  }

  /** The method has returned: what is posted from now on waits for the commit, so that it needs no frame of its own. */
  gather(): void {
    this.#gathering = true;
  }

  /** What cannot be undone waits until nothing can fail any more: it leaves right before COMMIT. */
  defer(op: Op): Promise<void> {
    const refusal = this.#enqueue(op, POSTED);
    if (refusal) return refusal;
    this.#deferred.push({ ...this.#queue.pop()!, final: true });
    return DONE;
  }

  take(op: Op): Promise<never> {
    return this.refuse(irrevocableError(this.call, op));
  }

  ask(op: Op): Promise<OpResult> {
    const result = new Promise<OpResult>((resolve, reject) => {
      this.#enqueue(op, { resolve, reject })?.catch(reject);
    });
    // Reads that are asked for in the same breath leave in the same frame.
    queueMicrotask(() => this.#flush());
    return handled(result);
  }

  refuse(error: Error): Promise<never> {
    this.fail(error);
    return handled(Promise.reject(error));
  }

  /** Ends the transaction's chance to commit; the first cause stands. Once COMMIT is on its way, only its answer counts. */
  fail(cause: unknown): void {
    if (!this.#closed) this.#failWith(cause);
  }

  /** Sends what is left and COMMIT. Resolves when the controller has acknowledged it; rejects with the first failure. */
  async commit(): Promise<void> {
    this.#queue.push(...this.#deferred);
    if (!this.#failure && (this.#begun || this.#queue.some(({ op }) => changesRegisters(op)))) {
      this.#queue.push({ op: { op: 'commit' }, ...POSTED });
    }
    this.#closed = true;
    this.#flush();
    await this.#lastFrame;
    if (this.#failure) throw this.#failure.cause;
    this.#end();
    this.#board.emit({ type: 'committed', ...this.#label, roundTrips: this.roundTrips });
  }

  /** Tells the trace that code which the ended call has left behind was refused a field of the driver. */
  refusedState(path: string): void {
    this.#board.emit({ type: 'stray-state', ...this.#label, path });
  }

  /** Has the controller restore every register that was changed. Never rejects: what it cannot do, the report says. */
  async rollback(cause: unknown): Promise<RollbackReport> {
    const start = this.#board.environment.now();
    this.#closed = true;
    this.#failWith(cause);
    for (const { reject } of this.#queue.splice(0)) reject(cause);
    const restored = await this.#restore();
    const rollback = { ...restored, permanent: this.#permanent, ms: this.#board.environment.now() - start };
    this.#end();
    this.#board.emit({ type: 'rolled-back', ...this.#label, cause, rollback });
    return rollback;
  }

  async #restore(): Promise<Omit<RollbackReport, 'ms' | 'permanent'>> {
    if (this.#restored || !this.#begun) return this.#restored ?? NOTHING;
    const ops: Op[] = [{ op: 'rollback' }];
    try {
      const answer = await this.#request(ops);
      // A frame that was still on its way may have failed first: then its answer held the report.
      if (answer.status === 'ok') return this.#board.reportOf(answer.results[0]);
      const error = this.#board.failureOf(answer, ops);
      // A restore that did not read back is an answer, too: its report names the registers.
      if (error.code === 'restore-mismatch') return error.restore;
      const restored = this.#restored ?? this.#restoredBy(error);
      if (restored && error.code === 'no-transaction') return restored;
      throw error;
    } catch (error) {
      return { outcome: 'unknown', registers: 0, mismatches: [], error };
    }
  }

  #failWith(cause: unknown): void {
    if (this.#failure) return;
    this.#failure = { cause };
    this.#onFailure?.(cause);
    this.#abort?.abort(cause);
  }

  #enqueue(op: Op, waiter: Omit<Queued, 'op'>): Promise<never> | undefined {
    if (this.#closed) {
      this.#board.emit({ type: 'stray', ...this.#label, op });
      return handled(Promise.reject(strayError(this.call, op)));
    }
    if (this.#failure) return handled(Promise.reject(this.#failure.cause));
    try {
      this.#queue.push({ op: this.#board.applyFaultPoint(op), ...waiter });
      return undefined;
    } catch (error) {
      this.fail(error);
      return handled(Promise.reject(error));
    }
  }

  /** Sends the queue, in as few frames as it fits into. */
  #flush(): void {
    while (this.#queue.length > 0 && !this.#failure) {
      const batch = this.#queue.splice(0, this.#fitting());
      if (!this.#begun && batch.some(({ op }) => changesRegisters(op))) {
        this.#begun = true;
        this.#board.link.hold();
        batch.unshift({ op: { op: 'begin' }, ...POSTED });
      }
      const sent = this.#send(batch);
      this.#lastFrame = this.#lastFrame.then(() => sent);
    }
  }

  /** How many queued ops fit into one frame and its answer; at least one, which the link then judges. */
  #fitting(): number {
    const { link } = this.#board;
    let request = link.requestCapacity - BEGIN_SIZE;
    let result = link.resultCapacity;
    let count = 0;
    for (const { op } of this.#queue) {
      request -= opSize(op);
      result -= resultSize(op);
      if (count > 0 && (request < 0 || result < 0 || count === MAX_OPS)) break;
      count++;
    }
    return count;
  }

  /** Sends one frame and hands its results out. Never rejects: a failure is the transaction's. */
  async #send(batch: readonly Queued[]): Promise<void> {
    const ops = batch.map(({ op }) => op);
    try {
      const answer = await this.#request(ops);
      // The op on which the bus failed may have been done in part.
      this.#notePermanent(batch, answer.ran, answer.status === 'bus-fault' ? answer.ran + 1 : answer.ran);
      batch.slice(0, answer.ran).forEach(({ resolve }, index) => resolve(answer.results[index]));
      if (answer.status !== 'ok') throw this.#board.failureOf(answer, ops);
    } catch (error) {
      // The transaction fails before its code hears of it, so that what the code does next cannot be sent any more.
      if (!(error instanceof ControllerError)) this.#notePermanent(batch, 0, batch.length);
      this.#restored ??= this.#restoredBy(error);
      this.#failWith(error);
      for (const { reject } of batch) reject(error);
    }
  }

  /** Keeps in mind which irrevocable ops of a frame have run to their end, or have begun. */
  #notePermanent(batch: readonly Queued[], ran: number, begun: number): void {
    batch.slice(0, begun).forEach(({ op, final }, index) => {
      if (final && 'at' in op) this.#permanent.push({ register: this.#board.nameOf(op.at), done: index < ran });
    });
  }

  /** The rollback that a controller's failure has already caused, if it has. */
  #restoredBy(error: unknown): RestoreReport | undefined {
    if (!(error instanceof ControllerError) || !this.#begun) return undefined;
    if (error.code !== 'no-transaction') return error.restore;
    return ENDED_BY_ROLLBACK.has(error.expected) ? ROLLED_BACK_ALONE : undefined;
  }

  async #request(ops: readonly Op[]): Promise<Answer> {
    this.#board.emit({ type: 'sent', ...this.#label, ops });
    if (this.#inFlight++ === 0) this.roundTrips++;
    try {
      const answer = await this.#board.link.request(ops, { transaction: this.#begun ? this.#number : 0 });
      this.#board.emit({ type: 'answered', ...this.#label, status: answer.status, ran: answer.ran });
      return answer;
    } finally {
      this.#inFlight--;
    }
  }

  #end(): void {
    this.#board.releaseTransaction(this.#number);
    if (this.#begun) this.#board.link.release();
  }

  get #label(): { transaction: number; call: string } {
    return { transaction: this.#number, call: this.call };
  }
}

const BEGIN_SIZE = 1;
/** The number of ops in a frame is one byte, and BEGIN takes one. */
const MAX_OPS = 254;

/** A promise whose rejection is known to the transaction, so that a driver need not await it. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

const irrevocableError = (call: string, { op }: Op): TransactionError =>
  new TransactionError(
    'irrevocable',
    op === 'readFifo'
      ? `${call} wants values out of a FIFO: a rollback could not put them back. Read it in a native method, outside of the entry point.`
      : `${call} wants the answer to a command that a rollback could not undo. Send it in a native method, outside of the entry point.`,
  );

const strayError = (call: string, op: Op): TransactionError =>
  new TransactionError(
    'transaction-ended',
    `${call} has ended, but code it left behind still tries to ${op.op}: it was refused. Await everything that the entry point starts.`,
  );
