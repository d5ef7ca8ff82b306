import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Uart } from '../../../peripherals/rp2040/index.js';
import type { Handle } from '../../../runtime/index.js';
import { uartOf, type UartCharacter, type Uart as EmulatedUart } from '../../../transports/emulator/mends/uart.js';
import { picoBoard, type Bench } from '../../emulated.js';
import { assertUndone, Messy, scribble, scribbles } from '../failing-call.js';

const FIFO_DEPTH = 32;
const CLK_PERI = 125e6;
const UARTDR = 0x40038000;
const UARTCR = 0x40038030;
const RESETS = 0x4000c000;
const UART1 = 1 << 23;
const [SET, CLEAR] = [0x2000, 0x3000];

const level = fc.constantFrom('1/8', '1/4', '1/2', '3/4', '7/8');
const setup = fc.record({
  // 60 kbaud to 3.9 Mbaud: slower ones would only make the tests slower.
  divider: fc.record({ whole: fc.integer({ min: 2, max: 130 }), fraction: fc.nat(63) }),
  line: fc.record({
    PEN: fc.boolean(),
    EPS: fc.boolean(),
    STP2: fc.boolean(),
    FEN: fc.boolean(),
    SPS: fc.boolean(),
    WLEN: fc.constantFrom('5-bit', '6-bit', '7-bit', '8-bit'),
  }),
  control: fc.record({
    UARTEN: fc.boolean(),
    LBE: fc.boolean(),
    TXE: fc.boolean(),
    RXE: fc.boolean(),
    DTR: fc.boolean(),
    RTS: fc.boolean(),
    RTSEN: fc.boolean(),
    CTSEN: fc.boolean(),
  }),
  levels: fc.record({ TXIFLSEL: level, RXIFLSEL: level }),
  interrupts: fc.record({ TXIM: fc.boolean(), RXIM: fc.boolean(), RTIM: fc.boolean(), OEIM: fc.boolean() }),
  dma: fc.record({ RXDMAE: fc.boolean(), TXDMAE: fc.boolean(), DMAONERR: fc.boolean() }),
  held: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});
type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never;

async function configure(block: Handle<Uart>, to: Setup): Promise<void> {
  await block.RESET.write({ UART: true });
  await block.RESET.write({ UART: to.held });
  await block.UARTIBRD.write({ BAUD_DIVINT: to.divider.whole });
  await block.UARTFBRD.write({ BAUD_DIVFRAC: to.divider.fraction });
  await block.UARTLCR_H.write(to.line);
  await block.UARTIFLS.write(to.levels);
  await block.UARTDMACR.write(to.dma);
  await block.UARTIMSC.write(to.interrupts);
  await block.UARTCR.write(to.control);
}

const sane = (to: Setup): Setup => ({
  ...to,
  line: { ...to.line, FEN: true },
  control: { ...to.control, UARTEN: true, TXE: true, RXE: true, LBE: false, CTSEN: false },
  held: false,
});

