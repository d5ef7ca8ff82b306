import assert from 'node:assert/strict';
import { at24c32Model } from '../../../../peripherals/at24c32/model.js';
import type { EmulatedUno } from '../../../../transports/emulator/index.js';
import { cycles, sleeper } from './sleeper.js';

const [TWBR, TWSR, TWDR, TWCR] = [0xb8, 0xb9, 0xbb, 0xbc];
const TWINT = 0x80;
const TWEA = 0x40;
const TWSTA = 0x20;
const TWSTO = 0x10;
const TWWC = 0x08;
const TWEN = 0x04;
const [DDRB, PORTB] = [0x24, 0x25];
const [SPCR, SPSR, SPDR] = [0x4c, 0x4d, 0x4e];
const SPIF = 0x80;
const WCOL = 0x40;
const SS = 1 << 2;

describe('The two-wire interface of the emulated Uno', () => {
  let uno: EmulatedUno;

  beforeEach(() => {
    uno = sleeper();
    uno.connectI2c(0x50, at24c32Model({ clock: uno.chip }));
    uno.chip.write8(TWBR, 72);
  });
  afterEach(() => uno.dispose());

  /** Lets it do something, and tells its status. */
  function act(bits: number): number {
    uno.chip.write8(TWCR, TWINT | TWEN | bits);
    uno.advance(0.2);
    assert.equal(uno.chip.read8(TWCR) & TWINT, TWINT);
    return uno.chip.read8(TWSR);
  }
  function send(byte: number): number {
    uno.chip.write8(TWDR, byte);
    return act(0);
  }
  function stop(): void {
    uno.chip.write8(TWCR, TWINT | TWEN | TWSTO);
    uno.advance(0.02);
  }

  it('is idle out of reset, whatever the prescaler is', () => {
    assert.deepEqual([uno.chip.read8(TWSR), uno.chip.read8(TWCR)], [0xf8, 0]);
    uno.chip.write8(TWSR, 1);
    assert.equal(uno.chip.read8(TWSR), 0xf9);
  });

  it('writes to a chip, and reads back after a repeated START', () => {
    assert.deepEqual([act(TWSTA), send(0xa0), send(0), send(3), send(0x5a)], [0x08, 0x18, 0x28, 0x28, 0x28]);
    stop();
    assert.deepEqual([uno.chip.read8(TWSR), uno.chip.read8(TWCR)], [0xf8, TWEN]);
    uno.advance(20);
    assert.deepEqual([act(TWSTA), send(0xa0), send(0), send(3)], [0x08, 0x18, 0x28, 0x28]);
    assert.deepEqual([act(TWSTA), send(0xa1), act(TWEA)], [0x10, 0x40, 0x50]);
    assert.equal(uno.chip.read8(TWDR), 0x5a);
    assert.equal(act(0), 0x58);
    stop();
  });

  it('says when nobody answers', () => {
    assert.deepEqual([act(TWSTA), send(0x20)], [0x08, 0x20]);
    stop();
  });

  it('takes nine periods of SCL for a byte, and its data register nothing meanwhile', () => {
    act(TWSTA);
    uno.chip.write8(TWDR, 0xa0);
    uno.chip.write8(TWCR, TWINT | TWEN);
    cycles(uno, 9 * 160 - 10);
    uno.chip.write8(TWDR, 1);
    assert.equal(uno.chip.read8(TWCR), TWEN | TWWC);
    cycles(uno, 20);
    assert.equal(uno.chip.read8(TWCR) & TWINT, TWINT);
    assert.equal(uno.chip.read8(TWDR), 0xa0);
  });

  it('drops everything when it is disabled', () => {
    act(TWSTA);
    uno.chip.write8(TWCR, 0);
    assert.deepEqual([uno.chip.read8(TWSR), uno.chip.read8(TWCR)], [0xf8, TWINT]);
  });
});

describe('The SPI of the emulated Uno', () => {
  let uno: EmulatedUno;
  let sent: (number | string)[];

  beforeEach(() => {
    uno = sleeper();
    sent = [];
    uno.connectSpi('PB2', {
      select: (selected) => sent.push(selected ? 'selected' : 'released'),
      transfer: (byte) => {
        sent.push(byte);
        return byte ^ 0xff;
      },
    });
    uno.chip.write8(PORTB, SS);
    uno.chip.write8(DDRB, SS);
    uno.chip.write8(PORTB, 0);
    uno.chip.write8(SPCR, 0x50);
  });
  afterEach(() => uno.dispose());

  it('exchanges bytes with the chip that is selected', () => {
    uno.chip.write8(SPDR, 0x12);
    cycles(uno, 40);
    assert.equal(uno.chip.read8(SPSR), SPIF);
    assert.equal(uno.chip.read8(SPDR), 0xed);
    uno.chip.write8(PORTB, SS);
    assert.deepEqual(sent, ['released', 'selected', 0x12, 'released']);
    uno.chip.write8(SPDR, 0x12);
    cycles(uno, 40);
    assert.equal(uno.chip.read8(SPDR), 0xff);
  });

  it('clears its flag when the status was read, and then the data', () => {
    uno.chip.write8(SPDR, 1);
    cycles(uno, 40);
    uno.chip.read8(SPDR);
    assert.equal(uno.chip.read8(SPSR), SPIF);
    uno.chip.write8(SPSR, 0);
    assert.equal(uno.chip.read8(SPSR), SPIF);
    uno.chip.read8(SPDR);
    assert.equal(uno.chip.read8(SPSR), 0);
  });

  it('tells of a byte that was written too early', () => {
    uno.chip.write8(SPDR, 1);
    uno.chip.write8(SPDR, 2);
    cycles(uno, 40);
    assert.equal(uno.chip.read8(SPSR), SPIF | WCOL);
    uno.chip.read8(SPDR);
    assert.equal(uno.chip.read8(SPSR), 0);
    assert.deepEqual(sent.slice(2), [1]);
  });

  it('is a master no more when another one pulls SS low, if that is an input', () => {
    uno.chip.setPin('PB2', true);
    uno.chip.write8(DDRB, 0);
    assert.equal(uno.chip.read8(SPCR), 0x50);
    uno.chip.setPin('PB2', false);
    assert.deepEqual([uno.chip.read8(SPCR), uno.chip.read8(SPSR)], [0x40, SPIF]);
    uno.chip.write8(SPCR, 0x50);
    assert.equal(uno.chip.read8(SPCR), 0x40);
  });

  it('sends the lowest bit first with DORD', () => {
    uno.chip.write8(SPCR, 0x70);
    uno.chip.write8(SPDR, 0x01);
    cycles(uno, 40);
    assert.deepEqual(sent.slice(2), [0x80]);
    assert.equal(uno.chip.read8(SPDR), 0xfe);
  });
});
