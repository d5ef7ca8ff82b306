import assert from 'node:assert/strict';
import type { EmulatedUno } from '../../../../transports/emulator/index.js';
import { cycles, sleeper } from './sleeper.js';

const UCSR0A = 0xc0;
const UCSR0B = 0xc1;
const UBRR0L = 0xc4;
const UDR0 = 0xc6;
const RXC = 0x80;
const TXC = 0x40;
const UDRE = 0x20;
const FE = 0x10;
const DOR = 0x08;
const U2X = 0x02;
const RXEN = 0x10;
const TXEN = 0x08;
/** 115200 baud, as near as it comes. */
const UBRR = 16;
const CHARACTER = 17 * 8 * 10;
const LINE_CHARACTER = 16e6 / 11520;

describe('The USART of the emulated Uno', () => {
  let uno: EmulatedUno;
  let heard: number[];
  let write: (...bytes: number[]) => Promise<void>;

  beforeEach(async () => {
    uno = sleeper();
    heard = [];
    const port = await uno.serialPort({ bytes: (bytes) => heard.push(...bytes), lost: () => {} });
    write = (...bytes) => port.write(Uint8Array.from(bytes));
    uno.chip.write8(UBRR0L, UBRR);
    uno.chip.write8(UCSR0A, U2X);
    uno.chip.write8(UCSR0B, RXEN | TXEN);
  });
  afterEach(() => uno.dispose());

  const status = (): number => uno.chip.read8(UCSR0A);

  it('takes a byte when its stop bit has come', () => {
    void write(0xa5);
    cycles(uno, LINE_CHARACTER - 20);
    assert.equal(status() & RXC, 0);
    cycles(uno, 40);
    assert.equal(status() & RXC, RXC);
    assert.equal(uno.chip.read8(UDR0), 0xa5);
    assert.equal(status() & RXC, 0);
  });

  it('keeps three bytes, and says with the last of them that more were lost', () => {
    void write(1, 2, 3, 4, 5);
    cycles(uno, 6 * LINE_CHARACTER);
    const read = Array.from({ length: 3 }, () => [status() & DOR, uno.chip.read8(UDR0)]);
    assert.deepEqual(read, [
      [0, 1],
      [0, 2],
      [DOR, 5],
    ]);
    assert.equal(status() & RXC, 0);
  });

  it('keeps a byte that was not read while its control registers are written', () => {
    void write(7);
    cycles(uno, 2 * LINE_CHARACTER);
    uno.chip.write8(UCSR0B, RXEN | TXEN);
    uno.chip.write8(UCSR0A, U2X);
    assert.equal(status() & (RXC | UDRE), RXC | UDRE);
    assert.equal(uno.chip.read8(UDR0), 7);
  });

  it('is deaf, and forgets, without RXEN', () => {
    void write(7);
    cycles(uno, 2 * LINE_CHARACTER);
    uno.chip.write8(UCSR0B, TXEN);
    assert.equal(status() & RXC, 0);
    void write(8);
    cycles(uno, 2 * LINE_CHARACTER);
    assert.equal(status() & RXC, 0);
  });

  it('sends a byte while the next one waits in its buffer', () => {
    uno.chip.write8(UDR0, 0x11);
    assert.equal(status() & UDRE, UDRE);
    uno.chip.write8(UDR0, 0x22);
    assert.equal(status() & UDRE, 0);
    cycles(uno, CHARACTER + 1);
    assert.deepEqual(heard, [0x11]);
    assert.equal(status() & (UDRE | TXC), UDRE);
    cycles(uno, CHARACTER);
    assert.deepEqual(heard, [0x11, 0x22]);
    assert.equal(status() & TXC, TXC);
    uno.chip.write8(UCSR0A, TXC | U2X);
    assert.equal(status() & TXC, 0);
  });

  it('understands nothing at another speed than the host, and is not understood', () => {
    uno.chip.write8(UBRR0L, 25);
    void write(0x55);
    cycles(uno, 2 * LINE_CHARACTER);
    assert.equal(status() & FE, FE);
    assert.notEqual(uno.chip.read8(UDR0), 0x55);
    uno.chip.write8(UDR0, 0x55);
    cycles(uno, 2 * CHARACTER);
    assert.notDeepEqual(heard, [0x55]);
  });
});
