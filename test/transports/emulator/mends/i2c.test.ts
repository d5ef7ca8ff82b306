import assert from 'node:assert/strict';
import { i2cOf } from '../../../../transports/emulator/mends/i2c.js';
import { readyChip } from '../bare-chip.js';

const IO_BANK0 = 0x40014000;
const FUNCTION_I2C = 3;
const BASE = 0x40044000;
const CON = BASE + 0x00;
const TAR = BASE + 0x04;
const DATA_CMD = BASE + 0x10;
const FS_HCNT = BASE + 0x1c;
const FS_LCNT = BASE + 0x20;
const INTR_STAT = BASE + 0x2c;
const INTR_MASK = BASE + 0x30;
const RAW_INTR_STAT = BASE + 0x34;
const CLR_TX_ABRT = BASE + 0x54;
const ENABLE = BASE + 0x6c;
const STATUS = BASE + 0x70;
const TXFLR = BASE + 0x74;
const RXFLR = BASE + 0x78;
const SDA_HOLD = BASE + 0x7c;
const ABRT_SOURCE = BASE + 0x80;
const ENABLE_STATUS = BASE + 0x9c;

const READ = 1 << 8;
const STOP = 1 << 9;
const RESTART = 1 << 10;
const [TX_ABRT, STOP_DET] = [1 << 6, 1 << 9] as const;
const ACTIVE = 0x21;
const IRQ_I2C0 = 23;
/** FS_HCNT 46 and spikes of 7 make 60 cycles high, FS_LCNT 64 makes 65 low: 1 µs a bit. */
const BIT = 1000;

function bench(address = 0x50) {
  const { chip, pass } = readyChip();
  for (const pin of [4, 5]) chip.write32(IO_BANK0 + 8 * pin + 4, FUNCTION_I2C);
  const block = i2cOf(chip.silicon, 0);
  const log: string[] = [];
  const disconnect = block.bus.connect(0x50, {
    start(direction) {
      log.push(direction);
      return true;
    },
    write(byte) {
      log.push(`${byte}`);
      return byte < 0x80;
    },
    read: () => 0x77,
    stop: () => void log.push('stop'),
  });
  chip.write32(CON, 0x65);
  chip.write32(TAR, address);
  chip.write32(FS_HCNT, 46);
  chip.write32(FS_LCNT, 64);
  chip.write32(ENABLE, 1);
  return {
    chip,
    pass,
    block,
    log,
    disconnect,
    command: (...list: number[]) => list.forEach((each) => chip.write32(DATA_CMD, each)),
  };
}

