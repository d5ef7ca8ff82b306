/* One exchange with a chip behind a bus, as the core asks the board for it (port.md). */
#ifndef FGFT_TRANSFER_H
#define FGFT_TRANSFER_H

#include <stdint.h>

#include "protocol.h"

/* First `head` and `out` are written, then `in` is read. Registers stand in `out` and `in` as in a frame,
   little-endian; byte i on the wire is out[i ^ swap] and in[i ^ swap]. */
typedef struct {
    uint8_t space; /* FGFT_SPACE_... */
    uint8_t bus;
    uint8_t target; /* I2C: the 7-bit address; SPI: the GPIO of chip select */
    uint8_t swap;   /* 0, or the bytes of a register minus 1 where the chip sends the high byte first */
    uint8_t head[2];
    uint8_t head_count;
    const uint8_t *out;
    uint16_t out_count;
    uint8_t *in;
    uint16_t in_count;
} fgft_transfer;

#endif
