import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mcp23017Model } from '../../../peripherals/mcp23017/model.js';
import {
  ControllerError,
  definePeripheral,
  Driver,
  EntryPointError,
  entryPoint,
  field,
  peripheral,
  type Handle,
} from '../../../runtime/index.js';
import { compile } from '../../../runtime/registers/compile.js';
import { attach } from '../../../runtime/registers/handles.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';

const ADDRESS = 0x20;
const byte = { access: 'rw', width: 8 } as const;

/** Port A of an MCP23017, as far as this test needs it (MCP23017 table 3-1, IOCON.BANK = 0). */
const portA = definePeripheral({
  name: 'mcp23017.a',
  source: 'MCP23017 table 3-1',
  space: { bus: 'i2c', index: 0, target: ADDRESS },
  registers: {
    IODIRA: { ...byte, address: 0x00, reset: 0xff, fields: { IO: field(0, 8) } },
    GPPUA: { ...byte, address: 0x0c, fields: { PU: field(0, 8) } },
    OLATA: { ...byte, address: 0x14, fields: { OL: field(0, 8) } },
  },
  save: ['OLATA', 'GPPUA', 'IODIRA'],
});

class Expander extends Driver {
  @peripheral accessor port: Handle<typeof portA>;

  constructor(board: PicoBoard) {
    super(board);
    this.port = attach(portA, board);
  }

  @entryPoint
  async set(values: readonly number[], fail: boolean, before: () => void = () => {}): Promise<number> {
    const { IODIRA, GPPUA, OLATA } = this.port;
    for (const value of values) {
      await OLATA.write({ OL: value });
      await GPPUA.modify({ PU: value ^ 0x55 });
      await IODIRA.write({ IO: value & 0x0f });
    }
    const { OL } = await OLATA.read();
    before();
    if (fail) throw new Error('jammed');
    return OL;
  }
}

describe('A chip behind I²C', () => {
  let bench: Bench;
  let driver: Expander;
  let chip: ReturnType<typeof mcp23017Model>;
  let disconnect: () => void;

  beforeEach(async () => {
    bench = await picoBoard();
    const { i2c, pin } = bench.board;
    // The bus is the host's to set up: pins, then the block out of its reset and enabled (RP2040 datasheet 4.3.14).
    for (const gpio of [4, 5]) await pin[gpio]!.CTRL.modify({ FUNCSEL: 'i2c' });
    await i2c[0]!.RESET.write({ I2C: false });
    await i2c[0]!.IC_ENABLE.writeBits(1);
    chip = mcp23017Model({ address: ADDRESS });
    disconnect = bench.emulated.connectI2c(0, ADDRESS, chip);
    driver = new Expander(bench.board);
  });
  afterEach(() => bench.dispose());

  const snapshot = (): string => JSON.stringify(chip.registers);

  it('is driven by one operation a register, in one frame, and committed', async () => {
    assert.equal(await driver.set([0x12, 0x34], false), 0x34);
    assert.equal((await driver.port.GPPUA.read()).PU, 0x34 ^ 0x55);
  });

  it('has its registers back after a failed call, whatever was written', async () => {
    const value = fc.nat(0xff);
    await fc.assert(
      fc.asyncProperty(value, fc.array(value, { minLength: 1, maxLength: 4 }), async (before, values) => {
        await driver.set([before], false);
        const registers = snapshot();
        await assert.rejects(driver.set(values, true), (error) => {
          assert.ok(error instanceof EntryPointError);
          assert.deepEqual([error.rollback.outcome, error.rollback.registers], ['restored', 3]);
          return true;
        });
        assert.equal(snapshot(), registers);
      }),
      { numRuns: 25 },
    );
  });

  it('that is missing fails the call with its reason, touches nothing, and the bus works afterwards', async () => {
    disconnect();
    await assert.rejects(driver.set([1], false), (error) => {
      assert.ok(error instanceof EntryPointError && error.cause instanceof ControllerError);
      assert.equal(error.cause.code, 'bus-fault');
      assert.match(error.message, /mcp23017\.a\.OLATA: no chip acknowledges that address/);
      return true;
    });
    bench.emulated.connectI2c(0, ADDRESS, chip);
    assert.equal(await driver.set([7], false), 7);
  });

  it('that vanishes half-way is reported with the registers that could not be brought back', async () => {
    await driver.set([1], false);
    await assert.rejects(driver.set([2], true, disconnect), (error) => {
      assert.ok(error instanceof EntryPointError);
      assert.equal(error.rollback.outcome, 'mismatch');
      assert.deepEqual(
        error.rollback.mismatches.map(({ peripheral: name, register, expected }) => [name, register, expected]),
        [
          ['mcp23017.a', 'OLATA', 1],
          ['mcp23017.a', 'GPPUA', 1 ^ 0x55],
          ['mcp23017.a', 'IODIRA', 1],
        ],
      );
      return true;
    });
    bench.emulated.connectI2c(0, ADDRESS, chip);
    assert.equal(await driver.set([7], false), 7);
  });
});

describe('The base of a block behind a bus', () => {
  const baseOf = (space: NonNullable<Parameters<typeof definePeripheral>[0]['space']>, address: number) => {
    const registers = { R: { access: 'rw', width: 16, address } } as const;
    const { definition } = compile(definePeripheral({ name: 'x', source: 'test', space, registers, save: [] }));
    return new DataView(definition.buffer).getUint32(3 + 4, true);
  };

  it('is packed as docs/protocol.md says', () => {
    assert.equal(
      baseOf({ bus: 'i2c', index: 1, target: 0x48, highByteFirst: true, wholeRegisters: true }, 2),
      0x0002_3548,
    );
    assert.equal(baseOf({ bus: 'i2c', index: 0, target: 0x50, addressBytes: 2 }, 0x1234), 0x1234_0850);
    assert.equal(baseOf({ bus: 'spi', index: 1, chipSelect: 17, readBit: true, manyBit: true }, 0x32), 0x0032_6111);
  });
});
