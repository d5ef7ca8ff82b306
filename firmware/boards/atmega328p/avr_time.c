/*
 * Time without a timer, for those belong to drivers: cycles are counted while the core or the main loop waits. The clocks
 * stand still while a frame runs or an answer is sent, and for each byte that comes, so they are never fast.
 */
#include "avr_board.h"
#include "fgft_port.h"

#include <util/delay_basic.h>

/* In each of its 256 cycles; what is not spun is what the loop around takes that waits (wait.c). */
enum { WAIT_US = 16, LOOP_CYCLES = 45, SPIN = (16 * WAIT_US - LOOP_CYCLES) / 3 };
/* So often comes the main loop by in a millisecond, in 279 cycles while a transaction is open. */
enum { TURNS_PER_MS = 58 };

uint16_t avr_turns;
uint16_t avr_lease_clock;
static uint8_t turns_left;

void avr_wait(void) {
    avr_line_listen();
    wdt_reset();
    _delay_loop_1(SPIN);
    avr_turns++;
    if (--turns_left == 0) {
        turns_left = TURNS_PER_MS;
        avr_lease_clock++;
    }
}
