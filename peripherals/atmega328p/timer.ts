import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { POWERED_OFF, powerReduction } from './power.js';

/** ATmega328P datasheet 15.9 and 18.11: TCCRnA; TCCRnB, TCNTn, OCRnA and OCRnB follow. */
const TIMER_AT = { 0: 0x44, 2: 0xb0 } as const;
/** 15.9.7, 16.11.9, 18.11.7. */
const TIFR_AT = { 0: 0x35, 1: 0x36, 2: 0x37 } as const;
/** 10.11.3. */
const PRTIM = { 0: 5, 2: 6 } as const;

/** Tables 15-9 and 18-9. */
const CLOCKS = {
  0: { stopped: 0, '1': 1, '8': 2, '64': 3, '256': 4, '1024': 5, 'falling T0': 6, 'rising T0': 7 },
  2: { stopped: 0, '1': 1, '8': 2, '32': 3, '64': 4, '128': 5, '256': 6, '1024': 7 },
} as const;
/** Tables 15-2 to 15-7: what a compare match does depends on the mode, and in PWM modes the opposite happens at BOTTOM. */
export const COMPARE = { off: 0, toggle: 1, clear: 2, set: 3 } as const;

const COMPARE_AT = { A: 6, B: 4 } as const;

/**
 * The clock of timer 0 or 2 (ATmega328P datasheet 15, 18), and what its two outputs share. The strobes FOCnA and FOCnB (15.9.2) act
 * when they are written, and read as 0. ASSR is out of reach: an Uno's crystal is that of the processor.
 *
 * PRR comes first: with the clock of the block taken away nothing else can be written. The count comes last, so that a clock that
 * is to stand still does; of one that runs it is written back, not compared.
 */
export const timer8 = <const Index extends 0 | 2>(index: Index) => {
  const at = TIMER_AT[index];
  return definePeripheral({
    name: `timer${index}`,
    source: index === 0 ? 'ATmega328P datasheet 15.9, 10.9' : 'ATmega328P datasheet 18.11, 10.9',
    registers: {
      ...powerReduction(`PRTIM${index}`, PRTIM[index]).registers,
      TCCRA: { address: at, width: 8, access: 'rw', owned: 3, fields: { WGM: field(0, 2) } },
      TCCRB: {
        address: at + 1,
        width: 8,
        access: 'rw',
        fields: {
          CS: field(0, 3, { values: CLOCKS[index] }),
          /** The third bit of WGM. */
          WGM2: flag(3),
          FOCB: flag(6, { access: 'self-clearing' }),
          FOCA: flag(7, { access: 'self-clearing' }),
        },
      },
      TCNT: { address: at + 2, width: 8, access: 'rw' },
    },
    save: ['PRR', 'TCCRA', 'TCCRB', { register: 'TCNT', volatile: true }],
    irrevocable: [POWERED_OFF],
  });
};

export type Timer0 = ReturnType<typeof timer8<0>>;
export type Timer2 = ReturnType<typeof timer8<2>>;

const FLAGS = { TOV: flag(0), OCFA: flag(1), OCFB: flag(2) } as const;
const CAPTURE = { ...FLAGS, ICF: flag(5) } as const;

/**
 * The flags of a timer. They say what has happened, so there is nothing to save. They are a peripheral of their own because a
 * controller with 2 KB of RAM holds few definitions: who does not ask for them need not define them.
 */
export const timerFlags = <const Index extends 0 | 1 | 2>(index: Index) =>
  definePeripheral({
    name: `timer${index}.flags`,
    source: 'ATmega328P datasheet 15.9.7, 16.11.9, 18.11.7',
    registers: {
      TIFR: {
        address: TIFR_AT[index],
        width: 8,
        access: 'w1c',
        fields: (index === 1 ? CAPTURE : FLAGS) as Index extends 1 ? typeof CAPTURE : typeof FLAGS,
      },
    },
    save: [],
  });

export type TimerFlags = ReturnType<typeof timerFlags>;

/**
 * One output of timer 0 or 2: its compare value and what it does to its pin. In PWM modes the value takes effect at TOP or BOTTOM
 * (15.5), and a checkpoint keeps the one that was last written.
 */
export const output8 = (index: 0 | 2, channel: 'A' | 'B') => {
  const at = TIMER_AT[index];
  const compareAt = COMPARE_AT[channel];
  return definePeripheral({
    name: `timer${index}.${channel.toLowerCase()}`,
    source: index === 0 ? 'ATmega328P datasheet 15.9' : 'ATmega328P datasheet 18.11',
    registers: {
      TCCRA: {
        address: at,
        width: 8,
        access: 'rw',
        owned: 3 << compareAt,
        fields: { COM: field(compareAt, 2, { values: COMPARE }) },
      },
      OCR: { address: at + (channel === 'A' ? 3 : 4), width: 8, access: 'rw' },
    },
    save: ['OCR', 'TCCRA'],
    irrevocable: [POWERED_OFF],
  });
};

export type Output8 = ReturnType<typeof output8>;
