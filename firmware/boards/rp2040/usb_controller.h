/*
 * The USB controller of the RP2040 (datasheet 4.1) in device mode: its registers, and packets in and out of its
 * buffers. Every endpoint is single buffered. Called with the USB interrupt off, or from its handler.
 */
#ifndef USB_CONTROLLER_H
#define USB_CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "rp_registers.h"

enum {
    USB_ADDR_ENDP = RP_USB + 0x00,
    USB_MAIN_CTRL = RP_USB + 0x40,
    USB_SIE_CTRL = RP_USB + 0x4c,
    USB_SIE_STATUS = RP_USB + 0x50,
    USB_BUFF_STATUS = RP_USB + 0x58,
    USB_EP_ABORT = RP_USB + 0x60,
    USB_EP_ABORT_DONE = RP_USB + 0x64,
    USB_EP_STALL_ARM = RP_USB + 0x68,
    USB_MUXING = RP_USB + 0x74,
    USB_PWR = RP_USB + 0x78,
    USB_INTE = RP_USB + 0x90,
    USB_INTS = RP_USB + 0x98,
};

enum { USB_PACKET = 64 };

/* The buffers in use, numbered as in BUFF_STATUS, EP_ABORT and the DPRAM: 2 × endpoint, + 1 for OUT. */
typedef enum {
    USB_EP0_IN = 0,
    USB_EP0_OUT = 1,
    USB_EP1_OUT = 3, /* frames */
    USB_EP2_IN = 4,
    USB_EP3_IN = 6, /* notifications of the serial port */
    USB_EP4_OUT = 9, /* its data */
    USB_EP5_IN = 10,
    USB_BUFFERS,
} usb_buffer;

/* Opens or closes an endpoint that is not endpoint 0, with DATA0 as its next packet. */
void usb_open(usb_buffer buffer);
void usb_close(usb_buffer buffer);

/* Offers a packet to the host: at most 64 bytes. */
void usb_send(usb_buffer buffer, const void *bytes, uint32_t length);
/* Offers an empty buffer to the host. */
void usb_receive(usb_buffer buffer);
/* Copies a packet that has come, whole words: there must be room for 64 bytes. Returns its length. */
uint32_t usb_received(usb_buffer buffer, void *bytes);

/* To be called once for each bit of BUFF_STATUS: the packet went over the bus, so the data toggle flips. */
void usb_done(usb_buffer buffer);
/* Takes back what was offered, if the host was not faster. The next packet carries the toggle that the host expects. */
void usb_revoke(usb_buffer buffer);

/* The next packet is DATA0 or DATA1. */
void usb_set_toggle(usb_buffer buffer, bool data1);

/* Stalls until usb_open or, on endpoint 0, until the next SETUP packet. */
void usb_stall(usb_buffer buffer);
/* Whether an endpoint that is not endpoint 0 stalls. */
bool usb_is_halted(usb_buffer buffer);

/* Forgets all endpoints, for a bus reset. */
void usb_forget(void);

/* When a SETUP packet has come: withdraws what endpoint 0 still offers of a transfer that the host gave up. The
   controller does not (pico-feedback 385), and the host asks for the new data a few microseconds later. */
void usb_withdraw_endpoint_0(void);
/* The 8 bytes of the SETUP packet; no completion of endpoint 0 is pending after that, and both its toggles are
   DATA1. */
void usb_take_setup(void *setup);

#endif
