/*
 * The main loop: everything that takes time happens here, one thing after the other. Interrupt handlers move packets
 * and set flags.
 */
#include "fgft.h"
#include "rp_board.h"
#include "rp_watchdog.h"
#include "usb_device.h"
#include "usb_frames.h"
#include "usb_serial.h"

int main(void) {
    rp_watchdog_start();
    rp_timer_start();
    fgft_boot_record boot = rp_boot_record();
    fgft_init(&boot);
    uint8_t id[RP_UNIQUE_ID_BYTES];
    rp_unique_id(id);
    usb_start(id);

    for (;;) {
        rp_watchdog_feed();
        bool lost = usb_take_link_lost();
        lost |= usb_link_take_let_go(&usb_frames);
        lost |= usb_link_take_let_go(&usb_serial);
        if (lost) {
            fgft_link_lost();
        }
        usb_answer_resync(); /* before the next frame: the answers tell its sequence number */
        usb_serial_answer_resync();
        bool ran = usb_link_run(&usb_frames);
        ran |= usb_link_run(&usb_serial);
        usb_link_poke(&usb_frames);
        usb_link_poke(&usb_serial);
        uint32_t lease = fgft_check_lease();
        if (!ran) {
            rp_idle(lease);
        }
    }
}
