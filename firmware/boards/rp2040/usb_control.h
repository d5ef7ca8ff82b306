/* Control transfers on endpoint 0 (USB 2.0 8.5.3). */
#ifndef USB_CONTROL_H
#define USB_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct __attribute__((packed, aligned(4))) {
    uint8_t type, request;
    uint16_t value, index, length;
} usb_setup;

/* What a request is answered with. */
typedef struct {
    enum { USB_STALL, USB_DONE, USB_DATA, USB_TAKE, USB_LATER } kind;
    const void *bytes; /* USB_DATA: stays until the next request */
    void *into; /* USB_TAKE: what the host sends, a packet at most, goes there when all of it has come */
    uint16_t length;
} usb_reply;

void usb_control_reset(void);
void usb_control_setup(void);
void usb_control_in_done(void);
void usb_control_out_done(void);

/* Completes a request that was answered with USB_LATER, unless the host has given it up. For the main loop. */
void usb_control_answer(const void *bytes, uint16_t length);

#endif
