/* The interfaces of the configuration, with their endpoints. */
#ifndef USB_INTERFACES_H
#define USB_INTERFACES_H

#include <stdbool.h>
#include <stdint.h>

void usb_interfaces_open(void);
void usb_interfaces_close(void);
/* After a bus reset, when the controller has forgotten its endpoints. */
void usb_interfaces_forget(void);

/* One of them, by its number, which must be that of one */
void usb_interface_open(uint16_t number);
void usb_interface_close(uint16_t number);

/* By endpoint address, endpoint 0 excepted; the last two only of one that exists */
bool usb_endpoint_exists(uint16_t address);
bool usb_endpoint_halted(uint16_t address);
void usb_endpoint_halt(uint16_t address, bool halt);

#endif
