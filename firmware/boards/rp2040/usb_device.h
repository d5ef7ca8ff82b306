/* The device as a whole: bus events, state, requests. */
#ifndef USB_DEVICE_H
#define USB_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "rp_board.h"
#include "usb_control.h"

void usb_start(const uint8_t id[RP_UNIQUE_ID_BYTES]);
void usb_handler(void);

/* For endpoint 0 */
usb_reply usb_request(const usb_setup *setup);
void usb_status_sent(void);

/* For the main loop: whether the link was lost since the last call; answers the host's resync, if there is one. */
bool usb_take_link_lost(void);
void usb_answer_resync(void);

/* usb_device.c for usb_requests.c */
void usb_set_address(uint8_t address);
void usb_configure(uint8_t configuration);
uint8_t usb_configuration(void);
void usb_resync(void);

#endif
