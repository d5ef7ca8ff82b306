import type { Handle } from '../../runtime/registers/handles.js';
import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { POWERED_OFF, powerReduction } from './power.js';
import { COMPARE } from './timer.js';

/** ATmega328P datasheet 16.11. Pairs: the low byte's address; the high byte follows. */
const TCCR1A = 0x80;
const TCCR1B = 0x81;
const TCCR1C = 0x82;
const TCNT1 = 0x84;
const ICR1 = 0x86;
const OCR1 = { A: 0x88, B: 0x8a } as const;
const PRTIM1 = 3;

const COMPARE_AT = { A: 6, B: 4 } as const;
const FORCE_AT = { A: 7, B: 6 } as const;

/**
 * The clock of timer 1 (ATmega328P datasheet 16), its TOP, and what its two outputs share.
 *
 * Registers of 16 bits are two of 8, which go through one temporary register (16.3): the low byte is read first, and written last.
 * So a checkpoint keeps the low bytes of ICR1 and TCNT1 twice: the first one is read before the high byte, the second one written behind
 * it. ICR1 takes a write only in the modes in which it is TOP (16.6.3), so it comes behind the mode.
 *
 * PRR comes first: with the clock of the block taken away nothing else can be written. The count comes last, so that a clock that is to
 * stand still does.
 */
export const timer1 = definePeripheral({
  name: 'timer1',
  source: 'ATmega328P datasheet 16.11, 16.3, 10.9',
  registers: {
    ...powerReduction('PRTIM1', PRTIM1).registers,
    TCCRA: { address: TCCR1A, width: 8, access: 'rw', owned: 3, fields: { WGM: field(0, 2) } },
    TCCRB: {
      address: TCCR1B,
      width: 8,
      access: 'rw',
      fields: {
        CS: field(0, 3, {
          values: { stopped: 0, '1': 1, '8': 2, '64': 3, '256': 4, '1024': 5, 'falling T1': 6, 'rising T1': 7 },
        }),
        /** The upper two bits of WGM. */
        WGM32: field(3, 2),
        ICES: flag(6),
        ICNC: flag(7),
      },
    },
    TCNTL: { address: TCNT1, width: 8, access: 'rw' },
    TCNTH: { address: TCNT1 + 1, width: 8, access: 'rw' },
    ICRL: { address: ICR1, width: 8, access: 'rw' },
    ICRH: { address: ICR1 + 1, width: 8, access: 'rw' },
  },
  save: [
    'PRR',
    'TCCRA',
    'TCCRB',
    // A capture changes it.
    { register: 'ICRL', volatile: true },
    { register: 'ICRH', volatile: true },
    { register: 'ICRL', volatile: true },
    { register: 'TCNTL', volatile: true },
    { register: 'TCNTH', volatile: true },
    { register: 'TCNTL', volatile: true },
  ],
  irrevocable: ['ICR1, where it is not TOP: captures are not taken back.', POWERED_OFF],
});

export type Timer1 = typeof timer1;

/** One output of timer 1; reading its compare value does not involve the temporary register (16.3). */
export const output16 = (channel: 'A' | 'B') => {
  const compareAt = COMPARE_AT[channel];
  const forceAt = FORCE_AT[channel];
  return definePeripheral({
    name: `timer1.${channel.toLowerCase()}`,
    source: 'ATmega328P datasheet 16.11, 16.3',
    registers: {
      TCCRA: {
        address: TCCR1A,
        width: 8,
        access: 'rw',
        owned: 3 << compareAt,
        fields: { COM: field(compareAt, 2, { values: COMPARE }) },
      },
      /** 16.11.3: a 1 forces a compare match. */
      TCCRC: { address: TCCR1C, width: 8, access: 'w1s', owned: 1 << forceAt, fields: { FOC: flag(forceAt) } },
      OCRL: { address: OCR1[channel], width: 8, access: 'rw' },
      OCRH: { address: OCR1[channel] + 1, width: 8, access: 'rw' },
    },
    save: ['OCRH', 'OCRL', 'TCCRA'],
    irrevocable: ['A compare match that was forced.', POWERED_OFF],
  });
};

export type Output16 = ReturnType<typeof output16>;

const BYTE = 0xff;

/** Writes a compare value, 0 to 65535, in the order in which it counts (16.3). */
export function writeCompare(output: Handle<Output16>, value: number): Promise<void> {
  return Promise.all([output.OCRH.write(value >> 8), output.OCRL.write(value & BYTE)]).then(() => undefined);
}

/** Writes ICR1, 0 to 65535, which is TOP in the modes in which it can be written. */
export function writeTop(timer: Handle<Timer1>, value: number): Promise<void> {
  return Promise.all([timer.ICRH.write(value >> 8), timer.ICRL.write(value & BYTE)]).then(() => undefined);
}
