#include "usb_serial.h"

#include "rp_board.h"
#include "serial.h"

/* As many frames as the host may have on their way: it is not held off, so that a resync comes through. */
enum { FRAMES = FGFT_PORT_WINDOW };

static usb_frame frames[FRAMES];
static usb_answer answers[USB_ANSWERS];
static fgft_serial_receiver receiver;
static fgft_serial_sender sender;
static volatile bool resync_asked;
static uint32_t nonce; /* of the last request */

uint8_t usb_line_coding[USB_LINE_CODING_BYTES] = {0x00, 0xc2, 0x01, 0x00, 0, 0, 8}; /* 115200 8N1 */

static void forget(void) {
    receiver = (fgft_serial_receiver){0};
}

static uint32_t send(const usb_answer *answer, uint32_t sent) {
    _Alignas(4) uint8_t packet[USB_PACKET];
    uint32_t length = 0;
    if (sent == 0) {
        fgft_serial_send(&sender, answer->bytes, answer->length);
    }
    while (length < USB_PACKET && fgft_serial_next(&sender, packet + length)) {
        length++;
    }
    usb_send(USB_EP5_IN, packet, length);
    return length;
}

usb_link usb_serial = {
    .out = USB_EP4_OUT,
    .in = USB_EP5_IN,
    .frames = frames,
    .slots = FRAMES,
    .answers = answers,
    .takes_all = true,
    .execute = fgft_serial_execute,
    .forget = forget,
    .send = send,
};

static void resync(void) {
    nonce = receiver.nonce;
    usb_link_drop(&usb_serial);
    resync_asked = true;
    rp_wake();
}

void usb_serial_received(void) {
    _Alignas(4) uint8_t packet[USB_PACKET];
    uint32_t length = usb_received(USB_EP4_OUT, packet);
    for (uint32_t i = 0; i < length; i++) {
        usb_frame *frame = usb_link_filling(&usb_serial);
        receiver.buffer = frame ? frame->bytes : 0;
        fgft_serial_event event = fgft_serial_take(&receiver, packet[i]);
        if (event == FGFT_SERIAL_FRAME) {
            frame->length = receiver.length;
            usb_link_filled(&usb_serial);
        } else if (event == FGFT_SERIAL_RESYNC) {
            resync();
        }
    }
    usb_link_listen(&usb_serial);
}

void usb_serial_sent(void) {
    usb_link_sent(&usb_serial);
}

void usb_serial_answer_resync(void) {
    static uint8_t answer[FGFT_RESYNC_ANSWER_BYTES];
    rp_interrupts_off();
    if (resync_asked && !usb_is_halted(USB_EP5_IN)) {
        fgft_serial_resync_answer(answer, nonce);
        usb_link_answer(&usb_serial, answer, sizeof answer);
    }
    resync_asked = false;
    rp_interrupts_on();
}

void usb_serial_set_dtr(bool high) {
    if (usb_serial.held && !high) {
        usb_link_drop(&usb_serial);
        resync_asked = false;
    }
    usb_link_hold(&usb_serial, high);
}

void usb_serial_forget_dtr(void) {
    resync_asked = false;
    usb_link_hold(&usb_serial, false);
}
