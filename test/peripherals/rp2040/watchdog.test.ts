import assert from 'node:assert/strict';
import fc from 'fast-check';
import { watchdog, type Watchdog } from '../../../peripherals/rp2040/watchdog.js';
import type { Handle } from '../../../runtime/index.js';
import { compile } from '../../../runtime/registers/compile.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndoneAfter, Messy } from '../failing-call.js';

const SCRATCHES = 4;
const CTRL_SET = 0x4005a000;
const TRIGGER = 0x80000000;
/** What the firmware leaves in SCRATCH4, to know its own boots (`WE_RAN` in rp_fault.c). */
const FIRMWARE_RAN = 0xfa170001;
const word = fc.nat(0xffffffff);
const words = fc.array(word, { minLength: SCRATCHES, maxLength: SCRATCHES });
const writes = fc.array(fc.record({ index: fc.nat(SCRATCHES - 1), value: word }), { minLength: 1, maxLength: 10 });

describe('The scratch registers of the watchdog, on real firmware', () => {
  let bench: Bench;
  let block: Handle<Watchdog>;

  beforeEach(async () => {
    bench = await picoBoard();
    block = bench.board.watchdog;
  });
  afterEach(() => bench.dispose());

  const held = () => Promise.all(block.SCRATCH.map((register) => register.read()));

  async function hold(values: readonly number[]): Promise<void> {
    for (const [index, value] of values.entries()) await block.SCRATCH[index]!.write(value);
  }

  it('hold what they held before a failed call, whatever the call wrote', async () => {
    const driver = new Messy(bench.board, block);
    const property = fc.asyncProperty(words, writes, async (before, list) => {
      await hold(before);
      await assertUndoneAfter(driver, async (messy) => {
        for (const { index, value } of list) await messy.SCRATCH[index]!.write(value);
      });
      assert.deepEqual(await held(), before);
    });
    await fc.assert(property, { numRuns: 60, seed: 4_07 });
  });

  it('hold it over a reset by the watchdog, and are 0 after one by the pin', async () => {
    const values = [0x12345678, 0, 0xffffffff, 1];
    await hold(values);
    bench.emulated.write32(CTRL_SET, TRIGGER);
    bench.emulated.advance(1);
    block = (await bench.reopen()).watchdog;
    assert.deepEqual(await held(), values);
    await bench.emulated.pressReset();
    block = (await bench.reopen()).watchdog;
    assert.deepEqual(await held(), [0, 0, 0, 0]);
  });

  it('that the boot ROM uses can be read, the mark of the firmware among them, and not written', async () => {
    const { BOOT } = block;
    assert.deepEqual(await Promise.all(BOOT.map((register) => register.read())), [FIRMWARE_RAN, 0, 0, 0]);
    for (const { at } of compile(watchdog).registers.get('BOOT')!) {
      const place = { peripheral: bench.board.numberOf(compile(watchdog)), ...at };
      await assert.rejects(bench.board.ask({ op: 'write', at: place, value: 1 }), { code: 'access-denied' });
    }
  });
});
