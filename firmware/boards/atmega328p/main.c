/* The main loop: everything but taking bytes from the line happens here, one thing after the other. */
#include "avr_board.h"
#include "fgft_port.h"

/* Behind what sets up the variables (avr_start.S). */
__attribute__((OS_main, used, section(".init9"))) int main(void) {
    fgft_init(&avr_boot);
    avr_line_start();
    for (;;) {
        avr_line_serve();
        fgft_check_lease();
        fgft_port_wait();
    }
}
