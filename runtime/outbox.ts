import type { BoardSession } from './board.js';
import { ControllerError, type Permanent } from './errors.js';
import type { Level } from './level.js';
import { checkOpSize } from './link/capacity.js';
import type { Answer, Link } from './link/link.js';
import { changesRegisters, opSize, resultSize, type Op, type OpResult } from './link/ops.js';
import { LockWaits } from './lock-waits.js';
import type { Owner } from './locks.js';
import type { CompiledPeripheral } from './registers/compile.js';

/** An op that waits to be sent, and who waits for its result. */
export interface Queued {
  readonly op: Op;
  readonly level: Level;
  /** It cannot be undone, so it leaves with the commit. */
  readonly final?: true;
  /** The nested call that begins with this savepoint. */
  readonly opens?: Level;
  readonly resolve: (result: OpResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Of an op whose result nobody waits for. */
export const POSTED = { resolve: () => {}, reject: () => {} };

const DONE = Promise.resolve();
const BEGIN_SIZE = 1;
/** The number of ops in a frame is one byte, and BEGIN takes one. */
const MAX_OPS = 254;

/**
 * What a transaction sends: its ops in order, packed into frames, kept back while it waits for a lock. The first frame
 * that changes a register starts with BEGIN.
 */
export class Outbox {
  /** The transaction's number on the controller, and the link that it is open on. */
  number = 0;
  link!: Link;
  /** BEGIN has been sent. */
  begun = false;
  /** What is posted waits for the commit. */
  gathering = false;
  /** Times that it waited for the controller. */
  roundTrips = 0;
  /** Irrevocable ops that have run to their end, or may have begun. */
  readonly permanent: Permanent[] = [];

  readonly #board: BoardSession;
  readonly #owner: Owner;
  readonly #levels: readonly Level[];
  readonly #onFailure: (level: Level, error: unknown) => void;
  /** Peripherals that an op of this transaction changes, by number; their registers as COMMIT leaves them. */
  readonly #changed = new Map<number, OpResult>();
  /** Of these, those of which an op may have run. */
  readonly #touched = new Set<number>();
  readonly #flying = new Set<readonly Queued[]>();
  #queue: Queued[] = [];
  #deferred: Queued[] = [];
  #turn: Turn | undefined;
  /** An op has been queued that makes the controller begin the transaction. */
  #changes = false;
  #inFlight = 0;
  #lastFrame: Promise<void> = DONE;
  readonly #locks: LockWaits;

  /** `levels` are the calls that are running, the outermost first; `onFailure` hears which of them an op has failed. */
  constructor(
    board: BoardSession,
    owner: Owner,
    levels: readonly Level[],
    onFailure: (level: Level, error: unknown) => void,
  ) {
    this.#board = board;
    this.#owner = owner;
    this.#levels = levels;
    this.#onFailure = onFailure;
    this.#locks = new LockWaits(board, owner, onFailure, () => this.flush());
  }

  /** Whether a commit has anything to tell the controller. */
  get changes(): boolean {
    return this.#changes || this.#deferred.length > 0;
  }

  get changed(): readonly CompiledPeripheral[] {
    return [...this.#changed.keys()].flatMap((number) => this.#board.compiledOf(number) ?? []);
  }

  /** Queues an op; where it cannot be undone, for the commit. Throws what a fault point throws. */
  put(queued: Queued): void {
    const op = this.#board.applyFaultPoint(queued.op);
    const refusal = 'at' in op ? this.#board.refusal(op.at.peripheral) : undefined;
    if (refusal) throw refusal;
    checkOpSize(op, this.#board.hello);
    this.#locks.lock(queued.level, op);
    if (queued.final) this.#deferred.push({ ...queued, op });
    else this.#append({ ...queued, op });
  }

  /** Queues an op that is about the transaction itself. */
  control(name: 'commit' | 'release', level: Level): void {
    this.#queue.push({ op: { op: name }, level, ...POSTED });
  }

  /** What was kept for the commit is due. */
  releaseDeferred(): void {
    this.#changes ||= this.#deferred.length > 0;
    for (const { op } of this.#deferred) if ('at' in op) this.#changed.set(op.at.peripheral, undefined);
    this.#queue.push(...this.#deferred.splice(0));
  }

  /** Asks for the registers of all that was changed, right before COMMIT. */
  askForRecord(level: Level): void {
    for (const number of this.#changed.keys()) {
      const op = this.#board.snapshot(number);
      const resolve = (registers: OpResult) => this.#changed.set(number, registers);
      if (op) this.#queue.push({ op, level, resolve, reject: () => {} });
    }
  }

  /** The controller has acknowledged COMMIT. */
  keepRecord(): void {
    if (!this.begun) return;
    this.#board.transactions.noteCommit(this.number);
    for (const [number, registers] of this.#changed) this.#board.keepRecord(number, registers);
  }

  /** What a nested call keeps for the commit is now its caller's. */
  passDeferred(level: Level, to: Level): void {
    this.#deferred = this.#deferred.map((each) => (each.level === level ? { ...each, level: to } : each));
  }

  /** Forgets what these levels have not sent yet. */
  drop(levels: readonly Level[], cause: unknown): void {
    const isOut = ({ level, opens = level }: Queued) => levels.includes(level) || levels.includes(opens);
    // Of a savepoint that was not sent the controller knows nothing.
    for (const { opens } of this.#queue) if (opens && levels.includes(opens)) opens.begun = false;
    for (const { reject } of this.#queue.filter(isOut)) reject(cause);
    this.#queue = this.#queue.filter((each) => !isOut(each));
    this.#deferred = this.#deferred.filter((each) => !isOut(each));
    this.#changes = this.begun || this.#queue.some(({ op }) => changesRegisters(op));
    this.#forgetUnchanged();
  }

  /** What was only going to be changed, and no longer is, has its first change still before it. */
  #forgetUnchanged(): void {
    const coming = new Set([this.#queue, ...this.#flying].flat().flatMap(({ op }) => changedBy(op) ?? []));
    for (const number of this.#changed.keys())
      if (!this.#touched.has(number) && !coming.has(number)) this.#changed.delete(number);
  }

  /** Sends the queue in the next turn of the event loop: more may be posted until then. */
  flushSoon(): void {
    if (this.#turn) return;
    this.#turn = { outbox: this };
    this.#board.environment.turn(inTurn(this.#turn));
  }

  /** The turn has come for which `flushSoon` has asked. */
  turned(): void {
    this.#turn = undefined;
    if (!this.gathering) this.flush();
  }

  /** The transaction is over; nothing is sent any more. */
  end(): void {
    if (this.#turn) this.#turn.outbox = undefined;
  }

  /** Sends the queue, in as few frames as it fits into. */
  flush(): void {
    if (this.#locks.pending) return;
    while (this.#queue.length > 0 && !this.#levels[0]!.failure) {
      const batch = this.#queue.splice(0, fitting(this.#queue, this.link));
      if (!this.begun && batch.some(({ op }) => changesRegisters(op) || op.op === 'savepoint')) {
        this.begun = true;
        this.link.hold();
        batch.unshift({ op: { op: 'begin' }, level: this.#levels[0]!, ...POSTED });
      }
      const sent = this.#send(batch);
      this.#lastFrame = this.#lastFrame.then(() => sent);
    }
  }

  /** Resolves when no lock is waited for any more, or the level has failed; undefined if that is so already. */
  locked(level: Level): Promise<void> | undefined {
    return this.#locks.over(level);
  }

  /** Sends the queue; resolves when everything that was sent has been answered. */
  async settled(): Promise<void> {
    this.flush();
    if (this.#inFlight > 0) await this.#lastFrame;
  }

  async request(ops: readonly Op[]): Promise<Answer> {
    const label = { transaction: this.number, call: this.#owner.call };
    this.#board.emit({ type: 'sent', ...label, ops });
    if (this.#inFlight++ === 0) this.roundTrips++;
    try {
      const answer = await this.link.request(ops, { transaction: this.begun ? this.number : 0 });
      this.#board.emit({ type: 'answered', ...label, status: answer.status, ran: answer.ran });
      return answer;
    } finally {
      this.#inFlight--;
    }
  }

  /** The controller learns of a nested level before its first op, once there is something that this op could undo. */
  #append(queued: Queued): void {
    const changes = changesRegisters(queued.op);
    this.#changes ||= changes;
    for (const level of this.#changes ? this.#levels.slice(1) : []) {
      if (level.begun) continue;
      level.begun = true;
      const outside = this.#levels[level.depth - 1]!;
      this.#queue.push({ op: { op: 'savepoint' }, level: outside, opens: level, ...POSTED });
    }
    const number = changedBy(queued.op);
    if (number !== undefined) this.#beforeChange(number, queued.level);
    this.#queue.push(queued);
  }

  /** What this session changes for the first time is recorded as it was, in case that the controller is reset now. */
  #beforeChange(number: number, level: Level): void {
    if (this.#changed.has(number)) return;
    this.#changed.set(number, undefined);
    const op = this.#board.isRecorded(number) ? undefined : this.#board.snapshot(number);
    const resolve = (registers: OpResult) => this.#board.keepRecord(number, registers);
    if (op) this.#queue.push({ op, level, resolve, reject: () => {} });
  }

  /** Sends one frame and hands its results out. Never rejects: a failure is that of the level whose op has failed. */
  async #send(batch: readonly Queued[]): Promise<void> {
    const ops = batch.map(({ op }) => op);
    let ran = 0;
    this.#flying.add(batch);
    try {
      const answer = await this.request(ops);
      ran = answer.ran;
      this.#noteTouched(batch, ran + 1);
      // The op on which the bus failed may have been done in part.
      this.#notePermanent(batch, ran, answer.status === 'bus-fault' ? ran + 1 : ran);
      batch.slice(0, ran).forEach(({ resolve }, index) => resolve(answer.results[index]));
      if (answer.status !== 'ok') throw this.#board.failureOf(answer, ops);
    } catch (error) {
      if (!(error instanceof ControllerError)) {
        this.#notePermanent(batch, 0, batch.length);
        this.#noteTouched(batch, batch.length);
      }
      this.#flying.delete(batch);
      const level = failsAll(error) ? this.#levels[0]! : (batch[ran]?.level ?? this.#levels[0]!);
      // The level fails before its code hears of it, so that what the code does next cannot be sent any more.
      this.#onFailure(level, error);
      for (const { reject } of batch.slice(ran)) reject(level.failure!.cause);
    } finally {
      this.#flying.delete(batch);
    }
  }

  /** The op that failed counts, too: it may have run in part. */
  #noteTouched(batch: readonly Queued[], begun: number): void {
    for (const { op } of batch.slice(0, begun)) {
      const number = changedBy(op);
      if (number !== undefined) this.#touched.add(number);
    }
  }

  #notePermanent(batch: readonly Queued[], ran: number, begun: number): void {
    batch.slice(0, begun).forEach(({ op, final }, index) => {
      if (final && 'at' in op) this.permanent.push({ register: this.#board.nameOf(op.at), done: index < ran });
    });
  }
}

/** A turn of the event loop that is waited for. It must not keep a transaction alive that has ended before it. */
interface Turn {
  outbox: Outbox | undefined;
}

const inTurn = (turn: Turn) => () => turn.outbox?.turned();

/** Failures after which the controller has nothing left of the transaction, whichever op met them. */
const failsAll = (error: unknown): boolean => !(error instanceof ControllerError) || error.code === 'no-transaction';

/** How many queued ops fit into one frame and its answer; at least one, which the link then judges. */
function fitting(queue: readonly Queued[], room: { requestCapacity: number; resultCapacity: number }): number {
  let request = room.requestCapacity - BEGIN_SIZE;
  let result = room.resultCapacity;
  let count = 0;
  for (const { op } of queue) {
    request -= opSize(op);
    result -= resultSize(op);
    if (count > 0 && (request < 0 || result < 0 || count === MAX_OPS)) break;
    count++;
  }
  return count;
}

/** The peripheral that an op changes; undefined for ops that change none. */
const changedBy = (op: Op): number | undefined => (changesRegisters(op) && 'at' in op ? op.at.peripheral : undefined);
