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

/* The vendor interface has its endpoints in its second setting only: a program that wants them must select it, and the
   system goes back to the first one when the program ends. So we know of both. */
static bool has_endpoints(uint16_t number, uint16_t setting) {
    return number != USB_INTERFACE_FRAMES || setting == USB_SETTING_FRAMES;
}

static void open_interface(uint16_t number) {
    if (links[number]) {
        usb_link_open(links[number]);
    } else {
        usb_open(USB_EP3_IN);
    }
}

static void close_interface(uint16_t number) {
    if (links[number]) {
        usb_link_close(links[number]);
    } else {
        usb_close(USB_EP3_IN);
    }
}

bool usb_interface_set(uint16_t number, uint16_t setting) {
    bool exists = number < USB_INTERFACES && setting <= (number == USB_INTERFACE_FRAMES ? USB_SETTING_FRAMES : 0);
    if (exists) {
        close_interface(number); /* resets the toggles, as USB 2.0 9.1.1.5 wants */
        if (has_endpoints(number, setting)) {
            open_interface(number);
        }
        usb_link_hold(&usb_frames, usb_frames.open);
    }
    return exists;
}

uint8_t usb_interface_setting(uint16_t number) {
    return number == USB_INTERFACE_FRAMES && usb_frames.open ? USB_SETTING_FRAMES : 0;
}

void usb_interfaces_open(void) {
    for (uint16_t i = 0; i < USB_INTERFACES; i++) {
        if (has_endpoints(i, 0)) {
            open_interface(i);
        }
    }
}

static void let_go(void) {
    usb_link_hold(&usb_frames, false);
    usb_serial_forget_dtr();
}

void usb_interfaces_close(void) {
    for (uint16_t i = 0; i < USB_INTERFACES; i++) {
        close_interface(i);
    }
    let_go();
}

void usb_interfaces_forget(void) {
    usb_link_drop_closed(&usb_frames);
    usb_link_drop_closed(&usb_serial);
    let_go();
}

static usb_buffer buffer_of(uint16_t address) {
    enum { NUMBER = 0x0f, IN = 0x80 };
    return (usb_buffer)(2 * (address & NUMBER) + (address & IN ? 0 : 1));
}

bool usb_endpoint_exists(uint16_t address) {
    if (address == USB_ADDRESS_FRAMES_OUT || address == USB_ADDRESS_FRAMES_IN) {
        return usb_frames.open;
    }
    static const uint8_t addresses[] = {USB_ADDRESS_NOTIFY, USB_ADDRESS_SERIAL_OUT, USB_ADDRESS_SERIAL_IN};
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
