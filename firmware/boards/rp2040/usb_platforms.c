/*
 * What the device says to WebUSB and to Windows: the binary object store (USB 3.1 9.6.2), and the descriptor set of
 * Microsoft, each by its own specification.
 */
#include "usb_descriptors.h"

/* Microsoft OS 2.0 descriptors: on Windows 8.1 and later they bind WinUSB to the vendor interface, without a driver
   package. The serial port gets its driver by its class, from Windows 10 on. */
enum { WINDOWS_8_1 = 0x06030000, REG_MULTI_SZ = 7 };
enum { MS_HEADER = 0, MS_CONFIGURATION = 1, MS_FUNCTION = 2, MS_COMPATIBLE_ID = 3, MS_REGISTRY_PROPERTY = 4 };

static const struct __attribute__((packed)) {
    struct __attribute__((packed)) {
        uint16_t length, type;
        uint32_t windows;
        uint16_t total_length;
    } head;
    struct __attribute__((packed)) {
        uint16_t length, type;
        uint8_t index, reserved; /* the first configuration is 0, whatever its value */
        uint16_t total_length;
    } configuration;
    struct __attribute__((packed)) {
        uint16_t length, type;
        uint8_t interface, reserved;
        uint16_t total_length;
    } function;
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
    .configuration = {sizeof microsoft.configuration, MS_CONFIGURATION, 0, 0, sizeof microsoft - sizeof microsoft.head},
    .function = {sizeof microsoft.function, MS_FUNCTION, USB_INTERFACE_FRAMES, 0,
                 sizeof microsoft.function + sizeof microsoft.compatible + sizeof microsoft.interfaces},
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

enum { BOS = 15, DEVICE_CAPABILITY = 16, PLATFORM = 5 };

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

usb_descriptor usb_binary_object_store(void) {
    return (usb_descriptor){&bos, sizeof bos};
}

usb_descriptor usb_microsoft_descriptors(void) {
    return (usb_descriptor){&microsoft, sizeof microsoft};
}
