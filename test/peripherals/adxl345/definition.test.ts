import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adxl345, type Adxl345Registers } from '../../../peripherals/adxl345/index.js';
import { attach, EntryPointError, type Handle } from '../../../runtime/index.js';
import { assertUndone, assertUndoneAfter, Messy } from '../failing-call.js';
import { adxl345Board, AT, settingsOf, type ChipBench } from './board.js';

const MEASURE = 0x08;
const THREE_WIRE = 0x40;
const WATERMARK = 0x02;
const byteOf = (mask: number) => fc.nat(0xff).map((bits) => bits & mask);
const byte = fc.nat(0xff);

/** In the order of the datasheet's recommendation: measuring comes last. */
const setup = fc.record({
  THRESH_TAP: byte,
  OFS: fc.array(byte, { minLength: 3, maxLength: 3 }),
  DUR: byte,
  LATENT: byte,
  WINDOW: byte,
  THRESH_ACT: byte,
  THRESH_INACT: byte,
  TIME_INACT: fc.oneof(fc.nat(2), byte),
  ACT_INACT_CTL: byte,
  THRESH_FF: byte,
  TIME_FF: byte,
  TAP_AXES: byteOf(0x0f),
  // 25 Hz and faster: slower ones would only make the tests slower.
  BW_RATE: fc.tuple(fc.integer({ min: 8, max: 15 }), fc.constantFrom(0, 0x10)).map(([rate, power]) => rate | power),
  // In four-wire mode; bit 4 is 0 always.
  DATA_FORMAT: byteOf(0xaf),
  INT_MAP: byte,
  FIFO_CTL: byte,
  INT_ENABLE: byte,
  POWER_CTL: byteOf(0x3f),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

const NAMES = [
  'THRESH_TAP',
  'DUR',
  'LATENT',
  'WINDOW',
  'THRESH_ACT',
  'THRESH_INACT',
  'TIME_INACT',
  'ACT_INACT_CTL',
  'THRESH_FF',
  'TIME_FF',
  'TAP_AXES',
  'BW_RATE',
  'DATA_FORMAT',
  'INT_MAP',
  'FIFO_CTL',
  'INT_ENABLE',
  'POWER_CTL',
] as const;
const us = fc.constantFrom(0, 0, 1500, 20_000);
const mess = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ register: fc.constantFrom(...NAMES), bits: byte, us }) },
    fc.record({ register: fc.constant('OFS' as const), bits: byte, us }),
    fc.record({ register: fc.constant('POWER_CTL' as const), bits: fc.constant(MEASURE), us }),
    fc.record({ register: fc.constant('DATA_FORMAT' as const), bits: fc.constant(THREE_WIRE), us }),
  ),
  { minLength: 1, maxLength: 8 },
);
type Mess = typeof mess extends fc.Arbitrary<infer T> ? T : never;

async function scramble(block: Handle<Adxl345Registers>, list: Mess, delay: (us: number) => Promise<void>) {
  for (const { register, bits, us: pause } of list) {
    if (register === 'OFS') await block.OFS.writeBlock(0, [bits, bits ^ 0xff, bits ^ 0x55]);
    else await block[register].writeBits(bits);
    if (pause > 0) await delay(pause);
  }
}

/** At 100 Hz into the FIFO, in full resolution, ±4 g. */
const STREAMING: Setup = {
  THRESH_TAP: 40,
  OFS: [1, 2, 3],
  DUR: 16,
  LATENT: 0,
  WINDOW: 0,
  TAP_AXES: 7,
  THRESH_FF: 7,
  TIME_FF: 20,
  THRESH_ACT: 16,
  THRESH_INACT: 8,
  TIME_INACT: 1,
  ACT_INACT_CTL: 0xff,
  BW_RATE: 0x0a,
  DATA_FORMAT: 0x09,
  INT_MAP: 0,
  FIFO_CTL: 0x90,
  INT_ENABLE: WATERMARK,
  POWER_CTL: MEASURE,
};

