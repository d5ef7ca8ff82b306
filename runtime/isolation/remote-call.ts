/** One call inside the worker: what it asks of the other side, and the answers. */
import type { OpResult } from '../link/ops.js';
import type { CompiledPeripheral } from '../registers/compile.js';
import type { Hook } from '../level.js';
import { ErrorPost } from './failures.js';
import type { Answer, Asked, AskedBegin, AskedEnd, AskedOp, FromWorker } from './messages.js';

/** How the worker posts and waits; handed in. */
export interface Outside {
  post(message: FromWorker): void;
  turn(run: () => void): void;
}

interface Waiting {
  resolve(result: OpResult): void;
  reject(error: unknown): void;
}

/** What is to be asked, without the number of its answer. */
export type Question = Omit<AskedOp, 'ask'> | Omit<AskedBegin, 'ask'> | Omit<AskedEnd, 'ask'>;

/**
 * What is posted waits, as in a transaction, for the next question, the end of the call or the next turn of the event
 * loop, and crosses in one message.
 */
export class RemoteCall {
  readonly errors = new ErrorPost();
  readonly indexOf: (peripheral: CompiledPeripheral) => number;
  readonly #number: number;
  readonly #outside: Outside;
  readonly #waiting = new Map<number, Waiting>();
  readonly #hooks: Hook[] = [];
  #queue: Asked[] = [];
  #flushing = false;
  #asks = 0;
  #levels = 0;

  constructor(number: number, outside: Outside, indexOf: (peripheral: CompiledPeripheral) => number) {
    this.#number = number;
    this.#outside = outside;
    this.indexOf = indexOf;
  }

  /** A number for a nested call. */
  nextLevel(): number {
    return ++this.#levels;
  }

  put(asked: Asked): void {
    this.#queue.push(asked);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#outside.turn(() => this.#flush());
  }

  ask(question: Question): Promise<OpResult> {
    const ask = ++this.#asks;
    const result = new Promise<OpResult>((resolve, reject) => this.#waiting.set(ask, { resolve, reject }));
    this.put({ ...question, ask });
    queueMicrotask(() => this.#flush());
    return result;
  }

  answer(answers: readonly Answer[]): void {
    for (const { ask, result, error } of answers) {
      const waiting = this.#waiting.get(ask);
      this.#waiting.delete(ask);
      if (error) waiting?.reject(this.errors.receive(error));
      else waiting?.resolve(result);
    }
  }

  addHook(when: 'commit' | 'rollback', level: number, hook: Hook): void {
    this.put({ hook: this.#hooks.push(hook) - 1, when, level });
  }

  async runHook(hook: number): Promise<void> {
    try {
      await this.#hooks[hook]!();
      this.#outside.post({ type: 'hooked', call: this.#number, hook });
    } catch (error) {
      this.#outside.post({ type: 'hooked', call: this.#number, hook, error: this.errors.send(error) });
    }
  }

  /** What has not been sent yet. */
  takeRest(): readonly Asked[] {
    return this.#queue.splice(0);
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#queue.length === 0) return;
    this.#outside.post({ type: 'ops', call: this.#number, ops: this.takeRest() });
  }
}
