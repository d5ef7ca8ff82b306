import type { BoardSession } from './board.js';
import { TransactionError } from './errors.js';
import { reattach, type HandleTree } from './registers/tree.js';
import type { STATE_VIEW, StateView } from './state/index.js';
import type { Scope } from './scope.js';

/** On a view: the transaction it belongs to. */
export const TRANSACTION: unique symbol = Symbol('fgft.transaction');

/**
 * The base of a driver: registers in `@peripheral` accessors, state in `@state` accessors, calls in `@entryPoint`
 * methods. A method without a decorator is native: its register operations run at once and are not rolled back.
 */
export abstract class Driver {
  readonly board: BoardSession;
  declare [TRANSACTION]?: Scope;
  declare [STATE_VIEW]?: StateView;

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
  _context: ClassAccessorDecoratorContext<This, T>,
): ClassAccessorDecoratorResult<This, T> {
  const storage: unique symbol = Symbol('fgft.peripheral');
  type Storing = { [storage]?: T };
  return {
    init(handles) {
      return ((this as Storing)[storage] = handles);
    },
    get() {
      // Not the accessor's own storage: a view, which is not the object that owns it, must find the handles too.
      const handles = (this as Storing)[storage] as T;
      const transaction = this[TRANSACTION];
      return transaction && handles ? reattach(handles, transaction) : handles;
    },
    set(handles) {
      (this as Storing)[storage] = handles;
    },
  };
}

/** The driver, or a view of it, as the code of one call sees it: its registers work in the call's transaction. */
export function viewIn<This extends Driver>(driver: This, scope: Scope): This {
  const view = Object.create(driver) as This;
  view[TRANSACTION] = scope;
  return view;
}
