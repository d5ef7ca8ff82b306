/*
 * Time without a timer, for those belong to drivers: cycles are counted while the core or the main loop waits. The clock
 * stands still while a frame runs or an answer is sent, and for the handler of each byte that comes, so it is never fast.
 */
#include "avr_board.h"
#include "fgft_port.h"

#include <util/delay_basic.h>

/* In each of its 256 cycles; what is not spun is what the loop around takes that waits (wait.c). */
enum { WAIT_US = 16, LOOP_CYCLES = 45, SPIN = (16 * WAIT_US - LOOP_CYCLES) / 3 };

uint16_t avr_turns;
uint16_t avr_lease_clock;

void avr_wait(void) {
    avr_line_listen();
    wdt_reset();
    _delay_loop_1(SPIN);
    if (((uint8_t)++avr_turns & 63) == 0) avr_lease_clock++;
}
