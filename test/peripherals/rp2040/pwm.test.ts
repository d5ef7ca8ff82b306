import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PwmSlice } from '../../../peripherals/rp2040/index.js';
import type { Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const SLICE = 3;
/** RP2040 datasheet 4.5.2: outputs A and B of slice 3, and A of slice 4. */
const [PIN_A, PIN_B, NEIGHBOUR_A] = [6, 7, 8];
/** RP2040 datasheet 2.14.3. */
const RESETS = 0x4000c000;
const PWM = 1 << 14;
const [SET, CLEAR] = [0x2000, 0x3000];
const CYCLE_NS = 8;
/** The mean of some lengths, each in whole nanoseconds. */
const TOLERANCE = 2;

const setup = fc.record({
  csr: fc.record({
    EN: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
    PH_CORRECT: fc.boolean(),
    A_INV: fc.boolean(),
    B_INV: fc.boolean(),
    DIVMODE: fc.constantFrom('free-running', 'free-running', 'gated-by-b', 'rising-edges-of-b', 'falling-edges-of-b'),
  }),
  div: fc.record({ INT: fc.integer({ min: 1, max: 5 }), FRAC: fc.nat(15) }),
  count: fc.nat(999),
  top: fc.integer({ min: 99, max: 999 }),
  // Up to beyond TOP, where the output stays high.
  cc: fc.record({ A: fc.nat(1100), B: fc.nat(1100) }),
  enabled: fc.boolean(),
  forced: fc.boolean(),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

async function configure(block: Handle<PwmSlice>, to: Setup): Promise<void> {
  await block.CSR.write({});
  await block.DIV.write(to.div);
  await block.TOP.write({ WRAP: to.top });
  await block.CC.write(to.cc);
  await block.CTR.write({ COUNT: Math.min(to.count, to.top) });
  await block.INTE.write({ WRAPPED: to.enabled });
  await block.INTF.write({ WRAPPED: to.forced });
  await block.CSR.write(to.csr);
}

const running = (to: Setup): Setup => ({ ...to, csr: { ...to.csr, EN: true, DIVMODE: 'free-running' } });

/** How many cycles an output is high and low in turn (RP2040 datasheet 4.5.2.1); 0 and Infinity where it does not change. */
function pulse({ csr, div, top }: Setup, compare: number, inverted: boolean): { high: number; low: number } {
  const ticks = (csr.PH_CORRECT ? 2 : 1) * (div.INT + div.FRAC / 16);
  const on = Math.min(compare, top + 1);
  const lasting = (counts: number) => (counts === 0 ? 0 : counts === top + 1 ? Infinity : counts * ticks);
  const [active, idle] = [lasting(on), lasting(top + 1 - on)];
  return inverted ? { high: idle, low: active } : { high: active, low: idle };
}

describe('A PWM slice, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<PwmSlice>;
  let block: Handle<PwmSlice>;
  let neighbour: Handle<PwmSlice>;
  const writable = ['CSR', 'DIV', 'CTR', 'CC', 'TOP', 'INTE', 'INTF'];

  before(async () => {
    bench = await picoBoard();
    [block, neighbour] = [bench.board.pwm.ch[SLICE]!, bench.board.pwm.ch[SLICE + 1]!];
    for (const gpio of [PIN_A, PIN_B, NEIGHBOUR_A]) await bench.board.pin[gpio]!.CTRL.write({ FUNCSEL: 'pwm' });
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  /** What comes out of a pin from now on: the mean length of its pulses and of the gaps between them, in cycles. */
  function output(pin: number, ms = 0.6): { high: number; low: number } {
    const { chip } = bench.emulated;
    const edges: { at: number; level: boolean }[] = [];
    const stop = chip.onPin((each, level) => each === pin && edges.push({ at: chip.nanos / CYCLE_NS, level }));
    bench.emulated.advance(ms);
    stop();
    const mean = (level: boolean): number => {
      if (edges.length < 3) return chip.pin(pin) === level ? Infinity : 0;
      const lengths = edges
        .slice(1)
        .flatMap(({ at }, index) => (edges[index]!.level === level ? [at - edges[index]!.at] : []));
      return lengths.reduce((sum, each) => sum + each, 0) / lengths.length;
    };
    return { high: mean(true), low: mean(false) };
  }

  function assertPulse(found: { high: number; low: number }, expected: { high: number; low: number }): void {
    for (const level of ['high', 'low'] as const) {
      const near = found[level] === expected[level] || Math.abs(found[level] - expected[level]) <= TOLERANCE;
      assert.ok(near, `${level} for ${found[level]} cycles, not for ${expected[level]}`);
    }
  }

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
    });
    await fc.assert(property, { numRuns: 100, seed: 4_05 });
  });

  it('gives the pulses that it gave before the failed call, on both outputs', async () => {
    const property = fc.asyncProperty(setup.map(running), scribbles(writable), async (to, list) => {
      await configure(block, to);
      const { cc, csr } = to;
      const [a, b] = [pulse(to, cc.A, csr.A_INV), pulse(to, cc.B, csr.B_INV)];
      assertPulse(output(PIN_A), a);
      assertPulse(output(PIN_B), b);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assertPulse(output(PIN_A), a);
      assertPulse(output(PIN_B), b);
    });
    await fc.assert(property, { numRuns: 40, seed: 4_05_2 });
  });

  it('stands still with the levels that it had, when it stood still before the failed call', async () => {
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(block, { ...to, csr: { ...to.csr, EN: false, DIVMODE: 'free-running' } });
      const state = async () => [output(PIN_A, 0.1), output(PIN_B, 0.1), await block.CTR.readBits()];
      const before = await state();
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.deepEqual(await state(), before);
    });
    await fc.assert(property, { numRuns: 40, seed: 4_05_3 });
  });

  it('does not disturb another slice when it is brought back', async () => {
    const other: Setup = {
      csr: { EN: true, PH_CORRECT: false, A_INV: false, B_INV: false, DIVMODE: 'free-running' },
      div: { INT: 2, FRAC: 0 },
      count: 0,
      top: 499,
      cc: { A: 125, B: 0 },
      enabled: true,
      forced: true,
    };
    await configure(neighbour, other);
    const before = await bench.board.digest(neighbour);
    const lengths = new Set<number>();
    let last: number | undefined;
    const { chip } = bench.emulated;
    const stop = chip.onPin((pin, level) => {
      if (pin !== NEIGHBOUR_A) return;
      if (!level && last !== undefined) lengths.add(Math.round((chip.nanos - last) / CYCLE_NS / 50) * 50);
      last = level ? chip.nanos : undefined;
    });
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.equal(await bench.board.digest(neighbour), before);
    });
    await fc.assert(property, { numRuns: 20, seed: 4_05_4 });
    stop();
    // Every pulse of it, all the time.
    assert.deepEqual([...lengths], [250]);
  });

  it('is set up again when somebody has reset the block in the middle of a call', async () => {
    const { chip } = bench.emulated;
    const property = fc.asyncProperty(setup.map(running), scribbles(writable), async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, async (messy, delay) => {
        await scribble(messy, list, delay);
        await messy.CTR.read();
        chip.write32(RESETS + SET, PWM);
        chip.write32(RESETS + CLEAR, PWM);
      });
      assertPulse(output(PIN_A), pulse(to, to.cc.A, to.csr.A_INV));
    });
    await fc.assert(property, { numRuns: 20, seed: 4_05_5 });
  });
});
