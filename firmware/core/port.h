/*
 * The board under the core, and the conditions that it must keep. port.md says what a board's fgft_port.h holds.
 */
#ifndef FGFT_PORT_CHECKS_H
#define FGFT_PORT_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "fgft_port.h"
#include "protocol.h"
#include "region.h"
#include "transfer.h"

/* Kept free in every answer, so that a failure can always be told together with the rollback that it caused. */
enum {
    FGFT_REPORT_MAX = FGFT_SIZE_ROLLBACK_REPORT + FGFT_PORT_MISMATCHES * FGFT_SIZE_MISMATCH,
    FGFT_ANSWER_RESERVE = FGFT_SIZE_FAILURE + FGFT_REPORT_MAX + FGFT_SIZE_CRC,
};

_Static_assert(FGFT_PORT_FRAME_MAX >= FGFT_SIZE_ANSWER_HEADER + FGFT_SIZE_HELLO_RESULT + FGFT_ANSWER_RESERVE,
               "a frame must have room for the hello record");
_Static_assert(FGFT_PORT_FRAME_MAX <= UINT16_MAX && FGFT_PORT_ARENA_BYTES <= UINT16_MAX &&
                   FGFT_PORT_DEFINITION_BYTES <= UINT16_MAX,
               "the hello record tells these as 16-bit numbers");
_Static_assert(FGFT_PORT_WINDOW >= 1 && FGFT_PORT_WINDOW <= 255, "the window must be 1 to 255 frames");
_Static_assert(FGFT_PORT_TRANSACTIONS >= 1 && FGFT_PORT_TRANSACTIONS <= 255, "open transactions: 1 to 255");
_Static_assert(FGFT_PORT_PERIPHERALS >= 1 && (int)FGFT_PORT_PERIPHERALS < (int)FGFT_LIMIT_NO_PERIPHERAL,
               "peripherals are numbered from 1 to 254");
_Static_assert(FGFT_PORT_MISMATCHES >= 1 && FGFT_PORT_MISMATCHES <= 255, "a report must name one mismatch at least");
_Static_assert(FGFT_PORT_LEASE_MIN_MS >= 1 && FGFT_PORT_LEASE_MIN_MS <= FGFT_PORT_LEASE_MAX_MS &&
                   FGFT_PORT_LEASE_MAX_MS <= UINT16_MAX,
               "the lease is a 16-bit number of milliseconds");
_Static_assert(FGFT_PORT_I2C_BUSES + FGFT_PORT_SPI_BUSES == 0 || sizeof(fgft_port_address) == 4,
               "where a chip behind a bus is takes 32 bits");
_Static_assert(FGFT_PORT_I2C_BUSES + FGFT_PORT_SPI_BUSES == 0 || sizeof(fgft_port_register) == 4,
               "a message to such a chip is kept four bytes to a register");
_Static_assert(FGFT_PORT_EVENTS >= 0 && FGFT_PORT_EVENTS <= 64 && (FGFT_PORT_EVENTS & (FGFT_PORT_EVENTS - 1)) == 0,
               "events that may wait: a power of two, 64 at most, or none");
_Static_assert((1U << FGFT_PORT_WIDTH) <= sizeof(fgft_port_register), "a register must hold the native width");

#endif
