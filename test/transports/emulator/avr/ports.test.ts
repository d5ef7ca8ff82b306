import assert from 'node:assert/strict';
import type { EmulatedUno } from '../../../../transports/emulator/index.js';
import { sleeper } from './sleeper.js';

const [PINB, DDRB, PORTB] = [0x23, 0x24, 0x25];
const MCUCR = 0x55;
const PUD = 0x10;
const BIT = 1 << 5;

describe('The pins of the emulated Uno', () => {
  let uno: EmulatedUno;

  beforeEach(() => (uno = sleeper()));
  afterEach(() => uno.dispose());

  const input = (): boolean => (uno.chip.read8(PINB) & BIT) !== 0;

  it('are what their output is, whoever pulls', () => {
    uno.chip.write8(DDRB, BIT);
    uno.chip.write8(PORTB, BIT);
    uno.chip.setPin('PB5', false);
    assert.deepEqual([uno.chip.pin('PB5'), input()], [true, true]);
    uno.chip.write8(PORTB, 0);
    assert.deepEqual([uno.chip.pin('PB5'), input()], [false, false]);
  });

  it('are pulled up where nobody drives them, unless PUD forbids it', () => {
    assert.equal(input(), false);
    uno.chip.write8(PORTB, BIT);
    assert.deepEqual([uno.chip.pin('PB5'), input()], [true, true]);
    uno.chip.setPin('PB5', false);
    assert.equal(input(), false);
    uno.chip.setPin('PB5', undefined);
    assert.equal(input(), true);
    uno.chip.write8(MCUCR, PUD);
    assert.equal(input(), false);
  });

  it('change their output when a 1 is written to PIN', () => {
    uno.chip.write8(DDRB, BIT);
    uno.chip.write8(PORTB, 0x02);
    uno.chip.write8(PINB, BIT);
    assert.deepEqual([uno.chip.read8(PORTB), uno.chip.pin('PB5')], [BIT | 2, true]);
    uno.chip.write8(PINB, BIT);
    assert.deepEqual([uno.chip.read8(PORTB), uno.chip.pin('PB5')], [2, false]);
  });

  it('tell of each change once', () => {
    const seen: string[] = [];
    uno.chip.onPin((pin, level) => seen.push(`${pin} ${level}`));
    uno.chip.write8(DDRB, 0b11);
    uno.chip.write8(PORTB, 0b01);
    uno.chip.write8(PORTB, 0b11);
    uno.chip.write8(PORTB, 0b11);
    uno.chip.setPin('PD2', true);
    assert.deepEqual(seen, ['PB0 true', 'PB1 true', 'PD2 true']);
  });
});
