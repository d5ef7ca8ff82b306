import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pico, type I2c } from '../../../peripherals/rp2040/index.js';
import type { Handle } from '../../../runtime/index.js';
import type { RegisterSpec } from '../../../runtime/registers/definition.js';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { i2cOf, type I2c as EmulatedI2c } from '../../../transports/emulator/mends/i2c.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const ADDRESS = 0x42;
const READ = 1 << 8;
const STOP = 1 << 9;
const RESETS = 0x4000c000;
const I2C0 = 1 << 3;
const [SET, CLEAR] = [0x2000, 0x3000];

/** A memory of 256 bytes behind an address byte, that writes down what happens on the bus. */
function memory(): I2cTarget & { readonly log: string[] } {
  const cells = Uint8Array.from({ length: 256 }, (_, i) => i ^ 0xa5);
  const log: string[] = [];
  let at: number | undefined;
  return {
    log,
    start(direction) {
      log.push(direction);
      if (direction === 'write') at = undefined;
      return true;
    },
    write(byte) {
      log.push(`${byte}`);
      if (at === undefined) at = byte;
      else cells[at++ & 0xff] = byte;
      return true;
    },
    read: () => cells[(at = ((at ?? 0) + 1) & 0xff)]!,
    stop: () => void log.push('stop'),
  };
}

