/* The requests that endpoint 0 understands: USB 2.0 9.4, those of a serial port (PSTN 1.2 6.3), and those of the
   vendor. Everything else is stalled. */
#include "usb_device.h"

#include "usb_descriptors.h"
#include "usb_interfaces.h"
#include "usb_serial.h"

/* bmRequestType << 8 | bRequest (USB 2.0 tables 9-2 to 9-4) */
enum {
    GET_DEVICE_STATUS = 0x8000,
    GET_INTERFACE_STATUS = 0x8100,
    GET_ENDPOINT_STATUS = 0x8200,
    CLEAR_ENDPOINT_FEATURE = 0x0201,
    SET_ENDPOINT_FEATURE = 0x0203,
    SET_ADDRESS = 0x0005,
    GET_DESCRIPTOR = 0x8006,
    GET_CONFIGURATION = 0x8008,
    SET_CONFIGURATION = 0x0009,
    GET_INTERFACE = 0x810a,
    SET_INTERFACE = 0x010b,
    SET_LINE_CODING = 0x2120,
    GET_LINE_CODING = 0xa121,
    SET_CONTROL_LINE_STATE = 0x2122,
    SEND_BREAK = 0x2123,
    /* Features of the device are refused: we never wake the host and have no test modes at full speed. */
    MICROSOFT = 0xc000 | USB_REQUEST_MICROSOFT,
    RESYNC = 0xc100 | FGFT_LIMIT_USB_RESYNC_REQUEST,
    /* WebUSB's request asks for the landing page, and there is none. */
};

enum { ENDPOINT_HALT = 0, MS_OS_20_DESCRIPTOR_INDEX = 7, HIGHEST_ADDRESS = 127 };

static const usb_reply STALL = {.kind = USB_STALL};
static const usb_reply DONE = {.kind = USB_DONE};

static usb_reply reply_with(const void *bytes, uint16_t length) {
    return (usb_reply){.kind = USB_DATA, .bytes = bytes, .length = length};
}

static usb_reply data(usb_descriptor descriptor) {
    return descriptor.bytes ? reply_with(descriptor.bytes, descriptor.length) : STALL;
}

static usb_reply number(uint16_t value, uint16_t length) {
    static uint16_t answer;
    answer = value;
    return reply_with(&answer, length);
}

static bool is_endpoint_0(uint16_t address) {
    return address == 0x00 || address == 0x80;
}

/* Only endpoint 0 exists before the configuration is set (USB 2.0 9.4.5). */
static usb_reply endpoint_status(uint16_t address) {
    if (is_endpoint_0(address)) {
        return number(0, 2);
    }
    return usb_configuration() && usb_endpoint_exists(address) ? number(usb_endpoint_halted(address), 2) : STALL;
}

static usb_reply endpoint_feature(const usb_setup *setup, bool halt) {
    if (setup->value != ENDPOINT_HALT) {
        return STALL;
    }
    if (is_endpoint_0(setup->index)) {
        return halt ? STALL : DONE; /* it is never halted for longer than a transfer */
    }
    if (!usb_configuration() || !usb_endpoint_exists(setup->index)) {
        return STALL;
    }
    usb_endpoint_halt(setup->index, halt);
    return DONE;
}

static usb_reply set_configuration(uint16_t value) {
    if (value > USB_CONFIGURATION) {
        return STALL;
    }
    usb_configure((uint8_t)value);
    return DONE;
}

static usb_reply set_address(uint16_t address) {
    if (address > HIGHEST_ADDRESS || usb_configuration()) {
        return STALL;
    }
    usb_set_address((uint8_t)address);
    return DONE;
}

static usb_reply resync(void) {
    usb_resync();
    return (usb_reply){.kind = USB_LATER};
}

static usb_reply set_line_coding(uint16_t length) {
    return length == USB_LINE_CODING_BYTES ? (usb_reply){.kind = USB_TAKE, .into = usb_line_coding} : STALL;
}

static usb_reply set_control_line_state(uint16_t state) {
    enum { DTR = 1 << 0 }; /* RTS says nothing: there is no half duplex */
    usb_serial_set_dtr(state & DTR);
    return DONE;
}

usb_reply usb_request(const usb_setup *setup) {
    uint16_t value = setup->value;
    uint16_t index = setup->index;
    bool on_interface = usb_configuration() && index < USB_INTERFACES;
    bool on_frames = on_interface && index == USB_INTERFACE_FRAMES;
    bool on_port = on_interface && index == USB_INTERFACE_CONTROL;
    uint32_t request = (uint32_t)(setup->type << 8 | setup->request);
    enum { TO_HOST = 0x80 };
    if (!(setup->type & TO_HOST) && setup->length != 0 && request != SET_LINE_CODING) {
        return STALL; /* no other request of ours brings data */
    }
    switch (request) {
    case GET_DEVICE_STATUS:
        return value == 0 && index == 0 ? number(0, 2) : STALL; /* powered by the bus, no remote wake-up */
    case GET_INTERFACE_STATUS:
        return value == 0 && on_interface ? number(0, 2) : STALL;
    case GET_ENDPOINT_STATUS:
        return value == 0 ? endpoint_status(index) : STALL;
    case CLEAR_ENDPOINT_FEATURE:
        return endpoint_feature(setup, false);
    case SET_ENDPOINT_FEATURE:
        return endpoint_feature(setup, true);
    case SET_ADDRESS:
        return index == 0 ? set_address(value) : STALL;
    case GET_DESCRIPTOR:
        return data(usb_find_descriptor((uint8_t)(value >> 8), (uint8_t)value, index));
    case GET_CONFIGURATION:
        return value == 0 && index == 0 ? number(usb_configuration(), 1) : STALL;
    case SET_CONFIGURATION:
        return index == 0 ? set_configuration(value) : STALL;
    case GET_INTERFACE:
        return value == 0 && on_interface ? number(usb_interface_setting(index), 1) : STALL;
    case SET_INTERFACE:
        return on_interface && usb_interface_set(index, value) ? DONE : STALL;
    case SET_LINE_CODING:
        return value == 0 && on_port ? set_line_coding(setup->length) : STALL;
    case GET_LINE_CODING:
        return value == 0 && on_port ? reply_with(usb_line_coding, USB_LINE_CODING_BYTES) : STALL;
    case SET_CONTROL_LINE_STATE:
        return on_port ? set_control_line_state(value) : STALL;
    case SEND_BREAK:
        return on_port ? DONE : STALL; /* there is no wire for it to break */
    case MICROSOFT:
        return index == MS_OS_20_DESCRIPTOR_INDEX ? data(usb_microsoft_descriptors()) : STALL;
    case RESYNC:
        return on_frames ? resync() : STALL;
    default:
        return STALL;
    }
}
