import { definePeripheral } from '../../runtime/registers/definition.js';

/** RP2040 datasheet 2.2.2: WATCHDOG_BASE. */
const WATCHDOG_BASE = 0x40058000;

/**
 * The scratch registers of the watchdog (RP2040 datasheet 4.7): words that outlive a reset by the watchdog, and are 0
 * after power-on and the RUN pin. The watchdog itself belongs to the firmware, which resets a board that hangs.
 */
export const watchdog = definePeripheral({
  name: 'watchdog',
  source: 'RP2040 datasheet 4.7.6',
  registers: {
    /** SCRATCH0 to SCRATCH3. */
    SCRATCH: { address: WATCHDOG_BASE + 0x0c, access: 'rw', count: 4 },
    /** SCRATCH4 to SCRATCH7: what the boot ROM starts after a reset by the watchdog (2.8.1.1), to look at. */
    BOOT: { address: WATCHDOG_BASE + 0x1c, access: 'ro', count: 4 },
  },
  save: ['SCRATCH'],
});

export type Watchdog = typeof watchdog;
