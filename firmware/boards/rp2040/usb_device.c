/*
 * The bus as the device sees it (USB 2.0 9.1): reset, suspend, address, configuration.
 *
 * The link is lost, and the core rolls back, on a bus reset, on configuration 0 and on suspend. Suspend, because no
 * VBUS detection is wired on most boards: to a board that feeds itself an unplugged cable and a sleeping host look the
 * same (RP2040 datasheet 4.1.2.6.4), and neither will send a frame soon. The FIFOs stay as they are on suspend, as the
 * host resumes where it was; a host that is silent but awake is the lease's business.
 *
 * Not worked around: RP2040-E5 (steppings B0 and B1 may fail to connect behind a busy hub; the cure takes GPIO15 away
 * from drivers) and RP2040-E15 (a babbling hub can stop the controller; the cure needs an interrupt every millisecond).
 */
#include "usb_device.h"

#include "usb_controller.h"
#include "usb_descriptors.h"
#include "usb_frames.h"
#include "usb_interfaces.h"
#include "usb_serial.h"

enum {
    MAIN_CTRL_ENABLE = 1 << 0, /* device mode */
    MUXING_TO_PHY = 1 << 0,
    MUXING_SOFTCON = 1 << 3,
    PWR_VBUS_DETECT = 1 << 2,
    PWR_VBUS_DETECT_OVERRIDE = 1 << 3,
    SIE_CTRL_PULLUP = 1 << 16,
    SIE_CTRL_EP0_INT_1BUF = 1 << 29,
    SIE_STATUS_SUSPENDED = 1 << 4,
    SIE_STATUS_SETUP = 1 << 17,
    SIE_STATUS_BUS_RESET = 1 << 19,
    INT_BUFF_STATUS = 1 << 4,
    INT_BUS_RESET = 1 << 12,
    INT_SUSPEND = 1 << 14,
    INT_SETUP = 1 << 16,
    USBCTRL_IRQ = 1 << 5,
};

enum { NO_ADDRESS = 0xff };
static uint8_t new_address; /* takes effect after the status stage of SET_ADDRESS (USB 2.0 9.4.6) */
static uint8_t configuration;
static volatile bool link_lost;
static volatile bool resync_asked;

static void lose_link(void) {
    link_lost = true;
    rp_interrupted = true;
    rp_wake();
}

bool usb_take_link_lost(void) {
    if (!link_lost) {
        return false;
    }
    link_lost = false;
    return true;
}

uint8_t usb_configuration(void) {
    return configuration;
}

void usb_configure(uint8_t value) {
    if (configuration != 0) {
        usb_interfaces_close();
    }
    configuration = value;
    if (value != 0) {
        usb_interfaces_open();
    } else {
        lose_link();
    }
}

void usb_set_address(uint8_t address) {
    new_address = address;
}

void usb_status_sent(void) {
    if (new_address != NO_ADDRESS) {
        rp_write(USB_ADDR_ENDP, new_address);
        new_address = NO_ADDRESS;
    }
}

void usb_resync(void) {
    usb_link_drop(&usb_frames);
    resync_asked = true;
    rp_wake();
}

void usb_answer_resync(void) {
    static uint8_t answer[8];
    if (resync_asked) {
        resync_asked = false;
        fgft_resync_answer(answer);
        usb_control_answer(answer, sizeof answer);
    }
}

static void bus_reset(void) {
    rp_write(USB_ADDR_ENDP, 0);
    new_address = NO_ADDRESS;
    configuration = 0;
    resync_asked = false;
    usb_forget();
    usb_control_reset();
    usb_interfaces_forget();
    lose_link();
}

static void packets_done(void) {
    uint32_t done = rp_read(USB_BUFF_STATUS);
    static const struct {
        usb_buffer buffer;
        void (*handler)(void);
    } handlers[] = {
        {USB_EP0_IN, usb_control_in_done},
        {USB_EP0_OUT, usb_control_out_done},
        {USB_EP1_OUT, usb_frames_received},
        {USB_EP2_IN, usb_frames_sent},
        {USB_EP5_IN, usb_serial_sent}, /* before what comes in, which may be a resync and drop what is to be sent */
        {USB_EP4_OUT, usb_serial_received},
    };
    rp_write(USB_BUFF_STATUS, done);
    for (uint32_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++) {
        if (done & 1U << handlers[i].buffer) {
            usb_done(handlers[i].buffer);
            handlers[i].handler();
        }
    }
}

/* In the order of the bus: a reset ends what was before it, and a SETUP packet comes after the end of the transfer
   before it. */
void usb_handler(void) {
    uint32_t events = rp_read(USB_INTS);
    if (events & INT_SETUP) {
        usb_withdraw_endpoint_0();
    }
    if (events & INT_BUS_RESET) {
        rp_write(USB_SIE_STATUS, SIE_STATUS_BUS_RESET);
        bus_reset();
    }
    if (rp_read(USB_INTS) & INT_BUFF_STATUS) {
        packets_done();
    }
    if (events & INT_SETUP) {
        rp_write(USB_SIE_STATUS, SIE_STATUS_SETUP); /* before it is read: the next one may follow at once */
        usb_control_setup();
    }
    if (events & INT_SUSPEND) { /* the state has changed, one way or the other */
        if (rp_read(USB_SIE_STATUS) & SIE_STATUS_SUSPENDED) {
            lose_link();
        }
        rp_write(USB_SIE_STATUS, SIE_STATUS_SUSPENDED);
    }
}

void usb_start(const uint8_t id[RP_UNIQUE_ID_BYTES]) {
    usb_set_serial(id);
    new_address = NO_ADDRESS;
    usb_forget();
    rp_write(USB_MUXING, MUXING_TO_PHY | MUXING_SOFTCON);
    rp_write(USB_PWR, PWR_VBUS_DETECT | PWR_VBUS_DETECT_OVERRIDE);
    rp_write(USB_MAIN_CTRL, MAIN_CTRL_ENABLE);
    rp_write(USB_SIE_CTRL, SIE_CTRL_EP0_INT_1BUF);
    rp_write(USB_INTE, INT_BUFF_STATUS | INT_BUS_RESET | INT_SUSPEND | INT_SETUP);
    rp_write(RP_NVIC_ICPR, USBCTRL_IRQ);
    rp_write(RP_NVIC_ISER, USBCTRL_IRQ);
    rp_set(USB_SIE_CTRL, SIE_CTRL_PULLUP); /* from here on the host sees us */
}
