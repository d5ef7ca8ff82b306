import type { BoardSession } from './board.js';
import type { Owner } from './locks.js';
import type { OpenTransaction } from './open-transactions.js';
import { reentrancyError } from './refusals.js';

/** A call that wants to begin. */
export interface Entrant extends Owner, OpenTransaction {
  readonly board: BoardSession;
  readonly caller: Entrant | undefined;
  /** The drivers that it has locked. */
  readonly drivers: readonly object[];
  /** It has all that it needs: its drivers, and this number on the controller. */
  admitted(drivers: readonly object[], number: number): void;
}

/**
 * Waits for a board that is ready, locks the call's drivers, and takes a number for it on the controller. Rejects with
 * nothing taken.
 */
export async function admit(entrant: Entrant, drivers: readonly object[]): Promise<void> {
  const { locks, recovery, transactions } = entrant.board;
  let number = 0;
  try {
    // Mostly there is nothing to wait for, and an await costs every call then, too.
    const admitted = recovery.admit();
    if (admitted) await admitted;
    for (const driver of drivers) {
      const taken = lockDriver(entrant, driver);
      if (taken) await taken;
    }
    const free = transactions.take(entrant, entrant.board.hello.limits.transactions);
    number = typeof free === 'number' ? free : await free;
    // Waiting for locks and for a number may have taken long.
    const stillAdmitted = recovery.admit();
    if (stillAdmitted) await stillAdmitted;
    entrant.admitted(drivers, number);
  } catch (error) {
    if (number > 0) transactions.release(number);
    locks.release(entrant);
    throw error;
  }
}

/** Calls of a driver run one after another: one that its own caller has called would wait for ever. */
function lockDriver(entrant: Entrant, driver: object): Promise<void> | undefined {
  for (let outer = entrant.caller; outer; outer = outer.caller)
    if (outer.drivers.includes(driver)) throw reentrancyError(outer.call, entrant.call);
  return entrant.board.locks.acquire(entrant, driver, `the ${driver.constructor.name} itself`, 'write');
}
