import type { Board, BoardSpec } from '../open.js';
import type { PeripheralTree } from '../registers/tree.js';
import type { Buses } from './buses.js';

/** What a sweep makes fail: one call of a driver, on an emulated board of its own each time. */
export interface Workload<T extends PeripheralTree = PeripheralTree, D = unknown> {
  readonly name: string;
  readonly board: BoardSpec<T>;
  /** Connects emulated chips to the board. */
  connect?(buses: Buses): void;
  /** Makes the driver and sets up what the call needs. Nothing fails here. */
  prepare(board: Board<T>): Promise<D>;
  /** The call that is to fail. Called again, it must do the same. */
  call(driver: D): Promise<unknown>;
  /** The driver's state, as something that JSON can hold. */
  state(driver: D): unknown;
}

/** Declares a workload; a module whose default export is one can be given to `fgft inject sweep`. */
export const defineWorkload = <const T extends PeripheralTree, D>(workload: Workload<T, D>): Workload<T, D> => workload;
