/* Waiting: for a time, or for bits of a register. */
#ifndef FGFT_WAIT_H
#define FGFT_WAIT_H

#include "space.h"

/* What may end a wait early: a resync ends the waits of the host's ops, but not those of a restore. */
typedef enum { FGFT_WAIT_INTERRUPTIBLE, FGFT_WAIT_TO_THE_END } fgft_patience;

/* How long to wait, from the four bytes of its microseconds. Returns a status: it may not be too long. */
uint8_t fgft_get_time(const uint8_t *at, fgft_port_time *time);

/* Returns a status: ok or interrupted. */
uint8_t fgft_delay(fgft_port_time time, fgft_patience patience);

typedef struct {
    fgft_location at;
    fgft_port_register mask;
    fgft_port_register wanted;
    fgft_port_register last; /* filled in: the whole value last read */
} fgft_condition;

/* Reads once at least. Returns a status: ok, poll-timeout, bus-fault (fgft_take_fault says why) or interrupted. */
uint8_t fgft_poll(fgft_condition *condition, fgft_port_time time, fgft_patience patience);

#endif
