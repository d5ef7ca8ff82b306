/* What the files of the board offer to each other. */
#ifndef AVR_BOARD_H
#define AVR_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "fgft.h"

/* avr_boot.c: why the chip was reset, and a new epoch. There is no record of faults (FGFT_PORT_FAULT_RECORD). */
extern fgft_boot_record avr_boot;

/* avr_line.c: the serial line on USART0. */
void avr_line_start(void);
/* Takes a byte if one has come. To be called at least every 200 µs while something waits. */
void avr_line_listen(void);
/* Main loop: sends what the host's resync is owed, runs the frame that has come, if any, and sends its answer. */
void avr_line_serve(void);

/* A resync was asked for and is not answered yet: a running delay or poll of the host shall give up
   (fgft_port_interrupted). */
extern bool avr_resync_asked;

/* avr_time.c: feeds the watchdog and lets 16 µs pass; how often it has, and milliseconds, by the turns of the main loop. */
void avr_wait(void);
extern uint16_t avr_turns;
extern uint16_t avr_lease_clock;

#endif
