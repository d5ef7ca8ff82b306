import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Spi } from '../../../peripherals/rp2040/index.js';
import type { Handle } from '../../../runtime/index.js';
import type { SpiTarget } from '../../../transports/emulator/bus-targets.js';
import { spiOf, type Spi as EmulatedSpi } from '../../../transports/emulator/mends/spi.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndone, assertUndoneAfter, Messy, scribble, scribbles } from '../failing-call.js';

const CLK_PERI = 125e6;
const CHIP_SELECT = 17;
const RESETS = 0x4000c000;
const SPI0 = 1 << 16;
const [SET, CLEAR] = [0x2000, 0x3000];
const EVERYTHING = ['SSPCR0', 'SSPCPSR', 'SSPIMSC', 'SSPDMACR', 'SSPCR1', 'RESET'];

/** Answers each byte with the complement of the one before it, since it was selected. */
function echo(): SpiTarget & { readonly log: number[] } {
  const log: number[] = [];
  let last = 0;
  return {
    log,
    select: () => (last = 0),
    transfer(byte) {
      const answer = ~last & 0xff;
      log.push((last = byte));
      return answer;
    },
  };
}

const setup = fc.record({
  // 600 kHz and faster: slower ones would only make the tests slower.
  prescaler: fc.integer({ min: 1, max: 10 }).map((half) => 2 * half),
  format: fc.record({ DSS: fc.constantFrom(7, 15), SPO: fc.boolean(), SPH: fc.boolean(), SCR: fc.nat(9) }),
  control: fc.record({ LBM: fc.boolean(), SSE: fc.boolean(), MS: fc.boolean(), SOD: fc.boolean() }),
  interrupts: fc.record({ RORIM: fc.boolean(), RTIM: fc.boolean(), RXIM: fc.boolean(), TXIM: fc.boolean() }),
  dma: fc.record({ RXDMAE: fc.boolean(), TXDMAE: fc.boolean() }),
  held: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

async function configure(block: Handle<Spi>, to: Setup): Promise<void> {
  await block.RESET.write({ SPI: true });
  await block.RESET.write({ SPI: to.held });
  await block.SSPCR0.write(to.format);
  await block.SSPCPSR.write({ CPSDVSR: to.prescaler });
  await block.SSPIMSC.write(to.interrupts);
  await block.SSPDMACR.write(to.dma);
  await block.SSPCR1.write(to.control);
}

const usable = (to: Setup): Setup => ({
  ...to,
  control: { LBM: to.control.LBM, SSE: true, MS: false, SOD: false },
  held: false,
});
const example = (seed: number): Setup => {
  const to = usable(fc.sample(setup, { numRuns: 1, seed })[0]!);
  return { ...to, control: { ...to.control, LBM: false } };
};

describe('An SPI block, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<Spi>;
  let block: Handle<Spi>;
  let emulated: EmulatedSpi;
  let target: ReturnType<typeof echo>;

  before(async () => {
    bench = await picoBoard();
    block = bench.board.spi[0]!;
    driver = new Messy(bench.board, block);
    emulated = spiOf(bench.emulated.chip.silicon, 0);
    target = echo();
    emulated.bus.connect(CHIP_SELECT, target);
    const pin = bench.board.pin[CHIP_SELECT]!;
    await pin.OUT.write({ HIGH: true });
    await pin.OE.write({ ENABLED: true });
    await pin.CTRL.write({ FUNCSEL: 'sio' });
  });
  after(() => bench.dispose());

  /** Frames out and in, with the target selected meanwhile; and what it saw, how fast. */
  async function exchange(frames: readonly number[]) {
    target.log.length = 0;
    const { OUT } = bench.board.pin[CHIP_SELECT]!;
    await OUT.write({ HIGH: false });
    await block.SSPDR.push(frames);
    bench.emulated.advance(1);
    await OUT.write({ HIGH: true });
    const received = [...(await block.SSPDR.pull(frames.length))];
    return { received, log: [...target.log], hertz: emulated.hertz };
  }

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, scribbles(EVERYTHING), async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
    });
    await fc.assert(property, { numRuns: 100, seed: 4_04 });
  });

  it('exchanges the same frames with a target, or with itself, at the same speed, as before the failed call', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((list) => [...list]);
    const property = fc.asyncProperty(setup.map(usable), scribbles(EVERYTHING), bytes, async (to, list, frames) => {
      await configure(block, to);
      const before = await exchange(frames);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
      assert.deepEqual(await exchange(frames), before);
      assert.equal(before.hertz, CLK_PERI / to.prescaler / (1 + to.format.SCR));
      const wide = to.format.DSS === 15;
      if (to.control.LBM) assert.deepEqual(before.received, frames);
      else assert.equal(before.received[0], wide ? 0xffff : 0xff);
      assert.equal(before.log.length, to.control.LBM ? 0 : frames.length * (wide ? 2 : 1));
    });
    await fc.assert(property, { numRuns: 30, seed: 4_04_2 });
  });

  it('is freed from a transmit FIFO that never empties and a receive FIFO that nobody reads', async () => {
    await configure(block, example(1));
    const before = await exchange([1, 2, 3]);
    await block.SSPDR.push([1, 2, 3, 4, 5, 6, 7, 8]);
    bench.emulated.advance(1);
    await block.SSPCR1.modify({ SSE: false });
    await block.SSPDR.push([1, 2, 3, 4, 5, 6, 7, 8]);
    await assertUndoneAfter(driver, async (wedged) => {
      await wedged.SSPCPSR.write({});
      await wedged.SSPCR1.write({ MS: true });
      assert.deepEqual(await wedged.SSPSR.read().then(({ BSY, RFF }) => ({ BSY, RFF })), { BSY: true, RFF: true });
    });
    assert.deepEqual(await block.SSPSR.read(), { TFE: true, TNF: true, RNE: false, RFF: false, BSY: false });
    await block.SSPCR1.modify({ SSE: true });
    assert.deepEqual(await exchange([1, 2, 3]), before);
  });

  it('is set up again when somebody has reset the block in the middle of a call', async () => {
    await configure(block, example(2));
    const before = await exchange([9, 8]);
    await assertUndone(driver, async (messy) => {
      await messy.SSPIMSC.write({ RTIM: true });
      await messy.SSPSR.read();
      bench.emulated.write32(RESETS + SET, SPI0);
      bench.emulated.write32(RESETS + CLEAR, SPI0);
    });
    assert.deepEqual(await exchange([9, 8]), before);
  });

  it('sends nothing of what a failed call pushed', async () => {
    await configure(block, example(3));
    await bench.board.pin[CHIP_SELECT]!.OUT.write({ HIGH: false });
    target.log.length = 0;
    await assertUndone(driver, async (messy) => {
      await messy.SSPIMSC.write({ RTIM: true });
      await messy.SSPDR.push([1, 2, 3]);
    });
    bench.emulated.advance(1);
    await bench.board.pin[CHIP_SELECT]!.OUT.write({ HIGH: true });
    assert.deepEqual(target.log, []);
  });
});
