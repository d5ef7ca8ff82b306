import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  mcp23017,
  mcp23017Port,
  type Mcp23017PortRegisters,
  type Mcp23017Registers,
} from '../../../peripherals/mcp23017/index.js';
import { mcp23017Model, type Mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import { attach, Driver, entryPoint, peripheral, type Handle } from '../../../runtime/index.js';
import { failureOf } from '../../failure.js';
import { chipBench, type ChipBench } from '../i2c-chip.js';

const ADDRESS = 0x20;
const PINS = 16;
const IOCON = 0x0a;
const INTF = 0x0e;
const INTCAP = 0x10;
/** As a port has them, and where port A has them (DS20001952D, table 3-1, IOCON.BANK = 0); those of B come one later. */
const SETTINGS = {
  IODIR: 0x00,
  IPOL: 0x02,
  GPINTEN: 0x04,
  DEFVAL: 0x06,
  INTCON: 0x08,
  GPPU: 0x0c,
  OLAT: 0x14,
} as const;
type Setting = keyof typeof SETTINGS;
const NAMES = Object.keys(SETTINGS) as Setting[];

const byte = fc.nat(0xff);
const port = fc.record({
  IODIR: byte,
  IPOL: byte,
  GPINTEN: byte,
  DEFVAL: byte,
  INTCON: byte,
  GPPU: byte,
  OLAT: byte,
});
const setup = fc.record({
  // All but BANK and bit 0, which is not there.
  iocon: byte.map((bits) => bits & 0x7e),
  ports: fc.tuple(port, port),
  /** What drives the pins from outside. */
  outside: fc.nat(0xffff),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

type Step =
  | { readonly do: 'port'; readonly port: 0 | 1; readonly register: Setting; readonly bits: number }
  | { readonly do: 'iocon'; readonly bits: number }
  | { readonly do: 'pin'; readonly pin: number; readonly level: boolean }
  | { readonly do: 'power' | 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('port'),
      port: fc.constantFrom(0, 1),
      register: fc.constantFrom(...NAMES),
      bits: byte,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('iocon'), bits: byte }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pin'), pin: fc.nat(PINS - 1), level: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('power', 'reset') }) },
);

/** A driver of the whole chip that does anything and fails. */
class Messy extends Driver {
  @peripheral accessor shared: Handle<Mcp23017Registers>;
  @peripheral accessor ports: readonly Handle<Mcp23017PortRegisters>[];

  constructor(bench: ChipBench<Mcp23017Model>) {
    super(bench.board);
    this.shared = attach(mcp23017(bench.at), bench.board);
    this.ports = [0, 1].map((index) => attach(mcp23017Port(bench.at, index), bench.board));
  }

  @entryPoint
  async fail(mess: (parts: Pick<Messy, 'shared' | 'ports'>) => Promise<void>): Promise<void> {
    const { shared, ports } = this;
    await mess({ shared, ports });
    // What was posted reaches the chip before the call fails.
    await shared.IOCON.readBits();
    throw new Error('the driver failed here');
  }
}

describe('MCP23017', () => {
  let bench: ChipBench<Mcp23017Model>;
  let driver: Messy;
  beforeEach(async () => {
    bench = await chipBench(ADDRESS, () => mcp23017Model({ address: ADDRESS }));
    driver = new Messy(bench);
  });
  afterEach(() => bench.dispose());

  function drive(levels: number): void {
    for (let pin = 0; pin < PINS; pin++) bench.chip.setPin(pin, ((levels >> pin) & 1) === 1);
  }

  async function configure(to: Setup): Promise<void> {
    bench.chip.powerCycle();
    drive(to.outside);
    await driver.shared.IOCON.writeBits(to.iocon);
    for (const [index, settings] of to.ports.entries())
      for (const name of NAMES) await driver.ports[index]![name].writeBits(settings[name]);
  }

  /** Reading INTCAP of both ports, which is what ends an interrupt; not through the board, because it is done so often. */
  function acknowledge(): void {
    const { chip } = bench;
    chip.start('write');
    chip.write(INTCAP);
    chip.start('read');
    for (const _ of driver.ports) chip.read();
    chip.stop();
  }

  /** Levels and directions of all pins, and of the interrupt pins. */
  const look = () => [
    ...Array.from({ length: PINS }, (_, pin) => [bench.chip.pin(pin), bench.chip.drives(pin)]),
    bench.chip.interruptPin('a'),
    bench.chip.interruptPin('b'),
  ];

  /** What the chip does: as it is, and when each pin in turn is driven to the other level and back. */
  function behaviour(to: Setup) {
    drive(to.outside);
    // Twice: a pin that had moved, and has moved back, is another event.
    acknowledge();
    acknowledge();
    const seen: unknown[] = [look()];
    for (let pin = 0; pin < PINS; pin++)
      for (const level of [((to.outside >> pin) & 1) === 0, ((to.outside >> pin) & 1) === 1]) {
        bench.chip.setPin(pin, level);
        seen.push([pin, level, ...look(), bench.chip.registers[INTF], bench.chip.registers[INTF + 1]]);
        acknowledge();
      }
    return seen;
  }

  const digests = () => Promise.all([driver.shared, ...driver.ports].map((each) => bench.board.digest(each)));

  /** All registers but GPIO, INTF and INTCAP, which say what has happened. */
  const settings = () => bench.chip.registers.filter((_, address) => address < 0x0e || address > 0x13);

  it('has its registers where the datasheet has them', async () => {
    await fc.assert(
      fc.asyncProperty(setup, async (to) => {
        await configure(to);
        const { registers } = bench.chip;
        assert.deepEqual([registers[IOCON], registers[IOCON + 1]], [to.iocon, to.iocon]);
        for (const [index, each] of to.ports.entries())
          for (const name of NAMES) assert.equal(registers[SETTINGS[name] + index], each[name], name);
        const { ports } = driver;
        const levels = await Promise.all(ports.map(({ GPIO }) => GPIO.readBits()));
        const expected = [0, 1].map((index) =>
          [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, pin) => sum | (Number(bench.chip.pin(8 * index + pin)) << pin), 0),
        );
        assert.deepEqual(
          levels,
          expected.map((bits, index) => bits ^ to.ports[index]!.IPOL),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('cannot be moved to the other register map through its definitions', async () => {
    await driver.shared.IOCON.writeBits(0xff);
    assert.equal(bench.chip.registers[IOCON], 0x7e);
    await assert.rejects(driver.shared.IOCON.write({ BANK: true } as object), /no field BANK/);
  });

  it('is as it was, and so are its pins and interrupts, after a call that wrote anything anywhere and failed', async () => {
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    await fc.assert(
      fc.asyncProperty(setup, order, fc.array(step, { maxLength: 15 }), async (to, first, steps) => {
        await configure(to);
        const before = behaviour(to);
        const registers = settings();
        const kept = await digests();
        const error = await failureOf(
          driver.fail(async ({ shared, ports }) => {
            // Rollback goes by the order of the first write, so any of them may come first.
            for (const unit of first)
              if (unit === 2) await shared.IOCON.writeBits(0);
              else await ports[unit]!.DEFVAL.writeBits(0x55);
            for (const each of steps) {
              if (each.do === 'port') await ports[each.port]![each.register].writeBits(each.bits);
              else if (each.do === 'iocon') await shared.IOCON.writeBits(each.bits);
              else {
                // What was posted comes before it.
                await shared.IOCON.readBits();
                if (each.do === 'pin') bench.chip.setPin(each.pin, each.level);
                else if (each.do === 'power') bench.chip.powerCycle();
                else bench.chip.reset();
              }
            }
          }),
        );
        assert.equal(error.code, 'exception', String(error.cause));
        assert.deepEqual([error.rollback.outcome, error.rollback.mismatches], ['restored', []]);
        assert.deepEqual(settings(), registers);
        assert.deepEqual(await digests(), kept);
        assert.deepEqual(behaviour(to), before);
      }),
      { numRuns: 25, seed: 23_017 },
    );
  }).timeout(60_000);

  it('gives no interrupt for what its pins do while a port is restored', async () => {
    await fc.assert(
      fc.asyncProperty(setup, port, async (to, other) => {
        // Interrupts on change only: what is compared with DEFVAL has one as soon as it is set up.
        const [a, b] = to.ports;
        await configure({ ...to, ports: [{ ...a, INTCON: 0 }, b] });
        await failureOf(
          driver.fail(async ({ ports }) => {
            await ports[0]!.GPINTEN.writeBits(0);
            for (const name of ['OLAT', 'GPPU', 'IODIR'] as const) await ports[0]![name].writeBits(other[name]);
            await ports[0]!.INTCAP.readBits();
            await ports[0]!.GPINTEN.writeBits(0xff);
          }),
        );
        assert.equal(await driver.ports[0]!.INTF.readBits(), 0);
      }),
      { numRuns: 25 },
    );
  });

  it('drives no output to any level but that before and that of the call, while a port is restored', async () => {
    await fc.assert(
      fc.asyncProperty(byte, byte, byte, async (levels, others, inputs) => {
        const rest = { IPOL: 0, GPINTEN: 0, DEFVAL: 0, INTCON: 0 };
        const outputs = { ...rest, IODIR: 0, GPPU: 0, OLAT: levels };
        await configure({ iocon: 0, ports: [outputs, outputs], outside: 0 });
        const seen: [pin: number, level: boolean][] = [];
        const stop = bench.chip.stop.bind(bench.chip);
        await failureOf(
          driver.fail(async ({ ports }) => {
            await ports[0]!.OLAT.writeBits(others);
            await ports[0]!.IODIR.writeBits(inputs);
            await ports[0]!.IODIR.readBits();
            bench.chip.stop = () => {
              stop();
              for (let pin = 0; pin < 8; pin++) if (bench.chip.drives(pin)) seen.push([pin, bench.chip.pin(pin)]);
            };
          }),
        );
        bench.chip.stop = stop;
        const at = (bits: number, pin: number) => ((bits >> pin) & 1) === 1;
        for (const [pin, level] of seen)
          assert.ok(level === at(levels, pin) || (!at(inputs, pin) && level === at(others, pin)), `pin ${pin}`);
        assert.deepEqual(
          seen.slice(-8),
          [0, 1, 2, 3, 4, 5, 6, 7].map((pin) => [pin, at(levels, pin)]),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('has the other port left alone when a call on one port fails, and while it does', async () => {
    const written = new Set<number>();
    const write = bench.chip.write.bind(bench.chip);
    let expects: 'register' | 'data' = 'register';
    let register = 0;
    bench.chip.write = (value) => {
      if (expects === 'register') register = value;
      else written.add(register);
      expects = 'data';
      return write(value);
    };
    const start = bench.chip.start.bind(bench.chip);
    bench.chip.start = (direction) => {
      expects = 'register';
      return start(direction);
    };
    const error = await failureOf(driver.fail(async ({ ports }) => ports[1]!.OLAT.writeBits(0xa5)));
    assert.equal(error.rollback.outcome, 'restored');
    assert.ok(written.size > 0);
    for (const each of written) assert.equal(each & 1, 1, `${each} is of port A`);
  });
});
