import { BehaviorSubject, type Observable } from 'rxjs';
import type { Environment } from '../../transports/environment.js';
import { TransportError } from '../../transports/errors.js';
import type { Transport } from '../../transports/transport.js';
import { LinkError, type RecoveryError, type RecoveryStep } from '../errors.js';
import type { Link } from '../link/link.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { TraceDetail } from '../trace.js';
import { brokenError, goneError, inDoubtError, notReadBackError, timeoutError } from './failures.js';
import { LostSession, type NewSession } from './lost-session.js';
import type { Peripherals } from './peripherals.js';

/**
 * How a board is:
 * - `ready`: calls run.
 * - `recovering`: the link was lost and is being brought back; calls wait.
 * - `broken`: that failed; calls are refused with the first cause until the board is opened anew.
 * - `closed`: by this side.
 */
export type BoardState = 'ready' | 'recovering' | 'broken' | 'closed';

export interface RecoveryOptions {
  /**
   * Finds the device again after its link was lost, and resolves with a transport to it that has not been opened.
   * Where it rejects it is asked again, until `timeoutMs` have passed.
   */
  readonly reopen: () => Promise<Transport>;
  /** Milliseconds from the failure after which the board counts as broken; 10,000 if left out. */
  readonly timeoutMs?: number;
}

/** What became of a transaction whose link was lost. */
export type Verdict =
  | { readonly outcome: 'committed' | 'restored' }
  | { readonly outcome: 'unknown'; readonly error: unknown };

/** What recovery does to the board: it has a new link when `reopen` resolves. */
export interface Reopening {
  readonly environment: Environment;
  /** Opens a session through the transport; resolves with what it tells of the session before. */
  reopen(transport: Transport): Promise<NewSession>;
  /** Gives a link up that came too late. */
  closeLink(): Promise<void>;
  /** Why the link that it has now has failed; undefined while it works. */
  linkFailure(): Error | undefined;
  /** Teaches the controller all peripherals that were known before. */
  defineAgain(): Promise<void>;
  /** What the transaction with this number, which has not ended yet, has changed. */
  changedBy(transaction: number): Iterable<CompiledPeripheral>;
  emit(detail: TraceDetail): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** Failures after which trying again could only do harm: somebody else has the board, or it is not the same one. */
const FINAL = new Set(['session-lost', 'version-mismatch', 'board-mismatch', 'device-mismatch']);

/**
 * The upper rungs of the ladder (docs/recovery.md): what is done when the controller's own rollback and the link's
 * RESYNC did not help. One recovery at a time; calls that come meanwhile wait for its end.
 */
export class Recovery {
  readonly #board: Reopening;
  readonly #peripherals: Peripherals;
  readonly #options: RecoveryOptions | undefined;
  readonly #state = new BehaviorSubject<BoardState>('ready');
  readonly #sessions = new WeakMap<Link, LostSession>();
  #broken: RecoveryError | undefined;
  #running: Promise<void> = Promise.resolve();
  #steps: RecoveryStep[] = [];
  #stop: ((error: unknown) => void) | undefined;

  constructor(board: Reopening, peripherals: Peripherals, options: RecoveryOptions | undefined) {
    this.#board = board;
    this.#peripherals = peripherals;
    this.#options = options;
  }

  get state(): Observable<BoardState> {
    return this.#state.asObservable();
  }

  /** What was done in the last recovery. */
  get steps(): readonly RecoveryStep[] {
    return this.#steps;
  }

