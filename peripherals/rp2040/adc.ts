import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';
import { blockReset } from './block-reset.js';

/** RP2040 datasheet 2.2.2: ADC_BASE. */
const ADC_BASE = 0x4004c000;
/** RP2040 datasheet 2.14.3: the ADC's bit in RESETS. */
const RESET_BIT = 0;

const EN = 1 << 0;
const READY = 1 << 8;
/** The hardware moves it on after each conversion while RROBIN is set (4.9.2.3), so a checkpoint cannot compare it. */
const AINSEL = 7 << 12;
/** All of CS that keeps what is written to it, but for AINSEL: RROBIN, START_MANY, TS_EN, EN. */
const SETTINGS = (0x1f << 16) | (1 << 3) | (1 << 1) | EN;

/** Far more than the converter needs to power up: some cycles of its 48 MHz clock. */
const PATIENCE_US = 1000;

const reset = blockReset('ADC', RESET_BIT);

/**
 * The analogue to digital converter (RP2040 datasheet 4.9): inputs 0 to 3 are GPIO 26 to 29, input 4 is the temperature
 * sensor. Flags in CS and FCS are cleared by a plain `write` with the flag set; a `modify` cannot clear them.
 *
 * Restored as after a power-down: through a reset of the block, the only way to stop a conversion and empty the FIFO
 * without reading it, whatever state the converter is in.
 */
export const adc = definePeripheral({
  name: 'adc',
  source: 'RP2040 datasheet 4.9.6, 2.14.3',
  registers: {
    ...reset.registers,
    CS: {
      address: ADC_BASE + 0x00,
      access: 'rw',
      fields: {
        EN: flag(0),
        TS_EN: flag(1),
        START_ONCE: flag(2, { access: 'self-clearing' }),
        START_MANY: flag(3),
        READY: flag(8, { access: 'ro' }),
        ERR: flag(9, { access: 'ro' }),
        ERR_STICKY: flag(10, { access: 'w1c' }),
        AINSEL: field(12, 3),
        RROBIN: field(16, 5),
      },
    },
    RESULT: { address: ADC_BASE + 0x04, access: 'ro', fields: { RESULT: field(0, 12) } },
    FCS: {
      address: ADC_BASE + 0x08,
      access: 'rw',
      fields: {
        EN: flag(0),
        SHIFT: flag(1),
        ERR: flag(2),
        DREQ_EN: flag(3),
        EMPTY: flag(8, { access: 'ro' }),
        FULL: flag(9, { access: 'ro' }),
        UNDER: flag(10, { access: 'w1c' }),
        OVER: flag(11, { access: 'w1c' }),
        LEVEL: field(16, 4, { access: 'ro' }),
        THRESH: field(24, 4),
      },
    },
    /** Samples, bit 15 set where the conversion failed and FCS.ERR asks for it. */
    FIFO: { address: ADC_BASE + 0x0c, access: 'fifo' },
    DIV: { address: ADC_BASE + 0x10, access: 'rw', fields: { FRAC: field(0, 8), INT: field(8, 16) } },
    INTR: { address: ADC_BASE + 0x14, access: 'ro', fields: { FIFO: flag(0) } },
    INTE: { address: ADC_BASE + 0x18, access: 'rw', fields: { FIFO: flag(0) } },
    INTF: { address: ADC_BASE + 0x1c, access: 'rw', fields: { FIFO: flag(0) } },
    INTS: { address: ADC_BASE + 0x20, access: 'ro', fields: { FIFO: flag(0) } },
  },
  save: [
    'FCS', // 4.9.2.4: where samples go
    'DIV', // 4.9.2.2: how often START_MANY samples
    'INTF',
    'INTE',
    { register: 'CS', mask: AINSEL, volatile: true }, // the input before what starts a conversion of it
    { register: 'CS', mask: SETTINGS },
    'RESET', // a driver may have held the block in reset
  ],
  restore: [
    // 2.14: stops conversions, empties the FIFO, clears the flags.
    ...reset.steps,
    // 4.9.2: powers the converter on; it must be ready before START_MANY may start it again.
    { step: 'write', register: 'CS', mask: EN, value: EN },
    { step: 'poll', register: 'CS', mask: READY, value: READY, timeoutUs: PATIENCE_US },
    { step: 'saved' },
  ],
  irrevocable: [
    'Samples in the FIFO and RESULT are lost, and so are the flags ERR, ERR_STICKY, OVER and UNDER.',
    'In round-robin mode, sampling goes on from the input that was next when the call began.',
  ],
});

export type Adc = typeof adc;
