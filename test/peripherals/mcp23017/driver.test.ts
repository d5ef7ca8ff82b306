import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Mcp23017, Mcp23017Port } from '../../../peripherals/mcp23017/index.js';
import { mcp23017Model, type Mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import { entryPoint, RegisterError } from '../../../runtime/index.js';
import { assertUndoneAtEveryOperation } from '../every-operation.js';
import { failureOf } from '../../failure.js';
import { assertMissing, chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x27;
const IOCON = 0x0a;
const GPINTENB = 0x05;
/** IOCON in the other register map. */
const IOCON_OF_BANK_1 = 0x05;
const BANK = 0x80;

const mask = fc.integer({ min: 1, max: 0xff });
const levels = fc.nat(0xff);

/** A call on a port that takes its time. */
class Held extends Mcp23017Port {
  @entryPoint
  async hold(held: number, until: Promise<void>): Promise<void> {
    await this.write(held);
    await until;
  }
}

const at = (bits: number, pin: number) => ((bits >> pin) & 1) === 1;

describe('MCP23017, its driver', () => {
  let bench: ChipBench<Mcp23017Model>;
  let driver: Mcp23017;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, () => mcp23017Model({ address: ADDRESS }));
    driver = new Mcp23017(bench.board, bench.at);
  });
  afterEach(() => bench.dispose());

  /** Pins of port A first, then those of port B. */
  const PORTS = [
    ['a', 0],
    ['b', 8],
  ] as const;
  const pins = (first: number) => Array.from({ length: 8 }, (_, pin) => bench.chip.pin(first + pin));
  const bits = (list: readonly boolean[]) => list.reduce((sum, level, pin) => sum | (Number(level) << pin), 0);

  it('makes those pins outputs that it was told to, at their levels from the start, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PORTS), mask, levels, levels, async ([name, first], some, level, next) => {
        bench.chip.powerCycle();
        const seen: boolean[][] = [];
        const stop = bench.chip.stop.bind(bench.chip);
        bench.chip.stop = () => {
          stop();
          for (let pin = 0; pin < 8; pin++)
            if (bench.chip.drives(first + pin)) (seen[pin] ??= []).push(bench.chip.pin(first + pin));
        };
        await driver[name].output(some, level);
        bench.chip.stop = stop;
        for (let pin = 0; pin < 16; pin++)
          assert.equal(bench.chip.drives(pin), pin - first >= 0 && pin - first < 8 && at(some, pin - first));
        for (let pin = 0; pin < 8; pin++)
          if (at(some, pin)) assert.deepEqual(new Set(seen[pin]), new Set([at(level, pin)]));
        await driver[name].write(next);
        assert.equal(bits(pins(first)) & some, next & some);
        await driver[name].write(~next & 0xff, some);
        assert.equal(bits(pins(first)) & some, ~next & some);
        assert.equal(await driver[name].read(), bits(pins(first)));
      }),
      { numRuns: 30 },
    );
  });

  it('reads pins, pulled up or inverted where it was told to', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PORTS),
        mask,
        mask,
        levels,
        levels,
        async ([name, first], up, over, driven, level) => {
          bench.chip.powerCycle();
          for (let pin = 0; pin < 8; pin++)
            bench.chip.setPin(first + pin, at(driven, pin) ? at(level, pin) : undefined);
          await driver[name].output(0xff, 0);
          await driver[name].input(0xff);
          await driver[name].input(up, { pullUp: true });
          await driver[name].input(over, { pullUp: true, inverted: true });
          assert.equal(await driver[name].read(), ((level & driven) | ((up | over) & ~driven & 0xff)) ^ over);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('tells which pins have made an interrupt, and what all pins were then', async () => {
    for (const [name, first] of PORTS) {
      const active = () => bench.chip.interruptPin(name) === false;
      const other = () => bench.chip.interruptPin(name === 'a' ? 'b' : 'a') === false;
      for (let pin = 0; pin < 8; pin++) bench.chip.setPin(first + pin, false);
      await driver[name].interruptOn(0b0001, 'change');
      await driver[name].interruptOn(0b0010, 'high');
      assert.deepEqual(await driver[name].interrupted(), { pins: 0, levels: 0 });
      assert.equal(active(), false);
      bench.chip.setPin(first + 2, true);
      assert.equal(active(), false, 'a pin that makes none');
      bench.chip.setPin(first, true);
      assert.deepEqual([active(), other()], [true, false]);
      bench.chip.setPin(first + 2, false);
      assert.deepEqual(await driver[name].interrupted(), { pins: 0b0001, levels: 0b0101 });
      assert.equal(active(), false);
      bench.chip.setPin(first, false);
      assert.equal(active(), true);
      await driver[name].read();
      assert.equal(active(), false);
      bench.chip.setPin(first + 1, true);
      assert.deepEqual(await driver[name].interrupted(), { pins: 0b0010, levels: 0b0010 });
      assert.equal(active(), true, 'while the pin is high');
      await driver[name].interruptOff(0b0011);
      await driver[name].interrupted();
      bench.chip.setPin(first, true);
      assert.equal(active(), false);
      await driver[name].interruptOn(0b0010, 'low');
      assert.equal(active(), false);
      bench.chip.setPin(first + 1, false);
      assert.equal(active(), true);
      await driver[name].interruptOff(0xff);
      await driver[name].interrupted();
    }
  });

  it('sets the interrupt pins up', async () => {
    await driver.b.interruptOn(0x01, 'change');
    const both = () => [bench.chip.interruptPin('a'), bench.chip.interruptPin('b')];
    await driver.interruptPins({ output: 'active-high' });
    assert.deepEqual(both(), [false, false]);
    bench.chip.setPin(8, true);
    assert.deepEqual(both(), [false, true]);
    await driver.interruptPins({ output: 'active-high', mirrored: true });
    assert.deepEqual(both(), [true, true]);
    await driver.interruptPins({ output: 'open-drain' });
    assert.deepEqual(both(), [undefined, false]);
    await driver.interruptPins({});
    assert.deepEqual(both(), [true, false]);
  });

  it('finds its way to a chip that another program has left with BANK = 1', async () => {
    const { chip } = bench;
    chip.start('write');
    for (const each of [IOCON, BANK | 0x40]) chip.write(each);
    chip.stop();
    assert.equal(chip.registers[IOCON_OF_BANK_1], BANK | 0x40);
    await driver.leaveBank1();
    assert.equal(chip.registers[IOCON], 0);
    await driver.a.output(0xff, 0x5a);
    assert.equal(bits(pins(0)), 0x5a);
  });

  it('leaves BANK 1 in no call that fails, and then not half-way', async () => {
    await driver.b.interruptOn(0xff, 'change');
    const before = [...bench.chip.registers];
    assert.ok(await bench.fault.at(0, () => driver.leaveBank1()));
    assert.deepEqual([...bench.chip.registers], before);
    await driver.leaveBank1();
    assert.equal(bench.chip.registers[GPINTENB], 0);
  });

  it('has everything back when an operation of a call fails, whichever it is', async () => {
    await driver.a.output(0x0f, 0x05);
    await driver.a.input(0xf0, { pullUp: true });
    await driver.a.interruptOn(0x30, 'change');
    await driver.interruptPins({ mirrored: true, output: 'active-high' });
    const touched = [driver.registers, driver.a.registers, driver.b.registers];
    const observe = () => [[...bench.chip.registers], pins(0), pins(8), bench.chip.interruptPin('a')];
    const calls: [number, () => Promise<unknown>][] = [
      [2, () => driver.a.output(0x3c, 0x14)],
      [3, () => driver.a.input(0x0f, { inverted: true })],
      [1, () => driver.a.write(0xaa)],
      [1, () => driver.a.read()],
      [4, () => driver.b.interruptOn(0x0f, 'low')],
      [1, () => driver.a.interruptOff(0x10)],
      [2, () => driver.a.interrupted()],
      [1, () => driver.interruptPins({ output: 'open-drain' })],
    ];
    for (const [operations, call] of calls) {
      const count = await assertUndoneAtEveryOperation(bench.board, bench.fault, call, touched, observe);
      assert.equal(count, operations, String(call));
    }
  });

  it('ends a call on one port while one on the other goes on, but not one on the same port', async () => {
    const held = new Held(bench.board, bench.at, 'a');
    let release = () => {};
    const holding = held.hold(0x0f, new Promise((resolve) => (release = resolve)));
    await driver.b.output(0xff, 0x33);
    assert.equal(bits(pins(8)), 0x33);
    let done = false;
    const waiting = driver.a.write(0xf0).then(() => (done = true));
    await driver.b.write(0x44);
    assert.equal(done, false);
    release();
    await Promise.all([holding, waiting]);
    assert.equal(await driver.a.registers.OLAT.readBits(), 0xf0);
  });

  it('refuses pins that there are not, and touches nothing', async () => {
    const before = [...bench.chip.registers];
    for (const call of [
      driver.a.output(0, 0),
      driver.a.output(0x100, 0),
      driver.a.output(1, 0x100),
      driver.a.output(1.5, 0),
      driver.a.write(-1),
      driver.a.write(Number.NaN),
      driver.a.input(-1),
      driver.b.interruptOn(0, 'low'),
    ]) {
      const { cause, rollback } = await failureOf(call);
      assert.ok(cause instanceof RegisterError && cause.code === 'value-out-of-range', String(cause));
      assert.equal(rollback.outcome, 'nothing');
    }
    assert.deepEqual([...bench.chip.registers], before);
  });

  it('of a chip that is missing fails every call with its reason, and works when it is there again', async () => {
    await driver.a.output(0xff, 0x12);
    bench.disconnect();
    for (const call of [
      () => driver.a.output(1, 0),
      () => driver.a.input(1),
      () => driver.a.write(0),
      () => driver.a.read(),
      () => driver.b.interruptOn(1, 'low'),
      () => driver.b.interrupted(),
      () => driver.interruptPins({}),
    ])
      await assertMissing(call());
    bench.connect();
    assert.equal(await driver.a.read(), 0x12);
  });

  it('of a chip that vanishes in the middle of a call names the registers that could not be brought back', async () => {
    await driver.a.output(0xff, 0x12);
    const stop = bench.chip.stop.bind(bench.chip);
    let stops = 0;
    bench.chip.stop = () => {
      stop();
      // A checkpoint of seven registers, and the latches: a read and a write.
      if (++stops === 7 + 2) bench.disconnect();
    };
    const error = await failureOf(driver.a.output(0x0f, 0x0f));
    bench.chip.stop = stop;
    assert.equal(error.rollback.outcome, 'mismatch');
    assert.deepEqual(
      error.rollback.mismatches.map(({ peripheral, register }) => `${peripheral} ${register}`),
      ['OLAT', 'GPPU', 'IODIR', 'IPOL', 'DEFVAL', 'INTCON', 'GPINTEN'].map((each) => `mcp23017@i2c0:0x27.a ${each}`),
    );
    bench.connect();
    await driver.a.write(0x55);
    assert.equal(bits(pins(0)), 0x55);
  });
});
