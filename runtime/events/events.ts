import { Observable, type Subscriber } from 'rxjs';
import type { BoardSession } from '../board.js';
import { RegisterError } from '../errors.js';
import type { Link } from '../link/link.js';
import { SIZES } from '../link/protocol.js';
import { compile, type CompiledRegister } from '../registers/compile.js';
import { allBits, type PeripheralSpec, type RegisterSpec } from '../registers/definition.js';
import { SPEC, type Handle } from '../registers/handles.js';
import type { ReadOf } from '../registers/operations.js';
import { decodeFields, encodeFields } from '../registers/values.js';
import { decodeEvents, type Interrupt, type Notice, type RawEvent } from './event.js';
import { Watches, type Listener } from './watches.js';

type Names<T> = Extract<keyof T, string>;

/** What to hear of a register. */
export interface InterruptOptions<R extends RegisterSpec> {
  /** The flags; all if left out. */
  readonly flags?: readonly Names<NonNullable<R['fields']>>[];
  /**
   * The register whose bits, at the same places as the flags, let the interrupts through: they are set as long as somebody
   * listens. If left out, that is the driver's business.
   */
  readonly enable?: string;
}

/** How a transaction has ended, as far as anybody knows. */
export type Fate = 'committed' | 'rolled-back' | 'unknown';

/** A count of one byte says how many events an answer holds. */
const MOST = 255;

/**
 * Interrupts of the controller as Observables. The controller says which transaction an event belongs to; those of one that
 * has not ended are kept here until its end, and then told or dropped.
 */
export class Events {
  readonly #board: BoardSession;
  readonly #watches: Watches;
  /** Events of open transactions, in order. */
  readonly #held = new Map<number, RawEvent[]>();
  /** What became of the transaction that had the number last. */
  readonly #fates = new Map<number, Fate>();
  /** Events of committed transactions, which are told when the call has returned. */
  #due: RawEvent[] = [];
  /** The number of the next event of the session. */
  #next = 0;
  /** The link over which events are being fetched; whether there may be more than that will bring. */
  #fetching: Link | undefined;
  #more = false;

