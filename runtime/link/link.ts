import type { Environment } from '../../transports/environment.js';
import { TransportError } from '../../transports/errors.js';
import type { ResyncState, Transport } from '../../transports/transport.js';
import { LinkError } from '../errors.js';
import {
  decodeAnswerBody,
  decodeAnswerHead,
  encodeRequest,
  isPoke,
  type AnswerBody,
  type AnswerHead,
} from './frame.js';
import { acceptHello, type Hello } from './hello.js';
import { KeepAlive } from './keep-alive.js';
import { checkSize, requestCapacity, resultCapacity } from './capacity.js';
import { asError, boardError, busyError, cancelled, resetError, sessionError, versionError } from './link-errors.js';
import type { Op } from './ops.js';
import { pendingRequest, type Pending } from './pending.js';
import { FEATURES, type BoardName, type StatusName } from './protocol.js';

export interface LinkOptions {
  /** How long the controller waits for a silent host before it rolls back, in ms. */
  readonly leaseMs?: number;
  /** How long an answer may take beyond the waits that its ops ask for, in ms. */
  readonly answerTimeoutMs?: number;
}

/** A frame's answer. `status` other than `ok` means that the op numbered `ran` failed, or that the frame was refused. */
export interface Answer extends AnswerBody {
  readonly status: StatusName;
  readonly ran: number;
}

const DEFAULT_LEASE_MS = 1000;
const DEFAULT_ANSWER_TIMEOUT_MS = 1000;
/** Resynchronisations in a row, without one answer between them, after which a link counts as broken. */
const MAX_RECOVERIES = 4;
const NOTHING: readonly Op[] = [{ op: 'echo', bytes: new Uint8Array(0) }];

/**
 * The client's end of the protocol (docs/protocol.md): numbers frames, keeps several in flight, matches answers, and
 * repeats what was not answered after damage or silence. Repeating is safe because the controller runs a sequence
 * number at most once; so `request` resolves with what happened, or rejects when that can no longer be known.
 */
export class Link {
  /** What the controller said when the session opened. */
  hello!: Hello;
  /** Frames sent, repeats included; for traces and benchmarks. */
  framesSent = 0;

  readonly #transport: Transport;
  readonly #environment: Environment;
  readonly #session: number;
  readonly #answerTimeoutMs: number;
  readonly #inFlight: Pending[] = [];
  readonly #waiting: Pending[] = [];
  #unansweredCommits: readonly number[] = [];
  #epoch: number | undefined;
  #sequence = 0;
  #window = 1;
  #recoveries = 0;
  #recovering: Promise<void> | undefined;
  #failure: Error | undefined;
  #cancelTimer: (() => void) | undefined;
  #lastSent = 0;
  readonly #keepAlive: KeepAlive;
  #onFailure: ((error: Error) => void) | undefined;
  #onResync: ((ms: number) => void) | undefined;
  #onPoke: (() => void) | undefined;

