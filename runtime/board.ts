import { Subject, type Observable } from 'rxjs';
import type { Environment } from '../transports/environment.js';
import type { Transport } from '../transports/transport.js';
import type { CallContext } from './context/context.js';
import { Definitions } from './definitions.js';
import { ControllerError, DefinitionError, type RecoveryError, type RestoreReport } from './errors.js';
import type { Interrupt, Notice } from './events/event.js';
import { Events, type InterruptOptions } from './events/events.js';
import { controllerError, restoreReport } from './link/failures.js';
import { readRestoreReport } from './link/frame.js';
import { hasFeature, type Hello } from './link/hello.js';
import { missingFeature } from './link/link-errors.js';
import { Link, type Answer, type LinkOptions } from './link/link.js';
import { changesRegisters, opSize, resultSize, type Op, type OpResult, type Place } from './link/ops.js';
import type { BoardName } from './link/protocol.js';
import { Locks } from './locks.js';
import { OpenTransactions } from './open-transactions.js';
import { Breakers, type BreakerPolicy } from './recovery/breaker.js';
import { otherBoardError } from './recovery/failures.js';
import { Peripherals } from './recovery/peripherals.js';
import { CommittedRegisters, type RecordPolicy } from './recovery/record.js';
import type { NewSession } from './recovery/lost-session.js';
import { Recovery, type BoardState, type RecoveryOptions } from './recovery/recovery.js';
import { compile, type CompiledPeripheral } from './registers/compile.js';
import type { PeripheralSpec } from './registers/definition.js';
import { SPEC, type AnyHandle, type Handle } from './registers/handles.js';
import type { ReadOf } from './registers/operations.js';
import type { RegisterPort } from './registers/register.js';
import type { TraceDetail, TraceEvent } from './trace.js';

/**
 * Sees every register operation before it is sent and returns what to send instead, usually the same; what it throws
 * counts as a failure of the driver at that operation. For tests and fault injection.
 */
export type FaultPoint = (op: Op) => Op;

export interface OpenOptions extends LinkOptions {
  readonly faultPoint?: FaultPoint;
  /**
   * Of which peripherals the host keeps the committed registers, to bring them back. If left out: of all, where `recovery`
   * says how to get to the controller again; otherwise of none.
   */
  readonly record?: RecordPolicy;
  /** How the board is brought back after its link was lost. Left out, it is broken then. */
  readonly recovery?: RecoveryOptions;
  /** Tells which call some code belongs to, so that re-entrancy and unhandled rejections are noticed (`fgft/context/node`). */
  readonly context?: CallContext;
  /** When an entry point that keeps failing is left alone for a while. Left out: never. */
  readonly breaker?: BreakerPolicy;
}

/** The session on a board. Used directly, its registers are native: each operation runs at once, and for good. */
export class BoardSession implements RegisterPort {
  readonly environment: Environment;
  readonly locks: Locks;
  readonly transactions: OpenTransactions;
  /** The registers of all peripherals as the last commits have left them. */
  readonly committed: CommittedRegisters;
  readonly recovery: Recovery;
  readonly breakers: Breakers;
  readonly context: CallContext | undefined;
  readonly events: Events;
  readonly #kind: BoardName;
  readonly #transport: Transport;
  readonly #options: OpenOptions;
  readonly #definitions = new Definitions();
  readonly #peripherals: Peripherals;
  readonly #trace = new Subject<TraceEvent>();
  #link!: Link;

