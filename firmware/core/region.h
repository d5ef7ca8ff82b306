/*
 * What a board lets definitions reach: the rows of its allow-list. A block of a definition must lie inside one row,
 * in the row's directions and widths, and a writable block may own only bits of the row's mask. fgft_port.h includes this
 * behind its types.
 */
#ifndef FGFT_REGION_H
#define FGFT_REGION_H

#include <stdint.h>

typedef struct {
    fgft_port_address base;
    fgft_port_address size;  /* in bytes */
    fgft_port_register mask; /* the bits of each register that may be written */
    uint8_t flags; /* FGFT_REGION_... */
} fgft_region;

/* A store to a block of `ones` writes zeros to the bits that it does not mean. Where the mask is not all bits, such a
   block needs FGFT_REGION_ONES, which says that in this row a zero does nothing to the bits outside of the mask. A
   width is listed only where the chip keeps a narrow store to itself: on RP2040, for one, an 8-bit store to an APB
   register is copied to all four byte lanes and would change bits that the block does not own. */
enum {
    FGFT_REGION_READ = 1 << 0,
    FGFT_REGION_WRITE = 1 << 1,
    FGFT_REGION_ONES = 1 << 2,
    FGFT_REGION_8_BIT = 1 << 4,
    FGFT_REGION_16_BIT = 1 << 5,
    FGFT_REGION_32_BIT = 1 << 6,
};

#endif
