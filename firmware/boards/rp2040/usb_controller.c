#include "usb_controller.h"

#include <string.h>

#include "fgft_port.h"

/* The DPRAM (4.1.2.5). */
enum {
    DPRAM_SETUP = RP_USB_DPRAM + 0x000,
    DPRAM_CONTROLS = RP_USB_DPRAM + 0x008, /* of endpoints, then of buffers */
    DPRAM_CONTROLS_END = RP_USB_DPRAM + 0x100,
    DPRAM_ENDPOINT_CONTROL = RP_USB_DPRAM + 0x000, /* + 4 × buffer; endpoint 0 has none */
    DPRAM_BUFFER_CONTROL = RP_USB_DPRAM + 0x080, /* + 4 × buffer */
    DPRAM_EP0 = 0x100, /* fixed, one for both directions */
    DPRAM_EP1_OUT = 0x180,
    DPRAM_EP2_IN = 0x1c0,
    DPRAM_EP3_IN = 0x200,
    DPRAM_EP4_OUT = 0x240,
    DPRAM_EP5_IN = 0x280,
};

/* Buffer control (4.1.2.5.4) */
enum {
    LENGTH = 0x3ff,
    AVAILABLE = 1 << 10,
    STALL = 1 << 11,
    DATA1 = 1 << 13,
    FULL = 1 << 15,
};

/* Endpoint control (4.1.2.5.3) */
static const uint32_t ENDPOINT_ENABLE = 1U << 31;
enum { ENDPOINT_INTERRUPT = 1 << 29, ENDPOINT_BULK = 2 << 26, ENDPOINT_OF_INTERRUPTS = 3 << 26 };

static const uint16_t data_offset[] = {
    [USB_EP0_IN] = DPRAM_EP0,
    [USB_EP0_OUT] = DPRAM_EP0,
    [USB_EP1_OUT] = DPRAM_EP1_OUT,
    [USB_EP2_IN] = DPRAM_EP2_IN,
    [USB_EP3_IN] = DPRAM_EP3_IN,
    [USB_EP4_OUT] = DPRAM_EP4_OUT,
    [USB_EP5_IN] = DPRAM_EP5_IN,
};

static uint32_t next_is_data1; /* bit = buffer */
static uint32_t halted; /* the same */

static void *data_of(usb_buffer buffer) {
    return (void *)(RP_USB_DPRAM + (uint32_t)data_offset[buffer]);
}

static uint32_t control_of(usb_buffer buffer) {
    return DPRAM_BUFFER_CONTROL + 4 * (uint32_t)buffer;
}

static uint32_t bit(usb_buffer buffer) {
    return 1U << buffer;
}

/* AVAILABLE follows when the rest has settled: the controller runs on another clock, and could otherwise see it
   together with the length or toggle of before (4.1.2.5.1). 12 cycles of 125 MHz are more than 4 of 48 MHz. */
static void offer(usb_buffer buffer, uint32_t control) {
    if (next_is_data1 & bit(buffer)) {
        control |= DATA1;
    }
    rp_write(control_of(buffer), control);
    __asm volatile("nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop" ::: "memory");
    rp_write(control_of(buffer), control | AVAILABLE);
}

void usb_send(usb_buffer buffer, const void *bytes, uint32_t length) {
    memcpy(data_of(buffer), bytes, length);
    offer(buffer, FULL | length);
}

void usb_receive(usb_buffer buffer) {
    offer(buffer, USB_PACKET);
}

uint32_t usb_received(usb_buffer buffer, void *bytes) {
    uint32_t length = rp_read(control_of(buffer)) & LENGTH;
    memcpy(bytes, data_of(buffer), (length + 3) & ~3U);
    return length;
}

void usb_done(usb_buffer buffer) {
    next_is_data1 ^= bit(buffer);
}

void usb_set_toggle(usb_buffer buffer, bool data1) {
    next_is_data1 = (next_is_data1 & ~bit(buffer)) | (uint32_t)data1 << buffer;
}

/* On the first two steppings, EP_ABORT makes the controller answer NAK for good (erratum RP2040-E2). There, clearing
   AVAILABLE stops the next transaction, and one that is under way has ended after the time of a longest packet with
   its token and handshake: 64 µs. */
static bool abort_works(void) {
    enum { CHIP_ID = RP_SYSINFO + 0x00, REVISION_SHIFT = 28, B2 = 2 };
    return rp_read(CHIP_ID) >> REVISION_SHIFT >= B2;
}

void usb_revoke(usb_buffer buffer) {
    enum { LONGEST_TRANSACTION_US = 100 };
    uint32_t start = fgft_port_now_us();
    bool abort = abort_works();
    if (abort) {
        rp_set(USB_EP_ABORT, bit(buffer));
    } else {
        rp_write(control_of(buffer), 0);
    }
    while (!(abort && (rp_read(USB_EP_ABORT_DONE) & bit(buffer))) &&
           fgft_port_now_us() - start <= LONGEST_TRANSACTION_US) {
    }
    rp_write(control_of(buffer), 0);
    if (rp_read(USB_BUFF_STATUS) & bit(buffer)) { /* the host was faster */
        rp_write(USB_BUFF_STATUS, bit(buffer));
        usb_done(buffer);
    }
    if (abort) {
        rp_write(USB_EP_ABORT_DONE, bit(buffer));
        rp_clear(USB_EP_ABORT, bit(buffer));
    }
}

void usb_open(usb_buffer buffer) {
    uint32_t type = buffer == USB_EP3_IN ? ENDPOINT_OF_INTERRUPTS : ENDPOINT_BULK;
    usb_set_toggle(buffer, false);
    halted &= ~bit(buffer);
    rp_write(control_of(buffer), 0);
    rp_write(DPRAM_ENDPOINT_CONTROL + 4 * (uint32_t)buffer,
             ENDPOINT_ENABLE | ENDPOINT_INTERRUPT | type | data_offset[buffer]);
}

void usb_close(usb_buffer buffer) {
    usb_revoke(buffer);
    rp_write(DPRAM_ENDPOINT_CONTROL + 4 * (uint32_t)buffer, 0);
}

void usb_stall(usb_buffer buffer) {
    if (buffer == USB_EP0_IN || buffer == USB_EP0_OUT) {
        rp_set(USB_EP_STALL_ARM, bit(buffer)); /* the next SETUP clears this, as USB 2.0 8.5.3.4 wants */
    } else {
        halted |= bit(buffer);
    }
    rp_write(control_of(buffer), STALL);
}

bool usb_is_halted(usb_buffer buffer) {
    return halted & bit(buffer);
}

void usb_forget(void) {
    for (uint32_t address = DPRAM_CONTROLS; address < DPRAM_CONTROLS_END; address += 4) {
        rp_write(address, 0);
    }
    rp_write(USB_BUFF_STATUS, UINT32_MAX);
    next_is_data1 = 0;
    halted = 0;
}

void usb_withdraw_endpoint_0(void) {
    for (usb_buffer buffer = USB_EP0_IN; buffer <= USB_EP0_OUT; buffer++) {
        if (rp_read(control_of(buffer)) & AVAILABLE) {
            usb_revoke(buffer);
        }
    }
}

void usb_take_setup(void *setup) {
    for (usb_buffer buffer = USB_EP0_IN; buffer <= USB_EP0_OUT; buffer++) {
        rp_write(control_of(buffer), 0);
        rp_write(USB_BUFF_STATUS, bit(buffer));
        usb_set_toggle(buffer, true);
    }
    memcpy(setup, (const void *)DPRAM_SETUP, 8);
}
