/* What the files of the board offer to each other. */
#ifndef AVR_BOARD_H
#define AVR_BOARD_H

#include <stdint.h>

#include "fgft.h"

/* avr_boot.c: why the chip was reset, and a new epoch. */
fgft_boot_record avr_boot_record(void);

/* avr_line.c: the serial line on USART0. */
void avr_line_start(void);
/* Main loop: sends what the host's resync is owed, runs the frame that has come, if any, and sends its answer. */
void avr_line_serve(void);

/* A resync was asked for and is not answered yet: a running delay or poll of the host shall give up
   (fgft_port_interrupted). */
extern volatile bool avr_resync_asked;

/* avr_time.c: feeds the watchdog and lets some time pass; and how much has passed that way, in microseconds. */
void avr_wait(void);
extern uint32_t avr_waited_us;

#endif
