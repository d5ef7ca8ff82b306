import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Pca9685, PulseError } from '../../../peripherals/pca9685/index.js';
import { pca9685Model, type Pca9685Model } from '../../../peripherals/pca9685/model.js';
import { ChipError } from '../../../peripherals/chip-error.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x40;
const channel = fc.nat(15);
const part = fc.double({ min: 0, max: 1, noNaN: true });
const phase = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('PCA9685, its driver', () => {
  let bench: ChipBench<Pca9685Model>;
  let driver: Pca9685;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, (clock) => pca9685Model({ clock }));
    driver = new Pca9685(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  const outputs = () => Array.from({ length: 16 }, (_, index) => bench.chip.output(index));
  const pulses = () => outputs().map((each) => [each.duty, each.phase]);

  it('makes the frequency that is nearest to the one asked for, and says which', async () => {
    await driver.init();
    await driver.duty(3, 0.25);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 24, max: 1526, noNaN: true }), async (hertz) => {
        const made = await driver.frequency(hertz);
        assert.equal(bench.chip.output(3).hertz, made);
        assert.equal(bench.chip.output(3).duty, 0.25);
        const cycle = (each: number) => 25e6 / 4096 / each;
        assert.ok(Math.abs(cycle(made) - cycle(hertz)) <= 0.5 + 1e-9, `${made} for ${hertz}`);
      }),
      { numRuns: 15 },
    );
  }).timeout(20_000);

  it('makes the pulse that is nearest to the one asked for, on that channel alone', async () => {
    await driver.init({ hertz: 200 });
    await fc.assert(
      fc.asyncProperty(channel, part, phase, async (index, length, begin) => {
        const others = pulses();
        await driver.duty(index, length, begin);
        const { duty, phase: begins } = bench.chip.output(index);
        assert.ok(Math.abs(duty - length) <= 0.5 / 4096, `${duty} for ${length}`);
        if (duty > 0) assert.ok(begin - begins >= 0 && begin - begins < 1 / 4096, `${begins} for ${begin}`);
        assert.deepEqual(pulses().toSpliced(index, 1), others.toSpliced(index, 1));
      }),
      { numRuns: 60 },
    );
  });

  it('makes pulses of so many microseconds, at any frequency', async () => {
    for (const hertz of [50, 333]) {
      const made = await driver.init({ hertz });
      for (const us of [0, 1000, 1500.5, 1e6 / made]) {
        await driver.pulse(2, us);
        assert.ok(Math.abs(bench.chip.output(2).duty / made - us / 1e6) <= 0.5 / 4096 / made);
      }
    }
  });

  it('goes from one pulse to the next with nothing between', async () => {
    await driver.init();
    await driver.duty(5, 0x0ff / 4096);
    const seen = new Set<number>();
    const stop = bench.chip.stop.bind(bench.chip);
    bench.chip.stop = () => {
      stop();
      seen.add(bench.chip.output(5).duty);
    };
    await driver.duty(5, 0x100 / 4096);
    assert.deepEqual(seen, new Set([0x0ff / 4096, 0x100 / 4096]));
  });

  it('turns one channel off, or all', async () => {
    await driver.init();
    for (let index = 0; index < 16; index++) await driver.duty(index, (index + 1) / 16);
    await driver.off(4);
    assert.deepEqual(
      outputs().map(({ duty }) => duty),
      Array.from({ length: 16 }, (_, index) => (index === 4 ? 0 : (index + 1) / 16)),
    );
    await driver.allOff();
    assert.ok(outputs().every(({ duty }) => duty === 0));
  });

  it('sleeps, and goes on with the same pulses when it wakes up', async () => {
    await driver.init({ hertz: 100 });
    await driver.duty(0, 0.1);
    await driver.duty(15, 0.9, 0.5);
    const before = outputs();
    await driver.sleep();
    assert.ok(outputs().every(({ hertz }) => hertz === 0));
    assert.notEqual(await driver.frequency(400), 100);
    assert.equal(bench.chip.oscillator, 'off');
    await driver.frequency(100);
    await driver.wake();
    assert.deepEqual(outputs(), before);
  });

  it('sets a chip up whose outputs somebody else had left running, in another mode', async () => {
    await driver.init({ hertz: 100 });
    await driver.duty(6, 0.5);
    await driver.chip.MODE2.write({ OCH: 'acknowledge', OUTDRV: 'open-drain', INVRT: true });
    const again = new Pca9685(bench.board, bench.at);
    await again.init({ hertz: 60 });
    assert.ok(outputs().every(({ duty }) => duty === 0));
    assert.equal(bench.chip.registers[1], 0x04);
    await again.duty(6, 0.25);
    assert.equal(bench.chip.output(6).duty, 0.25);
  });

  it('has everything back when an operation of a call fails, whichever it is', async () => {
    await driver.init({ hertz: 100 });
    await driver.duty(0, 0.1);
    await driver.duty(7, 0.9, 0.5);
    const touched = [driver.chip, driver.channels[0]!, driver.channels[7]!, driver.channels[15]!];
    // But RESTART: a rollback clears it, and the outputs start with the oscillator.
    const observe = () => ({
      outputs: outputs(),
      registers: bench.chip.registers.with(0, bench.chip.registers[0]! & 0x7f),
    });
    const calls: [number, () => Promise<unknown>][] = [
      [1, () => driver.duty(7, 0.3)],
      [1, () => driver.pulse(0, 2000)],
      [2, () => driver.sleep()],
      [3, () => driver.wake()],
      [6, () => driver.frequency(200)],
      [22, () => driver.init({ hertz: 300, outputs: 'open-drain', inverted: true })],
    ];
    for (const [operations, call] of calls) {
      const count = await assertUndoneAtEveryOperation(bench.board, bench.fault, call, touched, observe);
      assert.equal(count, operations, String(call));
      if (operations === 3) assert.deepEqual(outputs()[0], { duty: 820 / 4096, phase: 0, hertz: 25e6 / 4096 / 61 });
    }
  }).timeout(60_000);

  it('keeps its own idea of frequency and sleep when a call fails', async () => {
    const made = await driver.init({ hertz: 100 });
    await bench.fault.at(4, () => driver.frequency(1000));
    await driver.pulse(1, 5000);
    assert.ok(Math.abs(bench.chip.output(1).duty - 0.005 * made) < 1 / 4096);
    await bench.fault.at(1, () => driver.sleep());
    await driver.frequency(100);
    assert.equal(bench.chip.oscillator, 'running');
  });

  it('refuses what the chip cannot do, and touches nothing', async () => {
    await driver.init();
    const before = [...bench.chip.registers];
    const refused = async (call: Promise<unknown>, code: PulseError['code'], message: RegExp) => {
      const error = await failureOf(call);
      assert.ok(error.cause instanceof PulseError, String(error.cause));
      assert.equal(error.cause.code, code);
      assert.match(error.message, message);
      assert.equal(error.rollback.outcome, 'nothing');
    };
    for (const hertz of [23.9, 1527, 0, -50, NaN, Infinity])
      await refused(driver.frequency(hertz), 'impossible-frequency', /Ask for 24 to 1526 Hz/);
    for (const index of [-1, 16, 0.5, NaN]) await refused(driver.duty(index, 0.5), 'no-such-channel', /0 to 15/);
    for (const length of [-0.01, 1.01, NaN]) await refused(driver.duty(0, length), 'impossible-pulse', /0 to 1 of a/);
    for (const begin of [-0.01, 1, NaN]) await refused(driver.duty(0, 0.5, begin), 'impossible-pulse', /not 0\.5 at/);
    await refused(driver.pulse(0, 20_500), 'impossible-pulse', /not 1\.0/);
    assert.deepEqual([...bench.chip.registers], before);
  });

  it('asks to be initialised first', async () => {
    for (const call of [driver.duty(0, 0.5), driver.pulse(0, 1), driver.sleep(), driver.wake()]) {
      const { cause } = await failureOf(call);
      assert.ok(cause instanceof ChipError && cause.code === 'not-initialised', String(cause));
    }
  });

  it('of a chip that is missing fails every call with its reason, and works when it is there again', async () => {
    await driver.init();
    await driver.duty(0, 0.5);
    bench.disconnect();
    for (const call of [
      () => driver.init(),
      () => driver.frequency(100),
      () => driver.duty(0, 0.1),
      () => driver.allOff(),
    ])
      await assertMissing(call());
    bench.connect();
    assert.equal(bench.chip.output(0).duty, 0.5);
    await driver.duty(0, 0.75);
    assert.equal(bench.chip.output(0).duty, 0.75);
  });

  it('of a chip that vanishes in the middle of a call names the registers that could not be brought back', async () => {
    await driver.init();
    await driver.duty(9, 0.5);
    const write = bench.chip.write.bind(bench.chip);
    // Four reads of a checkpoint, the register address, and the first of the four bytes.
    let bytes = 0;
    bench.chip.write = (value) => {
      if (++bytes === 4 + 3) bench.disconnect();
      return bytes < 4 + 3 && write(value);
    };
    const error = await failureOf(driver.duty(9, 0.1));
    bench.chip.write = write;
    assert.equal(error.rollback.outcome, 'mismatch');
    assert.deepEqual(
      error.rollback.mismatches.map(({ peripheral, register }) => `${peripheral}.${register}`),
      [0, 1, 2, 3].map((index) => `pca9685@i2c0:0x40.led9.COUNTS[${index}]`),
    );
    bench.connect();
    await driver.duty(9, 0.25);
    assert.equal(bench.chip.output(9).duty, 0.25);
  });
});
