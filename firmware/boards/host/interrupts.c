#include "interrupts.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "fgft.h"

enum { LINES = 2, NO_LINE = 32, ENDLESS = 100 };

static const uint32_t registers[LINES] = {INTERRUPTS_EDGES, INTERRUPTS_LEVELS};
static uint32_t armed, handled, wire, wired_edges;
static bool masked, handling;

void interrupts_reset(void) {
    armed = handled = wire = wired_edges = 0;
    masked = handling = false;
}

static void stop(const char *what) {
    fprintf(stderr, "interrupts: %s\n", what);
    abort();
}

static void handle(void) {
    if (masked || handling) return;
    for (uint8_t line = 0; line < LINES; line++) {
        for (int times = 0; (armed >> line & 1) && bus_peek(registers[line]) != 0; times++) {
            if (times == ENDLESS) stop("a line is left on for ever");
            handling = true;
            fgft_interrupt(line);
            handling = false;
            handled++;
        }
    }
}

void interrupts_raise(uint32_t address, uint32_t bits) {
    bus_poke(address, bus_peek(address) | bits);
    handle();
}

void interrupts_lower(uint32_t address, uint32_t bits) {
    bus_poke(address, bus_peek(address) & ~bits);
}

void interrupts_wire(uint32_t address, uint32_t edges) {
    wire = address;
    wired_edges = edges;
}

uint32_t interrupts_handled(void) {
    return handled;
}

void interrupts_stored(uint32_t address) {
    if (address == wire) interrupts_raise(INTERRUPTS_EDGES, wired_edges);
}

uint8_t interrupts_line(uint32_t address) {
    for (uint8_t line = 0; line < LINES; line++) {
        if (registers[line] == address) return line;
    }
    return NO_LINE;
}

uint32_t interrupts_pending(uint32_t address) {
    return bus_peek(address);
}

uint32_t interrupts_clear(uint32_t address, uint32_t bits) {
    if (address != INTERRUPTS_EDGES) return 0;
    bus_poke(address, bus_peek(address) & ~bits);
    return bits;
}

void interrupts_arm(uint32_t lines) {
    if (!masked && !handling) stop("armed where an interrupt may come between");
    armed = lines;
}

void interrupts_off(void) {
    if (masked) stop("turned off twice");
    masked = true;
}

void interrupts_on(void) {
    masked = false;
    handle();
}