const setup = fc.record({
  speed: fc.constantFrom('standard', 'fast'),
  // 400 kHz to 2 MHz in either mode: slower ones would only make the tests slower.
  high: fc.integer({ min: 20, max: 120 }),
  low: fc.integer({ min: 20, max: 120 }),
  spike: fc.integer({ min: 1, max: 20 }),
  hold: fc.record({ IC_SDA_TX_HOLD: fc.integer({ min: 1, max: 18 }), IC_SDA_RX_HOLD: fc.nat(255) }),
  thresholds: fc.record({ rx: fc.nat(16), tx: fc.nat(16) }),
  dma: fc.record({ RDMAE: fc.boolean(), TDMAE: fc.boolean() }),
  mask: fc.nat(0x1fff),
  restart: fc.boolean(),
  enabled: fc.boolean(),
  held: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

async function configure(block: Handle<I2c>, to: Setup): Promise<void> {
  await block.RESET.write({ I2C: true });
  await block.RESET.write({ I2C: to.held });
  await block.IC_CON.write({ SPEED: to.speed, IC_RESTART_EN: to.restart });
  await block.IC_TAR.write({ ADDRESS });
  await block.IC_SS_SCL_HCNT.write({ COUNT: to.high });
  await block.IC_SS_SCL_LCNT.write({ COUNT: to.low });
  await block.IC_FS_SCL_HCNT.write({ COUNT: to.high });
  await block.IC_FS_SCL_LCNT.write({ COUNT: to.low });
  await block.IC_FS_SPKLEN.write({ COUNT: to.spike });
  await block.IC_SDA_HOLD.write(to.hold);
  await block.IC_RX_TL.write({ RX_TL: to.thresholds.rx });
  await block.IC_TX_TL.write({ TX_TL: to.thresholds.tx });
  await block.IC_DMA_CR.write(to.dma);
  await block.IC_INTR_MASK.writeBits(to.mask);
  await block.IC_ENABLE.write({ ENABLE: to.enabled });
}

/** All registers that keep what is written; IC_ENABLE twice, because most take writes only while it is 0 (4.3.17). */
const everything = Object.entries<RegisterSpec>(pico.peripherals.i2c[0].registers)
  .filter(([, { access }]) => access === 'rw')
  .map(([name]) => name)
  .concat('IC_ENABLE');

const usable = (to: Setup): Setup => ({ ...to, enabled: true, held: false });
const example = (seed: number): Setup => usable(fc.sample(setup, { numRuns: 1, seed })[0]!);

describe('An I²C block, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<I2c>;
  let block: Handle<I2c>;
  let emulated: EmulatedI2c;
  let target: ReturnType<typeof memory>;
  let letGo = (): void => {};

  before(async () => {
    bench = await picoBoard();
    for (const gpio of [4, 5]) await bench.board.pin[gpio]!.CTRL.modify({ FUNCSEL: 'i2c' });
    block = bench.board.i2c[0]!;
    driver = new Messy(bench.board, block);
    emulated = i2cOf(bench.emulated.chip.silicon, 0);
    target = memory();
    emulated.bus.connect(ADDRESS, target);
  });
  afterEach(() => letGo());
  after(() => bench.dispose());

  /** Reads some bytes of the memory; what they were, what the target saw, and how fast. */
  async function readBack(from: number, count: number) {
    target.log.length = 0;
    await block.IC_DATA_CMD.push([
      from,
      ...Array.from({ length: count }, (_, i) => READ | (i === count - 1 ? STOP : 0)),
    ]);
    bench.emulated.advance(1);
    const { RXFLR } = await block.IC_RXFLR.read();
    assert.equal(RXFLR, count, `bytes received; the abort source is ${await block.IC_TX_ABRT_SOURCE.readBits()}`);
    const bytes = [...(await block.IC_DATA_CMD.pull(count))].map((each) => each & 0xff);
    return { bytes, log: [...target.log], hertz: emulated.hertz };
  }

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const property = fc.asyncProperty(setup, scribbles(everything, 20), async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
    });
    await fc.assert(property, { numRuns: 80, seed: 4_03 });
  });

  it('reads the same bytes from a target, at the same speed, as before the failed call', async () => {
    const property = fc.asyncProperty(
      setup.map(usable),
      scribbles(everything),
      fc.nat(255),
      fc.integer({ min: 1, max: 8 }),
      async (to, list, from, count) => {
        await configure(block, to);
        const before = await readBack(from, count);
        await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
        assert.deepEqual(await readBack(from, count), before);
        assert.equal(before.bytes[0], ((from + 1) & 0xff) ^ 0xa5);
        assert.equal(Math.round(before.hertz), Math.round(125e6 / (to.high + to.spike + 7 + to.low + 1)));
        assert.deepEqual(
          before.log,
          to.restart ? ['write', `${from}`, 'read', 'stop'] : ['write', `${from}`, 'stop', 'read', 'stop'],
        );
      },
    );
    await fc.assert(property, { numRuns: 30, seed: 4_03_2 });
  });

  it('is freed from a bus on which something holds SDA low in the middle of a transfer', async () => {
    await configure(block, example(1));
    const before = await readBack(7, 3);
    await block.IC_DATA_CMD.push([1, 2, 3, 4 | STOP]);
    letGo = emulated.bus.hold('sda');
    await assertUndone(driver, async (wedged) => {
      await wedged.IC_ENABLE.write({ ENABLE: false });
      assert.equal((await wedged.IC_ENABLE_STATUS.read()).IC_EN, true, 'it does not let itself be disabled');
      await wedged.IC_TAR.write({ ADDRESS: 1 });
    });
    assert.deepEqual(await block.IC_STATUS.read(), {
      ACTIVITY: false,
      TFNF: true,
      TFE: true,
      RFNE: false,
      RFF: false,
      MST_ACTIVITY: false,
      SLV_ACTIVITY: false,
    });
    letGo();
    assert.deepEqual(await readBack(7, 3), before);
  });

  it('ends a transfer that is going on with a STOP, so that the target is free', async () => {
    await configure(block, example(2));
    target.log.length = 0;
    await block.IC_DATA_CMD.push([1, 2]);
    bench.emulated.advance(1);
    assert.deepEqual(target.log, ['write', '1', '2']);
    await assertUndone(driver, (messy) => messy.IC_RX_TL.write({ RX_TL: 1 }));
    assert.deepEqual(target.log, ['write', '1', '2', 'stop']);
  });

  it('is set up again when somebody has reset the block in the middle of a call', async () => {
    await configure(block, example(3));
    const before = await readBack(9, 2);
    await assertUndone(driver, async (messy) => {
      await messy.IC_RX_TL.write({ RX_TL: 1 });
      await messy.IC_STATUS.read();
      bench.emulated.write32(RESETS + SET, I2C0);
      bench.emulated.write32(RESETS + CLEAR, I2C0);
    });
    assert.deepEqual(await readBack(9, 2), before);
  });

  it('forgets an abort that a failed call has caused', async () => {
    await configure(block, example(4));
    const before = await readBack(9, 2);
    await block.IC_ENABLE.write({});
    await block.IC_TAR.write({ ADDRESS: 0x11 });
    await block.IC_ENABLE.write({ ENABLE: true });
    await block.IC_DATA_CMD.push([1, 2 | STOP]);
    bench.emulated.advance(1);
    assert.equal((await block.IC_TX_ABRT_SOURCE.read()).ABRT_7B_ADDR_NOACK, true);
    await assertUndone(driver, (messy) => messy.IC_RX_TL.write({ RX_TL: 1 }));
    assert.equal(await block.IC_TX_ABRT_SOURCE.readBits(), 0);
    await block.IC_ENABLE.write({});
    await block.IC_TAR.write({ ADDRESS });
    await block.IC_ENABLE.write({ ENABLE: true });
    assert.deepEqual(await readBack(9, 2), before);
  });
});
