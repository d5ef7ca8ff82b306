/*
 * The watchdog (RP2040 datasheet 4.7): resets the chip when the main loop has not fed it for a while. Its scratch
 * registers belong to the host and, 4 to 7, to the boot ROM (2.8.1.1), for which anything in 4 but its own magic number
 * means nothing; there we leave a mark (rp_fault.c).
 */
#ifndef RP_WATCHDOG_H
#define RP_WATCHDOG_H

#include <stdint.h>

#include "rp_registers.h"

enum {
    RP_WATCHDOG_CTRL = RP_WATCHDOG + 0x00,
    RP_WATCHDOG_LOAD = RP_WATCHDOG + 0x04,
    RP_WATCHDOG_REASON = RP_WATCHDOG + 0x08,
    RP_WATCHDOG_SCRATCH0 = RP_WATCHDOG + 0x0c,
    RP_WATCHDOG_SCRATCH4 = RP_WATCHDOG + 0x1c,
    RP_WATCHDOG_TICK = RP_WATCHDOG + 0x2c,
};

enum { RP_WATCHDOG_ENABLE = 1 << 30 };
static const uint32_t RP_WATCHDOG_TRIGGER = 1U << 31;

/* Bits of REASON */
enum { RP_WATCHDOG_BY_TIMER = 1 << 0, RP_WATCHDOG_BY_TRIGGER = 1 << 1 };

enum {
    RP_WATCHDOG_US = 1500000,
    RP_WATCHDOG_FEED_US = RP_WATCHDOG_US / 3, /* how long the main loop may sleep */
};

static inline void rp_watchdog_feed(void) {
    rp_write(RP_WATCHDOG_LOAD, 2 * RP_WATCHDOG_US); /* it counts twice per tick: RP2040-E1 */
}

static inline void rp_watchdog_start(void) {
    rp_watchdog_feed();
    rp_set(RP_WATCHDOG_CTRL, RP_WATCHDOG_ENABLE);
}

_Noreturn static inline void rp_watchdog_reset(void) {
    rp_set(RP_WATCHDOG_CTRL, RP_WATCHDOG_TRIGGER);
    for (;;) {
    }
}

#endif
