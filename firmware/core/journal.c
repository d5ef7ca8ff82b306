#include "journal.h"

#include "bytes.h"
#include "crc.h"
#include "registers.h"
#include "report.h"
#include "transaction.h"

static uint16_t nth_offset(const fgft_change *change, uint8_t n) {
    return (uint16_t)(change->offset + (uint16_t)(n << fgft_width(change->block)));
}

/* Whether reading the register first, to know what to bring back, would itself act. In blocks of `ones` and in fifos a
   write does something rather than sets something, so that there is nothing to bring back; a shadow needs no
   reading. */
static bool irrevocable(const fgft_change *change) {
    const fgft_block *block = change->block;
    if (block->flags & (FGFT_BLOCK_ONES | FGFT_BLOCK_FIFO)) return false;
    for (uint8_t i = 0; i < change->count; i++) {
        if (fgft_shadow(change->definition, fgft_location_in(block, nth_offset(change, i))) == NULL) return true;
    }
    return false;
}

bool fgft_journaled(const fgft_record *record, uint8_t block, uint16_t offset) {
    const fgft_pre_image *image = fgft_journal(record);
    for (uint8_t left = record->journal; left > 0; left--, image++) {
        if (image->block == block && image->offset == offset) return true;
    }
    return false;
}

static uint8_t count_new(const fgft_change *change, const fgft_record *record, uint8_t block) {
    uint8_t count = 0;
    for (uint8_t i = 0; i < change->count; i++) {
        if (!fgft_journaled(record, block, nth_offset(change, i))) count++;
    }
    return count;
}

/* Takes the pre-image of each register that has none yet: so there is one of each, and it is the oldest. */
static uint8_t take_pre_images(const fgft_change *change) {
    fgft_record *record = fgft_arena_of(change->peripheral);
    uint8_t block = (uint8_t)(change->block - fgft_blocks(change->definition));
    uint8_t before = record->journal;
    uint8_t missing = count_new(change, record, block);
    uint16_t needed = (uint16_t)(missing * sizeof(fgft_pre_image));
    uint16_t left = fgft_arena_free();
    uint16_t countable = (uint16_t)((size_t)(UINT8_MAX - before) * sizeof(fgft_pre_image));
    if (left > countable) left = countable;
    if (needed > left) return fgft_fail(FGFT_STATUS_ARENA_FULL, left, needed);

    fgft_arena_resize_journal(record, (uint8_t)(before + missing));
    record->journal = before;
    for (uint8_t i = 0; i < change->count; i++) {
        uint16_t offset = nth_offset(change, i);
        if (fgft_journaled(record, block, offset)) continue;
        fgft_port_register value;
        fgft_read(fgft_location_in(change->block, offset), &value);
        fgft_journal(record)[record->journal++] = (fgft_pre_image){value, offset, block};
    }
    uint8_t fault = fgft_take_fault();
    if (fault != FGFT_FAULT_NONE) fgft_arena_resize_journal(record, before);
    return fgft_fault_status(fault);
}

uint8_t fgft_journal_before_change(const fgft_change *change) {
    uint8_t special = change->block->flags & (FGFT_BLOCK_JOURNAL | FGFT_BLOCK_SIDE_EFFECTS);
    if (change->transaction == 0) special = 0;
    if (!FGFT_PORT_JOURNAL) special &= FGFT_BLOCK_SIDE_EFFECTS;
    if (special == FGFT_BLOCK_SIDE_EFFECTS && irrevocable(change)) return FGFT_STATUS_IRREVOCABLE;
    bool first = special == FGFT_BLOCK_JOURNAL &&
                 !fgft_transaction_has(change->transaction, change->peripheral, change->definition);
    uint8_t status = fgft_transaction_before_change(change->transaction, change->peripheral, change->definition);
    if (status != FGFT_STATUS_OK || special != FGFT_BLOCK_JOURNAL) return status;
    status = take_pre_images(change);
    /* A peripheral that was not changed must not be restored either: its restore steps may do more than write back. */
    if (status != FGFT_STATUS_OK && first) fgft_transaction_release(change->peripheral);
    return status;
}

void fgft_journal_write_back(const fgft_definition *definition, const fgft_record *record) {
    const fgft_pre_image *image = fgft_journal(record) + record->journal;
    for (uint8_t left = record->journal; left > 0; left--) {
        image--;
        const fgft_block *block = fgft_blocks(definition) + image->block;
        fgft_register_change(definition, block, image->offset, block->mask, image->before);
    }
    fgft_rollback_report.restored = (uint16_t)(fgft_rollback_report.restored + record->journal);
}

/* The bits of a register that no older pre-image holds: blocks may overlap, and the oldest value counts. */
static fgft_port_register own_bits(const fgft_definition *definition, const fgft_pre_image *oldest,
                                   const fgft_pre_image *image) {
    const fgft_block *block = fgft_blocks(definition) + image->block;
    fgft_port_register bits = block->mask;
    fgft_location at = fgft_location_in(block, image->offset);
    for (; oldest != image; oldest++) {
        const fgft_block *older = fgft_blocks(definition) + oldest->block;
        fgft_location of_older = fgft_location_in(older, oldest->offset);
        if (of_older.address == at.address && of_older.space == at.space) bits &= (fgft_port_register)~older->mask;
    }
    return bits;
}

/* Behind the entries of the save list, the registers of all journal blocks are numbered as they lie in them. */
static uint8_t number_of(const fgft_definition *definition, const fgft_pre_image *image) {
    const fgft_block *block = fgft_blocks(definition);
    uint32_t number = definition->saves;
    for (uint8_t i = 0; i < image->block; i++, block++) {
        if (block->flags & FGFT_BLOCK_JOURNAL) number += (uint32_t)block->size >> fgft_width(block);
    }
    number += (uint32_t)image->offset >> fgft_width(block);
    return number < UINT8_MAX ? (uint8_t)number : UINT8_MAX;
}

void fgft_journal_verify(const fgft_definition *definition, const fgft_record *record) {
    const fgft_pre_image *oldest = fgft_journal(record);
    const fgft_pre_image *image = oldest;
    for (uint8_t left = record->journal; left > 0; left--, image++) {
        const fgft_block *block = fgft_blocks(definition) + image->block;
        fgft_port_register bits = own_bits(definition, oldest, image);
        fgft_port_register expected = image->before & bits;
        fgft_port_register found;
        bool read = fgft_read(fgft_location_in(block, image->offset), &found);
        found &= bits;
        if (read && found == expected) continue;
        fgft_failure mismatch = {record->peripheral, image->block, image->offset, expected, found};
        fgft_report_mismatch(number_of(definition, image), &mismatch);
    }
}

uint32_t fgft_journal_digest(const fgft_definition *definition, uint32_t crc) {
    const fgft_block *block = fgft_blocks(definition);
    for (uint8_t left = definition->blocks; left > 0; left--, block++) {
        if ((block->flags & FGFT_BLOCK_JOURNAL) == 0) continue;
        uint8_t width = fgft_width(block);
        for (uint32_t offset = 0; offset < block->size; offset += 1U << width) {
            uint8_t bytes[4];
            fgft_port_register value;
            fgft_read(fgft_location_in(block, (uint16_t)offset), &value);
            fgft_put32(bytes, value & block->mask);
            crc = fgft_crc(crc, bytes, sizeof bytes);
        }
    }
    return crc;
}
