/*
 * Frames on a serial line (docs/protocol.md, "Serial lines"): COBS packets ended by a zero, and the resync request among
 * them. A board gives every byte that it receives to `fgft_serial_take`, in its interrupt handler if it has one, so that
 * a resync is noticed while a frame runs, and sends the bytes that `fgft_serial_next` makes.
 */
#ifndef FGFT_SERIAL_H
#define FGFT_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "fgft.h"

typedef enum {
    FGFT_SERIAL_NOTHING,
    FGFT_SERIAL_FRAME, /* `buffer` was filled with `length` bytes, and is the board's again */
    FGFT_SERIAL_RESYNC, /* of `nonce`: drop what has not run and what was not sent, interrupt what runs, then answer */
    FGFT_SERIAL_DROPPED, /* a packet that was damaged, too long, or for which there was no buffer */
} fgft_serial_event;

/* All zeros at first. */
typedef struct {
    uint8_t *buffer; /* FGFT_PORT_FRAME_MAX bytes for the next frame; none after a frame, until the board gives one */
    uint16_t length;
    uint32_t nonce;
    /* For serial.c: */
    uint8_t *packet; /* where the packet goes that is being received */
    uint16_t room;
    uint16_t count; /* bytes of it, room + 1 when they were more */
    uint8_t run; /* bytes before its next code byte */
    bool zero; /* after them comes a zero, unless the packet ends */
    uint8_t request[FGFT_RESYNC_REQUEST_BYTES];
} fgft_serial_receiver;

fgft_serial_event fgft_serial_take(fgft_serial_receiver *receiver, uint8_t byte);

/* All zeros at first. */
typedef struct {
    const uint8_t *bytes; /* that are still to be sent, */
    uint16_t left; /* so many */
    uint8_t run; /* of them before the next code byte */
    uint8_t stage;
} fgft_serial_sender;

/* Begins to send a packet, which stays where it is until it was sent. Whatever was being sent is cut off, by a zero. */
void fgft_serial_send(fgft_serial_sender *sender, const uint8_t *bytes, uint16_t length);
/* The next byte for the line; false when there is none. */
bool fgft_serial_next(fgft_serial_sender *sender, uint8_t *byte);

/* As fgft_execute, but a frame that is damaged gets no answer: its length is 0. */
fgft_answer fgft_serial_execute(const uint8_t *frame, uint16_t length);
/* The packet that answers a resync request, when no frame runs. */
void fgft_serial_resync_answer(uint8_t answer[FGFT_RESYNC_ANSWER_BYTES], uint32_t nonce);

#endif
