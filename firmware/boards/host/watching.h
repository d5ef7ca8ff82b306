/* A peripheral that is watched, and what the host is told of it; for the tests of events. */
#ifndef WATCHING_H
#define WATCHING_H

#include "host.h"
#include "interrupts.h"

/* Peripheral 1: the edges, the levels, and a register to be changed. */
enum { WATCHED = 1, CHANGED = BUS_ALIASED + 0x10 };
extern const host_ref watched_edges, watched_levels, watched_change;

/* A session in which peripheral 1 is defined and nothing is watched. */
void watching_open(void);

/* Begins a frame with this watch alone, sends it, and expects `ok`. */
void watching_watch(host_ref at, uint32_t mask);

/* What the host is given when it asks for more than there is. */
typedef struct {
    uint16_t next;
    uint8_t count;
    struct {
        uint8_t peripheral;
        uint8_t transaction;
        uint16_t number;
        uint32_t what;
        uint32_t us;
    } events[FGFT_PORT_EVENTS];
} watching_events;

/* Takes all that wait, which must be so many. */
watching_events watching_take(uint8_t count);

#endif
