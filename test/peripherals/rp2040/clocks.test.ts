import assert from 'node:assert/strict';
import { compile } from '../../../runtime/registers/compile.js';
import { clocks } from '../../../peripherals/rp2040/clocks.js';
import { picoBoard, type Bench } from '../../emulated.js';

describe('The clocks, on real firmware', () => {
  let bench: Bench;

  before(async () => {
    bench = await picoBoard();
  });
  after(() => bench.dispose());

  it('run as the firmware set them, which a driver can work out', async () => {
    const block = bench.board.clocks;
    assert.equal((await block.CLK_REF_CTRL.read()).SRC, 'xosc');
    assert.deepEqual(await block.CLK_SYS_CTRL.read(), { SRC: 'aux', AUXSRC: 'pll-sys' });
    assert.deepEqual(await block.CLK_SYS_DIV.read(), { INT: 1, FRAC: 0 });
    assert.equal(await block.CLK_SYS_SELECTED.read(), 2);
    assert.equal((await block.CLK_PERI_CTRL.read()).AUXSRC, 'clk-sys');
    assert.deepEqual(await block.CLK_ADC_DIV.read(), { INT: 1 });
    assert.deepEqual(await block.CLK_RTC_DIV.read(), { INT: 1024, FRAC: 0 });
    assert.equal((await block.CLK_RTC_CTRL.read()).ENABLE, true);
  });

  it('cannot be written, not even by a call that goes round the types', async () => {
    const { registers } = compile(clocks);
    for (const [{ at }] of registers.values() as Iterable<readonly [{ readonly at: object }]>) {
      const number = bench.board.numberOf(compile(clocks));
      const op = { op: 'write', at: { peripheral: number, ...at }, value: 0 } as Parameters<typeof bench.board.ask>[0];
      await assert.rejects(bench.board.ask(op), { code: 'access-denied' });
    }
    assert.equal((await bench.board.clocks.CLK_SYS_CTRL.read()).SRC, 'aux');
  });
});
