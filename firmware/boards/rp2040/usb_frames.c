#include "usb_frames.h"

/* Two frames: one can arrive while the other runs. While both are full, the host gets NAK. */
enum { FRAMES = 2 };

static usb_frame frames[FRAMES];
static usb_answer answers[USB_ANSWERS];
static uint32_t filled; /* bytes of the frame that is being received */

static void forget(void) {
    filled = 0;
}

static uint32_t send(const usb_answer *answer, uint32_t sent) {
    uint32_t left = answer->length - sent;
    uint32_t length = left < USB_PACKET ? left : USB_PACKET;
    usb_send(USB_EP2_IN, answer->bytes + sent, length);
    return length;
}

usb_link usb_frames = {
    .out = USB_EP1_OUT,
    .in = USB_EP2_IN,
    .frames = frames,
    .slots = FRAMES,
    .answers = answers,
    .execute = fgft_execute,
    .forget = forget,
    .send = send,
};

void usb_frames_received(void) {
    enum { MAX = FGFT_PORT_FRAME_MAX, TOO_LONG = MAX + 1 }; /* which the core refuses as damaged */
    usb_frame *frame = usb_link_filling(&usb_frames);
    uint32_t packet = usb_received(USB_EP1_OUT, frame->bytes + (filled < MAX ? filled : MAX));
    filled = filled + packet > MAX ? TOO_LONG : filled + packet;
    if (packet < USB_PACKET) {
        frame->length = (uint16_t)filled;
        filled = 0;
        usb_link_filled(&usb_frames);
    }
    usb_link_listen(&usb_frames);
}

void usb_frames_sent(void) {
    usb_link_sent(&usb_frames);
}
