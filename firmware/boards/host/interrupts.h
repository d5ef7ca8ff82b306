/*
 * The simulated interrupts under the host port: a register of latched edges and one of levels, each with a line of its
 * own. A line that is on interrupts for as long as its register is not 0, as on a real chip, and the program stops where
 * that would have no end.
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include <stdint.h>

#include "bus.h"

enum {
    INTERRUPTS_EDGES = BUS_ALIASED + 0x80, /* to line 0; the firmware clears what it has seen */
    INTERRUPTS_LEVELS = BUS_PLAIN + 0x80,  /* to line 1 */
};

void interrupts_reset(void);

/* These bits of one of the two registers become 1; levels go away again. */
void interrupts_raise(uint32_t address, uint32_t bits);
void interrupts_lower(uint32_t address, uint32_t bits);

/* From now on a store to this register makes these edges. */
void interrupts_wire(uint32_t address, uint32_t edges);

/* How often an interrupt was handled. */
uint32_t interrupts_handled(void);

/* The bus. */
void interrupts_stored(uint32_t address);

/* The port. */
uint8_t interrupts_line(uint32_t address);
uint32_t interrupts_pending(uint32_t address);
uint32_t interrupts_clear(uint32_t address, uint32_t bits);
void interrupts_arm(uint32_t lines);
void interrupts_off(void);
void interrupts_on(void);

#endif
