import type { BoardSession } from './board.js';
import { joinTransaction, runAsTransaction, type EntryPointOptions } from './call.js';
import { TransactionError } from './errors.js';
import { compile } from './registers/compile.js';
import { reattach, specsOf, type HandleTree } from './registers/tree.js';
import { discardState, openStateView, prepareState, STATE_VIEW } from './state/index.js';
import type { Transaction } from './transaction.js';

/** On a view: the transaction it belongs to. */
const TRANSACTION: unique symbol = Symbol('fgft.transaction');
/** On a driver: everything that its calls lock. */
const LOCKED: unique symbol = Symbol('fgft.locked');

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
    if (outer) return joinTransaction(outer, call, () => method.apply(this, args));
    return runAsTransaction({ ...options, board: this.board, name: call, locks: this[LOCKED] }, (transaction) => {
      const state = openStateView(this);
      const view = Object.create(this) as This;
      view[TRANSACTION] = transaction;
      view[STATE_VIEW] = state;
      return {
        run: () => method.apply(view, args),
        prepare: () => prepareState(state),
        discard: () => discardState(state),
      };
    });
  };
}
