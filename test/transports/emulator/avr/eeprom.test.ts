import assert from 'node:assert/strict';
import type { EmulatedUno } from '../../../../transports/emulator/index.js';
import { sleeper } from './sleeper.js';

const [EECR, EEDR, EEARL] = [0x3f, 0x40, 0x41];
const EERE = 1;
const EEPE = 2;
const EEMPE = 4;

describe('The EEPROM of the emulated Uno', () => {
  let uno: EmulatedUno;

  beforeEach(() => (uno = sleeper()));
  afterEach(() => uno.dispose());

  function begin(cell: number, value: number): void {
    uno.chip.write8(EEARL, cell);
    uno.chip.write8(EEDR, value);
    uno.chip.write8(EECR, EEMPE);
    uno.chip.write8(EECR, EEMPE | EEPE);
  }

  it('writes a cell in 3.4 ms, and can be read then', () => {
    begin(5, 0x42);
    uno.advance(3.3);
    assert.equal(uno.chip.read8(EECR), EEPE);
    uno.advance(0.2);
    assert.equal(uno.chip.read8(EECR), 0);
    uno.chip.write8(EEDR, 0);
    uno.chip.write8(EECR, EERE);
    assert.equal(uno.chip.read8(EEDR), 0x42);
    assert.equal(uno.chip.eeprom[5], 0x42);
  });

  it('writes nothing without EEMPE, nor four cycles after it', () => {
    uno.chip.write8(EEARL, 5);
    uno.chip.write8(EECR, EEPE);
    assert.equal(uno.chip.read8(EECR) & EEPE, 0);
    uno.chip.write8(EECR, EEMPE);
    uno.advance(0.001);
    uno.chip.write8(EECR, EEPE);
    uno.advance(4);
    assert.equal(uno.chip.eeprom[5], 0xff);
  });

  it('stays at the cell that is being written', () => {
    begin(5, 0x42);
    uno.chip.write8(EEARL, 6);
    uno.chip.write8(EEDR, 0);
    uno.chip.write8(EECR, 0);
    assert.equal(uno.chip.read8(EECR), EEPE);
    uno.advance(4);
    assert.deepEqual([uno.chip.eeprom[5], uno.chip.eeprom[6]], [0x42, 0xff]);
  });

  it('ends a write in spite of a reset, and not in spite of a power failure', () => {
    uno.chip.eeprom[6] = 1;
    begin(5, 0x42);
    uno.pressReset();
    uno.advance(1);
    assert.equal(uno.chip.eeprom[5], 0x42);
    begin(6, 0x42);
    uno.unplug();
    uno.plug();
    assert.equal(uno.chip.eeprom[6], 0xff);
  });
});