describe('The emulated I²C block', () => {
  it('takes the time of a START, each byte with its acknowledge, and a STOP', () => {
    const { chip, pass, log, command } = bench();
    command(1, 2 | STOP);
    pass((1 + 9 + 9 + 9) * BIT);
    assert.deepEqual(log, ['write', '1', '2']);
    pass(BIT - 1);
    assert.equal(chip.read32(STATUS) & ACTIVE, ACTIVE);
    pass(1);
    assert.equal(chip.read32(STATUS) & ACTIVE, 0);
    assert.deepEqual(log, ['write', '1', '2', 'stop']);
  });

  it('turns round with a repeated START where it may, and with a STOP and a START where not', () => {
    for (const [con, expected] of [
      [0x65, ['write', '1', 'read', 'read', 'stop']],
      [0x45, ['write', '1', 'stop', 'read', 'stop', 'read', 'stop']],
    ] as const) {
      const { chip, pass, log, command } = bench();
      chip.write32(ENABLE, 0);
      chip.write32(CON, con);
      chip.write32(ENABLE, 1);
      command(1, READ, READ | RESTART | STOP);
      pass(100 * BIT);
      assert.deepEqual(log, expected);
      assert.equal(chip.read32(RXFLR), 2);
      assert.equal(chip.read32(DATA_CMD) & 0xff, 0x77);
    }
  });

  it('aborts when nobody acknowledges the address, or a byte, and takes no commands until that is cleared', () => {
    for (const [address, command, reason, flushed] of [
      [0x51, 1, 1 << 0, 2],
      [0x50, 0x80, 1 << 3, 1],
    ] as const) {
      const bus = bench(address);
      bus.command(command, 2 | STOP);
      bus.pass(100 * BIT);
      const { chip } = bus;
      assert.equal(chip.read32(ABRT_SOURCE), (flushed << 23) | reason);
      assert.equal(chip.read32(RAW_INTR_STAT) & (TX_ABRT | STOP_DET), TX_ABRT | STOP_DET);
      bus.command(3);
      assert.equal(chip.read32(TXFLR), 0);
      chip.read32(CLR_TX_ABRT);
      assert.equal(chip.read32(ABRT_SOURCE), 0);
      assert.equal(chip.read32(RAW_INTR_STAT) & TX_ABRT, 0);
      assert.equal(chip.read32(STATUS) & ACTIVE, 0);
    }
  });

  it('keeps the bus between commands without STOP, and is disabled only after the STOP that it then makes', () => {
    const { chip, pass, log, command } = bench();
    command(1);
    pass(100 * BIT);
    assert.equal(chip.read32(STATUS) & ACTIVE, ACTIVE);
    chip.write32(ENABLE, 0);
    assert.equal(chip.read32(ENABLE_STATUS), 1);
    chip.write32(TAR, 0x11);
    assert.equal(chip.read32(TAR), 0x50, 'settings are still locked');
    pass(BIT);
    assert.equal(chip.read32(ENABLE_STATUS), 0);
    assert.deepEqual(log, ['write', '1', 'stop']);
    chip.write32(TAR, 0x11);
    assert.equal(chip.read32(TAR), 0x11);
  });

  it('ends a transfer with ABORT after the byte that is on the bus', () => {
    const { chip, pass, log, command } = bench();
    command(1, 2, 3);
    pass((10 + 4) * BIT);
    chip.write32(ENABLE, 3);
    assert.equal(chip.read32(ENABLE), 3);
    pass(7 * BIT);
    assert.deepEqual(log, ['write', '1', 'stop']);
    assert.equal(chip.read32(ENABLE), 1);
    assert.equal(chip.read32(ABRT_SOURCE) & 0xffff_ff, 1 << 16);
    chip.write32(ENABLE, 3);
    assert.equal(chip.read32(ENABLE), 1, 'there is nothing to abort');
  });

  it('waits while something holds SDA low, and goes on when it lets go', () => {
    const { chip, pass, block, log, command } = bench();
    const letGo = block.bus.hold('sda');
    command(1 | STOP);
    pass(1000 * BIT);
    assert.equal(chip.read32(STATUS) & ACTIVE, ACTIVE);
    assert.deepEqual(log, []);
    letGo();
    pass(20 * BIT);
    assert.deepEqual(log, ['write', '1', 'stop']);
  });

  it('keeps settings in the limits of the block', () => {
    const { chip } = bench();
    chip.write32(ENABLE, 0);
    for (const [address, value, kept] of [
      [CON, 0x67, 0x65],
      [CON, 0x61, 0x65],
      [CON, 0x63, 0x63],
      [FS_HCNT, 0, 6],
      [FS_LCNT, 0, 8],
      [BASE + 0xa0, 0, 1],
      [BASE + 0x38, 200, 16],
      [SDA_HOLD, 0x50004, 0x50004],
    ] as const) {
      chip.write32(address, value);
      assert.equal(chip.read32(address), kept);
    }
  });

  it('raises the interrupts that IC_INTR_MASK lets through', () => {
    const { chip, pass, command } = bench();
    chip.write32(INTR_MASK, STOP_DET);
    command(1 | STOP);
    assert.equal(chip.read32(INTR_STAT), 0);
    pass(100 * BIT);
    assert.equal(chip.read32(INTR_STAT), STOP_DET);
    assert.notEqual(chip.silicon.core.pendingInterrupts & (1 << IRQ_I2C0), 0);
    chip.write32(INTR_MASK, 0);
    assert.equal(chip.silicon.core.pendingInterrupts & (1 << IRQ_I2C0), 0);
  });

  it('has one target at an address, which can be taken off', () => {
    const { chip, pass, block, disconnect, command } = bench();
    assert.throws(() => block.bus.connect(0x50, {} as never), /already/);
    disconnect();
    command(1 | STOP);
    pass(100 * BIT);
    assert.equal(chip.read32(ABRT_SOURCE) & 1, 1);
  });
});
