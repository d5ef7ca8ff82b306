import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { POWERED_OFF, powerReduction } from './power.js';

/** ATmega328P datasheet 24.9. */
const ADCL = 0x78;
const ADCH = 0x79;
const ADCSRA = 0x7a;
const ADCSRB = 0x7b;
const ADMUX = 0x7c;
const PRADC = 0;

/** All of ADCSRA but ADIE: the firmware has no handler for it. */
const OWNED = 0xf7;
const ADEN = 1 << 7;

const power = powerReduction('PRADC', PRADC);

/**
 * The analogue to digital converter (ATmega328P datasheet 24). ADCL is read first: it keeps the result until ADCH is read (24.2).
 * A `write` with ADIF clears the flag; so does, as in C, a `modify` of anything in ADCSRA while it is set.
 *
 * 10.11.3: it is disabled before its clock is taken away, and before it gets it back.
 */
export const adc = definePeripheral({
  name: 'adc',
  source: 'ATmega328P datasheet 24.9, 10.9',
  registers: {
    ADCL: { address: ADCL, width: 8, access: 'ro' },
    ADCH: { address: ADCH, width: 8, access: 'ro' },
    ADCSRA: {
      address: ADCSRA,
      width: 8,
      access: 'rw',
      owned: OWNED,
      fields: {
        /** The divider of its clock: 2 to the power of this, and 2 for 0. */
        ADPS: field(0, 3),
        ADIF: flag(4, { access: 'w1c' }),
        ADATE: flag(5),
        ADSC: flag(6, { access: 'self-clearing' }),
        ADEN: flag(7),
      },
    },
    ADCSRB: { address: ADCSRB, width: 8, access: 'rw', fields: { ADTS: field(0, 3), ACME: flag(6) } },
    ADMUX: {
      address: ADMUX,
      width: 8,
      access: 'rw',
      fields: {
        MUX: field(0, 4),
        ADLAR: flag(5),
        REFS: field(6, 2, { values: { AREF: 0, AVCC: 1, '1.1 V': 3 } }),
      },
    },
    ...power.registers,
  },
  save: ['ADCSRB', 'ADMUX', 'ADCSRA', 'PRR'],
  restore: [
    power.wake,
    // 24.9.2: ends a conversion, too.
    { step: 'write', register: 'ADCSRA', mask: ADEN, value: 0 },
    { step: 'saved' },
  ],
  irrevocable: [
    'A conversion that was under way ends, and its result is lost; ADIF is cleared.',
    'In free-running mode, conversions go on only when they are started again.',
    POWERED_OFF,
  ],
});

export type Adc = typeof adc;
