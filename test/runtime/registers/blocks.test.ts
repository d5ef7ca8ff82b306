import assert from 'node:assert/strict';
import fc from 'fast-check';
import { at24c32Model, type At24c32Model } from '../../../peripherals/at24c32/model.js';
import {
  chipName,
  defineChip,
  definePeripheral,
  Driver,
  EntryPointError,
  entryPoint,
  peripheral,
  RegisterError,
  type Handle,
  type I2cAddress,
} from '../../../runtime/index.js';
import type { I2cTarget } from '../../../transports/emulator/bus-targets.js';
import { attach } from '../../../runtime/registers/handles.js';
import { picoBoard, type Bench, type PicoBoard } from '../../emulated.js';

const ADDRESS = 0x50;

/** The first page of an EEPROM (AT24C32 "Page Write": 32 bytes, t_WR at most 10 ms). */
const page = defineChip(({ index, target }: I2cAddress) =>
  definePeripheral({
    name: chipName('page', { bus: 'i2c', index, target }),
    source: 'AT24C32 0336K',
    space: { bus: 'i2c', index, target, addressBytes: 2 },
    registers: { CELLS: { address: 0, count: 32, width: 8, access: 'permanent', busyUs: 10_000 } },
    save: [],
  }),
);

class Memory extends Driver {
  @peripheral accessor page: Handle<ReturnType<typeof page>>;

  constructor(board: PicoBoard) {
    super(board);
    this.page = attach(page({ index: 0, target: ADDRESS }), board);
  }

  @entryPoint
  async store(first: number, values: readonly number[], before: () => void = () => {}): Promise<number[]> {
    const { CELLS } = this.page;
    await CELLS.writeBlock(first, values);
    const found = await CELLS.readBlock(first, values.length);
    before();
    return [...found];
  }

  @entryPoint
  async storeTwo(first: number, second: number): Promise<void> {
    await this.page.CELLS[first]!.write(1);
    await this.page.CELLS[second]!.write(2);
  }
}

describe('Registers that follow each other', () => {
  let bench: Bench;
  let chip: At24c32Model;
  let memory: Memory;
  let disconnect: () => void;

  beforeEach(async () => {
    bench = await picoBoard();
    const { i2c, pin } = bench.board;
    for (const gpio of [4, 5]) await pin[gpio]!.CTRL.modify({ FUNCSEL: 'i2c' });
    await i2c[0]!.RESET.write({ I2C: false });
    await i2c[0]!.IC_ENABLE.writeBits(1);
    chip = at24c32Model({ clock: bench.emulated.chip, address: ADDRESS });
    disconnect = bench.emulated.connectI2c(0, ADDRESS, chip);
    memory = new Memory(bench.board);
  });
  afterEach(() => bench.dispose());

  it('are written and read in one operation each, from any of them on', async () => {
    const { CELLS } = memory.page;
    const blocks = fc.nat(31).chain((first) => {
      const values = fc.array(fc.nat(0xff), { minLength: 1, maxLength: 32 - first });
      return values.map((each) => ({ first, values: each }));
    });
    await fc.assert(
      fc.asyncProperty(blocks, async ({ first, values }) => {
        const cycles = chip.writeCycles;
        await CELLS.writeBlock(first, values);
        assert.equal(chip.writeCycles, cycles + 1);
        assert.deepEqual([...(await CELLS.readBlock(first, values.length))], values);
      }),
      { numRuns: 20 },
    );
  });

  it('are refused beyond their end, before anything is sent', async () => {
    const { CELLS } = memory.page;
    const sent = bench.emulated.counters.transfers;
    const refused = (error: unknown) => error instanceof RegisterError && error.code === 'value-out-of-range';
    await assert.rejects(CELLS.readBlock(30, 3), refused);
    await assert.rejects(CELLS.readBlock(32, 1), refused);
    await assert.rejects(CELLS.writeBlock(31, [1, 2]), refused);
    await assert.rejects(CELLS.writeBlock(0, [256]), refused);
    assert.equal(bench.emulated.counters.transfers, sent);
  });

  describe('that are permanent', () => {
    it('are written with the commit: the call itself still reads what was there', async () => {
      assert.deepEqual(await memory.store(4, [1, 2, 3]), [0xff, 0xff, 0xff]);
      assert.deepEqual([...chip.memory.subarray(3, 8)], [0xff, 1, 2, 3, 0xff]);
    });

    it('are not written by a call that fails', async () => {
      const fails = memory.store(4, [1, 2, 3], () => {
        throw new Error('jammed');
      });
      await assert.rejects(fails, EntryPointError);
      assert.equal(chip.writeCycles, 0);
    });

    it('keep the controller from the chip for as long as it is busy, so that the next call finds it ready', async () => {
      await memory.store(0, [7]);
      assert.equal(chip.busy, false);
      await memory.store(0, [8]);
      assert.equal(chip.memory[0], 8);
    });

    it('are named in the error where the commit fails behind some of them', async () => {
      const falling: I2cTarget = {
        start: (direction) => chip.writeCycles === 0 && chip.start(direction),
        write: (byte) => chip.write(byte),
        read: () => chip.read(),
        stop: () => chip.stop(),
      };
      disconnect();
      bench.emulated.connectI2c(0, ADDRESS, falling);
      await assert.rejects(memory.storeTwo(0, 1), (error) => {
        assert.ok(error instanceof EntryPointError);
        assert.deepEqual(error.rollback.permanent, [
          { register: 'page@i2c0:0x50.CELLS[0]', done: true },
          { register: 'page@i2c0:0x50.CELLS[1]', done: false },
        ]);
        assert.match(error.message, /Written for good before that: .*CELLS\[0\], .*CELLS\[1\] \(perhaps, or in part\)/);
        return true;
      });
      assert.deepEqual([chip.writeCycles, chip.memory[0]], [1, 1]);
    });
  });
});
