import { Subject, type Observable } from 'rxjs';
import type { Environment } from '../transports/environment.js';
import type { Transport } from '../transports/transport.js';
import { ControllerError, DefinitionError, type RestoreReport } from './errors.js';
import { controllerError, restoreReport, type Names } from './link/failures.js';
import { readRestoreReport } from './link/frame.js';
import type { Hello } from './link/hello.js';
import { Link, type Answer, type LinkOptions } from './link/link.js';
import type { Op, OpResult, Place } from './link/ops.js';
import type { BoardName } from './link/protocol.js';
import { Locks } from './locks.js';
import { compile, type CompiledPeripheral } from './registers/compile.js';
import { SPEC, type AnyHandle } from './registers/handles.js';
import type { RegisterPort } from './registers/register.js';
import { attachTree, type Handles, type PeripheralTree } from './registers/tree.js';
import type { TraceDetail, TraceEvent } from './trace.js';

/** A board as data: which controller it has, and its peripherals by name. */
export interface BoardSpec<T extends PeripheralTree = PeripheralTree> {
  readonly board: BoardName;
  readonly name: string;
  readonly peripherals: T;
}

/** Declares a board; its type keeps every register and field. */
export const defineBoard = <const T extends PeripheralTree>(spec: BoardSpec<T>): BoardSpec<T> => spec;

/**
 * Sees every register operation before it is sent and returns what to send instead, usually the same; what it throws
 * counts as a failure of the driver at that operation. For tests and fault injection.
 */
export type FaultPoint = (op: Op) => Op;

export interface OpenOptions extends LinkOptions {
  readonly faultPoint?: FaultPoint;
}

/** An open board: its peripherals by name, and the session on it. */
export type Board<T extends PeripheralTree = PeripheralTree> = BoardSession & Handles<T>;

/**
 * Opens a board. Whatever an earlier session left open on it is rolled back first; `hello.previous` says what that was.
 * Rejects with a LinkError or TransportError; then nothing was changed.
 */
export async function open<const T extends PeripheralTree>(
  transport: Transport,
  spec: BoardSpec<T>,
  options: OpenOptions = {},
): Promise<Board<T>> {
  const link = await Link.open(transport, spec.board, options);
  const session = new BoardSession(link, transport, options.faultPoint);
  const handles = attachTree(spec.peripherals, session);
  return Object.defineProperties(session, Object.getOwnPropertyDescriptors(handles)) as Board<T>;
}

/** The session on a board. Used directly, its registers are native: each operation runs at once, and for good. */
export class BoardSession implements RegisterPort {
  readonly link: Link;
  readonly environment: Environment;
  readonly locks: Locks;
  readonly #faultPoint: FaultPoint | undefined;
  readonly #definitions = new Definitions();
  readonly #trace = new Subject<TraceEvent>();
  readonly #transactions = new Map<number, FailsWithLink>();
  readonly #awaitingNumber: (() => void)[] = [];
  #lastTransaction = 0;

  constructor(link: Link, transport: Transport, faultPoint: FaultPoint | undefined) {
    this.link = link;
    this.environment = transport.environment;
    this.locks = new Locks(transport.environment);
    this.#faultPoint = faultPoint;
    // A call that waits for something else must not wait for ever when its board has gone.
    link.onFailure = (error) => this.#transactions.forEach((transaction) => transaction.fail(error));
  }

  /** What the controller said when the session opened. */
  get hello(): Hello {
    return this.link.hello;
  }

  /** Everything that happens on the board, in order. */
  get trace(): Observable<TraceEvent> {
    return this.#trace;
  }

  /** The controller's digest of what a checkpoint of the peripheral would save now, a CRC-32. */
  async digest(peripheral: AnyHandle): Promise<number> {
    const number = this.numberOf(compile(peripheral[SPEC]));
    return (await this.ask({ op: 'digest', peripheral: number })) as number;
  }

  /** Ends the session. Transactions that are still open are rolled back by the controller when their lease expires. */
  close(): Promise<void> {
    this.#trace.complete();
    return this.link.close();
  }

