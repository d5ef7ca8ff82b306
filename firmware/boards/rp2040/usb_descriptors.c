/*
 * The descriptors, as USB 2.0 9.6 lays them out, and CDC 1.2 5.2 those of the serial port. All multi-byte fields are
 * little-endian, as we are.
 */
#include "usb_descriptors.h"

#include "usb_controller.h"

enum { DEVICE = 1, CONFIGURATION = 2, STRING = 3, INTERFACE = 4, ENDPOINT = 5, ASSOCIATION = 11, BOS = 15 };
enum { BULK = 2, INTERRUPT = 3 };
/* Classes, and what the descriptors of a communications function are (CDC 1.2 tables 11, 13) */
enum { COMMUNICATIONS = 2, ABSTRACT_CONTROL = 2, DATA = 10, OF_THE_VENDOR = 0xff, CLASS_INTERFACE = 0x24 };
enum { HEADER = 0, CALL_MANAGEMENT = 1, ABSTRACT_CONTROL_MANAGEMENT = 2, UNION = 6 };

typedef struct __attribute__((packed)) {
    uint8_t length, type;
    uint16_t usb;
    uint8_t class, subclass, protocol, packet0;
    uint16_t vendor, product, release;
    uint8_t manufacturer_string, product_string, serial_string, configurations;
} device_descriptor;

typedef struct __attribute__((packed)) {
    uint8_t length, type;
    uint16_t total_length;
    uint8_t interfaces, value, string, attributes, power;
} configuration_descriptor;

typedef struct __attribute__((packed)) {
    uint8_t length, type, number, alternate, endpoints, class, subclass, protocol, string;
} interface_descriptor;

typedef struct __attribute__((packed)) {
    uint8_t length, type, address, attributes;
    uint16_t packet;
    uint8_t interval;
} endpoint_descriptor;

/* Which interfaces are one function (the ECN to USB 2.0 that adds 9.6.9) */
typedef struct __attribute__((packed)) {
    uint8_t length, type, first, count, class, subclass, protocol, string;
} association_descriptor;

enum { STRING_LANGUAGES, STRING_MANUFACTURER, STRING_PRODUCT, STRING_SERIAL, STRING_FRAMES, STRING_PORT, STRINGS };

static const device_descriptor device = {
    .length = sizeof device,
    .type = DEVICE,
    .usb = 0x0210, /* there is a binary object store */
    .class = 0xef, /* these three say that there are associations */
    .subclass = 0x02,
    .protocol = 0x01,
    .packet0 = USB_PACKET,
    /* The test id of pid.codes: nobody may ship it. A product needs an id of its own, and the host's filter with it. */
    .vendor = 0x1209,
    .product = 0x0001,
    .release = 0x0020,
    .manufacturer_string = STRING_MANUFACTURER,
    .product_string = STRING_PRODUCT,
    .serial_string = STRING_SERIAL,
    .configurations = 1,
};

