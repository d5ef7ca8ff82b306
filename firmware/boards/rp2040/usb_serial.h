/* The serial port, a CDC-ACM function (CDC 1.2, PSTN 1.2): the same frames as packets on a line (core/serial.h). */
#ifndef USB_SERIAL_H
#define USB_SERIAL_H

#include "usb_link.h"

extern usb_link usb_serial;

/* Main loop: answers the host's resync, if there is one. */
void usb_serial_answer_resync(void);

/* USB interrupt */
void usb_serial_received(void);
void usb_serial_sent(void);

/* What SET_LINE_CODING sets: rate, stop bits, parity, data bits (PSTN 1.2 table 17). No wire goes by it. */
enum { USB_LINE_CODING_BYTES = 7 };
extern uint8_t usb_line_coding[USB_LINE_CODING_BYTES];
/* DTR tells whether a program has the port open. */
void usb_serial_set_dtr(bool high);
/* The device was reset or configured: nobody has it open. */
void usb_serial_forget_dtr(void);

#endif
