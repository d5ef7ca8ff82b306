/*
 * Registers wherever they are: in memory, or in a chip behind a bus. A location in a bus space is the packed `base` of
 * its block (docs/protocol.md), with the register's own address in the place of the block's first.
 */
#ifndef FGFT_SPACE_H
#define FGFT_SPACE_H

#include "definition.h"

typedef struct {
    fgft_port_address address;
    uint8_t space; /* FGFT_SPACE_... */
    uint8_t width;
} fgft_location;

fgft_location fgft_location_in(const fgft_block *block, uint16_t offset);

/* Back from the address of a register to its offset. */
uint16_t fgft_offset_in(const fgft_block *block, fgft_port_address address);

static inline uint8_t fgft_space_of(const fgft_save *save) {
    return FGFT_HAS_BUSES ? save->flags >> FGFT_SAVE_SPACE_SHIFT & FGFT_SAVE_SPACE_MASK : FGFT_SPACE_MMIO;
}

/* Of an entry of the save list. */
static inline fgft_location fgft_location_of(const fgft_definition *definition, uint8_t entry) {
    const fgft_save *save = fgft_saves(definition) + entry;
    return (fgft_location){fgft_targets(definition)[entry].address, fgft_space_of(save), save->width};
}

/* Whether a block in a bus space is packed as it must be, and the board has that bus. Returns a status. */
uint8_t fgft_check_bus_block(const fgft_block *block);

/* One register. False where the bus failed; then the value is 0. A fault of a memory-mapped register shows only in
   fgft_take_fault. */
bool fgft_read(fgft_location at, fgft_port_register *value);
bool fgft_write(fgft_location at, fgft_port_register value);

/* Bytes as a chip sends and takes them from one register on, in one transfer. Not for memory-mapped registers. */
bool fgft_bus_read(fgft_location at, uint8_t *in, uint16_t bytes);
bool fgft_bus_write(fgft_location at, const uint8_t *out, uint16_t bytes);

/* Bytes that name no register. */
bool fgft_bus_exchange(const fgft_block *block, const uint8_t *out, uint8_t out_count, uint8_t *in, uint8_t in_count);

/* Whether an access to a memory-mapped register has failed since the last call; fgft_take_fault will still say so. */
bool fgft_register_failed(void);

/* Whether any access has failed since the last call, and why: FGFT_BUS_... of the first, FGFT_FAULT_MMIO or
   FGFT_FAULT_NONE. While a bus is known to be stuck, no more is tried on any. */
enum { FGFT_FAULT_NONE = 0, FGFT_FAULT_MMIO = 0xff };
uint8_t fgft_take_fault(void);

/* The status and the failure record for what fgft_take_fault has returned. */
uint8_t fgft_fault_status(uint8_t fault);

#endif
