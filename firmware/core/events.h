/*
 * Events: interrupts of watched registers, kept in a ring until the host takes them (docs/protocol.md). A board of which
 * FGFT_PORT_EVENTS is 0 has none, and the compiler leaves them out.
 */
#ifndef FGFT_EVENTS_H
#define FGFT_EVENTS_H

#include "definition.h"
#include "fgft.h"

enum { FGFT_HAS_EVENTS = FGFT_PORT_EVENTS > 0 };

/* Watches a register of a peripheral under a mask, instead of what it was watched under; 0: no longer. Returns a
   status. */
uint8_t fgft_watch(uint8_t peripheral, fgft_port_address address, uint8_t width, fgft_port_register mask);

/* A peripheral gets another definition: its watches end. */
void fgft_events_unwatch(uint8_t peripheral);

/* A new session, or a boot: nothing is watched, nothing has happened. */
void fgft_events_forget(void);

/* A transaction is about to let go of a peripheral that it has restored: what has happened there while its line was off is
   noted now, as long as it is the transaction's. */
void fgft_events_catch_up(void);

/* A transaction has ended: its events that still wait are those of nobody now, or never happened. */
void fgft_events_end(uint8_t transaction, bool committed);

/* The host runs a frame that is more than a look at the events: it may act on those that it has. */
void fgft_events_served(void);

/* How many events wait. */
uint8_t fgft_events_count(void);

/* Writes the oldest `count` at `at` and forgets them. */
void fgft_events_take(uint8_t *at, uint8_t count);

/* The number of the event that is taken next, be it that it has not happened yet. */
uint16_t fgft_events_next(void);

/* Whether the host is to be poked now. */
bool fgft_events_poke_due(void);

#endif