  /** Lets a call begin: at once (undefined), or when the board is ready again. Rejects with `board-broken`. */
  admit(): Promise<void> | undefined {
    if (this.#state.value === 'ready' && this.#peripherals.allUsable) return undefined;
    return this.#admit();
  }

  /** The link has failed for good. */
  linkFailed(cause: Error): void {
    // A link that fails while recovering fails the attempt, which hears of it by itself.
    if (this.#state.value !== 'ready') return;
    if (!this.#options || isFinal(cause)) return this.#break(cause, []);
    this.#set('recovering', cause);
    this.#running = this.#run(cause, this.#options);
  }

  /** What became of a transaction whose link was lost, once that is known. */
  async verdictOn(lost: Link, transaction: number, changed: Iterable<CompiledPeripheral>): Promise<Verdict> {
    await this.#running;
    const session = this.#sessions.get(lost);
    if (session?.committed === transaction) return { outcome: 'committed' };
    if (!session?.isOver) return { outcome: 'unknown', error: this.#broken };
    if (session.inDoubt.includes(transaction)) return { outcome: 'unknown', error: inDoubtError() };
    for (const peripheral of changed) {
      const error = this.#peripherals.refusal(peripheral, session.sameEpoch);
      if (error) return { outcome: 'unknown', error };
    }
    const isSure = session.readsBack || this.#peripherals.areRecorded(changed);
    return isSure ? { outcome: 'restored' } : { outcome: 'unknown', error: notReadBackError() };
  }

  close(): void {
    this.#stop?.(new TransportError('link-closed', 'The board was closed while it was being recovered.'));
    this.#set('closed');
    this.#state.complete();
  }

  async #admit(): Promise<void> {
    // The next link may have been lost already when this hears that the board was ready.
    while (this.#state.value === 'recovering') await this.#running;
    if (this.#broken) throw this.#broken;
    if (this.#state.value !== 'ready' || this.#peripherals.allUsable) return;
    await this.#peripherals.retry();
    // Trying may have shown that the link is gone, too.
    if (this.#state.value !== 'ready') await this.#admit();
  }

  async #run(cause: Error, { reopen, timeoutMs = DEFAULT_TIMEOUT_MS }: RecoveryOptions): Promise<void> {
    const { environment } = this.#board;
    const failures: unknown[] = [];
    const stopped = new Promise<never>((_, reject) => (this.#stop = reject));
    const cancel = environment.after(timeoutMs, () => this.#stop!(timeoutError(timeoutMs)));
    this.#steps = [];
    const time = { isUp: false };
    let lost: LostSession | undefined;
    const reopened = (session: NewSession): LostSession => {
      // What the first session tells stands: calls were under way only on the link before it.
      if (lost) lost.again(session);
      else this.#sessions.set(session.lost, (lost = new LostSession(session)));
      return lost;
    };
    stopped.catch(() => (time.isUp = true));
    for (let pause = FIRST_PAUSE_MS; !time.isUp; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        await Promise.race([this.#attempt(reopen, reopened, () => time.isUp), stopped]);
        // It may have failed when nothing was on its way.
        const failure = this.#board.linkFailure();
        if (failure) throw failure;
        cancel();
        if (this.#state.value === 'recovering') this.#set('ready');
        return;
      } catch (error) {
        failures.push(error);
        if (isFinal(error)) break;
      }
      await Promise.race([new Promise<void>((resolve) => environment.after(pause, resolve)), stopped]).catch(() => {});
    }
    cancel();
    if (this.#state.value === 'recovering') this.#break(cause, failures);
  }

  async #attempt(
    reopen: RecoveryOptions['reopen'],
    reopened: (session: NewSession) => LostSession,
    isOver: () => boolean,
  ): Promise<void> {
    const lost = await this.#step({ step: 'reopen' }, async () => {
      const transport = await reopen();
      if (isOver()) throw goneError();
      return reopened(await this.#board.reopen(transport));
    });
    // Who waited for it has given up meanwhile, and may want the device for another try.
    if (isOver()) return this.#board.closeLink();
    await this.#step({ step: 'define' }, () => this.#board.defineAgain());
    if (lost.sameEpoch && !lost.recorded) await this.#recordCommits(lost);
    this.#steps.push(...(await this.#peripherals.bringBack(lost.sameEpoch, this.#changedBy(lost.undone))));
    lost.isOver = true;
  }

  /**
   * What was committed without an answer is the record from here on. So is, as it stands, what a transaction in doubt has
   * changed: all of it, or none. Where all that it has changed is recorded as it was before, it is undone instead.
   */
  async #recordCommits(lost: LostSession): Promise<void> {
    const { committed, inDoubt } = lost;
    const undone = inDoubt.filter((each) => this.#peripherals.areRecorded(this.#changedBy([each])));
    const left = inDoubt.filter((each) => !undone.includes(each));
    await this.#peripherals.recordAgain(this.#changedBy(committed === undefined ? left : [...left, committed]));
    lost.nowRecorded(undone, left);
  }

  #changedBy(transactions: readonly number[]): ReadonlySet<CompiledPeripheral> {
    return new Set(transactions.flatMap((each) => [...this.#board.changedBy(each)]));
  }

  async #step<R>(what: Pick<RecoveryStep, 'step'>, run: () => Promise<R>): Promise<R> {
    const start = this.#board.environment.now();
    const done = (rest: Partial<RecoveryStep>): void => {
      const step: RecoveryStep = { ...what, ms: this.#board.environment.now() - start, ...rest };
      this.#steps.push(step);
      this.#board.emit({ type: 'recovery', transaction: 0, call: 'recovery', ...step });
    };
    try {
      const result = await run();
      done({});
      return result;
    } catch (error) {
      done({ error });
      throw error;
    }
  }

  #break(cause: Error, failures: readonly unknown[]): void {
    this.#broken = brokenError(cause, failures);
    this.#set('broken', cause);
  }

  #set(state: BoardState, cause?: unknown): void {
    if (this.#state.value === state) return;
    this.#board.emit({ type: 'state', transaction: 0, call: 'recovery', state, ...(cause ? { cause } : {}) });
    this.#state.next(state);
  }
}

const isFinal = (error: unknown): boolean =>
  (error instanceof LinkError || error instanceof TransportError) && FINAL.has(error.code);
