#include "usb_control.h"

#include <string.h>

#include "rp_board.h"
#include "usb_controller.h"
#include "usb_device.h"

static enum {
    IDLE,
    LATER, /* the main loop has yet to answer; endpoint 0 answers NAK meanwhile */
    DATA_IN,
    DATA_OUT,
    STATUS_OUT,
    STATUS_IN,
} stage;

static uint16_t wanted; /* wLength */
static const uint8_t *data;
static uint16_t left;
static bool end_with_short; /* what we have is shorter than what was asked for */
static void *into;

void usb_control_reset(void) {
    stage = IDLE;
}

static void stall(void) {
    stage = IDLE;
    usb_stall(USB_EP0_IN);
    usb_stall(USB_EP0_OUT);
}

static void send_packet(void) {
    usb_send(USB_EP0_IN, data, left < USB_PACKET ? left : USB_PACKET);
}

static void send_status(void) {
    stage = STATUS_IN;
    usb_set_toggle(USB_EP0_IN, true);
    usb_send(USB_EP0_IN, data, 0);
}

static void send_data(const void *bytes, uint16_t length) {
    stage = DATA_IN;
    data = bytes;
    left = length < wanted ? length : wanted;
    end_with_short = length < wanted;
    send_packet();
}

void usb_control_setup(void) {
    static usb_setup setup;
    usb_take_setup(&setup);
    wanted = setup.length;
    usb_reply reply = usb_request(&setup);
    switch (reply.kind) {
    case USB_DONE:
        send_status();
        break;
    case USB_DATA:
        if (wanted == 0) {
            send_status(); /* no data stage, whatever the direction bit says (USB 2.0 9.3.1) */
        } else {
            send_data(reply.bytes, reply.length);
        }
        break;
    case USB_TAKE:
        stage = DATA_OUT;
        into = reply.into;
        usb_receive(USB_EP0_OUT);
        break;
    case USB_LATER:
        stage = LATER;
        break;
    case USB_STALL:
        stall();
        break;
    }
}

void usb_control_answer(const void *bytes, uint16_t length) {
    rp_interrupts_off();
    if (stage == LATER) {
        if (wanted == 0) {
            send_status();
        } else {
            send_data(bytes, length);
        }
    }
    rp_interrupts_on();
}

void usb_control_in_done(void) {
    if (stage == DATA_IN) {
        uint16_t sent = left < USB_PACKET ? left : USB_PACKET;
        data += sent;
        left = (uint16_t)(left - sent);
        /* The data ends with a short packet, or with the byte that completes what was asked for (USB 2.0 8.5.3.2). */
        if (left > 0 || (sent == USB_PACKET && end_with_short)) {
            send_packet();
        } else {
            stage = STATUS_OUT;
            usb_set_toggle(USB_EP0_OUT, true);
            usb_receive(USB_EP0_OUT);
        }
    } else if (stage == STATUS_IN) {
        stage = IDLE;
        usb_status_sent();
    }
}

void usb_control_out_done(void) {
    if (stage == DATA_OUT) {
        _Alignas(4) uint8_t packet[USB_PACKET];
        if (usb_received(USB_EP0_OUT, packet) == wanted) {
            memcpy(into, packet, wanted);
            send_status();
        } else {
            stall();
        }
    } else {
        stage = IDLE; /* the status stage of a read */
    }
}
