/* How the chip came to run. Before the variables of C are set up (avr-libc: .init3), because it is what RAM holds that counts. */
#include "avr_board.h"
#include "crc.h"
#include "fgft_port.h"

fgft_boot_record avr_boot __attribute__((section(".noinit")));

/*
 * There is no source of random numbers but RAM itself. At power-on many of its cells hold noise (D. Holcomb, W. Burleson,
 * K. Fu, IEEE Transactions on Computers 58(9), 2009); after any other reset it is what the last boot has left, its epoch
 * included, so that a checksum over all of it is another one each time.
 */
__attribute__((naked, used, section(".init3"))) static void look_around(void) {
    uint8_t flags = MCUSR;
    /* A reset by the watchdog leaves it running, at its shortest, for as long as the flag is set (11.9.2, 9.9.1). */
    MCUSR = 0;
    wdt_enable(WDTO_2S);
    avr_boot.epoch = fgft_crc(flags, (const uint8_t *)RAMSTART, RAMEND + 1 - RAMSTART);
    avr_boot.reset_cause = flags & _BV(WDRF)   ? FGFT_RESET_WATCHDOG
                       : flags & _BV(PORF) ? FGFT_RESET_POWER_ON
                       : flags & _BV(BORF) ? FGFT_RESET_POWER_ON
                                           : FGFT_RESET_PIN;
}
