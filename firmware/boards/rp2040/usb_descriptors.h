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
/* usb_platforms.c: the binary object store, and the Microsoft OS 2.0 descriptor set. */
usb_descriptor usb_binary_object_store(void);
usb_descriptor usb_microsoft_descriptors(void);

/* The serial number is the unique id of the flash. */
void usb_set_serial(const uint8_t id[RP_UNIQUE_ID_BYTES]);

enum { USB_CONFIGURATION = 1 };
/* The vendor interface with the frames, and the two of the serial port: its control and its data. */
enum {
    USB_ADDRESS_FRAMES_OUT = 0x01,
    USB_ADDRESS_FRAMES_IN = 0x82,
    USB_ADDRESS_NOTIFY = 0x83,
    USB_ADDRESS_SERIAL_OUT = 0x04,
    USB_ADDRESS_SERIAL_IN = 0x85,
};
enum { USB_INTERFACE_FRAMES, USB_INTERFACE_CONTROL, USB_INTERFACE_DATA, USB_INTERFACES };

/* Settings of the first: without endpoints, and with them. */
enum { USB_SETTING_CLOSED, USB_SETTING_FRAMES };

/* Vendor requests: the two that the descriptors announce; resync stands in protocol.h. */
enum { USB_REQUEST_WEBUSB = 'W', USB_REQUEST_MICROSOFT = 'M' };

#endif
