#include "usb_interfaces.h"

#include "usb_controller.h"
#include "usb_descriptors.h"
#include "usb_frames.h"
#include "usb_serial.h"

/* The control interface of the serial port has no link, but an endpoint on which we never have anything to say: it
   answers NAK. */
static usb_link *const links[USB_INTERFACES] = {
    [USB_INTERFACE_FRAMES] = &usb_frames,
    [USB_INTERFACE_DATA] = &usb_serial,
};

void usb_interface_open(uint16_t number) {
    if (links[number]) {
        usb_link_open(links[number]);
    } else {
        usb_open(USB_EP3_IN);
    }
}

void usb_interface_close(uint16_t number) {
    if (links[number]) {
        usb_link_close(links[number]);
    } else {
        usb_close(USB_EP3_IN);
    }
}

void usb_interfaces_open(void) {
    for (uint16_t i = 0; i < USB_INTERFACES; i++) {
        usb_interface_open(i);
    }
}

void usb_interfaces_close(void) {
    for (uint16_t i = 0; i < USB_INTERFACES; i++) {
        usb_interface_close(i);
    }
    usb_serial_forget_dtr();
}

void usb_interfaces_forget(void) {
    usb_link_drop_closed(&usb_frames);
    usb_link_drop_closed(&usb_serial);
    usb_serial_forget_dtr();
}

static usb_buffer buffer_of(uint16_t address) {
    enum { NUMBER = 0x0f, IN = 0x80 };
    return (usb_buffer)(2 * (address & NUMBER) + (address & IN ? 0 : 1));
}

bool usb_endpoint_exists(uint16_t address) {
    static const uint8_t addresses[] = {USB_ADDRESS_FRAMES_OUT, USB_ADDRESS_FRAMES_IN, USB_ADDRESS_NOTIFY,
                                        USB_ADDRESS_SERIAL_OUT, USB_ADDRESS_SERIAL_IN};
    for (uint32_t i = 0; i < sizeof addresses; i++) {
        if (addresses[i] == address) {
            return true;
        }
    }
    return false;
}

bool usb_endpoint_halted(uint16_t address) {
    return usb_is_halted(buffer_of(address));
}

void usb_endpoint_halt(uint16_t address, bool halt) {
    usb_buffer buffer = buffer_of(address);
    if (buffer != USB_EP3_IN) {
        usb_link_halt(buffer == usb_frames.out || buffer == usb_frames.in ? &usb_frames : &usb_serial, buffer, halt);
    } else if (halt) {
        usb_stall(buffer);
    } else {
        usb_open(buffer);
    }
}
