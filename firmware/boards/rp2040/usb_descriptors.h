/* What the device says of itself. */
#ifndef USB_DESCRIPTORS_H
#define USB_DESCRIPTORS_H

#include <stdint.h>

#include "rp_board.h"

typedef struct {
    const void *bytes; /* 0: there is no such descriptor */
    uint16_t length;
} usb_descriptor;

usb_descriptor usb_find_descriptor(uint8_t type, uint8_t index, uint16_t language);
/* The Microsoft OS 2.0 descriptor set. */
usb_descriptor usb_microsoft_descriptors(void);

/* The serial number is the unique id of the flash. */
void usb_set_serial(const uint8_t id[RP_UNIQUE_ID_BYTES]);

enum { USB_CONFIGURATION = 1, USB_INTERFACE = 0, USB_ADDRESS_OUT = 0x01, USB_ADDRESS_IN = 0x82 };

/* Vendor requests: the two that the descriptors announce; resync stands in protocol.h. */
enum { USB_REQUEST_WEBUSB = 'W', USB_REQUEST_MICROSOFT = 'M' };

#endif
