import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EntryPointError, type Op } from '../../runtime/index.js';
import { picoBoard, type Bench } from '../emulated.js';
import { digestsOf, Interpreter, program, stateOf } from './programs.js';

/** Ways in which the n-th operation of a call can fail. */
const FAILURES = {
  /** The driver's own code throws. */
  exception: (): Op => {
    throw new Error('the driver failed here');
  },
  /** The controller refuses the operation. */
  'controller-fault': (op: Op): Op =>
    'at' in op ? { ...op, at: { ...op.at, offset: 0xfff0 } } : { op: 'delay', us: 2_000_000 },
} as const;

describe('A failing entry point, on real firmware', function () {
  this.timeout(120_000);
  let bench: Bench;
  let driver: Interpreter;
  let failAt = Infinity;
  let failure: keyof typeof FAILURES = 'exception';
  let operations = 0;
  let armed = false;

  before(async () => {
    bench = await picoBoard({
      faultPoint: (op) => (armed && operations++ === failAt ? FAILURES[failure](op) : op),
    });
    driver = new Interpreter(bench.board);
  });
  after(() => bench.dispose());

  /** Runs a program that fails at operation `at`, if it has so many. */
  async function failingAt(at: number, how: keyof typeof FAILURES, steps: Parameters<Interpreter['run']>[0]) {
    [failAt, failure, operations, armed] = [at, how, 0, true];
    try {
      return await driver.run(steps).then(
        () => undefined,
        (error: unknown) => error,
      );
    } finally {
      armed = false;
    }
  }

  it('leaves every peripheral and all state as they were, whichever operation fails, and the next call works', async () => {
    let trials = 0;
    const property = fc.asyncProperty(program, program, async (before, steps) => {
      await driver.run(before);
      for (const how of Object.keys(FAILURES) as (keyof typeof FAILURES)[]) {
        for (let at = 0; ; at++) {
          const digests = await digestsOf(driver);
          const state = stateOf(driver);
          const error = await failingAt(at, how, steps);
          if (error === undefined) {
            assert.equal(operations, at, 'every operation had its turn, and this run is the next call that works');
            break;
          }
          trials++;
          assert.ok(error instanceof EntryPointError, error instanceof Error ? error.message : 'no error');
          assert.equal(error.code, how);
          assert.deepEqual(error.rollback.mismatches, []);
          assert.ok(
            error.rollback.outcome === 'restored' || error.rollback.outcome === 'nothing',
            error.rollback.outcome,
          );
          assert.deepEqual(await digestsOf(driver), digests, `registers after operation ${at} failed by ${how}`);
          assert.deepEqual(stateOf(driver), state, `state after operation ${at} failed by ${how}`);
        }
      }
    });
    await fc.assert(property, { numRuns: 60 });
    assert.ok(trials > 300, `${trials} failures were tried`);
  });
});