  constructor(link: Link, transport: Transport, kind: BoardName, options: OpenOptions) {
    this.environment = transport.environment;
    this.locks = new Locks(transport.environment);
    this.transactions = new OpenTransactions(transport.environment);
    this.committed = new CommittedRegisters(options.record ?? options.recovery !== undefined);
    this.context = options.context;
    this.breakers = new Breakers(options.breaker, transport.environment);
    this.#kind = kind;
    this.#transport = transport;
    this.#options = options;
    this.#peripherals = new Peripherals(this, this.committed);
    const reopening = {
      environment: this.environment,
      reopen: (again: Transport) => this.#reopen(again),
      closeLink: () => this.link.close(),
      linkFailure: () => this.link.failure,
      defineAgain: () => this.#defineAgain(),
      changedBy: (number: number) => this.transactions.changedBy(number),
      emit: (detail: TraceDetail) => this.emit(detail),
    };
    this.recovery = new Recovery(reopening, this.#peripherals, options.recovery);
    this.events = new Events(this);
    this.#use(link);
  }

  /** The link as it is now; recovery puts another in its place. */
  get link(): Link {
    return this.#link;
  }

  /** How the board is, now and from now on. */
  get state(): Observable<BoardState> {
    return this.recovery.state;
  }

  /** What the controller said when the session opened. */
  get hello(): Hello {
    return this.link.hello;
  }

  /** Everything that happens on the board, in order. */
  get trace(): Observable<TraceEvent> {
    return this.#trace;
  }

  /**
   * Interrupts that a register shows, such as `UARTMIS`, from `watching` on; the register is watched while somebody has
   * subscribed. What a call causes in a peripheral that it has changed is told when it has committed, and not at all if it was undone.
   */
  interrupts<S extends PeripheralSpec, Name extends Extract<keyof S['registers'], string>>(
    peripheral: Handle<S>,
    register: Name,
    options: InterruptOptions<S['registers'][Name]> = {},
  ): Observable<Interrupt<ReadOf<S['registers'][Name]>> | Notice> {
    return this.events.interrupts(peripheral, register, options);
  }

  /** The controller's digest of what a checkpoint of the peripheral would save now, a CRC-32. */
  async digest(peripheral: AnyHandle): Promise<number> {
    const number = this.numberOf(compile(peripheral[SPEC]));
    return (await this.ask({ op: 'digest', peripheral: number })) as number;
  }

  /** Ends the session. Transactions that are still open are rolled back by the controller when their lease expires. */
  close(): Promise<void> {
    this.recovery.close();
    this.#trace.complete();
    return this.link.close();
  }

  /** Takes a peripheral as it is, after it could not be brought back (`not-restored`): calls may use it again. */
  async adopt(peripheral: AnyHandle): Promise<void> {
    const compiled = compile(peripheral[SPEC]);
    this.numberOf(compiled);
    await this.#peripherals.adopt(compiled);
  }

  /** Why calls must not use a peripheral, by its number; undefined if they may. */
  refusal(number: number): RecoveryError | undefined {
    if (this.#peripherals.allUsable) return undefined;
    const peripheral = this.compiledOf(number);
    return peripheral && this.#peripherals.refusal(peripheral);
  }

  /** After a rollback that did not read back: brings peripherals back from the record. */
  get peripherals(): Peripherals {
    return this.#peripherals;
  }

  /** The op that asks for a peripheral's registers, for the record; undefined where it is not recorded. */
  snapshot(number: number): Op | undefined {
    if (!hasFeature(this.hello, 'snapshots')) return undefined;
    const room = { resultCapacity: this.link.resultCapacity, arenaBytes: this.hello.limits.arenaBytes };
    const peripheral = this.compiledOf(number);
    return peripheral && this.committed.snapshot(peripheral, number, room);
  }

  /** Whether anything is known of the peripheral's committed registers, be it that they are not. */
  isRecorded(number: number): boolean {
    const peripheral = this.compiledOf(number);
    return peripheral !== undefined && this.committed.of(peripheral) !== undefined;
  }

  /** For the record: what the controller said of a peripheral's registers; undefined where it could not tell. */
  keepRecord(number: number, registers: OpResult): void {
    const peripheral = this.compiledOf(number);
    if (!peripheral) return;
    if (registers === undefined) this.committed.lose(peripheral);
    else this.committed.keep(peripheral, registers);
  }

  numberOf(peripheral: CompiledPeripheral): number {
    return this.#definitions.numberOf(peripheral, (number) => {
      const { peripherals } = this.hello.limits;
      if (number > peripherals) throw tooManyPeripherals(peripheral.name, peripherals);
      if (peripheral.journaled.length > 0 && !hasFeature(this.hello, 'journals'))
        throw missingFeature('journals', `${peripheral.name} has registers that only a journal protects`);
      // Where the link fails, so does the op that follows, with the same error.
      this.#define(number, peripheral).catch(() => {});
    });
  }

