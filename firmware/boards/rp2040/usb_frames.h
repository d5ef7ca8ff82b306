/* Frames on the two bulk endpoints: one frame is one transfer, ended by a short packet (docs/protocol.md). */
#ifndef USB_FRAMES_H
#define USB_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Main loop: runs the next frame, if there is one and room for its answer. */
bool usb_frames_run(void);

/* The rest: USB interrupt. */
void usb_frames_open(void);
void usb_frames_close(void);
/* Drops everything that has not run and every answer that was not taken; whoever waits shall give up. */
void usb_frames_drop(void);
/* The same after a bus reset, when the controller has forgotten its endpoints. */
void usb_frames_drop_closed(void);

/* By endpoint address */
bool usb_frames_has(uint16_t address);
bool usb_frames_halted(uint16_t address);
void usb_frames_halt(uint16_t address, bool halt);

void usb_frames_received(void);
void usb_frames_sent(void);

#endif
