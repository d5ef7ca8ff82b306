import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ClockError, Ds3231, DS3231_ADDRESS, type AlarmTime } from '../../../peripherals/ds3231/index.js';
import { ds3231Model, type Ds3231Model } from '../../../peripherals/ds3231/model.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { assertUndone, Messy } from '../failing-call.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const FIRST = Date.UTC(2000, 0, 1);
const LAST = Date.UTC(2099, 11, 31, 23, 59, 59);
const NOON = new Date(Date.UTC(2024, 1, 28, 12, 0, 0));
const times = fc.date({ min: new Date(FIRST), max: new Date(LAST), noInvalidDate: true });

describe('DS3231, its driver', () => {
  let bench: ChipBench<Ds3231Model>;
  let clock: Ds3231;
  beforeEach(async () => {
    bench = await chipBench(DS3231_ADDRESS, (time) => ds3231Model({ clock: time }));
    clock = new Ds3231(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  async function assertRefused(call: Promise<unknown>, code: ClockError['code']): Promise<void> {
    const { cause, rollback } = await failureOf(call);
    assert.ok(cause instanceof ClockError, String(cause));
    assert.equal(cause.code, code);
    assert.notEqual(rollback.outcome, 'mismatch');
  }

  /** Levels of the pin, once in so many milliseconds. */
  const levels = (count: number, ms: number): boolean[] =>
    Array.from({ length: count }, () => {
      bench.advance(ms);
      return bench.chip.line;
    });

  /** Everything but the time and what the chip reports. */
  const settings = (): string => Buffer.from(bench.chip.registers.subarray(0x07, 0x0f)).toString('hex');

  it('reads the time that it has set, to the second, in any year that the chip knows', async () => {
    await fc.assert(
      fc.asyncProperty(times, async (date) => {
        await clock.set(date);
        assert.equal((await clock.now()).getTime(), Math.floor(date.getTime() / 1000) * 1000);
      }),
      { numRuns: 60 },
    );
  });

  it('follows the clock over the ends of months and leap days', async () => {
    await clock.set(new Date(Date.UTC(2096, 1, 28, 23, 59, 59)));
    bench.advance(1000);
    assert.equal((await clock.now()).toISOString(), '2096-02-29T00:00:00.000Z');
  });

  it('understands a clock that somebody else has set to twelve hours', async () => {
    await clock.set(NOON);
    for (const [register, hour] of [
      [0x52, 0], // 12 AM
      [0x41, 1], // 1 AM
      [0x72, 12], // 12 PM
      [0x71, 23], // 11 PM
    ] as const) {
      await clock.clock.TIME[2]!.writeBits(register);
      assert.equal((await clock.now()).getUTCHours(), hour);
    }
  });

  it('refuses dates that the chip cannot hold, and touches nothing', async () => {
    for (const date of [new Date(FIRST - 1), new Date(LAST + 1000), new Date(NaN), new Date(0)]) {
      const before = [...bench.chip.registers];
      await assertRefused(clock.set(date), 'out-of-range');
      assert.deepEqual([...bench.chip.registers], before);
    }
  });

  it('does not know the time before it was set, nor after the oscillator stood still', async () => {
    await assertRefused(clock.now(), 'not-set');
    await clock.set(NOON);
    await clock.now();
    bench.chip.battery = false;
    bench.chip.power(false);
    bench.chip.power(true);
    await assertRefused(clock.now(), 'not-set');
  });

  it('does not take a clock for set after a call that failed to set it, whichever operation failed', async () => {
    let failures = 0;
    while (await bench.fault.at(failures, () => clock.set(NOON))) {
      await assertRefused(clock.now(), 'not-set');
      failures++;
    }
    assert.equal(failures, 3);
    assert.equal((await clock.now()).getTime(), NOON.getTime());
  });

  it('refuses a time that does not exist', async () => {
    await clock.set(NOON);
    for (const [register, bits] of [
      [0, 0x60],
      [1, 0x0f],
      [2, 0x24],
      [2, 0x60],
      [4, 0x30],
      [5, 0x13],
    ] as const) {
      await clock.set(NOON);
      await clock.clock.TIME[register]!.writeBits(bits);
      await assertRefused(clock.now(), 'not-a-time');
    }
  });

  it('has everything back when an operation of a call fails, whichever it is', async () => {
    await clock.set(NOON);
    await clock.squareWave(1024);
    await clock.alarm(1, { second: 5 });
    await clock.aging(-3);
    const calls: [number, () => Promise<unknown>][] = [
      [3, () => clock.alarm(1, { second: 1, minute: 2, hour: 3, date: 4 })],
      [5, () => clock.alarm(2, { minute: 2, hour: 3, weekday: 7 })],
      [1, () => clock.mute(1)],
      [1, () => clock.squareWave(8192, { onBattery: true })],
      [1, () => clock.interrupts()],
      [1, () => clock.output32kHz(false)],
      [1, () => clock.aging(127)],
      [1, () => clock.temperature()],
      [2, () => clock.now()],
    ];
    for (const [least, call] of calls) {
      const count = await assertUndoneAtEveryOperation(
        bench.board,
        bench.fault,
        call,
        [clock.chip, clock.clock],
        settings,
      );
      assert.ok(count >= least, `${String(call)} has ${count} operations`);
    }
  });

  it('has the square wave back at its rate after a failed call', async () => {
    const messy = new Messy(bench.board, clock.chip);
    for (const [hertz, ms] of [
      [1, 500],
      [1024, 0.5],
      [4096, 0.125],
      [8192, 0.0625],
    ] as const) {
      await clock.set(NOON);
      await clock.squareWave(hertz);
      const edges = () => {
        const list = levels(16, ms / 2);
        return list.filter((level, index) => index > 0 && level !== list[index - 1]).length;
      };
      const before = edges();
      await assertUndone(messy, async ({ CONTROL }) => {
        await CONTROL.modify({ RATE: hertz === 1 ? '8.192kHz' : '1Hz' });
        await CONTROL.modify({ INTCN: true });
      });
      assert.ok(before >= 6 && Math.abs(edges() - before) <= 1, `${hertz} Hz: ${before} edges in eight half periods`);
    }
  });

  it('raises an alarm on the pin when the time matches, until it was asked which', async () => {
    await clock.set(NOON);
    await clock.interrupts();
    await clock.alarm(1, { second: 2, minute: 0, hour: 12 });
    await clock.alarm(2, { minute: 1 });
    assert.deepEqual(await clock.fired(), { alarm1: false, alarm2: false });
    bench.advance(1900);
    assert.equal(bench.chip.line, true);
    bench.advance(200);
    assert.equal(bench.chip.line, false);
    assert.deepEqual(await clock.fired(), { alarm1: true, alarm2: false });
    assert.equal(bench.chip.line, true);
    assert.deepEqual(await clock.fired(), { alarm1: false, alarm2: false });
    bench.advance(58_000);
    assert.deepEqual(await clock.fired(), { alarm1: false, alarm2: true });
    await clock.mute(2);
    bench.advance(3_600_000);
    assert.equal(bench.chip.line, true);
  }).timeout(60_000);

  describe('whose clock somebody else has set to twelve hours', () => {
    const SECOND_BEFORE = -1000;
    /** Figure 1: hours 0 to 23 in twelve-hour mode. */
    const twelve = (hour: number): number =>
      0x40 | (hour >= 12 ? 0x20 : 0) | Number.parseInt(String(hour % 12 || 12), 16);
    const clockAt = async (time: Date, mode: 12 | 24) => {
      await clock.set(time);
      const hour = time.getUTCHours();
      await clock.clock.TIME[2]!.writeBits(mode === 12 ? twelve(hour) : Number.parseInt(String(hour), 16));
    };

    it('has alarms go off in its mode, and in that of 24 hours', async () => {
      for (const mode of [12, 24] as const)
        for (let hour = 0; hour < 24; hour++) {
          await clockAt(new Date(Date.UTC(2024, 1, 28, hour) + SECOND_BEFORE), mode);
          await clock.alarm(1, { second: 0, minute: 0, hour });
          await clock.alarm(2, { minute: 0, hour });
          assert.deepEqual(await clock.fired(), { alarm1: false, alarm2: false });
          bench.advance(1000);
          assert.deepEqual(await clock.fired(), { alarm1: true, alarm2: true }, `${hour} h of ${mode}`);
          assert.equal((await clock.now()).getUTCHours(), hour);
        }
    });

    it('has the alarms that it had when its time is set again', async () => {
      for (const mode of [12, 24] as const) {
        await clockAt(NOON, mode);
        await clock.alarm(1, { second: 0, minute: 0, hour: 18 });
        await clock.alarm(2, { minute: 0, hour: 18 });
        await clock.set(new Date(Date.UTC(2024, 1, 28, 18) + SECOND_BEFORE));
        bench.advance(1000);
        assert.deepEqual(await clock.fired(), { alarm1: true, alarm2: true });
      }
    });

    it('reads the time that it has set, to the second', async () => {
      await clockAt(NOON, 12);
      await fc.assert(
        fc.asyncProperty(times, async (date) => {
          await clock.set(date);
          assert.equal((await clock.now()).getTime(), Math.floor(date.getTime() / 1000) * 1000);
        }),
        { numRuns: 30, seed: 3231 },
      );
    });

    it('has everything back when an operation of a call that sets an alarm fails, whichever it is', async () => {
      await clockAt(NOON, 12);
      for (const number of [1, 2] as const) {
        const when = number === 1 ? { second: 1, minute: 2, hour: 3 } : { minute: 2, hour: 3 };
        const call = () => clock.alarm(number, when);
        const touched = [clock.chip, clock.clock];
        assert.ok((await assertUndoneAtEveryOperation(bench.board, bench.fault, call, touched, settings)) >= 4);
      }
    });
  });

  it('reports an alarm again if the call that was to report it failed', async () => {
    await clock.set(NOON);
    await clock.alarm(1, {});
    bench.advance(1100);
    assert.ok(await bench.fault.at(1, () => clock.fired()));
    assert.equal((await clock.fired()).alarm1, true);
  });

  it('sets any alarm of table 2, and refuses what is not in it', async () => {
    const second = fc.nat(59);
    const hour = fc.nat(23);
    const legal = fc.oneof(
      fc.constant({}),
      fc.record({ second }),
      fc.record({ second, minute: second }),
      fc.record({ second, minute: second, hour }),
      fc.record({ second, minute: second, hour, date: fc.integer({ min: 1, max: 31 }) }),
      fc.record({ second, minute: second, hour, weekday: fc.integer({ min: 1, max: 7 }) }),
    );
    const digits = (value: number | undefined) => (value === undefined ? 0x80 : Number.parseInt(String(value), 16));
    await fc.assert(
      fc.asyncProperty(legal as fc.Arbitrary<AlarmTime>, async (when) => {
        await clock.alarm(1, when);
        const { weekday, date } = when;
        const day = weekday === undefined ? digits(date) : 0x40 | weekday;
        const expected = [digits(when.second), digits(when.minute), digits(when.hour), day];
        assert.deepEqual([...bench.chip.registers.subarray(0x07, 0x0b)], expected);
        const { second: _, ...rest } = when;
        await clock.alarm(2, rest);
        assert.deepEqual([...bench.chip.registers.subarray(0x0b, 0x0e)], expected.slice(1));
      }),
      { numRuns: 30 },
    );
    const illegal: [1 | 2, AlarmTime][] = [
      [1, { minute: 1 }],
      [1, { second: 1, hour: 1 }],
      [1, { second: 1, minute: 1, date: 1 }],
      [1, { second: 1, minute: 1, hour: 1, date: 1, weekday: 1 }],
      [1, { second: 60 }],
      [1, { second: 0.5 }],
      [1, { second: 1, minute: 1, hour: 24 }],
      [1, { second: 1, minute: 1, hour: 1, date: 32 }],
      [2, { minute: 1, hour: 1, weekday: 8 }],
      [2, { second: 0 }],
      [2, { hour: 1 }],
    ];
    const before = settings();
    for (const [number, when] of illegal) await assertRefused(clock.alarm(number, when), 'bad-alarm');
    assert.equal(settings(), before);
  });

  it('reads temperatures above and below zero, in quarters of a degree, as of the last conversion or as of now', async () => {
    for (const celsius of [84.75, -0.25, -40]) {
      const before = await clock.temperature();
      bench.chip.temperature = celsius;
      assert.equal(await clock.temperature(), before);
      assert.equal(await clock.convert(), celsius);
      assert.equal(await clock.temperature(), celsius);
    }
  }).timeout(60_000);

  it('refuses settings that the chip does not have', async () => {
    await assertRefused(clock.aging(128), 'bad-setting');
    await assertRefused(clock.aging(-129), 'bad-setting');
    await assertRefused(clock.squareWave(2 as 1), 'bad-setting');
    await clock.aging(-128);
    assert.equal(bench.chip.registers[0x10], 0x80);
  });

  it('that is missing fails every call with its reason, and works when it is there again', async () => {
    bench.disconnect();
    await assertMissing(clock.now());
    await assertMissing(clock.set(NOON));
    await assertMissing(clock.alarm(1, {}));
    await assertMissing(clock.squareWave(1));
    bench.connect();
    await clock.set(NOON);
    assert.equal((await clock.now()).getTime(), NOON.getTime());
  });
});
