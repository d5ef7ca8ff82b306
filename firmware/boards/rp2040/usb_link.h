/*
 * A way to the core: frames that have come over it, and answers that wait to go back over it. There are two, the vendor
 * interface (usb_frames.c) and the serial port (usb_serial.c); those know how packets become frames, and answers
 * packets. A session belongs to the link over which it was opened, and neither link disturbs what belongs to the other:
 * while a program holds the link that has the session, whoever comes over the other one is refused.
 */
#ifndef USB_LINK_H
#define USB_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "fgft.h"
#include "fgft_port.h"
#include "usb_controller.h"

/* While both are taken, the next frame waits for the host to take one. */
enum { USB_ANSWERS = 2 };

typedef struct {
    _Alignas(4) uint8_t bytes[FGFT_PORT_FRAME_MAX + USB_PACKET];
    uint16_t length;
} usb_frame;

/* A copy, because the other link may have made so many answers meanwhile that the core has forgotten this one. */
typedef struct {
    _Alignas(4) uint8_t bytes[FGFT_PORT_FRAME_MAX];
    uint16_t length;
} usb_answer;

typedef struct usb_link {
    /* What it is: */
    usb_buffer out, in;
    usb_frame *frames;
    uint32_t slots; /* so many */
    usb_answer *answers; /* USB_ANSWERS of them */
    bool takes_all; /* also packets for which there is no frame; the host gets no NAK */
    fgft_answer (*execute)(const uint8_t *frame, uint16_t length);
    void (*forget)(void); /* drops what there is of a frame that has not come to its end */
    uint32_t (*send)(const usb_answer *answer, uint32_t sent); /* the next packet, of so many bytes on the bus before */
    /* For usb_link.c: */
    bool held; /* by a program */
    bool let_go; /* since the main loop has asked */
    uint32_t first; /* of the whole frames, the one that runs included */
    uint32_t whole;
    bool open;
    bool listening; /* the buffer of its OUT endpoint is on offer */
    bool running;
    bool dropped; /* the frame that runs was: its answer is not sent */
    uint32_t first_answer, answer_count;
    uint32_t sent; /* bytes of the first answer that are through */
    uint32_t packet; /* bytes of the packet on offer */
} usb_link;

/* Main loop: runs the next frame, if there is one and room for its answer. */
bool usb_link_run(usb_link *link);
/* Main loop: pokes the host whose session it has, if there is something to tell it of, and no answer on its way. */
void usb_link_poke(usb_link *link);
/* Main loop: whether it has the session, and a program has let it go since the last call. */
bool usb_link_take_let_go(usb_link *link);

/* The rest: USB interrupt, or with that off. */
void usb_link_open(usb_link *link);
void usb_link_close(usb_link *link);
/* A program holds it, or does so no more. */
void usb_link_hold(usb_link *link, bool held);
/* Drops everything that has not run and every answer that was not taken; a frame of it that runs shall give up. */
void usb_link_drop(usb_link *link);
/* The same after a bus reset, when the controller has forgotten its endpoints. */
void usb_link_drop_closed(usb_link *link);
/* Halts one of its endpoints, or ends that. */
void usb_link_halt(usb_link *link, usb_buffer buffer, bool halt);

/* The frame that is being received; 0 when there is no room for one. */
usb_frame *usb_link_filling(usb_link *link);
/* It is whole. */
void usb_link_filled(usb_link *link);
/* Offers the buffer again, when its packet was read. */
void usb_link_listen(usb_link *link);
/* A packet of an answer is through. */
void usb_link_sent(usb_link *link);
/* Queues an answer, for which there must be room. */
void usb_link_answer(usb_link *link, const uint8_t *bytes, uint16_t length);

#endif
