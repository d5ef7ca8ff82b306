/*
 * USART0 (ATmega328P datasheet 20): 115200 baud 8N1. Whatever waits looks for bytes: the main loop, the core, and who sends.
 * Three bytes have room in the receiver, which is 260 µs (20.2), and a host that keeps to the window of one frame sends
 * nothing while its frame runs, but a resync when that takes too long; such a frame waits.
 */
#include <stddef.h>

#include "avr_board.h"
#include "fgft_port.h"
#include "serial.h"

bool avr_resync_asked;
/* The only one there is. It is the receiver's until a frame is in it, and again when that has run. */
static uint8_t frame[FGFT_PORT_FRAME_MAX];
static fgft_serial_receiver receiver;
static fgft_serial_sender sender;

void avr_line_start(void) {
    /* 16 MHz / 8 / 17 = 117647, 2.1 % fast; the other divider would be 3.5 % off (20.10). */
    UBRR0L = 16; /* UBRR0H is 0 */
    UCSR0A = _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    receiver.buffer = frame;
}

void avr_line_listen(void) {
    if ((UCSR0A & _BV(RXC0)) == 0) return;
    /* A byte that was lost or damaged is found out by the CRC of its packet. */
    if (fgft_serial_take(&receiver, UDR0) == FGFT_SERIAL_RESYNC) avr_resync_asked = true;
}

/* A resync cuts it off. */
static void send(const uint8_t *bytes, uint16_t length) {
    uint8_t byte;
    fgft_serial_send(&sender, bytes, length);
    while (!avr_resync_asked && fgft_serial_next(&sender, &byte)) {
        do avr_line_listen();
        while ((UCSR0A & _BV(UDRE0)) == 0);
        UDR0 = byte;
    }
}

static void answer_resync(void) {
    uint8_t answer[FGFT_RESYNC_ANSWER_BYTES];
    avr_resync_asked = false;
    receiver.buffer = frame; /* a frame that waits is dropped */
    fgft_serial_resync_answer(answer, receiver.nonce);
    send(answer, sizeof answer);
}

void avr_line_serve(void) {
    if (avr_resync_asked) answer_resync(); /* before the next frame: the answers tell its sequence number */
    if (receiver.buffer != NULL) return;
    fgft_answer answer = fgft_serial_execute(frame, receiver.length);
    receiver.buffer = frame;
    if (answer.length != 0) send(answer.bytes, answer.length);
}
