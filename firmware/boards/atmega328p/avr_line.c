/*
 * USART0 (ATmega328P datasheet 20): 115200 baud 8N1. What comes is decoded by the interrupt handler, into the one buffer
 * that there is, for a window of one frame; what goes is made and sent byte by byte by the main loop.
 */
#include "avr_board.h"
#include "fgft_port.h"
#include "serial.h"

volatile bool avr_resync_asked;
static uint8_t frame[FGFT_PORT_FRAME_MAX];
static volatile uint16_t waiting; /* the length of the frame that has come and has not begun, 0: none */
static fgft_serial_receiver receiver = {.buffer = frame};
static fgft_serial_sender sender;

ISR(USART_RX_vect) {
    /* A byte that was lost or damaged (UCSR0A) is found out by the CRC of its packet. */
    fgft_serial_event event = fgft_serial_take(&receiver, UDR0);
    if (event == FGFT_SERIAL_FRAME) {
        waiting = receiver.length;
    } else if (event == FGFT_SERIAL_RESYNC) {
        avr_resync_asked = true;
        if (waiting != 0) receiver.buffer = frame;
        waiting = 0;
    }
}

void avr_line_start(void) {
    /* 16 MHz / 8 / 17 = 117647, 2.1 % fast; the other divider would be 3.5 % off (20.10). */
    UBRR0 = 16;
    UCSR0A = _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
    sei();
}

/* A resync cuts it off. */
static void send(const uint8_t *bytes, uint16_t length) {
    uint8_t byte;
    fgft_serial_send(&sender, bytes, length);
    while (!avr_resync_asked && fgft_serial_next(&sender, &byte)) {
        while ((UCSR0A & _BV(UDRE0)) == 0) {
        }
        UDR0 = byte;
    }
}

static void answer_resync(void) {
    uint8_t answer[FGFT_RESYNC_ANSWER_BYTES];
    cli();
    uint32_t nonce = receiver.nonce;
    avr_resync_asked = false;
    sei();
    fgft_serial_resync_answer(answer, nonce);
    send(answer, sizeof answer);
}

static void run(void) {
    cli();
    uint16_t length = waiting;
    waiting = 0;
    sei();
    if (length == 0) return;
    fgft_answer answer = fgft_serial_execute(frame, length);
    cli();
    receiver.buffer = frame;
    sei();
    if (answer.length != 0) send(answer.bytes, answer.length);
}

void avr_line_serve(void) {
    if (avr_resync_asked) answer_resync(); /* before the next frame: the answers tell its sequence number */
    run();
}
