import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  pca9685,
  pca9685Channel,
  type Pca9685ChannelRegisters,
  type Pca9685Registers,
} from '../../../peripherals/pca9685/index.js';
import { pca9685Model, type Pca9685Model } from '../../../peripherals/pca9685/model.js';
import { attach, Driver, entryPoint, peripheral, type Handle } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x40;
/** The channels that the tests use: the first, which the shared part touches, one in the middle, and the last. */
const USED = [0, 7, 15] as const;
const SHARED = ['MODE1', 'MODE2', 'SUBADR1', 'SUBADR2', 'SUBADR3', 'ALLCALLADR', 'PRE_SCALE'] as const;
/** The end of the longest cycle, 42 ms. */
const CYCLE_MS = 45;

const byte = fc.nat(0xff);
const count = fc.oneof(fc.nat(0xfff), fc.nat(0x1fff), fc.constant(0x1000));

const setup = fc.record({
  // AI, SLEEP, SUB1 to SUB3, ALLCALL.
  mode1: fc.nat(0x3f),
  // OUTNE = 3 is reserved.
  mode2: fc.nat(0x1f).filter((bits) => (bits & 3) !== 3),
  addresses: fc.array(
    byte.map((bits) => bits & 0xfe),
    { minLength: 4, maxLength: 4 },
  ),
  prescale: fc.integer({ min: 3, max: 0xff }),
  channels: fc.array(fc.record({ on: count, off: count }), { minLength: USED.length, maxLength: USED.length }),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

type Step =
  | { readonly do: 'shared'; readonly register: (typeof SHARED)[number]; readonly bits: number }
  | { readonly do: 'channel'; readonly channel: number; readonly index: number; readonly bits: number }
  | { readonly do: 'frequency'; readonly prescale: number; readonly awake: boolean }
  | { readonly do: 'delay'; readonly us: number }
  | { readonly do: 'power' | 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('shared'), register: fc.constantFrom(...SHARED), bits: byte }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('channel'),
      channel: fc.nat(USED.length - 1),
      index: fc.nat(3),
      bits: byte,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('frequency'), prescale: fc.nat(0xff), awake: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delay'), us: fc.constantFrom(600, 600, 50_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('power', 'reset') }) },
);

/** A driver of the whole chip that does anything and fails. */
class Messy extends Driver {
  @peripheral accessor shared: Handle<Pca9685Registers>;
  @peripheral accessor channels: readonly Handle<Pca9685ChannelRegisters>[];

  constructor(bench: ChipBench<Pca9685Model>) {
    super(bench.board);
    this.shared = attach(pca9685(bench.at), bench.board);
    this.channels = USED.map((channel) => attach(pca9685Channel(bench.at, channel), bench.board));
  }

  @entryPoint
  async fail(mess: (parts: Pick<Messy, 'shared' | 'channels'>, delay: (us: number) => Promise<void>) => Promise<void>) {
    const { shared, channels } = this;
    await mess({ shared, channels }, (us) => this.tx.delay(us));
    // What was posted reaches the chip before the call fails.
    await shared.MODE2.readBits();
    throw new Error('the driver failed here');
  }
}

describe('PCA9685', () => {
  let bench: ChipBench<Pca9685Model>;
  let driver: Messy;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => pca9685Model({ clock }));
    driver = new Messy(bench);
  });
  afterEach(() => bench.dispose());

  /** After power-on: the oscillator off, then settings, channels, frequency, and at last the mode. */
  async function configure(to: Setup): Promise<void> {
    bench.chip.powerCycle();
    const { shared, channels } = driver;
    await shared.MODE2.writeBits(to.mode2);
    const [one, two, three, all] = to.addresses as [number, number, number, number];
    await shared.SUBADR1.writeBits(one);
    await shared.SUBADR2.writeBits(two);
    await shared.SUBADR3.writeBits(three);
    await shared.ALLCALLADR.writeBits(all);
    await shared.PRE_SCALE.writeBits(to.prescale);
    for (const [index, { on, off }] of to.channels.entries())
      for (const [register, bits] of [on & 0xff, on >> 8, off & 0xff, off >> 8].entries())
        await channels[index]!.COUNTS[register]!.writeBits(bits);
    await shared.MODE1.writeBits(to.mode1);
    // 7.3.1, table 5: until the oscillator runs.
    bench.advance(1);
  }

  const handles = () => [driver.shared, ...driver.channels];
  const digests = () => Promise.all(handles().map((each) => bench.board.digest(each)));
  const outputs = () => USED.map((channel) => bench.chip.output(channel));

  /** Everything that the chip holds, and what its outputs do now. */
  async function state() {
    return { digests: await digests(), registers: [...bench.chip.registers], outputs: outputs() };
  }

  async function run(
    steps: readonly Step[],
    parts: Pick<Messy, 'shared' | 'channels'>,
    delay: (us: number) => Promise<void>,
  ) {
    for (const each of steps) {
      // EXTCLK stays for good.
      if (each.do === 'shared')
        await parts.shared[each.register].writeBits(each.bits & (each.register === 'MODE1' ? 0xbf : 0xff));
      else if (each.do === 'channel') await parts.channels[each.channel]!.COUNTS[each.index]!.writeBits(each.bits);
      else if (each.do === 'delay') await delay(each.us);
      else if (each.do === 'frequency') {
        await parts.shared.MODE1.write({ SLEEP: true });
        await parts.shared.PRE_SCALE.writeBits(each.prescale);
        await parts.shared.MODE1.write({ SLEEP: !each.awake });
      } else {
        // What was posted comes before it.
        await parts.shared.MODE2.readBits();
        if (each.do === 'power') bench.chip.powerCycle();
        else softwareReset();
      }
    }
  }

  /** 7.6: the general call with the reset word; every other transfer on the bus is over. */
  function softwareReset(): void {
    const everybody = bench.chip.at(0x00);
    everybody.start('write');
    everybody.write(0x06);
    everybody.stop();
  }

  it('has its registers where the datasheet has them, and keeps EXTCLK and ALL_LED out of reach', async () => {
    await fc.assert(
      fc.asyncProperty(setup, async (to) => {
        await configure(to);
        const { registers } = bench.chip;
        const fields = [...registers.subarray(0, 6), registers[0xfe]];
        assert.deepEqual(fields, [to.mode1, to.mode2, ...to.addresses, to.prescale]);
        for (const [index, { on, off }] of to.channels.entries()) {
          const first = 0x06 + 4 * USED[index]!;
          assert.deepEqual(Array.from(registers.subarray(first, first + 4)), [
            on & 0xff,
            on >> 8,
            off & 0xff,
            off >> 8,
          ]);
        }
      }),
      { numRuns: 20 },
    );
    await assert.rejects(driver.shared.MODE1.write({ EXTCLK: true } as object), /EXTCLK is read-only/);
    assert.throws(
      () => (driver.shared as unknown as { ALL_LED_OFF_H: unknown }).ALL_LED_OFF_H,
      /no register ALL_LED_OFF_H/,
    );
  });

  it('is as it was, and its outputs too, after a call that wrote anything anywhere and failed', async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    await fc.assert(
      fc.asyncProperty(setup, order, fc.array(step, { maxLength: 10 }), async (to, first, steps) => {
        await configure(to);
        const before = await state();
        const error = await failureOf(
          driver.fail(async (parts, delay) => {
            // Rollback goes by the order of the first write, so any of them may come first.
            for (const unit of first) {
              if (unit === 0) await parts.shared.SUBADR1.writeBits(0x10);
              else await parts.channels[unit - 1]!.COUNTS[0]!.writeBits(0x55);
            }
            await run(steps, parts, delay);
          }),
        );
        assert.equal(error.code, 'exception', String(error.cause));
        assert.deepEqual([error.rollback.outcome, error.rollback.mismatches], ['restored', []]);
        assert.deepEqual(await state(), before);
      }),
      { numRuns: 25, seed: 9685 },
    );
  }).timeout(60_000);

  it('wakes up as it would have, after a failed call had let it run and put it to sleep', async () => {
    const counts = fc.record({ on: fc.nat(0xfff), off: fc.nat(0xfff) });
    const channels = fc.array(counts, { minLength: USED.length, maxLength: USED.length });
    await fc.assert(
      fc.asyncProperty(setup, channels, fc.boolean(), async (to, driven, held) => {
        await configure({ ...to, mode1: to.mode1 | 0x10, channels: driven });
        await failureOf(
          driver.fail(async ({ shared }, delay) => {
            await shared.MODE1.write({ SLEEP: false });
            await delay(50_000);
            await shared.MODE1.write({ SLEEP: true });
            if (!held) return;
            await delay(50_000);
            await shared.MODE2.readBits();
            assert.equal(bench.chip.registers[0]! & 0x80, 0x80);
          }),
        );
        bench.advance(CYCLE_MS);
        assert.equal((await driver.shared.MODE1.read()).RESTART, false);
        await driver.shared.MODE1.write({ SLEEP: false });
        bench.advance(1);
        for (const { hertz } of outputs()) assert.equal(hertz, 25e6 / 4096 / (to.prescale + 1));
      }),
      { numRuns: 5 },
    );
  }).timeout(30_000);

  it('runs again after a call that left its outputs held, waiting for RESTART', async () => {
    const pulse = { on: 0x100, off: 0x200 };
    await configure({ mode1: 0x20, mode2: 4, addresses: [2, 4, 6, 8], prescale: 121, channels: [pulse, pulse, pulse] });
    const before = await state();
    assert.equal(before.outputs[0]!.duty, 1 / 16);
    const error = await failureOf(
      driver.fail(async ({ shared }, delay) => {
        await shared.MODE1.modify({ SLEEP: true });
        await delay(50_000);
        await shared.MODE1.modify({ SLEEP: false });
        await delay(1000);
        await shared.MODE2.readBits();
        assert.deepEqual([bench.chip.registers[0]! & 0x80, bench.chip.output(7).hertz], [0x80, 0]);
      }),
    );
    assert.equal(error.rollback.outcome, 'restored');
    assert.deepEqual(await state(), before);
  });

  it('gives no other pulse on a channel than that before and that of the call, while the channel is restored', async () => {
    await fc.assert(
      fc.asyncProperty(count, count, count, count, async (on, off, otherOn, otherOff) => {
        const counts = { on, off };
        await configure({
          mode1: 0x20,
          mode2: 4,
          addresses: [2, 4, 6, 8],
          prescale: 121,
          channels: [counts, counts, counts],
        });
        const before = bench.chip.output(7).duty;
        let during = NaN;
        const seen = new Set<number>();
        const stop = bench.chip.stop.bind(bench.chip);
        const error = await failureOf(
          driver.fail(async ({ channels }) => {
            await channels[1]!.COUNTS.writeBlock(0, [otherOn & 0xff, otherOn >> 8, otherOff & 0xff, otherOff >> 8]);
            await channels[1]!.COUNTS.readBlock(0, 4);
            during = bench.chip.output(7).duty;
            bench.chip.stop = () => {
              stop();
              seen.add(bench.chip.output(7).duty);
            };
          }),
        );
        bench.chip.stop = stop;
        assert.equal(error.rollback.outcome, 'restored');
        assert.equal(bench.chip.output(7).duty, before);
        for (const duty of seen) assert.ok([before, during, 0].includes(duty), `${duty} of ${[...seen].join()}`);
      }),
      { numRuns: 25 },
    );
  }).timeout(30_000);

  it('does not stop the other channels when the call of one channel fails', async () => {
    const pulse = { on: 0x100, off: 0x200 };
    await configure({ mode1: 0x20, mode2: 4, addresses: [2, 4, 6, 8], prescale: 121, channels: [pulse, pulse, pulse] });
    const seen = new Set<number>();
    const write = bench.chip.write.bind(bench.chip);
    bench.chip.write = (value) => {
      seen.add(bench.chip.output(15).hertz);
      return write(value);
    };
    const error = await failureOf(driver.fail(async ({ channels }) => channels[1]!.COUNTS.writeBlock(0, [1, 2, 3, 4])));
    assert.equal(error.rollback.outcome, 'restored');
    assert.equal(seen.size, 1);
    assert.ok([...seen][0]! > 50);
  });
});
