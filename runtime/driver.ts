import type { BoardSession } from './board.js';
import {
  ControllerError,
  DefinitionError,
  EntryPointError,
  LinkError,
  RegisterError,
  TransactionError,
  TransportError,
  type FailureDetector,
} from './errors.js';
import type { Release } from './locks.js';
import { compile } from './registers/compile.js';
import { reattach, specsOf, type HandleTree } from './registers/tree.js';
import { discardState, openStateView, prepareState, STATE_VIEW, StateError } from './state/index.js';
import { Transaction } from './transaction.js';

/** On a view: the transaction it belongs to. */
const TRANSACTION: unique symbol = Symbol('fgft.transaction');
/** On a driver: everything that its calls lock. */
const LOCKED: unique symbol = Symbol('fgft.locked');

const LOCK_TIMEOUT_MS = 10_000;

export interface EntryPointOptions {
  /** Milliseconds after which the call fails and is rolled back, even if it never returns. */
  readonly deadline?: number;
}

/**
 * The base of a driver: registers in `@peripheral` accessors, state in `@state` accessors, calls in `@entryPoint`
 * methods. A method without a decorator is native: its register operations run at once and are not rolled back.
 */
export abstract class Driver {
  readonly board: BoardSession;
  declare [TRANSACTION]?: Transaction;
  declare [STATE_VIEW]?: object;
  readonly [LOCKED]: Set<object> = new Set([this]);

  constructor(board: BoardSession) {
    this.board = board;
  }

  /** The transaction of the running entry point: its signal and delays. Throws outside of one. */
  protected get tx(): Transaction {
    if (this[TRANSACTION]) return this[TRANSACTION];
    throw new TransactionError(
      'outside-transaction',
      `${this.constructor.name}.tx exists only inside an @entryPoint method, through its own \`this\`.`,
    );
  }
}

/** Declares a peripheral (or an array or group of them) that the driver uses; its calls lock it. */
export function peripheral<This extends Driver, T extends HandleTree | undefined>(
  _target: ClassAccessorDecoratorTarget<This, T>,
  _context: ClassAccessorDecoratorContext<This, T>,
): ClassAccessorDecoratorResult<This, T> {
  const storage: unique symbol = Symbol('fgft.peripheral');
  type Storing = { [storage]?: T };
  const store = (driver: This, handles: T): T => {
    for (const spec of handles ? specsOf(handles) : []) driver[LOCKED].add(compile(spec));
    (driver as Storing)[storage] = handles;
    return handles;
  };
  return {
    init(handles) {
      return store(this, handles);
    },
    get() {
      // Not the accessor's own storage: a view, which is not the object that owns it, must find the handles too.
      const handles = (this as Storing)[storage] as T;
      const transaction = this[TRANSACTION];
      return transaction && handles ? reattach(handles, transaction) : handles;
    },
    set(handles) {
      store(this, handles);
    },
  };
}

type Method<This, Args extends unknown[], Result> = (this: This, ...args: Args) => Promise<Result>;
type EntryPointDecorator = <This extends Driver, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  context: ClassMethodDecoratorContext<This, Method<This, Args, Result>>,
) => Method<This, Args, Result>;

/** Makes a method an entry point: each call is a transaction. `@entryPoint` or `@entryPoint({ deadline: 500 })`. */
export function entryPoint<This extends Driver, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  context: ClassMethodDecoratorContext<This, Method<This, Args, Result>>,
): Method<This, Args, Result>;
export function entryPoint(options: EntryPointOptions): EntryPointDecorator;
export function entryPoint(...args: [EntryPointOptions] | Parameters<EntryPointDecorator>): unknown {
  if (args.length === 1) {
    const [options] = args;
    const decorate: EntryPointDecorator = (method, context) => asEntryPoint(method, String(context.name), options);
    return decorate;
  }
  const [method, context] = args;
  return asEntryPoint(method, String(context.name), {});
}

function asEntryPoint<This extends Driver, Args extends unknown[], Result>(
  method: Method<This, Args, Result>,
  name: string,
  options: EntryPointOptions,
): Method<This, Args, Result> {
  return function (this: This, ...args: Args): Promise<Result> {
    const call = `${this.constructor.name}.${name}`;
    const outer = this[TRANSACTION];
    const run = (view: This) => method.apply(view, args);
    return outer ? joined(this, outer, call, run) : inTransaction(this, call, options, run);
  };
}

/** An entry point called by another one of the same driver is part of it: if it fails, the outer one cannot commit. */
async function joined<This, Result>(
  view: This,
  outer: Transaction,
  call: string,
  run: (view: This) => Promise<Result>,
): Promise<Result> {
  try {
    return await run(view);
  } catch (cause) {
    outer.fail(new TransactionError('nested-failure', `${call}, called by ${outer.call}, failed.`, { cause }));
    throw cause;
  }
}

async function inTransaction<This extends Driver, Result>(
  driver: This,
  call: string,
  options: EntryPointOptions,
  run: (view: This) => Promise<Result>,
): Promise<Result> {
  const { board } = driver;
  const release = await takeLocks(driver, call);
  const transaction = new Transaction(board, call);
  const state = openStateView(driver);
  const view = Object.create(driver) as This;
  view[TRANSACTION] = transaction;
  view[STATE_VIEW] = state;
  const cancelDeadline = startDeadline(board, transaction, options);
  try {
    const result = await Promise.race([run(view), transaction.failed]);
    const commitState = prepareState(state);
    await transaction.commit();
    commitState();
    return result;
  } catch (cause) {
    const rollback = await transaction.rollback(cause);
    discardState(state);
    throw new EntryPointError(detectorOf(cause), call, cause, rollback, transaction.roundTrips);
  } finally {
    cancelDeadline?.();
    release();
  }
}

/** Two-phase locking: all locks of the driver before the call, released after its end. */
async function takeLocks(driver: Driver, call: string): Promise<Release> {
  try {
    return await driver.board.locks.acquire([...driver[LOCKED]], LOCK_TIMEOUT_MS, call);
  } catch (cause) {
    const nothing = { outcome: 'nothing', registers: 0, mismatches: [], permanent: [], ms: 0 } as const;
    throw new EntryPointError(detectorOf(cause), call, cause, nothing, 0);
  }
}

function startDeadline(
  board: BoardSession,
  transaction: Transaction,
  { deadline }: EntryPointOptions,
): (() => void) | undefined {
  if (deadline === undefined) return undefined;
  return board.environment.after(deadline, () =>
    transaction.fail(new TransactionError('deadline', `${transaction.call} took longer than its ${deadline} ms.`)),
  );
}

/** Which detector an error comes from; anything that is not ours is an exception of the driver's code. */
function detectorOf(cause: unknown): FailureDetector {
  if (cause instanceof RegisterError || cause instanceof DefinitionError) return 'register-contract';
  if (cause instanceof StateError) return 'state-contract';
  if (cause instanceof ControllerError) return 'controller-fault';
  if (cause instanceof LinkError || cause instanceof TransportError) return 'link-failure';
  if (!(cause instanceof TransactionError)) return 'exception';
  const { code } = cause;
  return code === 'transaction-ended' || code === 'outside-transaction' ? 'stray-work' : code;
}
