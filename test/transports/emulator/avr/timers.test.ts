import assert from 'node:assert/strict';
import type { EmulatedUno } from '../../../../transports/emulator/index.js';
import { cycles, sleeper } from './sleeper.js';

const TIFR0 = 0x35;
const TIFR1 = 0x36;
const TCCR0B = 0x45;
const TCNT0 = 0x46;
const OCR0A = 0x47;
const PRR = 0x64;
const TCCR1A = 0x80;
const TCCR1B = 0x81;
const TCNT1 = 0x84;
const ICR1 = 0x86;
const OCR1A = 0x88;
const OCR1B = 0x8a;
const [TOV, OCFA, OCFB] = [1, 2, 4];

describe('The timers of the emulated Uno', () => {
  let uno: EmulatedUno;

  beforeEach(() => (uno = sleeper()));
  afterEach(() => uno.dispose());

  const read = (address: number): number => uno.chip.read8(address);
  const write = (address: number, value: number): void => uno.chip.write8(address, value);
  /** Datasheet 16.3: the high byte is written first, and read last. */
  const read16 = (low: number): number => read(low) | (read(low + 1) << 8);
  const write16 = (low: number, value: number): void => {
    write(low + 1, value >> 8);
    write(low, value & 0xff);
  };

  it('clear the flags for which a 1 is written, and no others', () => {
    write(OCR0A, 50);
    write(TCCR0B, 1);
    cycles(uno, 600);
    assert.equal(read(TIFR0), TOV | OCFA | OCFB);
    write(TIFR0, OCFA);
    assert.equal(read(TIFR0), TOV | OCFB);
    write(TIFR0, 0);
    assert.equal(read(TIFR0), TOV | OCFB);
  });

  it('of 16 bits is written as a whole, when its low byte is', () => {
    write16(OCR1A, 0x1234);
    write(OCR1A + 1, 0x77);
    assert.equal(read16(OCR1A), 0x1234);
    write(OCR1B, 0x01);
    assert.equal(read16(OCR1B), 0x7701);
  });

  it('of 16 bits is read as a whole, when its low byte is', () => {
    write16(TCNT1, 0x01ff);
    write(TCCR1B, 1);
    const low = read(TCNT1);
    const high = read(TCNT1 + 1);
    cycles(uno, 600);
    assert.equal(read(TCNT1 + 1), high);
    assert.deepEqual([low, high], [0xff, 0x01]);
    assert.ok(read16(TCNT1) >= 0x01ff + 590);
  });

  it('of 16 bits takes ICR1 only in a mode in which it is TOP', () => {
    write16(ICR1, 0x1000);
    assert.equal(read16(ICR1), 0);
    write(TCCR1A, 0b10);
    write(TCCR1B, 0b11000);
    write16(ICR1, 0x1000);
    assert.equal(read16(ICR1), 0x1000);
  });

  it('stand still and are out of reach while PRR takes their clock away', () => {
    write(TCCR0B, 1);
    cycles(uno, 40);
    write(PRR, 1 << 5);
    const before = uno.chip.cycles;
    cycles(uno, 1000);
    assert.equal(read(TCNT0), 0);
    write(OCR0A, 9);
    write(PRR, 0);
    assert.equal(read(OCR0A), 0);
    assert.ok(uno.chip.cycles - before >= 1000);
    const count = read(TCNT0);
    assert.ok(count >= 38 && count < 50, String(count));
    cycles(uno, 30);
    assert.ok(read(TCNT0) >= count + 25);
    assert.equal(read(TIFR1), 0);
  });
});