  async post(op: Op): Promise<void> {
    await this.ask(op);
  }

  async ask(op: Op): Promise<OpResult> {
    const asked = this.applyFaultPoint(op);
    const waiting = this.recovery.admit();
    if (waiting) await waiting;
    const number = 'at' in asked ? asked.at.peripheral : 0;
    const refusal = number > 0 && this.refusal(number);
    if (refusal) throw refusal;
    const snapshot = changesRegisters(asked) ? this.snapshot(number) : undefined;
    const ops = snapshot && this.#fit(asked, snapshot) ? [asked, snapshot] : [asked];
    this.emit({ type: 'sent', transaction: 0, call: 'native', ops });
    const answer = await this.link.request(ops);
    this.emit({ type: 'answered', transaction: 0, call: 'native', status: answer.status, ran: answer.ran });
    if (answer.ran === 0) throw this.failureOf(answer, ops);
    if (changesRegisters(asked)) this.keepRecord(number, answer.results[1]);
    return answer.results[0];
  }

  #fit(op: Op, snapshot: Op): boolean {
    return (
      opSize(op) + opSize(snapshot) <= this.link.requestCapacity &&
      resultSize(op) + resultSize(snapshot) <= this.link.resultCapacity
    );
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

  applyFaultPoint(op: Op): Op {
    return this.#options.faultPoint ? this.#options.faultPoint(op) : op;
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

  compiledOf(number: number): CompiledPeripheral | undefined {
    return this.#definitions.peripheral(number);
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

  #use(link: Link): void {
    this.#link = link;
    link.onFailure = (error) => {
      // First, so that calls which fail with the link find the board recovering.
      this.recovery.linkFailed(error);
      this.transactions.failAllOn(link, error);
    };
    link.onResync = (ms) => {
      this.emit({ type: 'recovery', transaction: 0, call: 'recovery', step: 'resync', ms });
      // It may have swallowed a poke.
      this.events.poke();
    };
    link.onPoke = () => this.events.poke();
  }

  /** A new link and a new session on the same board; the numbers of peripherals stay. */
  async #reopen(transport: Transport): Promise<NewSession> {
    const lost = this.link;
    await lost.close();
    if (transport.name !== this.#transport.name) throw otherBoardError(this.#transport.name, transport.name);
    const link = await Link.open(transport, this.#kind, this.#options);
    this.#use(link);
    this.#definitions.forgetRefusals();
    const sameEpoch = link.epoch === lost.epoch;
    const { previous } = link.hello;
    return { lost, sameEpoch, previous: previous?.session === lost.session ? previous : undefined };
  }

  async #defineAgain(): Promise<void> {
    await Promise.all(this.#definitions.peripherals.map((each, index) => this.#define(index + 1, each)));
  }

  /** Sent ahead of the first op that needs it; frames run in order, so nobody has to wait for its answer. */
  async #define(number: number, { definition }: CompiledPeripheral): Promise<void> {
    const ops: Op[] = [{ op: 'define', peripheral: number, definition }];
    const answer = await this.link.request(ops);
    if (answer.status !== 'ok') this.#definitions.refuse(number, controllerError(answer, ops, this.#definitions));
  }
}

const tooManyPeripherals = (name: string, limit: number): DefinitionError =>
  new DefinitionError(
    `This board holds definitions of ${limit} peripherals in one session, and ${name} is one more. Use fewer, or close the board and open it again.`,
  );
