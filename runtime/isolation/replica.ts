/** The driver inside the worker: an instance of its class that was not constructed but filled. */
import type { BoardSession } from '../board.js';
import { Driver, viewIn } from '../driver.js';
import { adoptInvariants } from '../invariant.js';
import { compile } from '../registers/compile.js';
import { attachTree, type HandleTree } from '../registers/tree.js';
import type { RegisterPort } from '../registers/register.js';
import { commitState, copyIn, openStateView, STATE_VIEW, touchedFields, type StateView } from '../state/index.js';
import { addStorage, nameOfField, storageOf } from '../state/storage.js';
import type { Scope } from '../scope.js';
import { systemEnvironment } from '../../transports/environment.js';
import { IsolationError, notTransferable } from './errors.js';
import { survey } from './exact.js';
import { Reach } from './groups.js';
import type { Fields, Setup } from './messages.js';
import type { RemoteScope } from './remote-scope.js';
import { isSame, knownPairs } from './same.js';
import { treeOf } from './shape.js';

export type DriverClass = (abstract new (board: BoardSession) => Driver) & { readonly prototype: Driver };

/** What a call has changed, as it is sent. */
export type Changes = readonly (readonly [name: string, value: unknown])[];

export class Replica {
  readonly driver: Driver;
  /** Where each peripheral stands in the list of the other side. */
  readonly indexOf: (peripheral: ReturnType<typeof compile>) => number;
  readonly #slots = new Map<string, symbol>();
  readonly #reach: Reach;
  #scope: RemoteScope | undefined;

  /** Its own constructor, which wants a board, is not run: every field comes from the other side. */
  constructor(driverClass: DriverClass, { specs, peripherals, invariants }: Setup) {
    this.driver = Reflect.construct(Driver as never, [absentBoard(driverClass.name)], driverClass) as Driver;
    this.#reach = new Reach(driverClass.name, (name) => this.#read(name));
    addStorage(this.driver);
    adoptInvariants(this.driver, invariants);
    const indexes = new Map(specs.map((spec, index) => [compile(spec), index]));
    this.indexOf = (peripheral) => {
      const index = indexes.get(peripheral);
      if (index === undefined) throw absent(`${peripheral.name}, which is in no @peripheral accessor of the driver,`);
      return index;
    };
    for (const [name, shape] of Object.entries(peripherals)) {
      const handles = attachTree(treeOf(shape, specs), OUTSIDE_OF_CALLS) as HandleTree;
      Reflect.set(this.driver, name, handles);
    }
  }

  /** The driver as one call sees it. */
  view(scope: RemoteScope): { view: Driver; state: StateView } {
    this.#scope = scope;
    const state = openStateView(this.driver);
    const view = viewIn(this.driver, scope as unknown as Scope);
    view[STATE_VIEW] = state;
    return { view, state };
  }

  /** Takes over what has changed elsewhere. */
  receive(state: Fields, plain: Fields): void {
    for (const [name, value] of state.values) this.#write(name, { value, writable: true });
    for (const [name, what] of state.withheld) {
      const fields = storageOf(this.driver);
      const slot = this.#slotOf(name);
      this.#write(name, {
        get: () => this.#refuse(`${this.driver.constructor.name}.${name}`, what),
        set: (value) => void Object.defineProperty(fields, slot, { ...LIVE, value, writable: true }),
      });
    }
    for (const [name, value] of plain.values)
      Object.defineProperty(this.driver, name, { ...LIVE, value: frozen(value) });
    for (const [name, what] of plain.withheld) {
      const get = () => this.#refuse(`${this.driver.constructor.name}.${name}`, what);
      Object.defineProperty(this.driver, name, { ...LIVE, get });
    }
  }

  /**
   * Keeps what a call has made of its view, and returns it for the other side. Throws a StateError when it cannot be kept;
   * then nothing was. When it cannot be sent, `lost` gets the fields that now differ from those of the other side.
   */
  commit(view: Driver, state: StateView, lost: string[]): Changes {
    const pairs = knownPairs((original) => copyIn(state, original));
    const changed = touchedFields(state).filter((name) => {
      const field = Reflect.getOwnPropertyDescriptor(storageOf(this.driver), this.#slotOf(name))!;
      return field.get !== undefined || !isSame(field.value, Reflect.get(view, name), pairs);
    });
    const all = [...this.#slots.keys()];
    const before = changed.length > 0 ? this.#reach.together(changed, all) : changed;
    commitState(state);
    if (changed.length === 0) return [];
    // What shared an object with a changed field has changed with it, and what does so now has to cross with it.
    for (const name of before) this.#reach.changed(name);
    const sent = this.#reach.together(before, all);
    lost.push(...sent);
    return sent.map((name) => {
      const { obstacle } = this.#reach.of(name);
      if (obstacle) throw notTransferable(obstacle.path, obstacle.what);
      return [name, this.#read(name)];
    });
  }

  /** A field that was withheld leads nowhere. */
  #read(name: string): unknown {
    return Reflect.getOwnPropertyDescriptor(storageOf(this.driver), this.#slotOf(name))?.value;
  }

  #write(name: string, descriptor: PropertyDescriptor): void {
    Object.defineProperty(storageOf(this.driver), this.#slotOf(name), { ...LIVE, ...descriptor });
    this.#reach.changed(name);
  }

  /** The accessor of a class that was never constructed makes its slot when it is first set. */
  #slotOf(name: string): symbol {
    let slot = this.#slots.get(name);
    if (slot) return slot;
    Reflect.set(this.driver, name, undefined);
    slot = (Reflect.ownKeys(storageOf(this.driver)) as symbol[]).find((each) => nameOfField(each) === name);
    if (!slot) throw absent(`${this.driver.constructor.name}.${name}, which the class in its module does not declare,`);
    this.#slots.set(name, slot);
    return slot;
  }

  #refuse(where: string, what: string): never {
    const error = notTransferable(where, what);
    this.#scope?.fail(error);
    throw error;
  }
}

const LIVE = { enumerable: true, configurable: true } as const;

/** What is not state is not sent back, so it must not be changed here. Bytes and Maps cannot be frozen. */
function frozen(value: unknown): unknown {
  for (const object of survey('', value).objects)
    if (Array.isArray(object) || Reflect.getPrototypeOf(object) === Object.prototype) Object.freeze(object);
  return value;
}

const absent = (what: string): IsolationError =>
  new IsolationError(
    'not-in-worker',
    `${what} cannot be reached from the worker that the entry point runs in. Run it inline.`,
  );

/** Registers of a driver that is in no call. */
const refuseAll = () => Promise.reject(absent('A register outside of a call'));
const OUTSIDE_OF_CALLS: RegisterPort = {
  numberOf: () => 0,
  post: refuseAll,
  ask: refuseAll,
  defer: refuseAll,
  take: refuseAll,
  refuse: (error) => Promise.reject(error),
};

/** Time is the worker's own; everything else of the board is on the other side. */
function absentBoard(driver: string): BoardSession {
  return new Proxy({ environment: systemEnvironment } as unknown as BoardSession, {
    get(target, name) {
      if (name in target || typeof name === 'symbol') return Reflect.get(target, name) as unknown;
      throw absent(`${driver}.board.${name}`);
    },
  });
}
