import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GpioPin } from '../../../peripherals/rp2040/index.js';
import type { Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const PIN = 15;
/** It shares the registers of SIO and of the interrupts with the other. */
const NEIGHBOUR = 14;

const setup = fc.record({
  out: fc.boolean(),
  enabled: fc.boolean(),
  pad: fc.record({
    SLEWFAST: fc.boolean(),
    SCHMITT: fc.boolean(),
    PDE: fc.boolean(),
    PUE: fc.boolean(),
    DRIVE: fc.constantFrom('2mA', '4mA', '8mA', '12mA'),
    IE: fc.boolean(),
    OD: fc.boolean(),
  }),
  interrupts: fc.record({
    LEVEL_LOW: fc.boolean(),
    LEVEL_HIGH: fc.boolean(),
    EDGE_LOW: fc.boolean(),
    EDGE_HIGH: fc.boolean(),
  }),
  ctrl: fc.record({
    FUNCSEL: fc.constantFrom('sio', 'sio', 'pwm', 'pio0', 'none'),
    OUTOVER: fc.constantFrom('normal', 'invert', 'low', 'high'),
    OEOVER: fc.constantFrom('normal', 'invert', 'disable', 'enable'),
    INOVER: fc.constantFrom('normal', 'invert', 'low', 'high'),
    IRQOVER: fc.constantFrom('normal', 'invert', 'low', 'high'),
  }),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

const PLAIN = { OUTOVER: 'normal', OEOVER: 'normal', INOVER: 'normal', IRQOVER: 'normal' } as const;
/** A pin of SIO, with nothing between it and its pad. */
const plain = (to: Setup): Setup => ({
  ...to,
  pad: { ...to.pad, IE: true, OD: false },
  ctrl: { ...PLAIN, FUNCSEL: 'sio' },
});

async function configure(pin: Handle<GpioPin>, to: Setup): Promise<void> {
  await pin.CTRL.write({ FUNCSEL: 'none' });
  await pin.OUT.write({ HIGH: to.out });
  await pin.OE.write({ ENABLED: to.enabled });
  await pin.PAD.write(to.pad);
  await pin.INTE.write(to.interrupts);
  await pin.CTRL.write(to.ctrl);
}

/** What a pin is pulled to, lets be driven, and lets go again, in this order: with both pulls it keeps its last level. */
const OUTSIDE = [undefined, true, undefined, false, undefined, true] as const;

/** The levels that a plain pin of SIO has meanwhile (RP2040 datasheet 2.19.4, 2.3.1.7). */
function levelsOf({ out, enabled, pad }: Setup): boolean[] {
  let last = false;
  return OUTSIDE.map((outside) => {
    const pulled = pad.PUE && pad.PDE ? last : pad.PUE;
    return (last = enabled ? out : (outside ?? pulled));
  });
}

describe('A GPIO pin, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<GpioPin>;
  let pin: Handle<GpioPin>;
  let neighbour: Handle<GpioPin>;
  const writable = ['OUT', 'OE', 'PAD', 'INTE', 'CTRL'];

  before(async () => {
    bench = await picoBoard();
    [pin, neighbour] = [bench.board.pin[PIN]!, bench.board.pin[NEIGHBOUR]!];
    driver = new Messy(bench.board, pin);
  });
  after(() => bench.dispose());

  /** The levels on the pin, and what the chip sees of them, whatever is connected to it. */
  async function behaviour() {
    const { chip } = bench.emulated;
    const seen: { level: boolean; input: boolean; status: number }[] = [];
    chip.setPin(PIN, false);
    for (const outside of OUTSIDE) {
      chip.setPin(PIN, outside);
      const [{ HIGH: input }, status] = [await pin.IN.read(), await pin.STATUS.readBits()];
      seen.push({ level: chip.pin(PIN), input, status });
    }
    chip.setPin(PIN, undefined);
    return seen;
  }

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(pin, to);
      const before = await behaviour();
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.deepEqual(await behaviour(), before);
    });
    await fc.assert(property, { numRuns: 100, seed: 2_19 });
  });

  it('drives what it drove before the failed call, and is pulled to where it was pulled', async () => {
    const property = fc.asyncProperty(setup.map(plain), scribbles(writable), async (to, list) => {
      await configure(pin, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      const seen = await behaviour();
      assert.deepEqual(
        seen.map(({ level, input }) => [level, input]),
        levelsOf(to).map((level) => [level, level]),
      );
    });
    await fc.assert(property, { numRuns: 60, seed: 2_19_2 });
  });

  it('raises the interrupts that it raised before the failed call', async () => {
    const { chip } = bench.emulated;
    /** IRQTOPROC while the pin is low, and while it is high, without edges that came before. */
    const raised = async (): Promise<boolean[]> => {
      const levels: boolean[] = [];
      for (const level of [false, true]) {
        chip.setPin(PIN, level);
        levels.push((await pin.STATUS.read()).IRQTOPROC);
        await pin.INTR.clear({ EDGE_LOW: true, EDGE_HIGH: true });
        levels.push((await pin.STATUS.read()).IRQTOPROC);
      }
      chip.setPin(PIN, undefined);
      return levels;
    };
    const property = fc.asyncProperty(setup.map(plain), scribbles(writable), async (to, list) => {
      await configure(pin, { ...to, enabled: false });
      await raised();
      const before = await raised();
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      await raised();
      assert.deepEqual(await raised(), before);
    });
    await fc.assert(property, { numRuns: 40, seed: 2_19_3 });
  });

  it('shows the edges of the failed call, one when its level is brought back, and no more', async () => {
    const edges: boolean[] = [];
    const stop = bench.emulated.chip.onPin((each, level) => each === PIN && edges.push(level));
    const property = fc.asyncProperty(setup.map(plain), fc.boolean(), async (to, twice) => {
      await configure(pin, { ...to, enabled: true });
      edges.length = 0;
      await assertUndone(driver, async ({ OUT }, delay) => {
        await OUT.write({ HIGH: !to.out });
        await delay(5);
        if (twice) await OUT.write({ HIGH: to.out });
        await delay(5);
      });
      assert.deepEqual(edges, [!to.out, to.out]);
    });
    await fc.assert(property, { numRuns: 20, seed: 2_19_4 });
    stop();
  });

  it('does not disturb another pin of the same registers when it is brought back', async () => {
    const level = { LEVEL_LOW: true, LEVEL_HIGH: false, EDGE_LOW: true, EDGE_HIGH: false };
    const pad = { SLEWFAST: true, SCHMITT: true, PDE: false, PUE: false, DRIVE: '4mA', IE: true, OD: false } as const;
    await configure(neighbour, {
      out: true,
      enabled: true,
      pad,
      interrupts: level,
      ctrl: { ...PLAIN, FUNCSEL: 'sio' },
    });
    const before = await bench.board.digest(neighbour);
    const edges: boolean[] = [];
    const stop = bench.emulated.chip.onPin((each, high) => each === NEIGHBOUR && edges.push(high));
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(pin, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.equal(await bench.board.digest(neighbour), before);
    });
    await fc.assert(property, { numRuns: 30, seed: 2_19_5 });
    stop();
    assert.deepEqual([edges, bench.emulated.chip.pin(NEIGHBOUR)], [[], true]);
  });
});
