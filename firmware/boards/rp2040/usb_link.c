#include "usb_link.h"

#include "bytes.h"
#include "frame.h"
#include "rp_board.h"

_Static_assert(FGFT_PORT_FRAME_MAX % USB_PACKET == 0, "packets are copied to aligned places");

static const usb_link *owner; /* of the session, or of the last one */

static bool is_refused(const usb_link *link) {
    return owner && owner != link && owner->held;
}

void usb_link_hold(usb_link *link, bool held) {
    if (link->held && !held) {
        link->let_go = true;
        rp_wake();
    }
    link->held = held;
}

bool usb_link_take_let_go(usb_link *link) {
    rp_interrupts_off();
    bool let_go = link->let_go;
    link->let_go = false;
    rp_interrupts_on();
    return let_go && owner == link;
}

usb_frame *usb_link_filling(usb_link *link) {
    return link->whole < link->slots ? &link->frames[(link->first + link->whole) % link->slots] : 0;
}

void usb_link_filled(usb_link *link) {
    link->whole++;
    rp_wake();
}

static void listen(usb_link *link) {
    bool room = link->takes_all || link->whole < link->slots;
    if (link->open && !link->listening && !usb_is_halted(link->out) && room) {
        link->listening = true;
        usb_receive(link->out);
    }
}

void usb_link_listen(usb_link *link) {
    link->listening = false;
    listen(link);
}

static void send_packet(usb_link *link) {
    link->packet = link->send(&link->answers[link->first_answer], link->sent);
}

void usb_link_sent(usb_link *link) {
    link->sent += link->packet;
    if (link->packet < USB_PACKET) { /* a length of whole packets ends with an empty one */
        link->first_answer = (link->first_answer + 1) % USB_ANSWERS;
        link->answer_count--;
        link->sent = 0;
        rp_wake();
    }
    if (link->answer_count > 0) {
        send_packet(link);
    }
}

void usb_link_answer(usb_link *link, const uint8_t *bytes, uint16_t length) {
    usb_answer *answer = &link->answers[(link->first_answer + link->answer_count) % USB_ANSWERS];
    memcpy(answer->bytes, bytes, length);
    answer->length = length;
    link->answer_count++;
    if (link->answer_count == 1) {
        send_packet(link);
    }
}

/* Only hello has sequence number 0; a refusal that has it as well is not `ok`. */
static bool opens_session(const uint8_t *answer) {
    return answer[FGFT_ANSWER_STATUS] == FGFT_STATUS_OK && fgft_get16(answer + FGFT_ANSWER_SEQUENCE) == 0;
}

bool usb_link_run(usb_link *link) {
    rp_interrupts_off();
    if (link->whole == 0 || link->answer_count == USB_ANSWERS) {
        rp_interrupts_on();
        return false;
    }
    link->running = true;
    link->dropped = false;
    rp_interrupted = false;
    rp_interrupts_on();

    const usb_frame *frame = &link->frames[link->first];
    fgft_answer (*take)(const uint8_t *, uint16_t) = is_refused(link) ? fgft_refuse_busy : link->execute;
    fgft_answer answer = take(frame->bytes, frame->length);
    if (answer.length > 0 && opens_session(answer.bytes)) {
        owner = link;
    }

    rp_interrupts_off();
    link->running = false;
    link->first = (link->first + 1) % link->slots;
    link->whole--;
    listen(link);
    if (answer.length > 0 && !link->dropped && !usb_is_halted(link->in)) {
        usb_link_answer(link, answer.bytes, answer.length);
    }
    rp_interrupts_on();
    return true;
}

static bool can_poke(const usb_link *link) {
    return link->open && link->answer_count == 0 && !usb_is_halted(link->in);
}

/* A poke never takes the place of an answer: where the host takes none, frames must not wait for it. */
void usb_link_poke(usb_link *link) {
    if (owner != link || !can_poke(link)) {
        return;
    }
    fgft_answer poke = fgft_poke();
    rp_interrupts_off();
    if (poke.length > 0 && can_poke(link)) {
        usb_link_answer(link, poke.bytes, poke.length);
    }
    rp_interrupts_on();
}

static void drop_frames(usb_link *link) {
    link->forget();
    link->whole = 0;
    if (link->running) {
        link->whole = 1;
        link->dropped = true;
        rp_interrupted = true;
    }
}

static void drop_answers(usb_link *link) {
    if (link->answer_count > 0) {
        usb_revoke(link->in);
    }
    link->answer_count = 0;
    link->sent = 0;
}

void usb_link_drop(usb_link *link) {
    drop_answers(link);
    drop_frames(link);
    listen(link);
}

void usb_link_drop_closed(usb_link *link) {
    link->open = false;
    link->listening = false;
    link->answer_count = 0;
    link->sent = 0;
    drop_frames(link);
}

void usb_link_open(usb_link *link) {
    usb_open(link->out);
    usb_open(link->in);
    link->open = true;
    listen(link);
}

void usb_link_close(usb_link *link) {
    if (link->open) {
        usb_close(link->out);
        usb_close(link->in);
        usb_link_drop_closed(link);
    }
}

/* Both drop what the endpoint was moving: a host that halts or clears one does not know how far that got. */
void usb_link_halt(usb_link *link, usb_buffer buffer, bool halt) {
    if (buffer == link->out) {
        usb_revoke(buffer);
        link->listening = false;
        link->forget();
    } else {
        drop_answers(link);
    }
    if (halt) {
        usb_stall(buffer);
    } else {
        usb_open(buffer); /* DATA0, as USB 2.0 9.4.5 wants, halted or not */
        listen(link);
    }
}
