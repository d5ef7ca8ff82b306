/* Frames on the two bulk endpoints of the vendor interface: one frame is one transfer, ended by a short packet
   (docs/protocol.md). */
#ifndef USB_FRAMES_H
#define USB_FRAMES_H

#include "usb_link.h"

extern usb_link usb_frames;

/* USB interrupt */
void usb_frames_received(void);
void usb_frames_sent(void);

#endif
