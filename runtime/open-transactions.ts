import type { Environment } from '../transports/environment.js';
import { TransactionError } from './errors.js';
import type { Link } from './link/link.js';
import { LOCK_TIMEOUT_MS } from './locks.js';
import type { CompiledPeripheral } from './registers/compile.js';

/** A transaction that has not ended. */
export interface OpenTransaction {
  readonly call: string;
  /** The link that it works on; undefined while it may not work yet. */
  readonly link: Link | undefined;
  /** The peripherals that it has changed so far. */
  readonly changed: Iterable<CompiledPeripheral>;
  fail(cause: unknown): void;
}

/** A transaction's number on the controller is one byte; 0 is no transaction. */
const LAST_NUMBER = 255;

/** The transactions that are open on a board, by their numbers. */
export class OpenTransactions {
  readonly #environment: Environment;
  readonly #open = new Map<number, OpenTransaction>();
  readonly #awaitingNumber: (() => void)[] = [];
  #last = 0;
  #lastCommitted = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Gives a new transaction its number, until `release`. The controller holds so many (`limit`) open at once: who comes later
   * waits for the end of another, or rejects with `lock-timeout`.
   */
  take(transaction: OpenTransaction, limit: number): number | Promise<number> {
    if (this.#open.size < limit) return this.#number(transaction);
    return new Promise((resolve, reject) => {
      const take = () => {
        cancelTimer();
        resolve(this.#number(transaction));
      };
      const cancelTimer = this.#environment.after(LOCK_TIMEOUT_MS, () => {
        this.#awaitingNumber.splice(this.#awaitingNumber.indexOf(take), 1);
        reject(tooManyCalls(transaction.call, limit));
      });
      this.#awaitingNumber.push(take);
    });
  }

  release(number: number): void {
    this.#open.delete(number);
    this.#awaitingNumber.shift()?.();
  }

  isOpen(number: number): boolean {
    return this.#open.has(number);
  }

  /** A transaction has been committed. Its number rests, so that a later hello says no other transaction by it. */
  noteCommit(number: number): void {
    this.#lastCommitted = number;
  }

  /** What the transaction with this number has changed so far. */
  changedBy(number: number): Iterable<CompiledPeripheral> {
    return this.#open.get(number)?.changed ?? [];
  }

  /** Fails those that work on a link which has failed: what waits for something else must not wait for ever. */
  failAllOn(link: Link, cause: unknown): void {
    for (const transaction of this.#open.values()) if (transaction.link === link) transaction.fail(cause);
  }

  #number(transaction: OpenTransaction): number {
    do this.#last = (this.#last % LAST_NUMBER) + 1;
    while (this.#open.has(this.#last) || this.#last === this.#lastCommitted);
    this.#open.set(this.#last, transaction);
    return this.#last;
  }
}

const tooManyCalls = (call: string, limit: number): TransactionError =>
  new TransactionError(
    'lock-timeout',
    `${call} waited ${LOCK_TIMEOUT_MS} ms, because the controller holds ${limit} transactions at once and none of them ended. Let calls await fewer others.`,
  );
