/*
 * What the port of a small board need not write: it has no buses, no events and hence no interrupts, and nothing on its bus
 * refuses an access. fgft_port.h includes it behind its types.
 */
#ifndef FGFT_BARE_H
#define FGFT_BARE_H

#include <stdbool.h>
#include <stdint.h>

#include "transfer.h"

static inline bool fgft_port_bus_fault(void) {
    return false;
}

static inline uint8_t fgft_port_bus_transfer(const fgft_transfer *transfer) {
    (void)transfer;
    return FGFT_BUS_STUCK;
}

static inline uint8_t fgft_port_event_line(fgft_port_address address, fgft_port_register mask) {
    (void)address;
    (void)mask;
    return UINT8_MAX;
}

static inline fgft_port_register fgft_port_event_pending(fgft_port_address address, uint8_t width) {
    (void)address;
    (void)width;
    return 0;
}

static inline fgft_port_register fgft_port_event_clear(fgft_port_address address, uint8_t width,
                                                       fgft_port_register bits) {
    (void)address;
    (void)width;
    return bits;
}

static inline void fgft_port_event_arm(uint32_t lines) {
    (void)lines;
}

static inline void fgft_port_interrupts_off(void) {}

static inline void fgft_port_interrupts_on(void) {}

static inline uint32_t fgft_port_now_us(void) {
    return 0;
}

#endif
