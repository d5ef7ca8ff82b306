import assert from 'node:assert/strict';
import { spiOf } from '../../../../transports/emulator/mends/spi.js';
import { readyChip } from '../bare-chip.js';

const BASE = 0x4003c000;
const CR0 = BASE + 0x00;
const CR1 = BASE + 0x04;
const DR = BASE + 0x08;
const SR = BASE + 0x0c;
const CPSR = BASE + 0x10;
const IMSC = BASE + 0x14;
const RIS = BASE + 0x18;
const MIS = BASE + 0x1c;
const ICR = BASE + 0x20;
const DMACR = BASE + 0x24;

const [LBM, SSE, MS] = [1, 2, 4] as const;
const [TFE, TNF, RNE, RFF, BSY] = [1, 2, 4, 8, 16] as const;
const EIGHT_BITS = 7;
/** clk_peri of 125 MHz by 2: 16 ns a bit. */
const BIT_NANOS = 16;
const IRQ_SPI0 = 18;
const CHIP_SELECT = 5;

function bench(control: number = SSE) {
  const { chip, pass } = readyChip();
  const spi = spiOf(chip.silicon, 0);
  const log: (number | string)[] = [];
  chip.setPin(CHIP_SELECT, true);
  const disconnect = spi.bus.connect(CHIP_SELECT, {
    select: (selected) => void log.push(selected ? 'selected' : 'released'),
    transfer(byte) {
      log.push(byte);
      return byte ^ 0xff;
    },
  });
  chip.write32(CR0, EIGHT_BITS);
  chip.write32(CPSR, 2);
  chip.write32(CR1, control);
  return {
    chip,
    pass,
    spi,
    log,
    disconnect,
    send: (...list: number[]) => list.forEach((each) => chip.write32(DR, each)),
  };
}

describe('The emulated SPI block', () => {
  it('exchanges frames with the target whose pin is low, in the time that they take', () => {
    const { chip, pass, log, send } = bench();
    chip.setPin(CHIP_SELECT, false);
    send(0x12, 0x34);
    pass(16 * BIT_NANOS - 1);
    assert.equal(chip.read32(SR), TFE | TNF | RNE | BSY);
    pass(1);
    assert.equal(chip.read32(SR), TFE | TNF | RNE);
    chip.setPin(CHIP_SELECT, true);
    assert.deepEqual(log, ['selected', 0x12, 0x34, 'released']);
    assert.deepEqual([chip.read32(DR), chip.read32(DR), chip.read32(DR)], [0xed, 0xcb, 0]);
  });

  it('sends nothing while it is disabled, a slave, or without a prescaler', () => {
    for (const [control, prescaler] of [
      [0, 2],
      [SSE | MS, 2],
      [SSE, 0],
    ] as const) {
      const { chip, pass, send } = bench(0);
      chip.write32(CPSR, prescaler);
      chip.write32(CR1, control & MS);
      chip.write32(CR1, control);
      send(...Array.from({ length: 9 }, (_, i) => i));
      pass(1000 * BIT_NANOS);
      assert.equal(chip.read32(SR), BSY);
    }
  });

  it('hears itself in loopback', () => {
    const { chip, pass, log, send } = bench(SSE | LBM);
    send(0x5a);
    pass(100 * BIT_NANOS);
    assert.equal(chip.read32(DR), 0x5a);
    assert.deepEqual(log, []);
  });

  it('sends frames of 16 bits as two bytes, the high one first', () => {
    const { chip, pass, log, send } = bench();
    chip.write32(CR0, 15);
    chip.setPin(CHIP_SELECT, false);
    send(0x1234);
    pass(100 * BIT_NANOS);
    assert.deepEqual(log, ['selected', 0x12, 0x34]);
    assert.equal(chip.read32(DR), 0xedcb);
  });

  it('raises the interrupts of half-filled FIFOs, of silence and of a lost frame', () => {
    const { chip, pass, send } = bench(SSE | LBM);
    assert.equal(chip.read32(RIS), 1 << 3, 'room to send');
    chip.write32(IMSC, 7);
    send(1, 2, 3);
    pass(30 * BIT_NANOS);
    assert.equal(chip.read32(MIS), 0);
    pass(32 * BIT_NANOS);
    assert.equal(chip.read32(MIS), 1 << 1, 'receive time-out');
    send(4);
    pass(10 * BIT_NANOS);
    assert.equal(chip.read32(MIS), (1 << 1) | (1 << 2), 'receive');
    send(5, 6, 7, 8, 9);
    pass(100 * BIT_NANOS);
    assert.equal(chip.read32(MIS) & 1, 1, 'overrun');
    assert.equal(chip.read32(SR) & RFF, RFF);
    assert.notEqual(chip.silicon.core.pendingInterrupts & (1 << IRQ_SPI0), 0);
    chip.write32(ICR, 3);
    assert.equal(chip.read32(MIS), 1 << 2);
  });

  it('chooses between master and slave only while it is disabled', () => {
    const { chip } = bench();
    chip.write32(CR1, SSE | MS);
    assert.equal(chip.read32(CR1), SSE);
    chip.write32(CR1, 0);
    chip.write32(CR1, SSE | MS);
    assert.equal(chip.read32(CR1), SSE | MS);
  });

  it('asks the DMA for frames only when it is told to', () => {
    const { chip, pass, send } = bench(SSE | LBM);
    const { dreq } = chip.silicon.dma;
    assert.deepEqual([dreq[16], dreq[17]], [false, false]);
    chip.write32(DMACR, 3);
    assert.deepEqual([dreq[16], dreq[17]], [true, false]);
    send(1);
    pass(10 * BIT_NANOS);
    assert.equal(dreq[17], true);
  });

  it('does without a target that was taken off', () => {
    const { chip, pass, log, disconnect, send } = bench();
    disconnect();
    chip.setPin(CHIP_SELECT, false);
    send(1);
    pass(100 * BIT_NANOS);
    assert.deepEqual(log, []);
    assert.equal(chip.read32(DR), 0);
  });
});