describe('A UART, on real firmware', () => {
  let bench: Bench;
  let driver: Messy<Uart>;
  let block: Handle<Uart>;
  let emulated: EmulatedUart;
  let heard: UartCharacter[];

  before(async () => {
    bench = await picoBoard();
    block = bench.board.uart[1]!;
    driver = new Messy(bench.board, block);
    emulated = uartOf(bench.emulated.chip.silicon, 1);
    emulated.onSent = (character) => heard.push(character);
  });
  beforeEach(() => {
    heard = [];
    emulated.clearToSend = true;
  });
  after(() => bench.dispose());

  /** Sends both ways, and returns what arrived where. */
  async function talk(bytes: readonly number[]): Promise<{ heard: UartCharacter[]; received: number[] }> {
    heard = [];
    await block.UARTDR.push(bytes);
    bench.emulated.advance(10);
    for (const byte of bytes) emulated.receive(byte);
    return { heard, received: [...(await block.UARTDR.pull(bytes.length))] };
  }

  it('is as it was after a failed call, whatever the call wrote to its registers', async () => {
    const writable = [
      'UARTIBRD',
      'UARTFBRD',
      'UARTLCR_H',
      'UARTILPR',
      'UARTIFLS',
      'UARTDMACR',
      'UARTIMSC',
      'UARTCR',
      'RESET',
    ];
    const property = fc.asyncProperty(setup, scribbles(writable), async (to, list) => {
      await configure(block, to);
      await assertUndone(driver, (messy, delay) => scribble(messy, list, delay));
    });
    await fc.assert(property, { numRuns: 100, seed: 4_02 });
  });

  it('sends and receives the same bytes at the same speed as before the failed call', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 8 }).map((list) => [...list]);
    const list = scribbles(['UARTIBRD', 'UARTFBRD', 'UARTLCR_H', 'UARTCR', 'UARTIFLS']);
    const property = fc.asyncProperty(setup.map(sane), bytes, list, async (to, message, mess) => {
      await configure(block, to);
      const before = await talk(message);
      await assertUndone(driver, (messy, delay) => scribble(messy, mess, delay));
      assert.deepEqual(await talk(message), before);
      const { whole, fraction } = to.divider;
      for (const { baud } of before.heard)
        assert.equal(Math.round(baud), Math.round(CLK_PERI / 16 / (whole + fraction / 64)));
      assert.equal(before.heard.length, message.length);
      assert.equal(before.received.length, message.length);
    });
    await fc.assert(property, { numRuns: 30, seed: 4_02_2 });
  });

  it('is freed from a transmitter that is full and may not send', async () => {
    await configure(block, sane(fc.sample(setup, { numRuns: 1, seed: 1 })[0]!));
    const before = await talk([0x11, 0x0e]);
    await block.UARTCR.modify({ CTSEN: true });
    emulated.clearToSend = false;
    await block.UARTDR.push(Array.from({ length: FIFO_DEPTH }, (_, i) => i));
    await assertUndone(driver, async (wedged) => {
      await wedged.UARTIBRD.write({ BAUD_DIVINT: 0 });
      await wedged.UARTLCR_H.modify({ WLEN: '5-bit' });
      const { BUSY, TXFF } = await wedged.UARTFR.read();
      assert.deepEqual({ BUSY, TXFF }, { BUSY: true, TXFF: true });
    });
    const { BUSY, TXFE } = await block.UARTFR.read();
    assert.deepEqual({ BUSY, TXFE }, { BUSY: false, TXFE: true });
    emulated.clearToSend = true;
    assert.deepEqual(await talk([0x11, 0x0e]), before);
  });

  it('is set up again when somebody has reset the block in the middle of a call', async () => {
    await configure(block, sane(fc.sample(setup, { numRuns: 1, seed: 2 })[0]!));
    const before = await talk([0x15, 0x0a]);
    await assertUndone(driver, async (messy) => {
      await messy.UARTIMSC.write({ OEIM: true });
      await messy.UARTFR.read();
      bench.emulated.write32(RESETS + SET, UART1);
      bench.emulated.write32(RESETS + CLEAR, UART1);
    });
    assert.deepEqual(await talk([0x15, 0x0a]), before);
  });

  it('sends nothing of what a failed call pushed', async () => {
    await configure(block, sane(fc.sample(setup, { numRuns: 1, seed: 3 })[0]!));
    await assertUndone(driver, async (messy) => {
      await messy.UARTIMSC.write({ OEIM: true });
      await messy.UARTDR.push([1, 2, 3]);
    });
    bench.emulated.advance(10);
    assert.deepEqual(heard, []);
  });

  it('lets the character that is being sent end, and sends no other', async () => {
    const to = sane(fc.sample(setup, { numRuns: 1, seed: 4 })[0]!);
    await configure(block, { ...to, divider: { whole: 20, fraction: 0 } });
    const whileDisabled: number[] = [];
    emulated.onSent = ({ value }) => {
      if (!(bench.emulated.read32(UARTCR) & 1)) whileDisabled.push(value);
    };
    await assertUndone(driver, async (messy) => {
      await messy.UARTIMSC.write({ OEIM: true });
      await messy.UARTFR.read();
      for (let i = 0; i < FIFO_DEPTH; i++) bench.emulated.write32(UARTDR, 0x15);
    });
    assert.deepEqual(whileDisabled, [0x15]);
  });
});
