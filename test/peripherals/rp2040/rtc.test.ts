import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Rtc } from '../../../peripherals/rp2040/rtc.js';
import type { Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndoneAfter, Messy, scribble, scribbles } from '../failing-call.js';

/** clk_rtc is 48 MHz / 1024 with this firmware. */
const DIVIDER = 46874;
const REGISTERS = ['CLKDIV_M1', 'SETUP_0', 'SETUP_1', 'CTRL', 'IRQ_SETUP_0', 'IRQ_SETUP_1', 'INTE', 'INTF'];

const date = fc.record({
  YEAR: fc.nat(4095),
  MONTH: fc.integer({ min: 1, max: 12 }),
  DAY: fc.integer({ min: 1, max: 28 }),
});
const time = fc.record({ DOTW: fc.nat(6), HOUR: fc.nat(23), MIN: fc.nat(59), SEC: fc.nat(59) });
const setup = fc.record({
  divider: fc.nat(0xffff),
  date,
  time,
  matchDate: fc.record({ YEAR_ENA: fc.boolean(), MONTH_ENA: fc.boolean(), DAY_ENA: fc.boolean() }),
  matchTime: fc.record({ HOUR_ENA: fc.boolean(), MIN_ENA: fc.boolean(), SEC_ENA: fc.boolean() }),
  matching: fc.boolean(),
  running: fc.boolean(),
  noLeapYear: fc.boolean(),
  interrupt: fc.boolean(),
});

describe('The real-time clock, on real firmware', () => {
  let bench: Bench;
  let block: Handle<Rtc>;
  let driver: Messy<Rtc>;

  before(async () => {
    bench = await picoBoard();
    block = bench.board.rtc;
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  async function set(to: { YEAR: number; MONTH: number; DAY: number }, at: { HOUR: number; MIN: number; SEC: number }) {
    await block.IRQ_SETUP_0.write({});
    await block.CTRL.write({});
    bench.emulated.advance(1);
    await block.CLKDIV_M1.write({ DIVIDER });
    await block.SETUP_0.write(to);
    await block.SETUP_1.write(at);
    await block.CTRL.write({ LOAD: true });
    await block.CTRL.modify({ RTC_ENABLE: true });
    bench.emulated.advance(1);
  }

  /** Reading the time latches the date. */
  const now = async () => ({ ...(await block.RTC_0.read()), ...(await block.RTC_1.read()) });

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, scribbles(REGISTERS), async (to, list) => {
      await set(to.date, to.time);
      await block.CTRL.write({ RTC_ENABLE: to.running, FORCE_NOTLEAPYEAR: to.noLeapYear });
      await block.CLKDIV_M1.write({ DIVIDER: to.divider });
      await block.INTE.write({ RTC: to.interrupt });
      await block.IRQ_SETUP_1.write({ ...to.time, ...to.matchTime });
      await block.IRQ_SETUP_0.write({ ...to.date, ...to.matchDate });
      await block.IRQ_SETUP_0.modify({ MATCH_ENA: to.matching });
      await assertUndoneAfter(driver, (messy, delay) => scribble(messy, list, delay));
      bench.emulated.advance(1);
      assert.equal((await block.CTRL.read()).RTC_ACTIVE, to.running);
      assert.equal((await block.IRQ_SETUP_0.read()).MATCH_ACTIVE, to.matching);
    });
    await fc.assert(property, { numRuns: 100, seed: 4_08 });
  });

  it('keeps its time and goes on when a failed call had stopped it and changed its pace', async () => {
    await set({ YEAR: 2026, MONTH: 2, DAY: 28 }, { HOUR: 23, MIN: 59, SEC: 57 });
    await assertUndoneAfter(driver, async (messy, delay) => {
      await messy.CTRL.write({});
      await delay(100);
      await messy.CLKDIV_M1.write({ DIVIDER: 3 });
      await messy.SETUP_0.write({ YEAR: 1999, MONTH: 1, DAY: 1 });
    });
    assert.equal((await now()).SEC, 57);
    bench.emulated.advance(3010);
    assert.deepEqual(await now(), { DOTW: 1, HOUR: 0, MIN: 0, SEC: 0, YEAR: 2026, MONTH: 3, DAY: 1 });
  });

  it('raises the alarm that was set before the failed call, and not the one that the call set', async () => {
    await set({ YEAR: 2026, MONTH: 5, DAY: 5 }, { HOUR: 12, MIN: 0, SEC: 0 });
    await block.INTE.write({ RTC: true });
    await block.IRQ_SETUP_1.write({ SEC: 4, SEC_ENA: true });
    await block.IRQ_SETUP_0.write({ MATCH_ENA: true });
    await assertUndoneAfter(driver, async (messy, delay) => {
      await messy.IRQ_SETUP_0.write({});
      await delay(100);
      await messy.IRQ_SETUP_1.write({ SEC: 2, SEC_ENA: true });
      await messy.IRQ_SETUP_0.write({ MATCH_ENA: true });
    });
    const raised: number[] = [];
    for (let second = 0; second < 6; second++) {
      if ((await block.INTS.read()).RTC) raised.push((await block.RTC_0.read()).SEC);
      bench.emulated.advance(1000);
    }
    assert.deepEqual(raised, [4]);
  });
});
