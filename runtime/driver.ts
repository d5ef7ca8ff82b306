import type { BoardSession } from './board.js';
import type { Body } from './call.js';
import { TransactionError } from './errors.js';
import { reattach, type HandleTree } from './registers/tree.js';
import type { STATE_VIEW, StateView } from './state/index.js';
import type { Scope } from './scope.js';

/** On a view: the transaction it belongs to. */
export const TRANSACTION: unique symbol = Symbol('fgft.transaction');
/** On a driver: what it holds in `@peripheral` accessors, by their names. */
export const HANDLES: unique symbol = Symbol('fgft.handles');
/** On a driver that has one: its worker. */
export const WORKER: unique symbol = Symbol('fgft.worker');

/** What is asked of a call before and after it has crossed. */
export interface Checks<Result> {
  args(): Promise<readonly unknown[]>;
  result(result: unknown): Promise<Result>;
}

/** Runs calls of a driver in a thread of its own (isolation/isolate.ts). */
export interface DriverWorker {
  begin<Result>(scope: Scope, method: string, checks: Checks<Result>): Body<Result>;
}

/**
 * The base of a driver: registers in `@peripheral` accessors, state in `@state` accessors, calls in `@entryPoint`
 * methods. A method without a decorator is native: its register operations run at once and are not rolled back.
 */
export abstract class Driver {
  readonly board: BoardSession;
  declare [TRANSACTION]?: Scope;
  declare [STATE_VIEW]?: StateView;
  declare [WORKER]?: DriverWorker;
  readonly [HANDLES]: Record<string, HandleTree | undefined> = {};

  constructor(board: BoardSession) {
    this.board = board;
  }

  /** The transaction of the running entry point: its signal and delays. Throws outside of one. */
  protected get tx(): Scope {
    if (this[TRANSACTION]) return this[TRANSACTION];
    throw new TransactionError(
      'outside-transaction',
      `${this.constructor.name}.tx exists only inside an @entryPoint method, through its own \`this\`.`,
    );
  }
}

/** Declares a peripheral (or an array or group of them) that the driver uses; a call locks it when it first touches it. */
export function peripheral<This extends Driver, T extends HandleTree | undefined>(
  _target: ClassAccessorDecoratorTarget<This, T>,
  context: ClassAccessorDecoratorContext<This, T>,
): ClassAccessorDecoratorResult<This, T> {
  const storage: unique symbol = Symbol('fgft.peripheral');
  type Storing = { [storage]?: T };
  const store = (driver: This, handles: T): T => {
    driver[HANDLES][String(context.name)] = handles;
    return ((driver as Storing)[storage] = handles);
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

/** The driver, or a view of it, as the code of one call sees it: its registers work in the call's transaction. */
export function viewIn<This extends Driver>(driver: This, scope: Scope): This {
  const view = Object.create(driver) as This;
  view[TRANSACTION] = scope;
  return view;
}
