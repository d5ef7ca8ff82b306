/* What the files of the board offer to each other. */
#ifndef RP_BOARD_H
#define RP_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "fgft.h"

/* rp_clocks.c: from any state to XOSC 12 MHz, clk_sys and clk_peri 125 MHz, clk_usb and clk_adc 48 MHz, clk_rtc
   46875 Hz, a tick of 1 µs, and all blocks that are used here or by drivers out of their reset. */
void rp_clocks_start(void);

/* rp_fault.c: handler of every exception and interrupt that nobody expects: records it and resets the chip. */
void rp_unexpected(void);
/* Why the chip was reset, read and cleared, and a new epoch. */
fgft_boot_record rp_boot_record(void);

/* rp_identity.c */
enum { RP_UNIQUE_ID_BYTES = 8 };
uint32_t rp_random(void);
void rp_unique_id(uint8_t id[RP_UNIQUE_ID_BYTES]);

/* rp_time.c */
void rp_timer_start(void);
/* Ends rp_idle, now or when it is called next; for interrupt handlers. */
void rp_wake(void);
/* Sleeps until rp_wake, for the given time at most, and not longer than the watchdog likes. */
void rp_idle(uint32_t microseconds);
void rp_alarm_handler(void);

/* A running delay or poll of the host shall give up (fgft_port_interrupted): set by the USB interrupt, cleared before
   the next frame. */
extern volatile bool rp_interrupted;

/* For the main loop, to share variables with interrupt handlers. Not nested. */
static inline void rp_interrupts_off(void) {
    __asm volatile("cpsid i" ::: "memory");
}

static inline void rp_interrupts_on(void) {
    __asm volatile("cpsie i" ::: "memory");
}

#endif
