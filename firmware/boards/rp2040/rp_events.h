/*
 * Interrupts of drivers (RP2040 datasheet 2.3.2): which line a status register raises, what stands in it, and how it is
 * cleared. Pins are known by INTR of IO_BANK0, other blocks by the register that shows what is enabled and has happened.
 */
#ifndef RP_EVENTS_H
#define RP_EVENTS_H

#include <stdint.h>

/* 32: none. */
uint8_t rp_event_line(uint32_t address, uint32_t mask);
uint32_t rp_event_pending(uint32_t address);

/* Clears the edges among the bits, and returns them: what else is there belongs to the driver. */
uint32_t rp_event_clear(uint32_t address, uint32_t bits);

/* These lines on, all others that drivers may use off. */
void rp_events_arm(uint32_t lines);

#endif
