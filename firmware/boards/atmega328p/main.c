/* The main loop: everything but taking bytes from the line happens here, one thing after the other. */
#include "avr_board.h"
#include "fgft_port.h"

int main(void) {
    fgft_boot_record boot = avr_boot_record();
    fgft_init(&boot);
    avr_line_start();
    for (;;) {
        avr_line_serve();
        fgft_check_lease();
        fgft_port_wait();
    }
}
