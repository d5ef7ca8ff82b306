/*
 * Sleeping until there is something to do (RP2040 datasheet 4.6 TIMER). Alarm 3 is ours, alarms 0 to 2 belong to
 * drivers.
 */
#include "rp_board.h"
#include "rp_registers.h"
#include "rp_watchdog.h"

#include "fgft_port.h"

enum {
    TIMER_ALARM3 = RP_TIMER + 0x1c,
    TIMER_INTR = RP_TIMER + 0x34,
    TIMER_INTE = RP_TIMER + 0x38,
    ALARM3 = 1 << 3, /* its bit in both, and the number of its interrupt */
};

volatile bool rp_interrupted;
static volatile bool awake;

void rp_timer_start(void) {
    rp_set(TIMER_INTE, ALARM3);
    rp_write(RP_NVIC_ICPR, ALARM3);
    rp_write(RP_NVIC_ISER, ALARM3);
}

void rp_alarm_handler(void) {
    rp_write(TIMER_INTR, ALARM3);
    rp_wake();
}

void rp_wake(void) {
    awake = true;
}

void rp_idle(uint32_t microseconds) {
    if (microseconds > RP_WATCHDOG_FEED_US) {
        microseconds = RP_WATCHDOG_FEED_US;
    }
    uint32_t start = fgft_port_now_us();
    rp_write(TIMER_ALARM3, start + microseconds);
    /* An alarm fires when the time is equal, not when it is later (4.6.3): one that is already over would be
       71 minutes late. */
    if (fgft_port_now_us() - start >= microseconds) {
        awake = true;
    }
    /* Not `cpsid i; wfi`: an interrupt between the look at the flag and the wfe sets the event register, by its entry
       and by its return (ARMv6-M B1.5.18), so the wfe falls through. */
    while (!awake) {
        __asm volatile("wfe");
    }
    awake = false;
}