static const struct __attribute__((packed)) {
    configuration_descriptor head;
    interface_descriptor frames_closed, frames;
    endpoint_descriptor frames_out, frames_in;
    association_descriptor port;
    interface_descriptor control;
    struct __attribute__((packed)) {
        uint8_t length, type, subtype;
        uint16_t version;
    } header;
    struct __attribute__((packed)) {
        uint8_t length, type, subtype, capabilities, data_interface;
    } calls;
    struct __attribute__((packed)) {
        uint8_t length, type, subtype, capabilities;
    } management;
    struct __attribute__((packed)) {
        uint8_t length, type, subtype, control_interface, data_interface;
    } both;
    endpoint_descriptor notify;
    interface_descriptor data;
    endpoint_descriptor data_out, data_in;
} configuration = {
    .head =
        {
            .length = sizeof configuration.head,
            .type = CONFIGURATION,
            .total_length = sizeof configuration,
            .interfaces = USB_INTERFACES,
            .value = USB_CONFIGURATION,
            .attributes = 1 << 7, /* powered by the bus; the bit is always 1 */
            .power = 100 / 2, /* mA: what a hub without a supply of its own still grants */
        },
    .frames_closed =
        {
            .length = sizeof configuration.frames_closed,
            .type = INTERFACE,
            .number = USB_INTERFACE_FRAMES,
            .alternate = USB_SETTING_CLOSED,
            .endpoints = 0,
            .class = OF_THE_VENDOR, /* the other two say "fgft frames, protocol 1" */
            .subclass = 0x46,
            .protocol = 0x01,
            .string = STRING_FRAMES,
        },
    .frames =
        {
            .length = sizeof configuration.frames,
            .type = INTERFACE,
            .number = USB_INTERFACE_FRAMES,
            .alternate = USB_SETTING_FRAMES,
            .endpoints = 2,
            .class = OF_THE_VENDOR,
            .subclass = 0x46,
            .protocol = 0x01,
            .string = STRING_FRAMES,
        },
    .frames_out = {sizeof configuration.frames_out, ENDPOINT, USB_ADDRESS_FRAMES_OUT, BULK, USB_PACKET, 0},
    .frames_in = {sizeof configuration.frames_in, ENDPOINT, USB_ADDRESS_FRAMES_IN, BULK, USB_PACKET, 0},
    .port = {sizeof configuration.port, ASSOCIATION, USB_INTERFACE_CONTROL, 2, COMMUNICATIONS, ABSTRACT_CONTROL, 0,
             STRING_PORT},
    .control =
        {
            .length = sizeof configuration.control,
            .type = INTERFACE,
            .number = USB_INTERFACE_CONTROL,
            .endpoints = 1,
            .class = COMMUNICATIONS,
            .subclass = ABSTRACT_CONTROL,
            .protocol = 0, /* no AT commands: this is no modem */
            .string = STRING_PORT,
        },
    .header = {sizeof configuration.header, CLASS_INTERFACE, HEADER, 0x0120},
    .calls = {sizeof configuration.calls, CLASS_INTERFACE, CALL_MANAGEMENT, 0, USB_INTERFACE_DATA},
    /* Line coding and control lines, and breaks (PSTN 1.2 table 4) */
    .management = {sizeof configuration.management, CLASS_INTERFACE, ABSTRACT_CONTROL_MANAGEMENT, 1 << 1 | 1 << 2},
    .both = {sizeof configuration.both, CLASS_INTERFACE, UNION, USB_INTERFACE_CONTROL, USB_INTERFACE_DATA},
    /* Asked every 16 ms, for 10 bytes at most; there never are any. */
    .notify = {sizeof configuration.notify, ENDPOINT, USB_ADDRESS_NOTIFY, INTERRUPT, 16, 16},
    .data =
        {
            .length = sizeof configuration.data,
            .type = INTERFACE,
            .number = USB_INTERFACE_DATA,
            .endpoints = 2,
            .class = DATA,
        },
    .data_out = {sizeof configuration.data_out, ENDPOINT, USB_ADDRESS_SERIAL_OUT, BULK, USB_PACKET, 0},
    .data_in = {sizeof configuration.data_in, ENDPOINT, USB_ADDRESS_SERIAL_IN, BULK, USB_PACKET, 0},
};

enum { ENGLISH = 0x0409, SERIAL_DIGITS = 2 * RP_UNIQUE_ID_BYTES };

static const struct {
    uint8_t length, type;
    uint16_t text[1];
} languages = {sizeof languages, STRING, {ENGLISH}};

static const struct {
    uint8_t length, type;
    uint16_t text[4];
} manufacturer = {sizeof manufacturer, STRING, u"fgft"};

static const struct {
    uint8_t length, type;
    uint16_t text[11];
} product = {sizeof product, STRING, u"fgft RP2040"};

static const struct {
    uint8_t length, type;
    uint16_t text[11];
} frames = {sizeof frames, STRING, u"fgft frames"};

static const struct {
    uint8_t length, type;
    uint16_t text[11];
} port = {sizeof port, STRING, u"fgft serial"};

static struct {
    uint8_t length, type;
    uint16_t text[SERIAL_DIGITS];
} serial = {sizeof serial, STRING, {0}};

static const usb_descriptor strings[STRINGS] = {
    [STRING_LANGUAGES] = {&languages, sizeof languages},
    [STRING_MANUFACTURER] = {&manufacturer, sizeof manufacturer},
    [STRING_PRODUCT] = {&product, sizeof product},
    [STRING_SERIAL] = {&serial, sizeof serial},
    [STRING_FRAMES] = {&frames, sizeof frames},
    [STRING_PORT] = {&port, sizeof port},
};

void usb_set_serial(const uint8_t id[RP_UNIQUE_ID_BYTES]) {
    for (int i = 0; i < SERIAL_DIGITS; i++) {
        uint32_t digit = i % 2 == 0 ? id[i / 2] >> 4 : id[i / 2] & 0xf;
        serial.text[i] = (uint16_t)(digit < 10 ? '0' + digit : 'A' + digit - 10);
    }
}

usb_descriptor usb_find_descriptor(uint8_t type, uint8_t index, uint16_t language) {
    static const usb_descriptor none = {0};
    if (type == STRING) {
        bool known = index < STRINGS && (index == STRING_LANGUAGES || language == ENGLISH);
        return known ? strings[index] : none;
    }
    if (index != 0 || language != 0) {
        return none;
    }
    switch (type) {
    case DEVICE:
        return (usb_descriptor){&device, sizeof device};
    case CONFIGURATION:
        return (usb_descriptor){&configuration, sizeof configuration};
    case BOS:
        return usb_binary_object_store();
    default:
        return none; /* device qualifier included: full speed only (USB 2.0 9.6.2) */
    }
}
