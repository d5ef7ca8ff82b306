import type { BoardSession } from '../board.js';
import { TransactionError } from '../errors.js';
import type { Op, OpResult } from '../link/ops.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { RegisterPort } from '../registers/register.js';
import { attachedTo } from '../registers/tree.js';
import type { StandIns } from '../state/object-view.js';
import type { Scope } from '../scope.js';

/** Makes the version of a port, device or pin that belongs to one call. */
export const BIND: unique symbol = Symbol('fgft.bind');

/**
 * Something through which other people's drivers reach the hardware. I/O belongs to a call because it goes through a
 * version that was made for this call, never because of when it happens.
 */
export interface Capability {
  [BIND](call: CallScope): object;
}

/** Something that the call has started; `answered`: it waits for the controller. */
interface Work {
  readonly what: string;
  readonly answered: boolean;
}

/**
 * What one call of a protected object does outside of its own fields: register operations, in the call's transaction.
 *
 * When an operation fails, the call has failed, and its code is left where it waits for it. To throw into it would be
 * of no use, because whatever it does next is refused, and it would end a Node process wherever the code has started
 * something that it does not await.
 */
export class CallScope implements RegisterPort, StandIns {
  /** Versions of this call, by what they stand for. */
  readonly of = new Map<object, object>();
  readonly #originals = new Map<object, object>();
  readonly #board: BoardSession;
  readonly #scope: Scope;
  readonly #underWay = new Set<Work>();
  readonly #onCommit: (() => void)[] = [];
  #returned = false;
  #ended = false;

  constructor(board: BoardSession, scope: Scope) {
    this.#board = board;
    this.#scope = scope;
  }

  for(value: object): object | undefined {
    const known = this.of.get(value) ?? (this.#originals.has(value) ? value : undefined);
    if (known) return known;
    const version = BIND in value ? (value as Capability)[BIND](this) : attachedTo(value, this);
    if (version) {
      this.of.set(value, version);
      this.#originals.set(version, value);
    }
    return version;
  }

  /** What an object is outside of this call. */
  originalOf(value: object): object {
    return this.#originals.get(value) ?? value;
  }

  /** To be done when the call has committed; must not fail. */
  onCommit(run: () => void): void {
    this.#onCommit.push(run);
  }

  numberOf(peripheral: CompiledPeripheral): number {
    return this.#scope.numberOf(peripheral);
  }

  post(op: Op): Promise<void> {
    return this.#run({ what: op.op, answered: false }, () => this.#scope.post(op));
  }

  defer(op: Op): Promise<void> {
    return this.#run({ what: op.op, answered: false }, () => this.#scope.defer(op));
  }

  ask(op: Op): Promise<OpResult> {
    return this.#run({ what: op.op, answered: true }, () => this.#scope.ask(op));
  }

  take(op: Op): Promise<never> {
    return this.#run({ what: op.op, answered: false }, () => this.#scope.take(op));
  }

  refuse(error: Error): Promise<never> {
    return this.#run({ what: error.message, answered: false }, () => this.#scope.refuse(error));
  }

  /** A protected method that this call has called. */
  join<T>(what: string, result: Promise<T>): Promise<T> {
    return this.#track({ what, answered: false }, result);
  }

  /**
   * Once the method has returned: lets everything run that waits for nothing, for it still belongs to the call. Rejects
   * when there is something that does wait, because nobody would hear of its end.
   */
  async settled(): Promise<void> {
    this.#scope.transaction.gather();
    this.#returned = true;
    // How soon the controller answers must not decide, so that is looked at before anything has time to be answered.
    this.#refuseLeftovers(({ answered }) => answered);
    await this.#nextTurn();
    this.#refuseLeftovers(() => true);
  }

  /** The call has failed. What waits for nothing comes to its next operation, and stays there. */
  abandoned(): Promise<void> {
    return this.#nextTurn();
  }

  /** The transaction has been committed. */
  commit(): void {
    for (const run of this.#onCommit) run();
  }

  /** The call is over, one way or the other: from now on everything is refused. */
  end(): void {
    this.#ended = true;
  }

  #run<T>(work: Work, start: () => Promise<T>): Promise<T> {
    // The transaction refuses it, and says so on the trace.
    if (this.#ended) return start();
    if (this.#returned && work.answered) this.#scope.transaction.fail(strayWork(this.#scope.call, [work]));
    return this.#track(
      work,
      start().catch(() => never<T>()),
    );
  }

  #track<T>(work: Work, result: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const done = (): void => void this.#underWay.delete(work);
    result.then(done, done);
    return result;
  }

  #refuseLeftovers(isLeftover: (work: Work) => boolean): void {
    const leftovers = [...this.#underWay].filter(isLeftover);
    if (leftovers.length > 0) throw strayWork(this.#scope.call, leftovers);
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#board.environment.turn(resolve));
  }
}

/** Each its own, so that nothing but the code that waits for it refers to it. */
const never = <T>(): Promise<T> => new Promise(() => {});

const strayWork = (call: string, leftovers: readonly Work[]): TransactionError =>
  new TransactionError(
    'stray-work',
    `${call} returned, but had work under way that it did not wait for: ${leftovers.map(({ what }) => what).join(', ')}. Await everything that the entry point starts, or leave it native.`,
  );
