/* The interfaces of the configuration, with their endpoints. */
#ifndef USB_INTERFACES_H
#define USB_INTERFACES_H

#include <stdbool.h>
#include <stdint.h>

/* All of them, in their first settings */
void usb_interfaces_open(void);
void usb_interfaces_close(void);
/* After a bus reset, when the controller has forgotten its endpoints. */
void usb_interfaces_forget(void);

/* Selects an alternate setting; false where there is no such interface or setting. */
bool usb_interface_set(uint16_t number, uint16_t setting);
uint8_t usb_interface_setting(uint16_t number);

/* By endpoint address, endpoint 0 excepted; the last two only of one that exists in the settings that are selected */
bool usb_endpoint_exists(uint16_t address);
bool usb_endpoint_halted(uint16_t address);
void usb_endpoint_halt(uint16_t address, bool halt);

#endif
