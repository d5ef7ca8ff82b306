import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ds3231, DS3231_ADDRESS, ds3231Time } from '../../../peripherals/ds3231/index.js';
import { ds3231Model, type Ds3231Model } from '../../../peripherals/ds3231/model.js';
import { attach } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const byte = fc.nat(0xff);
/** Registers 07h to 10h as they lie in the chip: alarms, control without CONV, status with EN32kHz only, aging. */
const settings = fc.array(byte, { minLength: 10, maxLength: 10 }).map((bytes) => {
  bytes[7]! &= 0xdf;
  bytes[8]! &= 0x08;
  return bytes;
});

/** The settings and the bits that can be written to them. */
const OWNED = { ALARM_1: ~0, ALARM_2: 0xffff, ALARM_2_DAY: 0xff, CONTROL: 0xff, STATUS: 0x08, AGING: 0xff } as const;

/** What the chip does besides: nothing, losing its power for good, converting, or being wedged in a conversion. */
const disturbance = fc.constantFrom<(bench: ChipBench<Ds3231Model>) => void>(
  () => {},
  ({ chip }) => {
    chip.battery = false;
    chip.power(false);
    chip.power(true);
    chip.battery = true;
  },
  ({ advance }) => advance(100),
  // Less than a lease: a controller that hears nothing for longer rolls back by itself.
  ({ advance }) => advance(500),
);

/** 1 January 2000, the first second that the clock can hold, in BCD; and the last one. */
const FIRST = Date.UTC(2000, 0, 1);
const LAST = Date.UTC(2099, 11, 31, 23, 59, 50);
const bcd = (value: number): number => Number.parseInt(String(value), 16);

/** A legal time as the registers hold it. */
const bcdOf = (date: Date): number[] => [
  ...[date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours(), date.getUTCDay() || 7].map(bcd),
  ...[date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear() - 2000].map(bcd),
];

const times = fc.date({ min: new Date(FIRST), max: new Date(LAST), noInvalidDate: true });

/** What the chip's registers 00h to 06h say, in milliseconds. */
function timeOf(chip: Ds3231Model): number {
  const [second, minute, hour, , day, month, year] = Array.from(chip.registers, (each) => Number(each.toString(16)));
  return Date.UTC(2000 + year!, month! - 1, day, hour, minute, second);
}

describe('DS3231, its settings', () => {
  let bench: ChipBench<Ds3231Model>;
  let driver: Messy<ReturnType<typeof ds3231>>;
  beforeEach(async () => {
    bench = await chipBench(DS3231_ADDRESS, (clock) => ds3231Model({ clock }));
    driver = new Messy(bench.board, attach(ds3231(bench.at), bench.board));
  });
  afterEach(() => bench.dispose());

  /** Puts bytes into registers from 07h on, past the driver. */
  async function fill(bytes: readonly number[]): Promise<void> {
    const [s1, m1, h1, d1, m2, h2, d2, control, status, aging] = bytes as [
      ...[number, number, number, number, number, number, number, number, number, number],
    ];
    const { ALARM_1, ALARM_2, ALARM_2_DAY, CONTROL, STATUS, AGING } = driver.block;
    await ALARM_1.writeBits(((s1 << 24) | (m1 << 16) | (h1 << 8) | d1) >>> 0);
    await ALARM_2.writeBits((m2 << 8) | h2);
    await ALARM_2_DAY.writeBits(d2);
    await CONTROL.writeBits(control);
    await STATUS.writeBits(status);
    await AGING.writeBits(aging);
  }

  /** Registers 07h to 10h without CONV and what the chip reports. */
  const kept = (): number[] => {
    const bytes = [...bench.chip.registers.subarray(0x07, 0x11)];
    bytes[7]! &= 0xdf;
    bytes[8]! &= 0x08;
    return bytes;
  };

  it('lie where the datasheet has them', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (bytes) => {
        await fill(bytes);
        assert.deepEqual(kept(), bytes);
      }),
      { numRuns: 10 },
    );
  });

  it('are back after a call that wrote anything and failed, even if the chip lost its power meanwhile', async () => {
    const mess = scribbles(Object.keys(OWNED), 6).map((list) =>
      list.map((each) => ({ ...each, bits: (each.bits & OWNED[each.register as keyof typeof OWNED]) >>> 0 })),
    );
    await fc.assert(
      fc.asyncProperty(settings, mess, disturbance, mess, async (bytes, first, disturb, second) => {
        await fill(bytes);
        await assertUndone(driver, async (block, delay) => {
          await scribble(block, first, delay);
          await block.CONTROL.readBits();
          disturb(bench);
          await scribble(block, second, delay);
        });
        assert.deepEqual(kept(), bytes);
      }),
      { numRuns: 40 },
    );
  });

  it('do not come back with a conversion that the failed call asked for, nor does a restore start one', async () => {
    await driver.block.CONTROL.write({ INTCN: true });
    bench.advance(3000);
    await assertUndone(driver, async ({ CONTROL }) => {
      await CONTROL.modify({ CONV: true });
      await CONTROL.modify({ INTCN: false });
    });
    bench.advance(250);
    assert.equal(bench.chip.registers[0x0e], 0x1c);
    await assertUndone(driver, async ({ CONTROL }) => CONTROL.modify({ INTCN: false }));
    assert.equal(bench.chip.registers[0x0e], 0x1c);
    assert.equal(bench.chip.registers[0x0f]! & 0x04, 0, 'BSY');
  });

  it('leave the flags that a failed call wanted to clear', async () => {
    assert.equal((await driver.block.FLAGS.read()).OSF, true);
    await assertUndone(driver, async ({ FLAGS, AGING }) => {
      await AGING.writeBits(1);
      await FLAGS.write({ OSF: false });
      assert.equal((await FLAGS.read()).OSF, true, 'it waits for the commit');
    });
    assert.equal((await driver.block.FLAGS.read()).OSF, true);
    await driver.block.FLAGS.write({ OSF: false });
    assert.deepEqual(await driver.block.FLAGS.read(), { OSF: false, BSY: false, A2F: false, A1F: false });
  });
});

