import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: PWM_BASE. */
const PWM_BASE = 0x40050000;
/** RP2040 datasheet 4.5.3: each slice has five registers. */
const SLICE_BYTES = 0x14;

const SLICES = 8;

/**
 * One PWM slice (RP2040 datasheet 4.5). The bit that enables it stands in CSR; the EN register is an alias of these bits
 * for all slices (4.5.3), so it is not part of any slice.
 *
 * TOP and CC are double-buffered while the slice runs and latched at once while it is stopped (4.5.2.3): so the restore
 * stops the slice first, and starts it last, with CSR.
 */
export const pwmSlice = (index: number) =>
  definePeripheral({
    name: `pwm${index}`,
    source: 'RP2040 datasheet 4.5.3',
    registers: {
      CSR: {
        address: PWM_BASE + index * SLICE_BYTES,
        access: 'rw',
        fields: {
          EN: flag(0),
          PH_CORRECT: flag(1),
          A_INV: flag(2),
          B_INV: flag(3),
          DIVMODE: field(4, 2, {
            values: { 'free-running': 0, 'gated-by-b': 1, 'rising-edges-of-b': 2, 'falling-edges-of-b': 3 },
          }),
          PH_RET: flag(6, { access: 'self-clearing' }),
          PH_ADV: flag(7, { access: 'self-clearing' }),
        },
      },
      DIV: {
        address: PWM_BASE + index * SLICE_BYTES + 0x04,
        access: 'rw',
        reset: 0x10,
        fields: { FRAC: field(0, 4), INT: field(4, 8) },
      },
      CTR: {
        address: PWM_BASE + index * SLICE_BYTES + 0x08,
        access: 'rw',
        fields: { COUNT: field(0, 16) },
      },
      CC: {
        address: PWM_BASE + index * SLICE_BYTES + 0x0c,
        access: 'rw',
        fields: { A: field(0, 16), B: field(16, 16) },
      },
      TOP: {
        address: PWM_BASE + index * SLICE_BYTES + 0x10,
        access: 'rw',
        reset: 0xffff,
        fields: { WRAP: field(0, 16) },
      },
      INTR: { address: PWM_BASE + 0xa4, access: 'w1c', owned: 1 << index, fields: { WRAPPED: flag(index) } },
      INTE: { address: PWM_BASE + 0xa8, access: 'rw', owned: 1 << index, fields: { WRAPPED: flag(index) } },
      INTF: { address: PWM_BASE + 0xac, access: 'rw', owned: 1 << index, fields: { WRAPPED: flag(index) } },
      INTS: { address: PWM_BASE + 0xb0, access: 'ro', owned: 1 << index, fields: { WRAPPED: flag(index) } },
    },
    save: ['DIV', 'TOP', 'CC', { register: 'CTR', volatile: true }, 'INTF', 'INTE', 'CSR'],
    restore: [{ step: 'write', register: 'CSR', mask: 1, value: 0 }, { step: 'saved' }],
  });

export type PwmSlice = ReturnType<typeof pwmSlice>;

export const pwmSlices = Array.from({ length: SLICES }, (_, index) => pwmSlice(index));

/** Which slice and output drive a pin (RP2040 datasheet 4.5.2, table of PWM channels and GPIO pins). */
export const pwmOf = (pin: number): { slice: number; output: 'A' | 'B' } => ({
  slice: (pin >> 1) % SLICES,
  output: pin % 2 === 0 ? 'A' : 'B',
});
