import assert from 'node:assert/strict';
import type { EmulatedUno } from '../../../../transports/emulator/index.js';
import { cycles, sleeper } from './sleeper.js';

const [ADCL, ADCH, ADCSRA, ADMUX] = [0x78, 0x79, 0x7a, 0x7c];
const PRR = 0x64;
const ADEN = 0x80;
const ADSC = 0x40;
const ADATE = 0x20;
const ADIF = 0x10;
const ADLAR = 0x20;
/** A divider of 16. */
const ADPS = 4;
const AVCC = 0x40;

describe('The converter of the emulated Uno', () => {
  let uno: EmulatedUno;

  beforeEach(() => {
    uno = sleeper();
    uno.chip.volts[2] = 2.5;
    uno.chip.write8(ADMUX, AVCC | 2);
  });
  afterEach(() => uno.dispose());

  const control = (): number => uno.chip.read8(ADCSRA);
  const result = (): number => uno.chip.read8(ADCL) | (uno.chip.read8(ADCH) << 8);

  it('takes 25 of its cycles for the first conversion, and 13 for the next', () => {
    for (const length of [25, 13]) {
      uno.chip.write8(ADCSRA, ADEN | ADSC | ADIF | ADPS);
      cycles(uno, length * 16 - 2);
      assert.equal(control() & (ADSC | ADIF), ADSC);
      cycles(uno, 4);
      assert.equal(control() & (ADSC | ADIF), ADIF);
    }
    assert.equal(result(), 512);
  });

  it('clears ADIF for a 1, and keeps it for a 0', () => {
    uno.chip.write8(ADCSRA, ADEN | ADSC | ADPS);
    cycles(uno, 500);
    uno.chip.write8(ADCSRA, ADEN | ADPS);
    assert.equal(control() & ADIF, ADIF);
    uno.chip.write8(ADCSRA, ADEN | ADIF | ADPS);
    assert.equal(control(), ADEN | ADPS);
  });

  it('shows the result to the left with ADLAR, and keeps it between ADCL and ADCH', () => {
    uno.chip.write8(ADCSRA, ADEN | ADSC | ADATE | ADPS);
    cycles(uno, 500);
    assert.equal(uno.chip.read8(ADCL), 0);
    uno.chip.volts[2] = 1.25;
    cycles(uno, 500);
    assert.equal(uno.chip.read8(ADCH), 2);
    cycles(uno, 500);
    assert.equal(result(), 256);
    uno.chip.write8(ADMUX, AVCC | ADLAR | 2);
    assert.equal(uno.chip.read8(ADCH), 64);
  });

  it('stops when it is disabled', () => {
    uno.chip.write8(ADCSRA, ADEN | ADSC | ADPS);
    uno.chip.write8(ADCSRA, ADPS);
    cycles(uno, 1000);
    assert.equal(control(), ADPS);
  });

  it('is out of reach while PRR takes its clock away', () => {
    uno.chip.write8(PRR, 1);
    assert.equal(uno.chip.read8(ADMUX), 0);
    uno.chip.write8(ADMUX, 0);
    uno.chip.write8(PRR, 0);
    assert.equal(uno.chip.read8(ADMUX), AVCC | 2);
  });
});
