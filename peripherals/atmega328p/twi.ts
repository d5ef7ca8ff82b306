import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { POWERED_OFF, powerReduction } from './power.js';

/** ATmega328P datasheet 22.9. */
const TWBR = 0xb8;
const TWSR = 0xb9;
const TWAR = 0xba;
const TWDR = 0xbb;
const TWCR = 0xbc;
const PRTWI = 7;

/** All of TWCR but TWIE: the firmware has no handler for it. */
const OWNED = 0xfe;
const TWINT = 1 << 7;

const power = powerReduction('PRTWI', PRTWI);

/**
 * The two-wire interface (ATmega328P datasheet 22), which is I²C. Each thing that it does begins with a `TWCR.write` that has TWINT set;
 * never `modify` TWCR, for a TWINT that reads as 1 is written back, and begins the next thing.
 *
 * Restored as after a power-down (10.11.3): it is set up anew, disabled, with TWINT cleared.
 */
export const twi = definePeripheral({
  name: 'twi',
  source: 'ATmega328P datasheet 22.9, 10.9',
  registers: {
    TWBR: { address: TWBR, width: 8, access: 'rw' },
    TWSR: {
      address: TWSR,
      width: 8,
      access: 'rw',
      reset: 0xf8,
      fields: {
        /** The prescaler: 4 to the power of this. */
        TWPS: field(0, 2),
        /** What has happened (22.7), as in the tables but for the lowest three bits. */
        TWS: field(3, 5, { access: 'ro' }),
      },
    },
    TWAR: { address: TWAR, width: 8, access: 'rw', reset: 0xfe, fields: { TWGCE: flag(0), TWA: field(1, 7) } },
    TWDR: { address: TWDR, width: 8, access: 'rw', reset: 0xff },
    TWCR: {
      address: TWCR,
      width: 8,
      access: 'rw',
      owned: OWNED,
      fields: {
        TWEN: flag(2),
        TWWC: flag(3, { access: 'ro' }),
        TWSTO: flag(4, { access: 'self-clearing' }),
        TWSTA: flag(5, { access: 'self-clearing' }),
        TWEA: flag(6),
        TWINT: flag(7, { access: 'w1c' }),
      },
    },
    ...power.registers,
  },
  save: ['TWBR', 'TWSR', 'TWAR', 'TWCR', 'PRR'],
  restore: [
    power.wake,
    // 22.9.2: off, whatever it was doing, and nothing left to go on with.
    { step: 'write', register: 'TWCR', mask: OWNED, value: TWINT },
    { step: 'saved' },
  ],
  irrevocable: [
    'Bytes that were sent or received, and what they did in the chip at the other end.',
    'A transfer that is going on: it ends without a STOP, and TWINT, TWSR.TWS and TWDR are as after a power-down.',
    POWERED_OFF,
  ],
});

export type Twi = typeof twi;
