/*
 * The descriptors, as USB 2.0 9.6 lays them out; the binary object store is from USB 3.1 9.6.2, WebUSB and Microsoft
 * OS 2.0 are from their specifications. All multi-byte fields are little-endian, as we are.
 */
#include "usb_descriptors.h"

#include "usb_controller.h"

enum { DEVICE = 1, CONFIGURATION = 2, STRING = 3, INTERFACE = 4, ENDPOINT = 5, BOS = 15, DEVICE_CAPABILITY = 16 };

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

enum { STRING_LANGUAGES, STRING_MANUFACTURER, STRING_PRODUCT, STRING_SERIAL, STRING_INTERFACE, STRINGS };

static const device_descriptor device = {
    .length = sizeof device,
    .type = DEVICE,
    .usb = 0x0210, /* there is a binary object store */
    .packet0 = USB_PACKET,
    /* The test id of pid.codes: nobody may ship it. A product needs an id of its own, and the host's filter with it. */
    .vendor = 0x1209,
    .product = 0x0001,
    .release = 0x0010,
    .manufacturer_string = STRING_MANUFACTURER,
    .product_string = STRING_PRODUCT,
    .serial_string = STRING_SERIAL,
    .configurations = 1,
};

static const struct __attribute__((packed)) {
    configuration_descriptor head;
    interface_descriptor interface;
    endpoint_descriptor out, in;
} configuration = {
    .head =
        {
            .length = sizeof configuration.head,
            .type = CONFIGURATION,
            .total_length = sizeof configuration,
            .interfaces = 1,
            .value = USB_CONFIGURATION,
            .attributes = 1 << 7, /* powered by the bus; the bit is always 1 */
            .power = 100 / 2, /* mA: what a hub without a supply of its own still grants */
        },
    .interface =
        {
            .length = sizeof configuration.interface,
            .type = INTERFACE,
            .number = USB_INTERFACE,
            .endpoints = 2,
            .class = 0xff, /* of the vendor; the other two say "fgft frames, protocol 1" */
            .subclass = 0x46,
            .protocol = 0x01,
            .string = STRING_INTERFACE,
        },
    .out = {sizeof configuration.out, ENDPOINT, USB_ADDRESS_OUT, 2, USB_PACKET, 0},
    .in = {sizeof configuration.in, ENDPOINT, USB_ADDRESS_IN, 2, USB_PACKET, 0},
};

/* Microsoft OS 2.0 descriptors: on Windows 8.1 and later they bind WinUSB to the device, without a driver package. */
enum { WINDOWS_8_1 = 0x06030000, MS_HEADER = 0, MS_COMPATIBLE_ID = 3, MS_REGISTRY_PROPERTY = 4, REG_MULTI_SZ = 7 };

static const struct __attribute__((packed)) {
    struct __attribute__((packed)) {
        uint16_t length, type;
        uint32_t windows;
        uint16_t total_length;
    } head;
    struct __attribute__((packed)) {
        uint16_t length, type;
        char compatible_id[8], sub_compatible_id[8];
    } compatible;
    struct __attribute__((packed)) {
        uint16_t length, type, data_type, name_length;
        uint16_t name[21];
        uint16_t data_length;
        uint16_t data[40]; /* a list of strings: each ends with a zero, the list with another */
    } interfaces;
} microsoft = {
    .head = {sizeof microsoft.head, MS_HEADER, WINDOWS_8_1, sizeof microsoft},
    .compatible = {sizeof microsoft.compatible, MS_COMPATIBLE_ID, "WINUSB", ""},
    /* Programs find the device by this id, which is ours. */
    .interfaces = {sizeof microsoft.interfaces, MS_REGISTRY_PROPERTY, REG_MULTI_SZ, sizeof microsoft.interfaces.name,
                   u"DeviceInterfaceGUIDs", sizeof microsoft.interfaces.data,
                   u"{B7A1F2C6-3D5E-4E0B-9C58-64E1A0D27F13}\0"},
};

typedef struct __attribute__((packed)) {
    uint8_t length, type, capability, reserved;
    uint8_t uuid[16];
} platform_capability;

enum { PLATFORM = 5 };

static const struct __attribute__((packed)) {
    struct __attribute__((packed)) {
        uint8_t length, type;
        uint16_t total_length;
        uint8_t capabilities;
    } head;
    struct __attribute__((packed)) {
        platform_capability platform;
        uint16_t version;
        uint8_t request, landing_page;
    } webusb;
    struct __attribute__((packed)) {
        platform_capability platform;
        uint32_t windows;
        uint16_t set_length;
        uint8_t request, alternate_enumeration;
    } microsoft;
} bos = {
    .head = {sizeof bos.head, BOS, sizeof bos, 2},
    .webusb =
        {
            /* {3408b638-09a9-47a0-8bfd-a0768815b665} */
            .platform = {sizeof bos.webusb, DEVICE_CAPABILITY, PLATFORM, 0,
                         {0x38, 0xb6, 0x08, 0x34, 0xa9, 0x09, 0xa0, 0x47,
                          0x8b, 0xfd, 0xa0, 0x76, 0x88, 0x15, 0xb6, 0x65}},
            .version = 0x0100,
            .request = USB_REQUEST_WEBUSB,
            .landing_page = 0, /* none */
        },
    .microsoft =
        {
            /* {d8dd60df-4589-4cc7-9cd2-659d9e648a9f} */
            .platform = {sizeof bos.microsoft, DEVICE_CAPABILITY, PLATFORM, 0,
                         {0xdf, 0x60, 0xdd, 0xd8, 0x89, 0x45, 0xc7, 0x4c,
                          0x9c, 0xd2, 0x65, 0x9d, 0x9e, 0x64, 0x8a, 0x9f}},
            .windows = WINDOWS_8_1,
            .set_length = sizeof microsoft,
            .request = USB_REQUEST_MICROSOFT,
            .alternate_enumeration = 0,
        },
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
} interface = {sizeof interface, STRING, u"fgft frames"};

static struct {
    uint8_t length, type;
    uint16_t text[SERIAL_DIGITS];
} serial = {sizeof serial, STRING, {0}};

static const usb_descriptor strings[STRINGS] = {
    [STRING_LANGUAGES] = {&languages, sizeof languages},
    [STRING_MANUFACTURER] = {&manufacturer, sizeof manufacturer},
    [STRING_PRODUCT] = {&product, sizeof product},
    [STRING_SERIAL] = {&serial, sizeof serial},
    [STRING_INTERFACE] = {&interface, sizeof interface},
};

void usb_set_serial(const uint8_t id[RP_UNIQUE_ID_BYTES]) {
    for (int i = 0; i < SERIAL_DIGITS; i++) {
        uint32_t digit = i % 2 == 0 ? id[i / 2] >> 4 : id[i / 2] & 0xf;
        serial.text[i] = (uint16_t)(digit < 10 ? '0' + digit : 'A' + digit - 10);
    }
}

usb_descriptor usb_microsoft_descriptors(void) {
    return (usb_descriptor){&microsoft, sizeof microsoft};
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
        return (usb_descriptor){&bos, sizeof bos};
    default:
        return none; /* device qualifier included: full speed only (USB 2.0 9.6.2) */
    }
}
