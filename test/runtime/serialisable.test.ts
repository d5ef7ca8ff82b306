import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EntryPointError } from '../../runtime/index.js';
import { picoBoard, type Bench } from '../emulated.js';
import { CELLS, DRIVERS, ENDINGS, Member, type Plan, type Seen } from './crowd.js';

/** The value that every cell holds at first: no call writes it. */
const FIRST = 0;
/** How a call of the crowd may fail. */
const CODES = ['exception', 'register-contract', 'controller-fault', 'deadlock'];

const step = fc.record({ cell: fc.nat(CELLS - 1), write: fc.boolean(), pauses: fc.nat(2) });
const plan: fc.Arbitrary<Plan> = fc.record({
  driver: fc.nat(DRIVERS - 1),
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  ending: fc.oneof({ weight: 4, arbitrary: fc.constant('return' as const) }, fc.constantFrom(...ENDINGS)),
});
const plans = fc.array(plan, { minLength: 8, maxLength: 40 });

/** A call that has committed, and what it has seen and done. */
interface Committed {
  readonly driver: number;
  readonly seen: readonly Seen[];
}

describe('Eight drivers on one board, calling at random and failing at random', function () {
  this.timeout(60_000);
  let bench: Bench;
  beforeEach(async () => {
    bench = await picoBoard();
  });
  afterEach(() => bench.dispose());

  /** Runs all plans at once; resolves with the calls that have committed, in the order in which they did. */
  async function run(members: readonly Member[], list: readonly Plan[]): Promise<Committed[]> {
    let value = FIRST;
    const committed: Committed[] = [];
    const calls = list.map(async (each) => {
      const seen: Seen[] = [];
      try {
        await members[each.driver]!.run(each, () => ++value, seen);
        committed.push({ driver: each.driver, seen });
      } catch (error) {
        assert.ok(error instanceof EntryPointError, String(error));
        assert.ok(CODES.includes(error.code), error.message);
        assert.ok(['restored', 'nothing'].includes(error.rollback.outcome), error.message);
      }
    });
    await Promise.all(calls);
    return committed;
  }

  /** The model: one call after another, in the order of their commits. */
  function replay(committed: readonly Committed[]): number[] {
    const cells = Array.from({ length: CELLS }, () => FIRST);
    for (const { seen } of committed) {
      for (const { cell, value, write } of seen) {
        if (write) cells[cell] = value;
        else assert.equal(value, cells[cell], `cell ${cell} as the calls before it have left it`);
      }
    }
    return cells;
  }

  it('have a history that calls one after another could have, and leave no lock behind', async () => {
    let failed = 0;
    let succeeded = 0;
    const property = fc.asyncProperty(plans, async (list) => {
      for (const { CC } of bench.board.pwm.ch.slice(0, CELLS)) await CC.write({ A: FIRST });
      const members = Array.from({ length: DRIVERS }, () => new Member(bench.board));
      const committed = await run(members, list);
      succeeded += committed.length;
      failed += list.length - committed.length;

      const registers = await Promise.all(bench.board.pwm.ch.slice(0, CELLS).map(({ CC }) => CC.read()));
      assert.deepEqual(
        registers.map(({ A }) => A),
        replay(committed),
      );
      for (const [index, { calls, written }] of members.entries()) {
        const own = committed.filter(({ driver }) => driver === index);
        assert.equal(calls, own.length);
        const wrote = own.flatMap(({ seen }) => seen.filter(({ write }) => write).map(({ value }) => value));
        assert.deepEqual(written, wrote);
      }
      assert.equal(bench.board.locks.size, 0);
    });
    await fc.assert(property, { numRuns: 40, seed: 4_08 });
    assert.ok(failed > 100 && succeeded > 100, `${failed} calls failed, ${succeeded} did not`);
  });
});
