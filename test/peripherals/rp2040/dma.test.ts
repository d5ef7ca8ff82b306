import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DmaChannel } from '../../../peripherals/rp2040/index.js';
import type { Handle } from '../../../runtime/index.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const CHANNEL = 3;
/** RAM that the firmware does not use. */
const FROM = 0x20030000;
const TO = 0x20031000;
const WORDS = 64;
const NOWHERE = 0xf0000000;

const MULTI_CHAN_TRIGGER = 0x50000430;
const DBG_TCR = 0x50000804 + 0x40 * CHANNEL;
const TRANS_COUNT_ADDRESS = 0x50000008 + 0x40 * CHANNEL;
const RESETS = 0x4000c000;
const DMA = 1 << 2;
const [SET, CLEAR] = [0x2000, 0x3000];

const setup = fc.record({
  from: fc.nat(7).map((n) => FROM + 4 * n),
  to: fc.nat(7).map((n) => TO + 4 * n),
  count: fc.integer({ min: 1, max: 16 }),
  ctrl: fc.record({
    EN: fc.boolean(),
    HIGH_PRIORITY: fc.boolean(),
    DATA_SIZE: fc.constantFrom('byte', 'halfword', 'word'),
    INCR_READ: fc.boolean(),
    INCR_WRITE: fc.boolean(),
    RING_SIZE: fc.nat(8),
    RING_SEL: fc.constantFrom('read', 'write'),
    TREQ_SEL: fc.constantFrom('permanent', 'uart0-tx', 'timer3'),
    IRQ_QUIET: fc.boolean(),
    BSWAP: fc.boolean(),
  }),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

async function configure(block: Handle<DmaChannel>, to: Setup): Promise<void> {
  await block.READ_ADDR.write(to.from);
  await block.WRITE_ADDR.write(to.to);
  await block.TRANS_COUNT.write(to.count);
  await block.AL1_CTRL.write({ ...to.ctrl, CHAIN_TO: CHANNEL });
}

const runnable = (to: Setup): Setup => ({ ...to, ctrl: { ...to.ctrl, EN: true, TREQ_SEL: 'permanent' } });

describe('A DMA channel, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<DmaChannel>;
  let block: Handle<DmaChannel>;

  before(async () => {
    bench = await picoBoard();
    block = bench.board.dma.ch[CHANNEL]!;
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  const fill = (): void => {
    for (let i = 0; i < WORDS; i++) {
      bench.emulated.write32(FROM + 4 * i, (0x04030201 * (i + 1)) >>> 0);
      bench.emulated.write32(TO + 4 * i, 0);
    }
  };

  /** Sets the channel going as it is set up, and returns what it has written, and what it was left at. */
  async function run() {
    fill();
    bench.emulated.write32(MULTI_CHAN_TRIGGER, 1 << CHANNEL);
    bench.emulated.advance(0.01);
    const written = Array.from({ length: WORDS }, (_, i) => bench.emulated.read32(TO + 4 * i));
    const left = { from: await block.READ_ADDR.read(), to: await block.WRITE_ADDR.read() };
    const { CHANNEL: finished } = await block.INTR.read();
    await block.INTR.clear({ CHANNEL: true });
    return { written, left, finished };
  }

  const anything = scribbles(['READ_ADDR', 'WRITE_ADDR', 'TRANS_COUNT', 'AL1_CTRL'], 6);

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, anything, async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
    });
    await fc.assert(property, { numRuns: 100, seed: 2_05 });
  });

  it('is as it was after a failed call that has set it going, also where the transfer was not over', async () => {
    const started = fc.record({
      count: fc.oneof(fc.nat(16), fc.integer({ min: 1e6, max: 0xffffffff })),
      DATA_SIZE: fc.constantFrom('byte', 'halfword', 'word'),
      TREQ_SEL: fc.constantFrom('permanent', 'permanent', 'pio1-rx3'),
      IRQ_QUIET: fc.boolean(),
      CHAIN_TO: fc.nat(11),
      us: fc.nat(20),
    });
    const property = fc.asyncProperty(setup, anything, started, async (to, list, { count, us, ...ctrl }) => {
      await configure(block, to);
      await assertUndone(driver, async (messy, delay) => {
        await scribble(messy, list, delay);
        await messy.READ_ADDR.write(FROM);
        await messy.WRITE_ADDR.write(TO);
        await messy.TRANS_COUNT.write(count);
        await messy.CTRL_TRIG.write({ ...ctrl, EN: true });
        await delay(us);
      });
      assert.equal((await block.AL1_CTRL.read()).BUSY, false);
      assert.equal((await block.INTR.read()).CHANNEL, false);
    });
    await fc.assert(property, { numRuns: 60, seed: 2_05_2 });
  });

  it('copies the same data to the same place as before the failed call', async () => {
    const property = fc.asyncProperty(setup.map(runnable), anything, async (to, list) => {
      await configure(block, to);
      const before = await run();
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.deepEqual(await run(), before);
      assert.equal(before.finished, !to.ctrl.IRQ_QUIET);
      assert.ok(before.written.some((word) => word !== 0));
    });
    await fc.assert(property, { numRuns: 40, seed: 2_05_3 });
  });

  it('loads the count of before the failed call, also when that has run down', async () => {
    await configure(block, runnable(fc.sample(setup, { numRuns: 1, seed: 1 })[0]!));
    await block.TRANS_COUNT.write(5);
    await run();
    assert.equal(await block.AL2_TRANS_COUNT.read(), 0);
    await assertUndone(driver, (messy) => messy.TRANS_COUNT.write(9));
    assert.equal(bench.emulated.read32(DBG_TCR), 5);
  });

  it('is freed from an error on the bus', async () => {
    await configure(block, runnable(fc.sample(setup, { numRuns: 1, seed: 2 })[0]!));
    await assertUndone(driver, async (wedged) => {
      await wedged.READ_ADDR.write(NOWHERE);
      await wedged.CTRL_TRIG.write({ EN: true, DATA_SIZE: 'word', TREQ_SEL: 'permanent', CHAIN_TO: CHANNEL });
      const { AHB_ERROR, READ_ERROR, BUSY } = await wedged.AL1_CTRL.read();
      assert.deepEqual({ AHB_ERROR, READ_ERROR, BUSY }, { AHB_ERROR: true, READ_ERROR: true, BUSY: false });
    });
    assert.equal((await block.AL1_CTRL.read()).AHB_ERROR, false);
    assert.equal((await block.INTR.read()).CHANNEL, false);
  });

  it('is set up again when somebody has reset the whole DMA in the middle of a call', async () => {
    const to = runnable(fc.sample(setup, { numRuns: 1, seed: 3 })[0]!);
    await configure(block, to);
    const before = await run();
    await configure(block, to);
    await assertUndone(driver, async (messy) => {
      await messy.READ_ADDR.write(0);
      await messy.AL1_CTRL.read();
      bench.emulated.write32(RESETS + SET, DMA);
      bench.emulated.write32(RESETS + CLEAR, DMA);
    });
    assert.deepEqual(await run(), before);
  });

  it('leaves its neighbours alone', async () => {
    const neighbour = bench.board.dma.ch[CHANNEL + 1]!;
    await neighbour.READ_ADDR.write(FROM);
    await neighbour.WRITE_ADDR.write(TO);
    await neighbour.TRANS_COUNT.write(0xffffffff);
    await neighbour.CTRL_TRIG.write({ EN: true, DATA_SIZE: 'word', TREQ_SEL: 'permanent', CHAIN_TO: CHANNEL + 1 });
    await configure(block, fc.sample(setup, { numRuns: 1, seed: 4 })[0]!);
    const digest = await bench.board.digest(neighbour);
    await assertUndone(driver, (messy) => messy.READ_ADDR.write(0));
    assert.equal((await neighbour.AL1_CTRL.read()).BUSY, true);
    assert.equal(await bench.board.digest(neighbour), digest);
    await neighbour.AL1_CTRL.write({});
    await neighbour.CHAN_ABORT.set({ CHANNEL: true });
  });

  it('keeps a count that an earlier session wrote, unless a failed call is the first of this one to write it', async () => {
    const fresh = await picoBoard();
    try {
      const { chip } = fresh.emulated;
      const channel = fresh.board.dma.ch[CHANNEL]!;
      const messy = new Messy(fresh.board, channel);
      chip.write32(TRANS_COUNT_ADDRESS, 7);
      await assertUndone(messy, ({ READ_ADDR }) => READ_ADDR.write(FROM));
      assert.equal(chip.read32(DBG_TCR), 7);
      await assertUndone(messy, ({ TRANS_COUNT }) => TRANS_COUNT.write(5));
      assert.equal(chip.read32(DBG_TCR), 0);
    } finally {
      await fresh.dispose();
    }
  });
});
