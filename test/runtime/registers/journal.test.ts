import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  definePeripheral,
  Driver,
  EntryPointError,
  entryPoint,
  field,
  flag,
  peripheral,
  type Handle,
} from '../../../runtime/index.js';
import { attach } from '../../../runtime/registers/handles.js';
import { surveyOf, verifyRestore } from '../../../runtime/registers/survey.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';

/** RP2040 datasheet 4.5.3: slice 6, as somebody declares it who knows no sequence for it. */
const CH6 = 0x40050000 + 6 * 0x14;
const slice = definePeripheral({
  name: 'slice6',
  source: 'RP2040 datasheet 4.5.3',
  registers: {
    CSR: { address: CH6, access: 'rw', fields: { EN: flag(0), PH_CORRECT: flag(1), DIVMODE: field(4, 2) } },
    DIV: { address: CH6 + 0x04, access: 'rw', reset: 0x10, fields: { FRAC: field(0, 4), INT: field(4, 8) } },
    CC: { address: CH6 + 0x0c, access: 'rw' },
    TOP: { address: CH6 + 0x10, access: 'rw', fields: { WRAP: field(0, 16) } },
    INTE: { address: 0x400500a8, access: 'rw', owned: 1 << 6, fields: { WRAPPED: flag(6) } },
  },
  save: [],
  fallback: 'journal',
});

class Journaled extends Driver {
  @peripheral accessor slice: Handle<typeof slice>;

  constructor(board: PicoBoard) {
    super(board);
    this.slice = attach(slice, board);
  }

  @entryPoint
  async scramble(values: readonly number[]): Promise<void> {
    const { CC, TOP, DIV, INTE } = this.slice;
    for (const value of values) {
      await CC.write(value);
      await TOP.write({ WRAP: value & 0xffff });
      await DIV.modify({ INT: value & 0xff });
      await INTE.write({ WRAPPED: value % 2 === 1 });
    }
    await CC.read();
    throw new Error('jammed');
  }
}

describe('A peripheral without a sequence', () => {
  let bench: Bench;
  let driver: Journaled;

  before(async () => {
    bench = await picoBoard();
    driver = new Journaled(bench.board);
  });
  after(() => bench.dispose());

  it('is brought back from the journal, however often its registers were written', async () => {
    const value = fc.nat(0xffffffff);
    await fc.assert(
      fc.asyncProperty(value, fc.array(value, { minLength: 1, maxLength: 6 }), async (before, values) => {
        await driver.slice.CC.write(before);
        const digest = await bench.board.digest(driver.slice);
        await assert.rejects(driver.scramble(values), (error) => {
          assert.ok(error instanceof EntryPointError);
          assert.deepEqual([error.rollback.outcome, error.rollback.mismatches], ['restored', []]);
          return true;
        });
        assert.equal(await bench.board.digest(driver.slice), digest);
        assert.equal(await driver.slice.CC.read(), before);
      }),
      { numRuns: 40 },
    );
  });

  it('is reported as a journal, never as a sequence', async () => {
    const { method, saved } = surveyOf(slice);
    assert.deepEqual([method, saved], ['journal', 5]);
    assert.equal(await verifyRestore(bench.board, slice), true);
  });
});