  private constructor(transport: Transport, options: LinkOptions) {
    this.#transport = transport;
    this.#environment = transport.environment;
    this.#answerTimeoutMs = options.answerTimeoutMs ?? DEFAULT_ANSWER_TIMEOUT_MS;
    this.#session = (transport.environment.random() % 0xffff) + 1;
    this.#keepAlive = new KeepAlive(
      transport.environment,
      () => this.#lastSent,
      () => {
        this.request(NOTHING).catch(() => {});
      },
    );
  }

  /** Opens the transport and a session on the board behind it. Whatever an earlier session left open is rolled back. */
  static async open(transport: Transport, board: BoardName, options: LinkOptions = {}): Promise<Link> {
    await transport.open();
    const link = new Link(transport, options);
    try {
      void link.#receiveAll();
      const leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
      const answer = await link.request([{ op: 'hello', features: FEATURES.transactions, leaseMs }]);
      link.hello = acceptHello(answer);
      if (link.hello.board !== board) throw boardError(link.hello.board, board);
      link.#window = Math.max(1, link.hello.limits.window);
      link.#keepAlive.leaseMs = link.hello.leaseMs;
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  get session(): number {
    return this.#session;
  }

  get epoch(): number {
    return this.#epoch ?? 0;
  }

  /** Why the link has failed for good; undefined while it works. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** When the link has failed: transactions whose COMMIT was sent and not answered, in the order of sending. */
  get unansweredCommits(): readonly number[] {
    return this.#unansweredCommits;
  }

  /** Bytes that ops may take in one request. */
  get requestCapacity(): number {
    return requestCapacity(this.hello);
  }

  /** Bytes that results may take in one answer. */
  get resultCapacity(): number {
    return resultCapacity(this.hello);
  }

  /** Calls `listener` once when the link has failed for good. */
  set onFailure(listener: (error: Error) => void) {
    this.#onFailure = listener;
  }

  /** Calls `listener` after each resynchronisation that worked, with the milliseconds that it took. */
  set onResync(listener: (ms: number) => void) {
    this.#onResync = listener;
  }

  /** Calls `listener` whenever the controller says that events are waiting. */
  set onPoke(listener: () => void) {
    this.#onPoke = listener;
  }

  /**
   * Sends one frame and resolves with its answer, failed ones included. Rejects with a LinkError or TransportError when
   * there is no answer to be had. A signal cancels a frame that has not been sent yet; what was sent is answered.
   */
  request(ops: readonly Op[], options: { transaction?: number; signal?: AbortSignal } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const { signal } = options;
      if (signal?.aborted) return reject(cancelled(signal));
      checkSize(ops, this.hello);
      const pending = pendingRequest(ops, options.transaction ?? 0, this.#answerTimeoutMs, { resolve, reject });
      if (signal) this.#cancelOn(signal, pending);
      this.#waiting.push(pending);
      this.#sendWaiting();
    });
  }

  /** Keeps the lease alive, with empty frames where nothing else is sent, until `release` is called as often. */
  hold(): void {
    this.#keepAlive.hold();
  }

  release(): void {
    this.#keepAlive.release();
  }

  /** Ends the session's link. Pending requests reject with `link-closed`. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    this.#keepAlive.stop();
    await this.#transport.close();
  }

  #cancelOn(signal: AbortSignal, pending: Pending): void {
    const cancel = () => {
      this.#waiting.splice(this.#waiting.indexOf(pending), 1);
      pending.reject(cancelled(signal));
    };
    signal.addEventListener('abort', cancel, { once: true });
    pending.onSent = () => signal.removeEventListener('abort', cancel);
  }

  #sendWaiting(): void {
    while (!this.#recovering && this.#inFlight.length < this.#window) {
      const next = this.#waiting.shift();
      if (!next) return;
      // Numbered only here: a number that was drawn must be sent, or the controller would wait for it for ever.
      next.sequence = this.#sequence;
      this.#sequence = this.#sequence === 0xffff ? 1 : this.#sequence + 1;
      next.bytes = encodeRequest({ session: this.#session, ...next });
      this.#inFlight.push(next);
      next.onSent?.();
      this.#transmit(next);
    }
  }

  #transmit(pending: Pending): void {
    this.#lastSent = this.#environment.now();
    pending.due = this.#lastSent + pending.waitMs;
    this.framesSent++;
    this.#transport.send(pending.bytes).catch((error: unknown) => this.#broke(error));
    this.#cancelTimer ??= this.#environment.after(pending.waitMs, () => this.#checkDue());
  }

  /** One timer for all frames: it looks when the oldest is due and goes to sleep again if that is later. */
  #checkDue(): void {
    this.#cancelTimer = undefined;
    const oldest = this.#inFlight[0];
    if (!oldest || this.#failure) return;
    const left = oldest.due - this.#environment.now();
    if (left > 0) this.#cancelTimer = this.#environment.after(left, () => this.#checkDue());
    else this.#recover('answer-timeout', 'The controller does not answer.');
  }

  async #receiveAll(): Promise<void> {
    while (!this.#failure)
      try {
        this.#handle(await this.#transport.receive());
      } catch (error) {
        this.#broke(error);
        await this.#recovering;
      }
  }

  /** The transport could not send, or receive. */
  #broke(error: unknown): void {
    if (isHalted(error)) this.#recover('link-unreliable', error.message);
    else this.#fail(asError(error));
  }

  #handle(bytes: Uint8Array): void {
    if (isPoke(bytes)) return this.#onPoke?.();
    const head = decodeAnswerHead(bytes);
    if (!head) return this.#recover('link-unreliable', 'An answer arrived damaged.');
    if (head.status === undefined) return this.#fail(versionError(head.version));
    if (this.#epoch === undefined) this.#epoch = head.epoch;
    else if (head.epoch !== this.#epoch) return this.#fail(resetError());
    switch (head.status) {
      case 'bad-frame':
      case 'sequence-gap':
        return this.#recover('link-unreliable', 'A frame arrived damaged or was lost.');
      case 'bad-version':
        return this.#fail(versionError(head.version));
      case 'no-session':
        return this.#fail(sessionError());
      case 'board-busy':
        return this.#fail(this.hello ? sessionError() : busyError());
      default:
        return this.#settle(head, bytes);
    }
  }

  #settle(head: AnswerHead, bytes: Uint8Array): void {
    const index = this.#inFlight.findIndex((pending) => pending.sequence === head.sequence);
    // An answer that nobody waits for is the second one to a frame that was repeated.
    if (index < 0 || head.session !== this.#session) return;
    const pending = this.#inFlight[index]!;
    const body = decodeAnswerBody(bytes, head, pending.ops);
    if (!body) return this.#fail(versionError(head.version));
    this.#inFlight.splice(index, 1);
    this.#recoveries = 0;
    const { results, failure, restore } = body;
    // Written out: this is on the way of every frame, and copying what is optional takes several times as long.
    const answer = { results, restore, status: head.status!, ran: head.ran };
    pending.resolve(failure ? { ...answer, failure } : answer);
    this.#sendWaiting();
  }

  /** Clears the link and repeats everything that is not answered yet; answers that were lost come again as kept ones. */
  #recover(code: 'answer-timeout' | 'link-unreliable', what: string): void {
    if (this.#recovering || this.#failure) return;
    if (++this.#recoveries > MAX_RECOVERIES) {
      return this.#fail(
        new LinkError(code, `${what} Resynchronising did not help: replug the board and open it again.`),
      );
    }
    const start = this.#environment.now();
    this.#recovering = this.#transport.resync().then(
      (state) => {
        this.#onResync?.(this.#environment.now() - start);
        this.#repeat(state);
      },
      (error: unknown) => this.#fail(asError(error)),
    );
  }

  #repeat(state: ResyncState): void {
    this.#recovering = undefined;
    if (this.#epoch !== undefined && state.epoch !== this.#epoch) return this.#fail(resetError());
    if (this.hello && state.session !== this.#session) return this.#fail(sessionError());
    for (const pending of this.#inFlight) this.#transmit(pending);
    this.#sendWaiting();
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#cancelTimer?.();
    this.#keepAlive.stop();
    const commits = this.#inFlight.filter(({ ops }) => ops.some(({ op }) => op === 'commit'));
    this.#unansweredCommits = commits.map(({ transaction }) => transaction);
    for (const pending of [...this.#inFlight.splice(0), ...this.#waiting.splice(0)]) pending.reject(error);
    this.#onFailure?.(error);
  }
}

const isHalted = (error: unknown): error is TransportError =>
  error instanceof TransportError && error.code === 'link-halted';
