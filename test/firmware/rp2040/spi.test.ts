import assert from 'node:assert/strict';
import type { SpiTarget } from '../../../transports/emulator/bus-targets.js';
import { spiOf } from '../../../transports/emulator/mends/spi.js';
import { BUS_FAULTS, bytesOf, failedBy, PERIPHERAL, ref, STATUS, u16, u32 } from './frame.js';
import { plugged, type Link, type Session } from './link.js';

const SESSION = 0x5b10;
const CHIP_SELECT = 17;
const SPI0 = 0x4003c000;
const [SSPCR0, SSPCR1, SSPDR, SSPCPSR] = [0x00, 0x04, 0x08, 0x10];
const GPIO17_CTRL = 0x4001408c;
const SIO = 0xd0000000;
const [GPIO_OUT, GPIO_OUT_SET, GPIO_OE_SET] = [0x10, 0x14, 0x24];
const RW = 3;
const FIFO = 8;

/** 64 registers of a byte as in an ADXL345: 0x80 in the first byte to read, 0x40 to count up. */
class Chip implements SpiTarget {
  readonly cells = new Uint8Array(64);
  selections = 0;
  #first: number | undefined;
  #at = 0;

  select(selected: boolean): void {
    if (selected) this.selections++;
    this.#first = undefined;
  }

  transfer(byte: number): number {
    if (this.#first === undefined) {
      this.#first = byte;
      this.#at = byte & 0x3f;
      return 0;
    }
    const at = this.#at;
    if (this.#first & 0x40) this.#at = (at + 1) & 0x3f;
    if (this.#first & 0x80) return this.cells[at]!;
    this.cells[at] = byte;
    return 0;
  }
}

const op = {
  begin: [0x06],
  rollback: [0x08],
  read: (offset: number) => [0x10, ...ref(0, offset)],
  write: (offset: number, value: number) => [0x11, ...ref(0, offset), value],
  readBlock: (offset: number, count: number) => [0x13, ...ref(0, offset), count],
  writeBlock: (offset: number, values: number[]) => [0x14, ...ref(0, offset), values.length, ...values],
  transfer: (bytes: number[], count: number) => [0x19, ...ref(1, 0), bytes.length, ...bytes, count],
};

/** Registers from 0x10, the first of them saved; raw bytes. */
function definition(): number[] {
  const block = (flags: number, size: number, base: number) => [2, flags, ...u16(size), ...u32(base), ...u32(0xff)];
  const blocks = [...block(RW, 32, (0x10 << 16) | (3 << 13) | CHIP_SELECT), ...block(RW | FIFO, 1, CHIP_SELECT)];
  return [0x04, PERIPHERAL, 2, 1, 0, ...blocks, 0, 0, ...u16(0), ...u32(0xff)];
}

describe('firmware/rp2040: chips behind SPI', () => {
  let link: Link;
  let chip: Chip;
  let session: Session;
  beforeEach(async () => {
    link = await plugged();
    chip = new Chip();
    link.board.write32(GPIO17_CTRL, 5); // SIO
    link.board.write32(SIO + GPIO_OUT_SET, 1 << CHIP_SELECT);
    link.board.write32(SIO + GPIO_OE_SET, 1 << CHIP_SELECT);
    link.board.write32(SPI0 + SSPCPSR, 4);
    link.board.write32(SPI0 + SSPCR0, 7); // 8 bits
    link.board.write32(SPI0 + SSPCR1, 1 << 1); // enabled, master
    spiOf(link.board.chip.silicon, 0).bus.connect(CHIP_SELECT, chip);
    session = await link.open(SESSION);
    await session.run([definition()]);
  });
  afterEach(() => link.dispose());

  it('are read and written, one by one and in bursts, each in one selection', async () => {
    const answer = await session.send([op.write(2, 0x5a), op.read(2), op.writeBlock(4, [1, 2, 3]), op.readBlock(3, 4)]);
    assert.deepEqual([answer.status, bytesOf(answer)], [STATUS.ok, [0x5a, 0, 1, 2, 3]]);
    assert.deepEqual([...chip.cells.subarray(0x12, 0x17)], [0x5a, 0, 1, 2, 3]);
    assert.equal(chip.selections, 4);
  });

  it('take raw bytes', async () => {
    chip.cells.set([7, 8], 0x20);
    const answer = await session.send([op.transfer([0xe0], 2), op.transfer([0x21, 9], 0)]);
    assert.deepEqual([answer.status, bytesOf(answer)], [STATUS.ok, [7, 8]]);
    assert.equal(chip.cells[0x21], 9);
  });

  it('are checkpointed and restored', async () => {
    chip.cells[0x10] = 0x33;
    await session.run([op.begin, op.write(0, 1)], 1);
    assert.equal(chip.cells[0x10], 1);
    await session.run([op.rollback], 1);
    assert.equal(chip.cells[0x10], 0x33);
  });

  it('behind a block that is not enabled are a bus fault, and are deselected afterwards', async () => {
    link.board.write32(SPI0 + SSPCR1, 0);
    const answer = await session.send([op.read(0)]);
    assert.deepEqual([answer.status, failedBy(answer)[1]], [STATUS['bus-fault'], BUS_FAULTS.stuck]);
    assert.notEqual(link.board.read32(SIO + GPIO_OUT) & (1 << CHIP_SELECT), 0);
  });

  it('see nothing of a byte that was meant for a block before it was enabled, or that a driver has sent to nobody', async () => {
    chip.cells.set([0x5a, 0x77], 0x10);
    // As slow as the block can be, so that nothing has left by itself when the next operation comes.
    link.board.write32(SPI0 + SSPCPSR, 254);
    link.board.write32(SPI0 + SSPCR1, 0);
    await session.send([op.read(0)]);
    const own = [0x04, PERIPHERAL + 1, 1, 0, 0, 0, (1 << 1) | (2 << 4), ...u16(0x10), ...u32(SPI0), ...u32(0xffffffff)];
    await session.run([own]);
    const put = (offset: number, value: number) => [0x91, PERIPHERAL + 1, 0, ...u16(offset), ...u32(value)];
    const enabled = await session.send([put(SSPCR1, 1 << 1), op.read(0), op.read(1)]);
    assert.deepEqual([enabled.status, bytesOf(enabled)], [STATUS.ok, [0x5a, 0x77]]);
    const sent = await session.send([put(SSPDR, 0x99), op.read(0), op.read(1)]);
    assert.deepEqual([sent.status, bytesOf(sent)], [STATUS.ok, [0x5a, 0x77]]);
  });
});