describe('An ADXL345, on real firmware', () => {
  let bench: ChipBench;
  let block: Handle<Adxl345Registers>;
  let driver: Messy<Adxl345Registers>;

  before(async () => {
    bench = await adxl345Board();
    bench.chip.acceleration = { x: 0.25, y: -0.5, z: 0.875 };
    block = attach(adxl345(AT), bench.board);
    driver = new Messy(bench.board, block);
  });
  after(() => bench.dispose());

  /** From a power-up on. */
  async function configure({ OFS, ...to }: Setup): Promise<void> {
    bench.chip.power(false);
    bench.chip.power(true);
    await block.OFS.writeBlock(0, OFS);
    for (const name of NAMES) await block[name].writeBits(to[name]);
  }

  /** What can be seen of the chip from now on: settings, results, how the FIFO fills, the interrupt pins. */
  async function behaviour() {
    const settings = settingsOf(bench.chip);
    // What was raised before stays so until it is read.
    await Promise.all([block.DATA.readBlock(0, 3), block.INT_SOURCE.read()]);
    const levels: [boolean, boolean][] = [];
    const fill: number[] = [];
    for (const ms of [33.3, 270, 2411.7]) {
      bench.emulated.advance(ms);
      levels.push([bench.chip.int1, bench.chip.int2]);
      fill.push(bench.chip.registers[0x39]!);
    }
    const { registers } = bench.chip;
    const measuring = (registers[0x2d]! & MEASURE) !== 0;
    return {
      settings,
      levels,
      fill,
      asleep: registers[0x2b]! & 8,
      data: measuring ? registers.slice(0x32, 0x38) : null,
    };
  }

  it('is as it was after a failed call, whatever the call wrote, three-wire mode included', async () => {
    const property = fc.asyncProperty(setup, mess, async (to, list) => {
      await configure(to);
      const settings = settingsOf(bench.chip);
      await assertUndone(driver, (messy, delay) => scramble(messy, list, delay));
      assert.deepEqual(settingsOf(bench.chip), settings);
    });
    await fc.assert(property, { numRuns: 60, seed: 345 });
  });

  it('measures, fills its FIFO and raises its interrupts as before the failed call', async () => {
    const property = fc.asyncProperty(setup, mess, async (to, list) => {
      await configure(to);
      const { fill: filled, ...before } = await behaviour();
      await assertUndone(driver, (messy, delay) => scramble(messy, list, delay));
      const { fill, ...after } = await behaviour();
      assert.deepEqual(after, before);
      // A sample may come before or after the look at it.
      for (const [index, entries] of fill.entries())
        assert.ok(Math.abs(entries - filled[index]!) <= 1, `${fill.join(', ')}, not ${filled.join(', ')}`);
    });
    await fc.assert(property, { numRuns: 60, seed: 346 });
  });

  /** Runs with somebody on the bus who is called before each selection, and hears what is sent. */
  async function watched(look: () => void, run: () => Promise<void>): Promise<number[][]> {
    const { chip } = bench;
    const selections: number[][] = [];
    bench.disconnect();
    const leave = bench.emulated.connectSpi(AT.index, AT.chipSelect, {
      select(selected) {
        look();
        if (selected) selections.push([]);
        chip.select(selected);
      },
      transfer(sent) {
        selections.at(-1)!.push(sent);
        return chip.transfer(sent);
      },
    });
    await run();
    leave();
    bench.disconnect = bench.emulated.connectSpi(AT.index, AT.chipSelect, chip);
    return selections;
  }

  it('answers again when the call has left it in three-wire mode, and no reserved bit is set', async () => {
    await configure(STREAMING);
    const selections = await watched(
      () => {},
      () =>
        assertUndoneAfter(driver, async ({ DATA_FORMAT, DEVID }) => {
          await DATA_FORMAT.modify({ SPI: true });
          assert.notEqual(await DEVID.read(), 0xe5);
        }),
    );
    assert.equal(await block.DEVID.read(), 0xe5);
    const written = selections.filter(([address]) => address === 0x31).map(([, value]) => value);
    assert.deepEqual(written, [STREAMING.DATA_FORMAT | THREE_WIRE, STREAMING.DATA_FORMAT]);
  });

  it('raises no interrupt while it is being restored', async () => {
    await configure(STREAMING);
    const levels = new Set<boolean>();
    await watched(
      () => levels.add(bench.chip.int1),
      () => assertUndone(driver, ({ THRESH_ACT }) => THRESH_ACT.write(1)),
    );
    assert.deepEqual([...levels], [false]);
  });

  it('begins the FIFO anew, so that no sample of the failed call is in it', async () => {
    await configure(STREAMING);
    bench.emulated.advance(100);
    await assertUndone(driver, async ({ OFS, BW_RATE }, delay) => {
      await OFS.writeBlock(0, [0x40, 0x40, 0x40]);
      await BW_RATE.write({ RATE: 15 });
      await delay(10_000);
    });
    assert.equal((await block.FIFO_STATUS.read()).ENTRIES, 0);
    bench.emulated.advance(100);
    const { ENTRIES } = await block.FIFO_STATUS.read();
    assert.ok(ENTRIES >= 8 && ENTRIES <= 10, String(ENTRIES));
    // 256 units a g, and offsets of 4 units.
    for (let left = ENTRIES; left > 0; left--)
      assert.deepEqual([...(await block.DATA.readBlock(0, 3))], [64 + 4, 0x10000 - 128 + 8, 224 + 12]);
  });

  it('waits for a trigger again when the failed call has seen it', async () => {
    // Trigger mode on INT1, where activity appears; two samples of before the trigger are kept.
    await configure({ ...STREAMING, FIFO_CTL: 0xc2, INT_ENABLE: 0x10, OFS: [0, 0, 0] });
    bench.emulated.advance(50);
    await assertUndoneAfter(driver, async ({ THRESH_ACT, FIFO_STATUS }, delay) => {
      await THRESH_ACT.write(17);
      await delay(1000);
      assert.equal((await FIFO_STATUS.read()).FIFO_TRIG, false);
      bench.chip.acceleration = { x: 3, y: 0, z: 0 };
      await delay(50_000);
      assert.equal((await FIFO_STATUS.read()).FIFO_TRIG, true);
    });
    bench.chip.acceleration = { x: 0.25, y: -0.5, z: 0.875 };
    await block.INT_SOURCE.read();
    bench.emulated.advance(1000);
    assert.deepEqual(await block.FIFO_STATUS.read(), { FIFO_TRIG: false, ENTRIES: 32 });
  });

  it('is set up again when it has lost its power in the middle of a call', async () => {
    const property = fc.asyncProperty(setup, async (to) => {
      await configure(to);
      const settings = settingsOf(bench.chip);
      await assertUndone(driver, async ({ THRESH_ACT, DEVID }) => {
        await THRESH_ACT.write(to.THRESH_ACT ^ 1);
        await DEVID.read();
        bench.chip.power(false);
        bench.chip.power(true);
      });
      assert.deepEqual(settingsOf(bench.chip), settings);
    });
    await fc.assert(property, { numRuns: 10, seed: 347 });
  });

  it('that stays without power is reported with the registers that do not read back', async () => {
    await configure(STREAMING);
    const fails = driver.failAfter(async ({ THRESH_ACT, DEVID }) => {
      await THRESH_ACT.write(1);
      await DEVID.read();
      bench.chip.power(false);
    });
    await assert.rejects(fails, (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'mismatch');
      const { peripheral, register, expected } = error.rollback.mismatches[0]!;
      assert.deepEqual([peripheral, register, expected], ['adxl345@spi0:17', 'DATA_FORMAT', 0x09]);
      return true;
    });
    await configure(STREAMING);
    await assertUndone(driver, ({ THRESH_ACT }) => THRESH_ACT.write(1));
  });
});
