#include "registers.h"

#include "bytes.h"
#include "report.h"

uint8_t fgft_check_access(const fgft_block *block, uint8_t access, uint16_t offset, uint16_t bytes) {
    enum { DIRECTIONS = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };
    uint8_t differs = access ^ block->flags;
    if ((differs & block->flags & FGFT_BLOCK_FIFO) || (differs & access & DIRECTIONS)) return FGFT_STATUS_ACCESS_DENIED;
    bool aligned = (offset & (fgft_width_bytes(1, fgft_width(block)) - 1U)) == 0;
    if (!aligned || offset > block->size || bytes > block->size - offset) {
        return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, block->size, (fgft_port_number)(offset + (fgft_port_number)bytes));
    }
    return FGFT_STATUS_OK;
}

uint8_t fgft_check_bits(const fgft_block *block, fgft_port_number asked) {
    if (asked & (fgft_port_number)~block->mask) return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, block->mask, asked);
    return FGFT_STATUS_OK;
}

bool fgft_keeps_rest(const fgft_block *block, fgft_port_register mask) {
    bool readable = (block->flags & (FGFT_BLOCK_READ | FGFT_BLOCK_SIDE_EFFECTS)) == FGFT_BLOCK_READ;
    return readable || (block->flags & FGFT_BLOCK_ONES) != 0 || mask == fgft_full_mask(fgft_width(block));
}

fgft_save *fgft_shadow(const fgft_definition *definition, fgft_location at) {
    const fgft_target *target = fgft_targets(definition);
    fgft_save *save = fgft_saves(definition);
    for (uint8_t left = definition->shadows; left > 0; target++, save++) {
        if ((save->flags & (FGFT_SAVE_SHADOW | FGFT_SAVE_MESSAGE)) != FGFT_SAVE_SHADOW) continue;
        if (target->address == at.address && fgft_space_of(save) == at.space) return save;
        left--;
    }
    return NULL;
}

void fgft_shadow_keep(fgft_save *shadow, fgft_port_register value, bool arrived) {
    shadow->flags |= FGFT_SAVE_WRITTEN;
    if (arrived) shadow->shadow = value;
}

void fgft_register_write(const fgft_definition *definition, fgft_location at, fgft_port_register value) {
    fgft_save *shadow = fgft_shadow(definition, at);
    bool arrived = fgft_write(at, value);
    if (shadow != NULL) fgft_shadow_keep(shadow, value, arrived);
}

void fgft_register_change(const fgft_definition *definition, const fgft_block *block, uint16_t offset,
                          fgft_port_register mask, fgft_port_register value) {
    fgft_location at = fgft_location_in(block, offset);
    fgft_port_register present = 0;
    fgft_port_address toggle = 0;
    if ((block->flags & FGFT_BLOCK_ONES) == 0 && mask != fgft_full_mask(at.width)) {
        const fgft_save *shadow = fgft_shadow(definition, at);
        if (shadow != NULL) {
            present = shadow->shadow;
        } else {
            if (!fgft_read(at, &present)) return; /* or the other bits would be stored as anything */
            if (at.space == FGFT_SPACE_MMIO) toggle = fgft_port_toggle_offset(at.address, at.width);
        }
    }
    fgft_port_register flips = (fgft_port_register)((present ^ value) & mask);
    if (toggle != 0) {
        fgft_port_write((fgft_port_address)(at.address + toggle), at.width, flips);
    } else {
        fgft_register_write(definition, at, (fgft_port_register)(present ^ flips));
    }
}
