/* What ops and restore steps may do to the registers of a block, and how it is done. */
#ifndef FGFT_REGISTERS_H
#define FGFT_REGISTERS_H

#include "definition.h"
#include "space.h"

/* Whether `bytes` bytes at `offset` of the block may be reached. `access` is the direction (FGFT_BLOCK_READ,
   FGFT_BLOCK_WRITE or both), with FGFT_BLOCK_FIFO for the ops that may use a fifo. Returns a status. */
uint8_t fgft_check_access(const fgft_block *block, uint8_t access, uint16_t offset, uint16_t bytes);

/* Whether the block owns the bits asked for. Returns a status. */
uint8_t fgft_check_bits(const fgft_block *block, fgft_port_number asked);

/* Whether a register of the block can be changed under the mask without knowing what was last written to it. */
bool fgft_keeps_rest(const fgft_block *block, fgft_port_register mask);

/* The save entry of a register that is kept as a shadow, NULL for any other register. */
fgft_save *fgft_shadow(const fgft_definition *definition, fgft_location at);

/* A value was written to the register of a shadow. If the bus failed, the chip may have got it or not: the shadow stays
   what it was, but from now on a restore writes it. */
void fgft_shadow_keep(fgft_save *shadow, fgft_port_register value, bool arrived);

/* Stores a whole register. */
void fgft_register_write(const fgft_definition *definition, fgft_location at, fgft_port_register value);

/* Changes the bits in the mask and no others. fgft_keeps_rest must be true, or the register must have a shadow. */
void fgft_register_change(const fgft_definition *definition, const fgft_block *block, uint16_t offset,
                          fgft_port_register mask, fgft_port_register value);

#endif
