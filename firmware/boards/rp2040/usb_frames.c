#include "usb_frames.h"

#include "fgft.h"
#include "fgft_port.h"
#include "rp_board.h"
#include "usb_controller.h"
#include "usb_descriptors.h"

/* Two frames: one can arrive while the other runs. While both are full, the host gets NAK. */
enum { FRAMES = 2, FRAME_MAX = FGFT_PORT_FRAME_MAX };
_Static_assert(FRAME_MAX % USB_PACKET == 0, "packets are copied to aligned places");

static struct {
    _Alignas(4) uint8_t bytes[FRAME_MAX + USB_PACKET];
    uint16_t length; /* FRAME_MAX + 1: longer than that; the core refuses it as damaged */
} frames[FRAMES];
static uint32_t first; /* of the whole frames, the one that runs included */
static uint32_t whole;
static bool running;
static bool dropped; /* the frame that runs was: its answer is not sent */

/* Answers wait in the core; one is on its way while the next one is made. */
enum { ANSWERS = 2 };
_Static_assert((int)ANSWERS < FGFT_PORT_WINDOW, "an answer stays in the core for a window of frames");
static fgft_answer answers[ANSWERS];
static uint32_t answer_count;
static uint16_t sent; /* bytes of answers[0] */

static bool open;
static bool listening; /* the buffer of EP1 is on offer */
static bool out_halted;
static bool in_halted;

static void listen(void) {
    if (open && !listening && !out_halted && whole < FRAMES) {
        listening = true;
        usb_receive(USB_EP1_OUT);
    }
}

void usb_frames_received(void) {
    listening = false;
    uint32_t filling = (first + whole) % FRAMES;
    uint16_t length = frames[filling].length;
    uint32_t packet = usb_received(USB_EP1_OUT, frames[filling].bytes + (length < FRAME_MAX ? length : FRAME_MAX));
    frames[filling].length = (uint16_t)(length + packet > FRAME_MAX ? FRAME_MAX + 1 : length + packet);
    if (packet < USB_PACKET) {
        whole++;
        rp_wake();
    }
    listen();
}

static uint16_t packet_of_answer(void) {
    uint16_t left = (uint16_t)(answers[0].length - sent);
    return left < USB_PACKET ? left : USB_PACKET;
}

static void send_packet(void) {
    usb_send(USB_EP2_IN, answers[0].bytes + sent, packet_of_answer());
}

void usb_frames_sent(void) {
    uint16_t packet = packet_of_answer();
    sent = (uint16_t)(sent + packet);
    if (packet < USB_PACKET) { /* a length of whole packets ends with an empty one */
        answers[0] = answers[1];
        answer_count--;
        sent = 0;
        rp_wake();
    }
    if (answer_count > 0) {
        send_packet();
    }
}

bool usb_frames_run(void) {
    rp_interrupts_off();
    if (whole == 0 || answer_count == ANSWERS) {
        rp_interrupts_on();
        return false;
    }
    running = true;
    dropped = false;
    rp_interrupted = false;
    rp_interrupts_on();

    fgft_answer answer = fgft_execute(frames[first].bytes, frames[first].length);

    rp_interrupts_off();
    running = false;
    frames[first].length = 0;
    first = (first + 1) % FRAMES;
    whole--;
    listen();
    if (!dropped && !in_halted) {
        answers[answer_count++] = answer;
        if (answer_count == 1) {
            send_packet();
        }
    }
    rp_interrupts_on();
    return true;
}

static void drop_half_frame(void) {
    if (whole < FRAMES) {
        frames[(first + whole) % FRAMES].length = 0;
    }
}

static void drop_frames(void) {
    drop_half_frame();
    while (whole > (running ? 1 : 0)) {
        whole--;
        drop_half_frame();
    }
    dropped = true;
    rp_interrupted = true;
}

static void drop_answers(void) {
    if (answer_count > 0) {
        usb_revoke(USB_EP2_IN);
    }
    answer_count = 0;
    sent = 0;
}

void usb_frames_drop(void) {
    drop_answers();
    drop_frames();
    listen();
}

void usb_frames_drop_closed(void) {
    open = false;
    listening = false;
    out_halted = false;
    in_halted = false;
    answer_count = 0;
    sent = 0;
    drop_frames();
}

void usb_frames_open(void) {
    usb_open(USB_EP1_OUT);
    usb_open(USB_EP2_IN);
    open = true;
    listen();
}

void usb_frames_close(void) {
    usb_close(USB_EP1_OUT);
    usb_close(USB_EP2_IN);
    usb_frames_drop_closed();
}

bool usb_frames_has(uint16_t address) {
    return address == USB_ADDRESS_OUT || address == USB_ADDRESS_IN;
}

bool usb_frames_halted(uint16_t address) {
    return address == USB_ADDRESS_OUT ? out_halted : in_halted;
}

/* Both drop what the endpoint was moving: a host that halts or clears one does not know how far that got. */
void usb_frames_halt(uint16_t address, bool halt) {
    usb_buffer buffer;
    if (address == USB_ADDRESS_OUT) {
        buffer = USB_EP1_OUT;
        out_halted = halt;
        usb_revoke(buffer);
        listening = false;
        drop_half_frame();
    } else {
        buffer = USB_EP2_IN;
        in_halted = halt;
        drop_answers();
    }
    if (halt) {
        usb_stall(buffer);
    } else {
        usb_open(buffer); /* DATA0, as USB 2.0 9.4.5 wants, halted or not */
        listen();
    }
}
