import assert from 'node:assert/strict';
import { mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import {
  ControllerError,
  definePeripheral,
  Driver,
  type EntryPointError,
  entryPoint,
  field,
  peripheral,
  type Handle,
  type Mismatch,
} from '../../../runtime/index.js';
import { attach } from '../../../runtime/registers/handles.js';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';
import { failureOf } from '../../failure.js';

const byte = { access: 'rw', width: 8 } as const;

/** Port A of an MCP23017, as far as these tests need it (MCP23017 table 3-1, IOCON.BANK = 0). */
const portA = (index: 0 | 1, target: number) =>
  definePeripheral({
    name: `port@i2c${index}:0x${target.toString(16)}`,
    source: 'MCP23017 table 3-1',
    space: { bus: 'i2c', index, target },
    registers: {
      IODIRA: { ...byte, address: 0x00, reset: 0xff, fields: { IO: field(0, 8) } },
      GPPUA: { ...byte, address: 0x0c, fields: { PU: field(0, 8) } },
      OLATA: { ...byte, address: 0x14, fields: { OL: field(0, 8) } },
    },
    save: ['OLATA', 'GPPUA', 'IODIRA'],
  });
type Port = ReturnType<typeof portA>;

class Expander extends Driver {
  @peripheral accessor port: Handle<Port>;

  constructor(board: PicoBoard, index: 0 | 1, target: number) {
    super(board);
    this.port = attach(portA(index, target), board);
  }

  /** Writes two registers; what is given runs between them. */
  @entryPoint
  async set(value: number, between: () => void = () => {}): Promise<number> {
    await this.port.OLATA.write({ OL: value });
    await this.port.OLATA.read();
    between();
    await this.port.GPPUA.write({ PU: value });
    return (await this.port.OLATA.read()).OL;
  }
}

/** SDA and SCL of I2C0, SDA and SCL of I2C1. */
const WIRES = [4, 5, 6, 7];
const SCL = 5;
const RESETS = { set: 0x4000e000, clear: 0x4000f000, i2c0: 1 << 3 } as const;
const BIT_NANOS = 2500;
const PATIENCE_NANOS = 25e6;

describe('A bus that fails under a driver', () => {
  let bench: Bench;
  let driver: Expander;
  let neighbour: Expander;
  let elsewhere: Expander;
  let chip: ReturnType<typeof mcp23017Model>;
  /** Between the bus and the chip: what happens to a byte that is read, or written. */
  let onRead: (() => void) | undefined;
  let spoil: (byte: number) => number;
  let disconnect: () => void;

  beforeEach(async () => {
    bench = await picoBoard();
    const { i2c, pin } = bench.board;
    for (const gpio of WIRES) await pin[gpio]!.CTRL.modify({ FUNCSEL: 'i2c' });
    for (const index of [0, 1]) {
      await i2c[index]!.RESET.write({ I2C: false });
      // 4.3.14: (173 + 7 + 7) and (124 + 1) cycles of 8 ns make 2.5 µs a bit.
      await i2c[index]!.IC_FS_SCL_HCNT.write({ COUNT: 173 });
      await i2c[index]!.IC_FS_SCL_LCNT.write({ COUNT: 124 });
      await i2c[index]!.IC_ENABLE.writeBits(1);
    }
    chip = mcp23017Model({ address: 0x20 });
    onRead = undefined;
    spoil = (each) => each;
    disconnect = bench.emulated.connectI2c(0, 0x20, between(chip));
    bench.emulated.connectI2c(0, 0x21, mcp23017Model({ address: 0x21 }));
    bench.emulated.connectI2c(1, 0x20, mcp23017Model({ address: 0x20 }));
    driver = new Expander(bench.board, 0, 0x20);
    neighbour = new Expander(bench.board, 0, 0x21);
    elsewhere = new Expander(bench.board, 1, 0x20);
    await driver.set(0x11);
  });
  afterEach(() => bench.dispose());

  const between = (target: I2cTarget): I2cTarget => ({
    start: (direction) => target.start(direction),
    stop: () => target.stop(),
    write: (each) => target.write(spoil(each)),
    read() {
      const run = onRead;
      onRead = undefined;
      run?.();
      return target.read();
    },
  });
  const bus = () => bench.emulated.chip.i2c[0];
  const after = (nanos: number, run: () => void): void => bench.emulated.chip.clock.createAlarm(run).schedule(nanos);
  /** The chip is sending its byte, and is left alone in it: the block is reset. */
  const cutOff = (bits: number): void =>
    after((bits + 0.5) * BIT_NANOS, () => {
      bench.emulated.write32(RESETS.set, RESETS.i2c0);
      bench.emulated.write32(RESETS.clear, RESETS.i2c0);
    });
  const registers = (): string => JSON.stringify(chip.registers);

  /** What the controller said of the operation that failed. */
  function busFault({ cause, message }: EntryPointError, register: string, why: RegExp): void {
    assert.ok(cause instanceof ControllerError);
    assert.deepEqual([cause.code, cause.register], ['bus-fault', register]);
    assert.match(cause.message, why);
    assert.ok(message.includes(cause.message));
  }
  const named = ({ rollback }: EntryPointError): readonly (readonly [string, string, number, number | undefined])[] =>
    rollback.mismatches.map(({ peripheral: of, register, expected, found }: Mismatch) => [
      of,
      register,
      expected,
      found,
    ]);
  const others = async (): Promise<void> => {
    assert.equal(await neighbour.set(0x5a), 0x5a);
    assert.equal(await elsewhere.set(0xa5), 0xa5);
  };

  it('because the chip is missing: the register and why; the bus works with another chip', async () => {
    disconnect();
    const error = await failureOf(driver.set(0x22));
    busFault(error, 'port@i2c0:0x20.OLATA', /no chip acknowledges that address/);
    assert.equal(error.rollback.registers, 0);
    await others();
  });

  it('because the chip was cut off in the middle of a byte: the bus is freed, the registers come back', async () => {
    for (const value of [0x00, 0x40, 0x22, 0xfe]) {
      await driver.set(value);
      const before = registers();
      const error = await failureOf(
        driver.set(value ^ 1, () => {
          onRead = () => cutOff(0);
        }),
      );
      busFault(error, 'port@i2c0:0x20.OLATA', /stuck/);
      assert.deepEqual([error.rollback.outcome, registers()], ['restored', before]);
      await others();
      assert.equal(await driver.set(0x33), 0x33);
    }
  });

  it('before the call, because a chip holds SDA since it was cut off: the bus is freed, and the call works', async () => {
    const letGo = bus().hold('sda');
    let clocks = 0;
    const stop = bench.emulated.chip.onPin((pin, level) => {
      if (pin === SCL && !level && ++clocks === 7) letGo();
    });
    assert.equal(await neighbour.set(0x44), 0x44);
    assert.ok(clocks > 7);
    stop();
    await others();
  });

  it('for good: a fault and why, and each register that could not be brought back; the other bus works', async () => {
    let letGo = (): void => {};
    const error = await failureOf(
      driver.set(0x22, () => {
        letGo = bus().hold('sda');
      }),
    );
    busFault(error, 'port@i2c0:0x20.GPPUA', /stuck/);
    assert.equal(error.rollback.outcome, 'mismatch');
    assert.deepEqual(
      named(error).map(([of, register, expected]) => [of, register, expected]),
      [
        ['port@i2c0:0x20', 'OLATA', 0x11],
        ['port@i2c0:0x20', 'GPPUA', 0x11],
        ['port@i2c0:0x20', 'IODIRA', 0xff],
      ],
    );
    busFault(await failureOf(neighbour.set(0x33)), 'port@i2c0:0x21.OLATA', /stuck/);
    assert.equal(await elsewhere.set(0x44), 0x44);
    letGo();
    await others();
    assert.equal(await driver.set(0x55), 0x55);
  });

  it('because a chip stretches the clock for too long: the bus works when it lets go', async () => {
    onRead = () => after(4 * PATIENCE_NANOS, bus().hold('scl'));
    busFault(await failureOf(driver.set(0x22)), 'port@i2c0:0x20.OLATA', /stuck/);
    bench.emulated.advance((5 * PATIENCE_NANOS) / 1e6);
    await others();
    assert.equal(await driver.set(0x22), 0x22);
  });

  it('because the chip vanishes half-way: each register that could not be brought back', async () => {
    const error = await failureOf(driver.set(0x22, disconnect));
    busFault(error, 'port@i2c0:0x20.GPPUA', /no chip acknowledges/);
    assert.deepEqual(
      named(error).map(([, register, expected]) => [register, expected]),
      [
        ['OLATA', 0x11],
        ['GPPUA', 0x11],
        ['IODIRA', 0xff],
      ],
    );
    await others();
  });

  it('in that a restore does not read back: peripheral, register, expected and found', async () => {
    const error = await failureOf(
      driver.set(0x22, () => {
        // From here on bit 4 of the bytes of this chip is stuck, but not of its addresses.
        spoil = (each) => (each === 0x11 ? 0x01 : each);
        throw new Error('jammed');
      }),
    );
    assert.equal(error.rollback.outcome, 'mismatch');
    assert.deepEqual(named(error), [
      ['port@i2c0:0x20', 'OLATA', 0x11, 0x01],
      ['port@i2c0:0x20', 'GPPUA', 0x11, 0x01],
    ]);
    await others();
    spoil = (each) => each;
    assert.equal(await driver.set(0x33), 0x33);
  });
});
