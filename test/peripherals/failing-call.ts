/** A call that does anything to a peripheral and then fails: what the tests of all peripherals have in common. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Driver, entryPoint, peripheral, type Handle, type PeripheralSpec } from '../../runtime/index.js';
import type { BoardSession } from '../../runtime/board.js';
import { failureOf } from '../failure.js';

/** The operations that a mess is made of. */
interface Bits {
  writeBits(bits: number): Promise<void>;
}

export class Messy<S extends PeripheralSpec> extends Driver {
  @peripheral accessor block: Handle<S>;

  constructor(board: BoardSession, block: Handle<S>) {
    super(board);
    this.block = block;
  }

  @entryPoint
  async failAfter(mess: (block: Handle<S>, delay: (us: number) => Promise<void>) => Promise<void>): Promise<void> {
    await mess(this.block, (us) => this.tx.delay(us));
    // Posted writes leave with the next turn of the event loop; a call that fails before that has changed nothing.
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('the driver failed here');
  }
}

/** Runs a call that makes a mess and fails; afterwards everything that a checkpoint keeps is as before, and verified. */
export async function assertUndone<S extends PeripheralSpec>(
  driver: Messy<S>,
  mess: Parameters<Messy<S>['failAfter']>[0],
): Promise<void> {
  const before = await driver.board.digest(driver.block);
  const error = await failureOf(driver.failAfter(mess));
  assert.equal(error.code, 'exception', String(error.cause));
  assert.deepEqual(error.rollback.mismatches, []);
  assert.equal(error.rollback.outcome, 'restored');
  assert.equal(await driver.board.digest(driver.block), before, 'the digest');
}

/** The same, where the mess itself asserts: such a failure is the test's, though it looks like the driver's. */
export async function assertUndoneAfter<S extends PeripheralSpec>(
  driver: Messy<S>,
  mess: Parameters<Messy<S>['failAfter']>[0],
): Promise<void> {
  let failure: unknown;
  await assertUndone(driver, async (block, delay) => {
    try {
      await mess(block, delay);
    } catch (error) {
      failure = error;
    }
  });
  if (failure !== undefined) throw failure;
}

export interface Scribble {
  readonly register: string;
  readonly bits: number;
  /** Microseconds until the next one, for what the block does in the meantime. */
  readonly us: number;
}

/** Any values, legal or not, in any of the registers; `largest` is the one that the widest of them holds. */
export const scribbles = (
  registers: readonly string[],
  length = 10,
  largest = 0xffffffff,
): fc.Arbitrary<readonly Scribble[]> =>
  fc.array(
    fc.record({ register: fc.constantFrom(...registers), bits: fc.nat(largest), us: fc.constantFrom(0, 0, 5, 40) }),
    { minLength: 1, maxLength: length },
  );

export async function scribble<S extends PeripheralSpec>(
  block: Handle<S>,
  list: readonly Scribble[],
  delay: (us: number) => Promise<void>,
): Promise<void> {
  const registers = block as unknown as Readonly<Record<string, Bits>>;
  for (const { register, bits, us } of list) {
    await registers[register]!.writeBits(bits);
    if (us > 0) await delay(us);
  }
}
