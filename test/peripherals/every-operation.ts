/** A call that fails at each of its operations in turn: what the tests of drivers have in common. */
import assert from 'node:assert/strict';
import { ControllerError, EntryPointError, type FaultPoint, type Op } from '../../runtime/index.js';
import type { AnyHandle } from '../../runtime/registers/handles.js';
import type { BoardSession } from '../../runtime/board.js';

/** No peripheral has the number 0: the controller fails at this operation, after it has run those before it. */
export const REFUSED: Op = { op: 'read', at: { peripheral: 0, block: 0, offset: 0, width: 0 } };

/** Fails one operation of a board that was opened with `faultPoint`. */
export class Fault {
  #left = Infinity;

  readonly faultPoint: FaultPoint = (op) => (this.#left-- === 0 ? REFUSED : op);

  /** Runs a call whose n-th operation fails, counted from 0; false if it has none. */
  async at(n: number, call: () => Promise<unknown>): Promise<EntryPointError | undefined> {
    this.#left = n;
    const error: unknown = await call().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const reached = this.#left < 0;
    this.#left = Infinity;
    assert.equal(error !== undefined, reached, String(error));
    if (!reached) return undefined;
    assert.ok(error instanceof EntryPointError && error.cause instanceof ControllerError, String(error));
    assert.equal(error.cause.code, 'undefined-peripheral', error.message);
    return error;
  }
}

/**
 * Fails a call at each of its operations, until it has none left and succeeds; every time `observe` and the digests of what it
 * touches are as before. Resolves with the number of operations.
 */
export async function assertUndoneAtEveryOperation(
  board: BoardSession,
  fault: Fault,
  call: () => Promise<unknown>,
  touched: readonly AnyHandle[],
  observe: () => unknown = () => undefined,
): Promise<number> {
  const state = async () => [observe(), ...(await Promise.all(touched.map((each) => board.digest(each))))];
  const before = await state();
  for (let operations = 0; ; operations++) {
    const error = await fault.at(operations, call);
    if (!error) return operations;
    assert.ok(['nothing', 'restored'].includes(error.rollback.outcome), error.message);
    assert.deepEqual(await state(), before, `after operation ${operations} has failed`);
  }
}
