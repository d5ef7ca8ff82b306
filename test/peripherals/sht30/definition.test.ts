import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Sht30, SHT30_LIMITS, type Climate, type LimitName } from '../../../peripherals/sht30/index.js';
import { sht30Model, type Sht30Model } from '../../../peripherals/sht30/model.js';
import { entryPoint } from '../../../runtime/index.js';
import type { AnyHandle } from '../../../runtime/registers/handles.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x44;
const PAUSE_US = 1000;
const NAMES = Object.keys(SHT30_LIMITS) as LimitName[];
const RATES = [0.5, 1, 2, 4, 10] as const;
const REPEATABILITIES = ['low', 'medium', 'high'] as const;

/** Everything that lasts in the chip. */
interface Settings {
  readonly hertz: (typeof RATES)[number] | undefined;
  readonly repeatability: (typeof REPEATABILITIES)[number];
  readonly heater: boolean;
  readonly limits: readonly Climate[];
}

const climate: fc.Arbitrary<Climate> = fc.record({
  temperature: fc.integer({ min: -45, max: 130 }),
  humidity: fc.nat(100),
});
const settings: fc.Arbitrary<Settings> = fc.record({
  hertz: fc.option(fc.constantFrom(...RATES), { nil: undefined }),
  repeatability: fc.constantFrom(...REPEATABILITIES),
  heater: fc.boolean(),
  limits: fc.array(climate, { minLength: 4, maxLength: 4 }),
});

const FROSTY: readonly Climate[] = NAMES.map(() => ({ temperature: 0, humidity: 0 }));

/** Commands that a failing call sends, in their own pace or faster than the chip takes them. */
type Mess = readonly { readonly code: number; readonly value: number; readonly pause: boolean }[];
const mess: fc.Arbitrary<Mess> = fc.array(fc.record({ code: fc.nat(7), value: fc.nat(0xff), pause: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
});

class Messy extends Sht30 {
  get handles(): readonly AnyHandle[] {
    return [this.mode, this.heating, ...this.limits];
  }

  @entryPoint
  async set({ hertz, repeatability, heater, limits }: Settings): Promise<void> {
    await (hertz === undefined ? this.stop() : this.periodic(hertz, repeatability));
    await this.heater(heater);
    for (const [index, name] of NAMES.entries()) await this.setLimit(name, limits[index]!);
  }

  /** Sets everything, then sends what comes. */
  @entryPoint
  async failAfter(other: Settings, list: Mess, disturb: () => void): Promise<void> {
    await this.set(other);
    // An answer: all that was sent before it has arrived.
    await this.status();
    disturb();
    for (const { code, value, pause } of list) {
      await this.sendAny(code, value);
      if (pause) await this.tx.delay(PAUSE_US);
    }
    await this.tx.ask({ op: 'echo', bytes: new Uint8Array(0) });
    throw new Error('the driver failed here');
  }

  private sendAny(code: number, value: number): Promise<void> {
    const { chip, mode, heating, limits } = this;
    const commands = [
      () => mode.PERIODIC.send(value >> 4, value),
      () => mode.BREAK.send(),
      // Anything that begins with 30, the chip's own reset (30A2) among it.
      () => mode.COMMAND_30.write(value % 2 ? 0xa2 : value),
      () => heating.HEATER_ON.send(),
      () => heating.HEATER_OFF.send(),
      () => limits[value % 4]!.LIMIT.send(value, value, value),
      () => chip.MEASURE.send(value % 2 ? 0x00 : value),
      () => chip.FETCH.send(),
    ];
    return commands[code]!();
  }
}

describe('SHT30, rolled back', () => {
  let bench: ChipBench<Sht30Model>;
  let sensor: Messy;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => sht30Model({ clock, address: ADDRESS }));
    sensor = new Messy(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  const digests = () => Promise.all(sensor.handles.map((each) => bench.board.digest(each)));
  const lasting = () => {
    const { mode, status } = bench.chip.registers;
    return { mode: mode === 'single shot' ? 'idle' : mode, heater: (status & 0x2000) !== 0, limits: bench.chip.limits };
  };

  /** Nothing, a pulse on nRESET, a loss of power, a wait that leaves a measurement running. */
  const disturbances = fc.constantFrom<(chip: Sht30Model) => void>(
    () => {},
    (chip) => chip.reset(),
    (chip) => {
      chip.power(false);
      chip.power(true);
    },
    () => bench.advance(3),
  );

  it('has mode, heater and limits back after a call that sent anything and failed, even if the chip was reset or lost its power', async () => {
    await fc.assert(
      fc.asyncProperty(settings, settings, mess, disturbances, async (before, other, list, disturb) => {
        await sensor.set(before);
        const expected = lasting();
        const sums = await digests();
        const error = await failureOf(sensor.failAfter(other, list, () => disturb(bench.chip)));
        assert.deepEqual([error.rollback.outcome, error.rollback.mismatches], ['restored', []], error.message);
        assert.deepEqual(lasting(), expected);
        assert.deepEqual(await digests(), sums);
        assert.equal(sensor.hertz, before.hertz);
      }),
      { numRuns: 20 },
    );
  });

  it('measures at the same rate as before', async () => {
    for (const hertz of RATES) {
      await sensor.periodic(hertz);
      await failureOf(
        sensor.failAfter(
          {
            hertz: hertz === 10 ? 1 : 10,
            repeatability: 'low',
            heater: false,
            limits: FROSTY,
          },
          [],
          () => {},
        ),
      );
      const period = 1000 / hertz;
      bench.advance(20);
      await sensor.fetch();
      // The next one is ready 15 ms into the next period; a fetch before that is not acknowledged.
      bench.advance(period - 30);
      assert.equal((await failureOf(sensor.fetch())).code, 'controller-fault');
      bench.advance(30);
      await sensor.fetch();
    }
  });

  it('is restored at once, though the chip takes no command within 1 ms of another, nor within 1.5 of its reset', async () => {
    await sensor.set({ hertz: 10, repeatability: 'high', heater: true, limits: FROSTY });
    const expected = lasting();
    for (const command of [
      () => sensor.periodic(1),
      () => sensor.heater(false),
      () => sensor.setLimit('highClear', { temperature: 9, humidity: 9 }),
    ]) {
      // The operation after the command fails, and the rollback follows it on the controller.
      const error = await bench.fault.at(1, command);
      assert.equal(error?.rollback.outcome, 'restored', error?.message);
      assert.deepEqual(lasting(), expected);
    }
  });

  it('goes on measuring when a fetch fails, in the same rhythm', async () => {
    await sensor.periodic(1);
    bench.advance(900);
    await sensor.fetch();
    await failureOf(sensor.fetch());
    bench.advance(120);
    await sensor.fetch();
  });

  it('keeps a periodic mode that the failed call did not touch', async () => {
    await sensor.periodic(2);
    await failureOf(
      sensor.heater(true).then(() => {
        bench.disconnect();
        return sensor.heater(false);
      }),
    );
    bench.connect();
    assert.equal(bench.chip.registers.mode, 'periodic');
  });

  it('that is gone when it is to be restored is reported', async () => {
    const error = await failureOf(
      sensor.failAfter({ hertz: 1, repeatability: 'low', heater: true, limits: FROSTY }, [], () => bench.disconnect()),
    );
    assert.equal(error.rollback.outcome, 'mismatch');
  });
});