describe('DS3231, its time', () => {
  let bench: ChipBench<Ds3231Model>;
  let driver: Messy<ReturnType<typeof ds3231Time>>;
  beforeEach(async () => {
    bench = await chipBench(DS3231_ADDRESS, (clock) => ds3231Model({ clock }));
    driver = new Messy(bench.board, attach(ds3231Time(bench.at), bench.board));
  });
  afterEach(() => bench.dispose());

  it('is back to the second after a call that set it and failed, even if the chip lost its power meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(times, times, disturbance, async (before, other, disturb) => {
        await driver.block.TIME.writeBlock(0, bcdOf(before));
        await assertUndone(driver, async ({ TIME }) => {
          await TIME.writeBlock(0, bcdOf(other));
          await TIME.readBlock(0, 7);
          disturb(bench);
        });
        const late = timeOf(bench.chip) - Math.floor(before.getTime() / 1000) * 1000;
        // Writing began a second anew, and less than one has passed since, so only a day may have gone wrong: none has.
        assert.equal(late, 0);
        assert.equal(bench.chip.registers[3], before.getUTCDay() || 7);
      }),
      { numRuns: 30 },
    );
  });

  it('begins its second anew in a rollback, and is late by no more than the call and that second', async () => {
    const before = new Date(Date.UTC(2024, 1, 28, 23, 59, 58));
    await driver.block.TIME.writeBlock(0, bcdOf(before));
    bench.advance(900);
    await assertUndone(driver, async ({ TIME }) => TIME.writeBlock(0, bcdOf(new Date(FIRST))));
    bench.advance(980);
    assert.equal(timeOf(bench.chip), before.getTime());
    bench.advance(1030);
    assert.equal(timeOf(bench.chip), before.getTime() + 2000, 'into 29 February');
  });

  it('is read in one moment, whenever that is', async () => {
    const last = new Date(Date.UTC(2031, 11, 31, 23, 59, 59));
    const moments = new Set<string>();
    for (let offset = 0; offset < 400; offset += 25) {
      await driver.block.TIME.writeBlock(0, bcdOf(last));
      bench.advance(999.5);
      await driver.board.post({ op: 'delay', us: offset });
      moments.add(String(await driver.block.TIME.readBlock(0, 7)));
    }
    const both = [last, new Date(last.getTime() + 1000)].map((date) => String(bcdOf(date)));
    assert.deepEqual([...moments].sort(), both.sort());
  });

  it('is not touched by a call that changes settings only, whether it fails or not', async () => {
    const settingsDriver = new Messy(bench.board, attach(ds3231(bench.at), bench.board));
    await driver.block.TIME.writeBlock(0, bcdOf(new Date(FIRST)));
    bench.advance(900);
    await assertUndone(settingsDriver, async ({ ALARM_1, AGING }) => {
      await ALARM_1.writeBits(0x12345678);
      await AGING.writeBits(3);
    });
    bench.advance(99);
    // Had a rollback written the seconds, the next one would begin a second after that.
    assert.equal(timeOf(bench.chip), FIRST + 1000);
  });

  it('that cannot be brought back, because the chip is gone, is reported', async () => {
    const error = await failureOf(
      driver.failAfter(async ({ TIME }) => {
        await TIME.writeBlock(0, bcdOf(new Date(LAST)));
        await TIME.readBlock(0, 7);
        bench.disconnect();
      }),
    );
    assert.equal(error.rollback.outcome, 'mismatch');
  });
});
