import { definePeripheral, field, flag } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: RTC_BASE. */
const RTC_BASE = 0x4005c000;

const RTC_ENABLE = 1 << 0;
const RTC_ACTIVE = 1 << 1;
const MATCH_ENA = 1 << 28;
const MATCH_ACTIVE = 1 << 29;
/** YEAR_ENA, MONTH_ENA, DAY_ENA, YEAR, MONTH, DAY. */
const MATCH_DATE = 0x07ffff1f;

/** 4.8.4: a write takes two periods of clk_rtc to arrive, with the firmware's 46875 Hz about 43 µs. */
const PATIENCE_US = 1000;

const date = { DAY: field(0, 5), MONTH: field(8, 4), YEAR: field(12, 12) };
/** DOTW: 0 is Sunday (4.8.1.1). */
const time = { SEC: field(0, 6), MIN: field(8, 6), HOUR: field(16, 5), DOTW: field(24, 3) };

/**
 * The real-time clock (RP2040 datasheet 4.8). To set it: stop it with `CTRL`, write SETUP_0 and SETUP_1, then
 * `CTRL.LOAD`, then start it. CLKDIV_M1 is the frequency of clk_rtc minus 1: 46874 with this firmware.
 *
 * A rollback does not load SETUP_0 and SETUP_1: they hold the time when the clock was set, and it has gone on since.
 */
export const rtc = definePeripheral({
  name: 'rtc',
  source: 'RP2040 datasheet 4.8.6',
  registers: {
    CLKDIV_M1: { address: RTC_BASE + 0x00, access: 'rw', fields: { DIVIDER: field(0, 16) } },
    SETUP_0: { address: RTC_BASE + 0x04, access: 'rw', fields: date },
    SETUP_1: { address: RTC_BASE + 0x08, access: 'rw', fields: time },
    CTRL: {
      address: RTC_BASE + 0x0c,
      access: 'rw',
      fields: {
        RTC_ENABLE: flag(0),
        RTC_ACTIVE: flag(1, { access: 'ro' }),
        LOAD: flag(4, { access: 'self-clearing' }),
        FORCE_NOTLEAPYEAR: flag(8),
      },
    },
    IRQ_SETUP_0: {
      address: RTC_BASE + 0x10,
      access: 'rw',
      fields: {
        ...date,
        DAY_ENA: flag(24),
        MONTH_ENA: flag(25),
        YEAR_ENA: flag(26),
        MATCH_ENA: flag(28),
        MATCH_ACTIVE: flag(29, { access: 'ro' }),
      },
    },
    IRQ_SETUP_1: {
      address: RTC_BASE + 0x14,
      access: 'rw',
      fields: { ...time, SEC_ENA: flag(28), MIN_ENA: flag(29), HOUR_ENA: flag(30), DOTW_ENA: flag(31) },
    },
    /** The date, as it was when RTC_0 was read: read that first. */
    RTC_1: { address: RTC_BASE + 0x18, access: 'ro', fields: date },
    RTC_0: { address: RTC_BASE + 0x1c, access: 'ro', fields: time },
    INTR: { address: RTC_BASE + 0x20, access: 'ro', fields: { RTC: flag(0) } },
    INTE: { address: RTC_BASE + 0x24, access: 'rw', fields: { RTC: flag(0) } },
    INTF: { address: RTC_BASE + 0x28, access: 'rw', fields: { RTC: flag(0) } },
    INTS: { address: RTC_BASE + 0x2c, access: 'ro', fields: { RTC: flag(0) } },
  },
  save: [
    'CLKDIV_M1', // 4.8.6: safe while the clock is stopped
    'SETUP_0',
    'SETUP_1',
    'IRQ_SETUP_1',
    { register: 'IRQ_SETUP_0', mask: MATCH_DATE },
    'INTF',
    'INTE',
    'CTRL', // 4.8.5.2: starts it
    { register: 'IRQ_SETUP_0', mask: MATCH_ENA }, // 4.8.5.4: after everything that is to match
  ],
  restore: [
    // 4.8.6, MATCH_ENA: nothing else may change while it is enabled; 4.8.5.4: wait until it is not.
    { step: 'write', register: 'IRQ_SETUP_0', mask: MATCH_ENA, value: 0 },
    { step: 'poll', register: 'IRQ_SETUP_0', mask: MATCH_ACTIVE, value: 0, timeoutUs: PATIENCE_US },
    // 4.8.5.2: stop it, and wait until it has stopped.
    { step: 'write', register: 'CTRL', mask: RTC_ENABLE, value: 0 },
    { step: 'poll', register: 'CTRL', mask: RTC_ACTIVE, value: 0, timeoutUs: PATIENCE_US },
    { step: 'saved' },
  ],
  irrevocable: [
    'A time that the call loaded stays; so does the time that passed while it had stopped the clock.',
    'The second in which the rollback falls begins anew, for the clock is stopped and started.',
    'A match that fell into the call.',
  ],
});

export type Rtc = typeof rtc;
