import assert from 'node:assert/strict';
import { sht30Model } from '../../../peripherals/sht30/model.js';
import { ds3231Model } from '../../../peripherals/ds3231/model.js';
import { picoBoard, type Bench } from '../../emulated.js';

/** RP2040 datasheet 4.3.17: IC_DATA_CMD, bits above the byte. */
const READ = 1 << 8;
const STOP = 1 << 9;
const RESTART = 1 << 10;

describe('A chip on the I²C bus of the emulated board', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await picoBoard();
    const { i2c, pin } = bench.board;
    for (const gpio of [4, 5]) await pin[gpio]!.CTRL.modify({ FUNCSEL: 'i2c' });
    await i2c[0]!.RESET.write({ I2C: false });
  });
  afterEach(() => bench.dispose());

  /** Writes a register's number and reads one byte, as a driver does that programs the block itself. */
  async function readByte(address: number, register: number): Promise<number> {
    const block = bench.board.i2c[0]!;
    await block.IC_ENABLE.writeBits(0);
    await block.IC_TAR.writeBits(address);
    await block.IC_ENABLE.writeBits(1);
    await block.IC_DATA_CMD.push([register, RESTART | READ | STOP]);
    bench.emulated.advance(2);
    const [byte] = await block.IC_DATA_CMD.pull(1);
    return byte! & 0xff;
  }

  it('answers through the I²C block and real firmware', async () => {
    bench.emulated.connectI2c(0, 0x68, ds3231Model({ clock: bench.emulated.chip }));
    // DS3231 control register 0Eh after first power: 1Ch (DS3231 table 1).
    assert.equal(await readByte(0x68, 0x0e), 0x1c);
  });

  it('can be taken off the bus, and another one put there', () => {
    const clock = { nanos: 0 };
    const disconnect = bench.emulated.connectI2c(0, 0x44, sht30Model({ clock }));
    assert.throws(() => bench.emulated.connectI2c(0, 0x44, sht30Model({ clock })), RangeError);
    disconnect();
    bench.emulated.connectI2c(0, 0x44, sht30Model({ clock }));
  });
});