  numberOf(peripheral: CompiledPeripheral): number {
    return this.#definitions.numberOf(peripheral, (number) => {
      const { peripherals } = this.hello.limits;
      if (number > peripherals) throw tooManyPeripherals(peripheral.name, peripherals);
      this.#define(number, peripheral);
    });
  }

  async post(op: Op): Promise<void> {
    await this.ask(op);
  }

  async ask(op: Op): Promise<OpResult> {
    const ops = [this.applyFaultPoint(op)];
    this.emit({ type: 'sent', transaction: 0, call: 'native', ops });
    const answer = await this.link.request(ops);
    this.emit({ type: 'answered', transaction: 0, call: 'native', status: answer.status, ran: answer.ran });
    if (answer.status !== 'ok') throw this.failureOf(answer, ops);
    return answer.results[0];
  }

  defer(op: Op): Promise<void> {
    return this.post(op);
  }

  take(op: Op): Promise<OpResult> {
    return this.ask(op);
  }

  refuse(error: Error): Promise<never> {
    return Promise.reject(error);
  }

  /**
   * Gives a new transaction its number, until `releaseTransaction`; it fails when the link does. The controller holds so
   * many open at once: who comes later waits for the end of another.
   */
  takeTransaction(transaction: FailsWithLink): number | Promise<number> {
    if (this.#transactions.size < this.hello.limits.transactions) return this.#number(transaction);
    return new Promise((resolve) => this.#awaitingNumber.push(() => resolve(this.#number(transaction))));
  }

  releaseTransaction(number: number): void {
    this.#transactions.delete(number);
    this.#awaitingNumber.shift()?.();
  }

  #number(transaction: FailsWithLink): number {
    do this.#lastTransaction = (this.#lastTransaction % 255) + 1;
    while (this.#transactions.has(this.#lastTransaction));
    this.#transactions.set(this.#lastTransaction, transaction);
    return this.#lastTransaction;
  }

  applyFaultPoint(op: Op): Op {
    return this.#faultPoint ? this.#faultPoint(op) : op;
  }

  emit(detail: TraceDetail): void {
    if (this.#trace.observed) this.#trace.next({ at: this.environment.now(), ...detail });
  }

  /** The error for a failed answer. A definition that was refused is named instead of the op that then missed it. */
  failureOf(answer: Answer, ops: readonly Op[]): ControllerError {
    const error = controllerError(answer, ops, this.#definitions);
    const refused = this.#definitions.failureOf(answer.failure?.peripheral);
    if (error.code !== 'undefined-peripheral' || !refused) return error;
    const { operation, register, expected, found } = refused;
    const details = { operation, register, expected, found, restore: error.restore };
    return new ControllerError(refused.code, refused.message, details, { cause: refused });
  }

  /** The name of the peripheral that the controller knows under this number. */
  peripheralOf(number: number): string {
    return this.#definitions.nameOf(number);
  }

  /** The register at a place, as `peripheral.register`. */
  nameOf(at: Place): string {
    return this.#definitions.register(at) ?? this.peripheralOf(at.peripheral);
  }

  /** The report in the result of a `rollback` op. */
  reportOf(result: OpResult): RestoreReport {
    const { buffer, byteOffset, length } = result as Uint8Array;
    return restoreReport(readRestoreReport(new DataView(buffer, byteOffset, length), 0), this.#definitions);
  }

  /** Sent ahead of the first op that needs it; frames run in order, so nobody has to wait for its answer. */
  #define(number: number, { definition }: CompiledPeripheral): void {
    const ops: Op[] = [{ op: 'define', peripheral: number, definition }];
    this.link.request(ops).then(
      (answer) => {
        if (answer.status !== 'ok') this.#definitions.refuse(number, controllerError(answer, ops, this.#definitions));
      },
      () => {}, // The link has failed: so does the op that follows, with the same error.
    );
  }
}

const tooManyPeripherals = (name: string, limit: number): DefinitionError =>
  new DefinitionError(
    `This board holds definitions of ${limit} peripherals in one session, and ${name} is one more. Use fewer, or close the board and open it again.`,
  );

interface FailsWithLink {
  fail(cause: unknown): void;
}

/** Which peripheral has which number in this session, and which definitions the controller refused. */
class Definitions implements Names {
  readonly #numbers = new Map<CompiledPeripheral, number>();
  readonly #peripherals: (CompiledPeripheral | undefined)[] = [];
  readonly #refused = new Map<number, ControllerError>();

  numberOf(peripheral: CompiledPeripheral, define: (number: number) => void): number {
    let number = this.#numbers.get(peripheral);
    if (number === undefined) {
      number = this.#peripherals.length + 1;
      define(number);
      this.#peripherals.push(peripheral);
      this.#numbers.set(peripheral, number);
    }
    return number;
  }

  refuse(number: number, error: ControllerError): void {
    this.#refused.set(number, error);
  }

  failureOf(number: number | undefined): ControllerError | undefined {
    return number === undefined ? undefined : this.#refused.get(number);
  }

  nameOf(number: number): string {
    return this.#peripherals[number - 1]?.name ?? `peripheral ${number}`;
  }

  register(at: { peripheral: number; block: number; offset: number }): string | undefined {
    const peripheral = this.#peripherals[at.peripheral - 1];
    if (!peripheral) return undefined;
    for (const { name, at: place } of [...peripheral.registers.values(), ...peripheral.commands.values()].flat())
      if (place.block === at.block && place.offset === at.offset) return `${peripheral.name}.${name}`;
    return peripheral.name;
  }

  saved(number: number, save: number): { peripheral: string; register: string } {
    const peripheral = this.#peripherals[number - 1];
    return {
      peripheral: this.nameOf(number),
      register: peripheral?.saves[save] ?? peripheral?.journaled[save - peripheral.saves.length] ?? `entry ${save}`,
    };
  }
}
