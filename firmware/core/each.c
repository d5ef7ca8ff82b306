/*
 * Stands in for checkpoint.c and loops.c where room in the flash counts more than cycles (FGFT_PORT_LOOPS is 0), on a chip
 * without buses: each entry of the save list is taken by itself, and written back as ops write (registers.h).
 */
#include "bytes.h"
#include "checkpoint.h"
#include "crc.h"
#include "registers.h"
#include "space.h"

_Static_assert(!FGFT_HAS_RUNS, "entries are not taken together here");

/* What a checkpoint keeps of an entry. */
static fgft_port_register look(const fgft_definition *definition, uint8_t entry) {
    const fgft_save *save = fgft_saves(definition) + entry;
    fgft_port_register value = save->shadow;
    if ((save->flags & FGFT_SAVE_SHADOW) == 0) fgft_read(fgft_location_of(definition, entry), &value);
    return value;
}

void fgft_checkpoint_save(const fgft_definition *definition, fgft_port_register *saved) {
    for (uint8_t i = 0; i < definition->saves; i++) saved[i] = look(definition, i);
}

/* Of a shadow that was never written nobody knows what the register holds, and it keeps that. */
void fgft_checkpoint_write_back(const fgft_definition *definition, uint8_t first, uint8_t count,
                                const fgft_port_register *saved) {
    const fgft_save *save = fgft_saves(definition) + first;
    const fgft_block *block = fgft_blocks(definition) + save->block;
    const fgft_target *target = fgft_targets(definition) + first;
    (void)count; /* 1 */
    if (!fgft_save_known(save)) return;
    fgft_register_change(definition, block, fgft_offset_in(block, target->address), target->mask, *saved);
}

bool fgft_checkpoint_differs(const fgft_definition *definition, uint8_t first, const fgft_port_register *saved) {
    if (fgft_saves(definition)[first].flags & (FGFT_SAVE_SHADOW | FGFT_SAVE_VOLATILE)) return false;
    return ((look(definition, first) ^ *saved) & fgft_targets(definition)[first].mask) != 0;
}

uint32_t fgft_checkpoint_digest(const fgft_definition *definition) {
    uint32_t crc = 0;
    for (uint8_t i = 0; i < definition->saves; i++) {
        uint8_t bytes[4];
        if (fgft_saves(definition)[i].flags & FGFT_SAVE_VOLATILE) continue;
        fgft_put32(bytes, look(definition, i) & fgft_targets(definition)[i].mask);
        crc = fgft_crc(crc, bytes, sizeof bytes);
    }
    return crc;
}
