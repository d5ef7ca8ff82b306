import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adc, type Adc } from '../../../peripherals/rp2040/adc.js';
import type { Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndoneAfter, Messy, scribble, scribbles } from '../failing-call.js';

const LEVELS = [0x101, 0x202, 0x303, 0x404, 0x505];

const setup = fc.record({
  enabled: fc.boolean(),
  sensor: fc.boolean(),
  input: fc.nat(4),
  rounds: fc.oneof(fc.constant(0), fc.nat(0x1f)),
  running: fc.boolean(),
  divider: fc.record({ INT: fc.nat(0xffff), FRAC: fc.nat(0xff) }),
  fifo: fc.record({
    EN: fc.boolean(),
    SHIFT: fc.boolean(),
    ERR: fc.boolean(),
    DREQ_EN: fc.boolean(),
    THRESH: fc.nat(15),
  }),
  interrupt: fc.boolean(),
  forced: fc.boolean(),
  inReset: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

async function configure(block: Handle<Adc>, to: Setup): Promise<void> {
  await block.RESET.write({ ADC: true });
  await block.RESET.write({ ADC: to.inReset });
  if (to.inReset) return;
  await block.FCS.write(to.fifo);
  await block.DIV.write(to.divider);
  await block.INTE.write({ FIFO: to.interrupt });
  await block.INTF.write({ FIFO: to.forced });
  await block.CS.write({
    EN: to.enabled,
    TS_EN: to.sensor,
    AINSEL: to.input,
    RROBIN: to.rounds,
    START_MANY: to.running,
  });
}

/** What a single conversion of the input gives that the block has been left at. */
async function convert(block: Handle<Adc>): Promise<number> {
  await block.CS.modify({ START_ONCE: true });
  while (!(await block.CS.read()).READY);
  return (await block.RESULT.read()).RESULT;
}

describe('The ADC, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<Adc>;

  before(async () => {
    bench = await picoBoard();
    driver = new Messy(bench.board, bench.board.adc);
    bench.emulated.chip.silicon.adc.channelValues.splice(0, 5, ...LEVELS);
  });
  after(() => bench.dispose());

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const writable = ['CS', 'FCS', 'DIV', 'INTE', 'INTF', 'RESET'];
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(driver.block, to);
      await assertUndoneAfter(driver, (block, delay) => scribble(block, list, delay));
    });
    await fc.assert(property, { numRuns: 100, seed: 4_09 });
  });

  it('converts the input that was selected before the failed call', async () => {
    const property = fc.asyncProperty(setup, scribbles(['CS', 'FCS', 'DIV', 'RESET']), async (to, list) => {
      await configure(driver.block, { ...to, enabled: true, running: false, rounds: 0, inReset: false });
      await assertUndoneAfter(driver, (block, delay) => scribble(block, list, delay));
      assert.equal(await convert(driver.block), LEVELS[to.input]);
    });
    await fc.assert(property, { numRuns: 50, seed: 4_09_2 });
  });

  it('is freed from free running with a full FIFO', async () => {
    const { block } = driver;
    await block.RESET.write({ ADC: true });
    await block.RESET.write({ ADC: false });
    await block.CS.write({ EN: true, AINSEL: 2 });
    await assertUndoneAfter(driver, async (wedged, delay) => {
      await wedged.FCS.write({ EN: true, THRESH: 1 });
      await wedged.CS.write({ EN: true, START_MANY: true, RROBIN: 0x1f });
      await delay(50);
      assert.deepEqual(pick(await wedged.FCS.read(), ['FULL', 'OVER', 'LEVEL']), { FULL: true, OVER: true, LEVEL: 4 });
    });
    assert.deepEqual(pick(await block.FCS.read(), ['EN', 'EMPTY', 'OVER', 'LEVEL']), {
      EN: false,
      EMPTY: true,
      OVER: false,
      LEVEL: 0,
    });
    assert.equal((await block.CS.read()).READY, true, 'no conversion is going on');
    assert.equal(await convert(block), LEVELS[2]);
  });

  it('goes on sampling round-robin when that is what it did before the failed call', async () => {
    const { block } = driver;
    await block.RESET.write({ ADC: true });
    await block.RESET.write({ ADC: false });
    await block.FCS.write({ EN: true });
    await block.CS.write({ EN: true, START_MANY: true, RROBIN: 0b01011, AINSEL: 0 });
    await assertUndoneAfter(driver, async (stopped) => {
      await stopped.CS.write({});
      await stopped.FCS.write({});
    });
    while (!(await block.FCS.read()).FULL);
    const samples = [...(await block.FIFO.pull(4))];
    const first = [0, 1, 3].findIndex((input) => LEVELS[input] === samples[0]);
    assert.deepEqual(
      samples,
      [0, 1, 2, 3].map((ahead) => LEVELS[[0, 1, 3][(first + ahead) % 3]!]),
    );
  });

  it('keeps neither the FIFO nor anything else that a read or the hardware changes', () => {
    assert.deepEqual(
      adc.save.map((each) => (typeof each === 'string' ? each : `${each.register}${each.volatile ? ' volatile' : ''}`)),
      ['FCS', 'DIV', 'INTF', 'INTE', 'CS volatile', 'CS', 'RESET'],
    );
  });
});

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