  constructor(board: BoardSession) {
    this.#board = board;
    this.#watches = new Watches(board);
    board.state.subscribe({
      next: (state) => {
        if (state === 'ready') this.#watches.watchAgain();
        else if (state === 'recovering') this.#linkLost();
        else if (state === 'broken') void this.#fail();
      },
      complete: () => {
        for (const { closed } of this.#watches.listeners) closed();
      },
    });
  }

  /** The Observable of a register's interrupts; the register is watched while it has subscribers. */
  interrupts<S extends PeripheralSpec, Name extends Names<S['registers']>>(
    peripheral: Handle<S>,
    name: Name,
    { flags, enable }: InterruptOptions<S['registers'][Name]>,
  ): Observable<Interrupt<ReadOf<S['registers'][Name]>> | Notice> {
    type Told = Interrupt<ReadOf<S['registers'][Name]>> | Notice;
    const compiled = compile(peripheral[SPEC]);
    const registerOf = (each: string): CompiledRegister => {
      const [register] = compiled.registers.get(each) ?? [];
      if (register) return register;
      throw new RegisterError('undeclared-register', `${compiled.name} has no register ${each}.`);
    };
    const register = registerOf(name);
    const { spec } = register;
    const wanted = flags && Object.fromEntries(flags.map((flag) => [flag, (spec.fields?.[flag]?.width ?? 1) === 1]));
    const mask = wanted ? encodeFields(`${compiled.name}.${name}`, spec, wanted, 'compare').mask : allBits(spec);
    return new Observable((subscriber: Subscriber<Told>) => {
      const listener: Listener = {
        mask: (mask & register.owned) >>> 0,
        raised: (what, us) => {
          const read = (spec.fields ? decodeFields(spec, what) : what) as ReadOf<S['registers'][Name]>;
          subscriber.next({ type: 'interrupt', flags: read, us });
        },
        notice: (notice) => subscriber.next(notice),
        failed: (error) => subscriber.error(error),
        closed: () => subscriber.complete(),
      };
      return this.#watches.listen(compiled, register, enable === undefined ? undefined : registerOf(enable), listener);
    });
  }

  /** Events may be waiting on the controller. */
  poke(): void {
    this.#more = true;
    const { link } = this.#board;
    if (this.#fetching === link || this.#watches.listeners.length === 0) return;
    this.#fetching = link;
    // Where the link fails, the board's recovery goes on from here.
    this.#fetch(link)
      .catch(() => {})
      .finally(() => {
        if (this.#fetching === link) this.#fetching = undefined;
      });
  }

  /** A transaction has ended on this side. */
  ended(transaction: number, fate: Fate): void {
    this.#fates.set(transaction, fate);
    const held = this.#held.get(transaction);
    if (!held) return;
    this.#held.delete(transaction);
    for (const event of held) this.#end(event, fate);
  }

  async #fetch(link: Link): Promise<void> {
    const most = Math.min(MOST, Math.floor((link.resultCapacity - SIZES.eventsHead) / SIZES.event));
    while (this.#more) {
      this.#more = false;
      const { status, results } = await link.request([{ op: 'events', most }]);
      if (status !== 'ok' || link !== this.#board.link) return;
      const { next, events } = decodeEvents(results[0] as Uint8Array);
      for (const event of events) this.#take(event);
      this.#expect(next);
      // There may be more than one answer holds.
      if (events.length > 0) this.#more = true;
    }
  }

  /** Numbers that are missing are events that the controller had no room for. */
  #expect(number: number): void {
    const count = (number - this.#next) & 0xffff;
    this.#next = number;
    if (count > 0) this.#notice({ type: 'lost', reason: 'ring-full', count });
  }

  #take(event: RawEvent): void {
    const { transaction, number, what } = event;
    this.#expect(number);
    this.#next = (number + 1) & 0xffff;
    if (what === 0) return this.#trace(event, 'dropped');
    if (transaction === 0) return this.#tell(event);
    if (!this.#board.transactions.isOpen(transaction))
      return this.#end(event, this.#fates.get(transaction) ?? 'unknown');
    this.#trace(event, 'held');
    const held = this.#held.get(transaction);
    if (held) held.push(event);
    else this.#held.set(transaction, [event]);
  }

  #end(event: RawEvent, fate: Fate): void {
    if (fate === 'committed') {
      if (this.#due.push(event) === 1) this.#board.environment.turn(() => this.#tellDue());
      return;
    }
    this.#trace(event, 'dropped');
    if (fate === 'unknown') this.#notice({ type: 'lost', reason: 'in-doubt', count: 1 });
  }

  #tellDue(): void {
    for (const event of this.#due.splice(0)) this.#hand(event);
  }

  #tell(event: RawEvent): void {
    // What has happened before comes first.
    this.#tellDue();
    this.#hand(event);
  }

  #hand(event: RawEvent): void {
    this.#trace(event, 'told');
    for (const { mask, raised } of this.#watches.listenersOf(this.#board.compiledOf(event.peripheral))) {
      const what = (event.what & mask) >>> 0;
      if (what !== 0) raised(what, event.us);
    }
  }

  #notice(notice: Notice): void {
    for (const each of this.#watches.listeners) each.notice(notice);
  }

  #trace({ transaction, peripheral, what }: RawEvent, fate: 'told' | 'held' | 'dropped'): void {
    const name = this.#board.peripheralOf(peripheral);
    this.#board.emit({ type: 'event', transaction, call: 'event', peripheral: name, what, fate });
  }

  #linkLost(): void {
    this.#next = 0;
    this.#watches.forget();
    this.#notice({ type: 'lost', reason: 'link-lost', count: undefined });
  }

  /** Whoever listens to a broken board hears why it is. */
  async #fail(): Promise<void> {
    try {
      await this.#board.recovery.admit();
    } catch (error) {
      for (const { failed } of this.#watches.listeners) failed(error);
    }
  }
}
