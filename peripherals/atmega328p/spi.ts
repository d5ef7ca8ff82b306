import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { POWERED_OFF, powerReduction } from './power.js';

/** ATmega328P datasheet 19.5. */
const SPCR = 0x4c;
const SPSR = 0x4d;
const SPDR = 0x4e;
const PRSPI = 2;

/** All of SPCR but SPIE: the firmware has no handler for it. */
const OWNED = 0x7f;
const SPE = 1 << 6;

const power = powerReduction('PRSPI', PRSPI);

/**
 * The SPI (ATmega328P datasheet 19). SPIF and WCOL are cleared by reading SPSR while they are set, and then reading or writing SPDR.
 *
 * SS (D10) has to be an output, or high: the SPI stops being a master when it is an input and low (19.3.2), in a restore, too, which
 * is then reported as a mismatch of SPCR.
 *
 * Restored as after a power-down (10.11.3): disabled, set up anew, enabled with SPCR.
 */
export const spi = definePeripheral({
  name: 'spi',
  source: 'ATmega328P datasheet 19.5, 10.9',
  registers: {
    SPCR: {
      address: SPCR,
      width: 8,
      access: 'rw',
      owned: OWNED,
      fields: {
        SPR: field(0, 2),
        CPHA: flag(2),
        CPOL: flag(3),
        MSTR: flag(4),
        DORD: flag(5),
        SPE: flag(6),
      },
    },
    SPSR: {
      address: SPSR,
      width: 8,
      access: 'rw',
      fields: { SPI2X: flag(0), WCOL: flag(6, { access: 'ro' }), SPIF: flag(7, { access: 'ro' }) },
    },
    /** What is pushed is sent; what is pulled is what came meanwhile. */
    SPDR: { address: SPDR, width: 8, access: 'fifo' },
    ...power.registers,
  },
  save: ['SPSR', 'SPCR', 'PRR'],
  restore: [power.wake, { step: 'write', register: 'SPCR', mask: SPE, value: 0 }, { step: 'saved' }],
  irrevocable: [
    'Bytes that were sent or received, and what they did in the chip that was selected; a byte on its way is cut off.',
    POWERED_OFF,
  ],
});

export type Spi = typeof spi;
