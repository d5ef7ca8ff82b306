import assert from 'node:assert/strict';
import { uartOf, type UartCharacter } from '../../../../transports/emulator/mends/uart.js';
import { readyChip } from '../bare-chip.js';

const BASE = 0x40034000;
const DR = BASE + 0x00;
const RSR = BASE + 0x04;
const FR = BASE + 0x18;
const IBRD = BASE + 0x24;
const FBRD = BASE + 0x28;
const LCR_H = BASE + 0x2c;
const CR = BASE + 0x30;
const IFLS = BASE + 0x34;
const IMSC = BASE + 0x38;
const RIS = BASE + 0x3c;
const MIS = BASE + 0x40;
const ICR = BASE + 0x44;
const DMACR = BASE + 0x48;
const FEN = 1 << 4;
const EIGHT_BITS = 3 << 5;
const [UARTEN, LBE, TXE, RXE, CTSEN] = [1, 1 << 7, 1 << 8, 1 << 9, 1 << 15] as const;
const [BUSY, RXFE, TXFF, TXFE] = [1 << 3, 1 << 4, 1 << 5, 1 << 7] as const;
const IRQ_UART0 = 20;
/** A divisor of 1: 16 cycles of 8 ns a bit. */
const BIT_NANOS = 128;

function bench() {
  const { chip, pass } = readyChip();
  const uart = uartOf(chip.silicon, 0);
  const sent: UartCharacter[] = [];
  uart.onSent = (character) => sent.push(character);
  const write = (pairs: readonly (readonly [address: number, value: number])[]): void =>
    pairs.forEach(([address, value]) => chip.write32(address, value));
  const start = (control = 0, line = EIGHT_BITS | FEN): void =>
    write([
      [IBRD, 1],
      [LCR_H, line],
      [CR, UARTEN | TXE | RXE | control],
    ]);
  return { chip, pass, uart, sent, write, start, values: () => sent.map(({ value }) => value) };
}

describe('The emulated UART', () => {
  it('sends a character in the time that it takes, and is busy until then', () => {
    const { chip, pass, sent, start } = bench();
    start();
    chip.write32(DR, 0x41);
    pass(10 * BIT_NANOS - 1);
    assert.equal(chip.read32(FR) & BUSY, BUSY);
    assert.deepEqual(sent, []);
    pass(1);
    assert.equal(chip.read32(FR) & (BUSY | TXFE), TXFE);
    assert.deepEqual(sent, [{ value: 0x41, baud: 125e6 / 16, bits: 10 }]);
  });

  it('takes a new divisor only with a write to LCR_H', () => {
    const { chip, pass, start, uart } = bench();
    start();
    const { baud } = uart;
    chip.write32(IBRD, 2);
    chip.write32(FBRD, 32);
    assert.equal(uart.baud, baud);
    chip.write32(LCR_H, EIGHT_BITS | FEN);
    assert.equal(uart.baud, baud / 2.5);
    pass(1);
  });

  it('sends nothing while it is disabled, stays busy with what is in the FIFO, and drops that with FEN', () => {
    const { chip, pass, write, sent, start } = bench();
    start();
    chip.write32(CR, TXE | RXE);
    write([
      [DR, 1],
      [DR, 2],
    ]);
    pass(100 * BIT_NANOS);
    assert.equal(chip.read32(FR) & BUSY, BUSY);
    chip.write32(LCR_H, EIGHT_BITS);
    assert.equal(chip.read32(FR) & (BUSY | TXFE), TXFE);
    chip.write32(CR, UARTEN | TXE | RXE);
    pass(100 * BIT_NANOS);
    assert.deepEqual(sent, []);
  });

  it('completes the character that it sends when it is disabled, and sends no other', () => {
    const { chip, pass, write, start, values } = bench();
    start();
    write([
      [DR, 1],
      [DR, 2],
      [CR, 0],
    ]);
    pass(100 * BIT_NANOS);
    assert.deepEqual(values(), [1]);
    assert.equal(chip.read32(FR) & TXFE, 0);
  });

  it('holds 32 bytes with FIFOs and one without, and waits for CTS if told to', () => {
    for (const [line, depth] of [
      [EIGHT_BITS | FEN, 32],
      [EIGHT_BITS, 1],
    ] as const) {
      const { chip, pass, uart, start, values } = bench();
      start(CTSEN, line);
      uart.clearToSend = false;
      for (let i = 0; i < 40; i++) chip.write32(DR, i);
      assert.equal(chip.read32(FR) & (TXFF | BUSY), TXFF | BUSY);
      uart.clearToSend = true;
      pass(1000 * BIT_NANOS);
      assert.deepEqual(
        values(),
        Array.from({ length: depth }, (_, i) => i),
      );
    }
  });

  it('hears itself in loopback, and nobody else', () => {
    const { chip, pass, uart, start } = bench();
    start(LBE);
    uart.receive(7);
    chip.write32(DR, 0x55);
    pass(10 * BIT_NANOS);
    assert.equal(chip.read32(DR), 0x55);
    assert.equal(chip.read32(FR) & RXFE, RXFE);
  });

  it('raises the interrupts of its FIFO levels, of silence and of a lost byte', () => {
    const { chip, pass, uart, start } = bench();
    start();
    chip.write32(IFLS, 0);
    chip.write32(IMSC, 0x7ff);
    for (let i = 0; i < 3; i++) uart.receive(i);
    assert.equal(chip.read32(MIS), 0);
    pass(32 * BIT_NANOS);
    assert.equal(chip.read32(MIS), 1 << 6, 'receive time-out');
    uart.receive(3);
    assert.equal(chip.read32(MIS), (1 << 6) | (1 << 4), 'receive');
    assert.notEqual(chip.silicon.core.pendingInterrupts & (1 << IRQ_UART0), 0);
    for (let i = 4; i < 33; i++) uart.receive(i);
    assert.equal(chip.read32(RSR), 1 << 3);
    assert.equal(chip.read32(RIS) & (1 << 10), 1 << 10, 'overrun');
    chip.write32(ICR, 0x7ff);
    assert.equal(chip.read32(MIS), 0);
    chip.write32(RSR, 0);
    assert.equal(chip.read32(RSR), 0);
    assert.equal(chip.read32(DR), 0);
  });

  it('asks the DMA for bytes while it has room, and offers those that it has', () => {
    const { chip, uart, start } = bench();
    const { dreq } = chip.silicon.dma;
    start();
    assert.deepEqual([dreq[20] ?? false, dreq[21] ?? false], [false, false]);
    chip.write32(DMACR, 3);
    assert.deepEqual([dreq[20], dreq[21]], [true, false]);
    uart.receive(1);
    assert.equal(dreq[21], true);
    chip.read32(DR);
    assert.equal(dreq[21], false);
  });
});
