/*
 * The controller's side of fgft: frames in, answers out, registers checkpointed on their first write and restored when
 * anything fails. Portable C11: no heap, no USB, no libc beyond string.h. docs/protocol.md is the specification.
 *
 * A board calls the functions below from one context (its main loop), none but fgft_interrupt from inside another, and
 * provides fgft_port.h, which port.md describes.
 */
#ifndef FGFT_H
#define FGFT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

/* What a board knows when it starts; copied into every hello record. */
typedef struct {
    uint32_t epoch; /* drawn anew at each boot */
    uint8_t reset_cause; /* FGFT_RESET_... */
    uint8_t fault_exception; /* exception number that caused the last reset, 0: none */
    uint32_t fault_pc;
    uint32_t fault_lr;
} fgft_boot_record;

/* An answer that is ready to be sent; it stays where it is until `window` more answers have been made. */
typedef struct {
    const uint8_t *bytes;
    uint16_t length;
} fgft_answer;

/* Forgets everything: call once at boot. */
void fgft_init(const fgft_boot_record *boot);

/* Runs one frame (or finds the kept answer of a repeated one) and returns what to send back. Never fails: damage,
   wrong versions and refused ops are answers too. */
fgft_answer fgft_execute(const uint8_t *frame, uint16_t length);

/* Refuses a frame that has come over another link than that of the session, whose host is still there. Nothing of the session
   is touched. A damaged frame gets no answer: its length is 0. */
fgft_answer fgft_refuse_busy(const uint8_t *frame, uint16_t length);

/* Rolls back every open transaction because the host cannot be reached any more (bus reset, unplug, break). */
void fgft_link_lost(void);

/* Rolls back every open transaction when the lease has expired. Returns how long, on the port's lease clock, until it must be
   called again, or FGFT_IDLE when no transaction is open. */
static const uint32_t FGFT_IDLE = UINT32_MAX;
uint32_t fgft_check_lease(void);

/* Notes what has happened on an interrupt line, and turns it off where it would interrupt for ever. Returns whether there
   is anything to tell. To be called from the handler of that interrupt. */
bool fgft_interrupt(uint8_t line);

/* A frame that nobody has asked for: tells the host that events are waiting. Of no length while there is nothing to tell,
   or it was told a short while ago. To be called between frames, when it can be sent at once; it stays where it is. */
fgft_answer fgft_poke(void);

/* The 8 bytes that answer a resync request: epoch, session, next sequence number. May be called from an interrupt
   handler while fgft_execute waits. */
void fgft_resync_answer(uint8_t answer[8]);

#endif
