/*
 * From the bytes of a `define` op to a definition in the store. It is drafted and checked piece by piece in the free
 * part of the store; only when it is whole it replaces the one before.
 */
#include "bytes.h"
#include "message.h"
#include "registers.h"
#include "report.h"
#include "space.h"
#include "wait.h"

uint16_t fgft_definition_length(const uint8_t *bytes) {
    return (uint16_t)(FGFT_DEFINITION_HEADER + bytes[1] * FGFT_SIZE_BLOCK + bytes[2] * FGFT_SIZE_SAVE +
                      bytes[3] * FGFT_SIZE_STEP);
}

_Static_assert((int)FGFT_REGION_READ == (int)FGFT_BLOCK_READ && (int)FGFT_REGION_WRITE == (int)FGFT_BLOCK_WRITE,
               "a block's directions are looked up in a region's flags");

static bool region_allows(const FGFT_PORT_FLASH fgft_region *region, const fgft_block *block) {
    uint8_t width = fgft_width(block);
    uint8_t needed = (uint8_t)((block->flags & (FGFT_BLOCK_READ | FGFT_BLOCK_WRITE)) | FGFT_REGION_8_BIT << width);
    if ((block->flags & FGFT_BLOCK_ONES) && (fgft_full_mask(width) & ~region->mask)) needed |= FGFT_REGION_ONES;
    fgft_port_address offset = (fgft_port_address)(block->base - region->base);
    bool inside = offset < region->size && block->size <= region->size - offset;
    bool owns = (block->flags & FGFT_BLOCK_WRITE) == 0 || (block->mask & ~region->mask) == 0;
    return inside && owns && (region->flags & needed) == needed;
}

/* A pre-image can be taken and brought back only of what reads as it was written, and does nothing when it is read. */
static bool journal_contradicts(uint8_t flags) {
    enum { NEEDED = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };
    enum { EXCLUDED = FGFT_BLOCK_ONES | FGFT_BLOCK_FIFO | FGFT_BLOCK_SIDE_EFFECTS };
    return (flags & FGFT_BLOCK_JOURNAL) && (!FGFT_PORT_JOURNAL || (flags & (NEEDED | EXCLUDED)) != NEEDED);
}

/* Whether a number of four bytes has more than so many. */
static bool exceeds(const uint8_t *at, uint8_t bytes) {
    uint8_t more = 0;
    while (bytes < 4) more |= at[bytes++];
    return more != 0;
}

/* A number of four bytes; all bits are ones where it has more than the chip's numbers. */
static fgft_port_number get_number(const uint8_t *at) {
    if (exceeds(at, sizeof(fgft_port_number))) return (fgft_port_number)-1;
    return (fgft_port_number)(sizeof(fgft_port_number) <= 2 ? fgft_get16(at) : fgft_get32(at));
}

static uint8_t draft_block(const uint8_t *at, fgft_block *block) {
    *block = (fgft_block){(fgft_port_address)get_number(at + 4), fgft_get_value(at + 8), fgft_get16(at + 2), at[1], at[0]};
    uint8_t width = at[1] >> FGFT_BLOCK_WIDTH_SHIFT & FGFT_WIDTH_MASK;
    if (width > 2 || journal_contradicts(at[1])) return FGFT_STATUS_MALFORMED_OP;
    /* No registers that are wider or farther than this chip's. */
    if (width > FGFT_WIDTH_MAX) return FGFT_STATUS_NOT_ALLOWED;
    uint8_t bytes = (uint8_t)fgft_width_bytes(1, width);
    fgft_port_address aligned = (fgft_port_address)(block->space == FGFT_SPACE_MMIO ? block->base : 0);
    if (block->size == 0 || ((block->size | aligned) & (bytes - 1U))) return FGFT_STATUS_MALFORMED_OP;
    if (exceeds(at + 4, sizeof block->base)) return FGFT_STATUS_NOT_ALLOWED;
    if (exceeds(at + 8, sizeof block->mask) || (block->mask & ~fgft_full_mask(width))) return FGFT_STATUS_MALFORMED_OP;
    if (block->space != FGFT_SPACE_MMIO) return fgft_check_bus_block(block);
    for (uint8_t i = 0; i < sizeof fgft_port_regions / sizeof *fgft_port_regions; i++) {
        if (region_allows(&fgft_port_regions[i], block)) return FGFT_STATUS_OK;
    }
    return FGFT_STATUS_NOT_ALLOWED;
}

/* Whether a save entry or a step may use a register. Returns a status. */
static uint8_t check_register(const fgft_definition *draft, uint8_t index, uint16_t offset, uint8_t access) {
    fgft_failed.block = index;
    fgft_failed.offset = offset;
    if (index >= draft->blocks) return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, draft->blocks, index);
    const fgft_block *block = fgft_blocks(draft) + index;
    return fgft_check_access(block, access, offset, (uint16_t)(1 << fgft_width(block)));
}

static uint8_t draft_save(const uint8_t *at, fgft_definition *draft, uint8_t index) {
    fgft_target *target = fgft_targets(draft) + index;
    fgft_save *save = fgft_saves(draft) + index;
    bool shadow = (at[1] & FGFT_SAVE_SHADOW) != 0;
    fgft_port_number mask = get_number(at + 4);
    uint16_t offset = fgft_get16(at + 2);
    if (at[1] & ~(FGFT_SAVE_SHADOW | FGFT_SAVE_VOLATILE | FGFT_SAVE_ZEROS)) return FGFT_STATUS_MALFORMED_OP;
    fgft_failed.block = at[0];
    fgft_failed.offset = offset;
    bool message = shadow && at[0] < draft->blocks && fgft_message_possible(fgft_blocks(draft) + at[0]);
    if (message) return fgft_message_draft(draft, index, at);
    if (fgft_message_missing(draft, index) != 0) return FGFT_STATUS_MALFORMED_OP;
    uint8_t status =
        check_register(draft, at[0], offset, shadow ? FGFT_BLOCK_WRITE : FGFT_BLOCK_READ | FGFT_BLOCK_WRITE);
    if (status != FGFT_STATUS_OK) return status;
    const fgft_block *block = fgft_blocks(draft) + at[0];
    uint8_t width = fgft_width(block);
    fgft_location location = fgft_location_in(block, offset);
    /* Where writing a 1 acts, there is no value to bring back; where reading acts, a checkpoint may not read. */
    uint8_t acts = shadow ? FGFT_BLOCK_ONES : FGFT_BLOCK_ONES | FGFT_BLOCK_SIDE_EFFECTS;
    if (block->flags & acts) return FGFT_STATUS_ACCESS_DENIED;
    bool zeros = (at[1] & FGFT_SAVE_ZEROS) != 0;
    if (zeros && (shadow || location.space == FGFT_SPACE_MMIO)) return FGFT_STATUS_MALFORMED_OP;
    uint8_t flags = (uint8_t)(at[1] | location.space << FGFT_SAVE_SPACE_SHIFT);
    *target = (fgft_target){location.address, (fgft_port_register)mask};
    *save = (fgft_save){.block = at[0], .width = width, .flags = flags, .run = 1};
    if (!shadow) {
        if (FGFT_PORT_LOOPS && location.space == FGFT_SPACE_MMIO) {
            save->toggle = fgft_port_toggle_offset(location.address, width);
        }
        if (target->mask == fgft_full_mask(width)) save->flags |= FGFT_SAVE_WHOLE;
        return fgft_check_bits(block, zeros ? mask | fgft_full_mask(width) : mask);
    }
    /* Two shadows of one register could not both be the value last written. */
    if (fgft_shadow(draft, location) != NULL) return FGFT_STATUS_MALFORMED_OP;
    draft->shadows++;
    /* A shadow is written back as a whole, because the bits of others cannot be read. */
    return fgft_check_bits(block, mask | fgft_full_mask(width));
}

/* The entries of a message must be sent together, whatever they hold. */
static bool alike(const fgft_save *one, const fgft_save *other) {
    if ((one->flags ^ other->flags) & ~FGFT_SAVE_WHOLE) return false;
    if (one->flags & FGFT_SAVE_MESSAGE) return one->block == other->block;
    return one->width == other->width && one->toggle == other->toggle;
}

/* Counts, from the end, how many entries in a row are alike. */
static void draft_runs(const fgft_definition *draft) {
    fgft_save *save = fgft_saves(draft) + draft->saves;
    for (uint8_t left = draft->saves; left > 1; left--) {
        save--;
        fgft_save *before = save - 1;
        if (!alike(before, save)) continue;
        before->run = (uint8_t)(save->run + 1);
        before->flags &= (uint8_t)(save->flags | ~FGFT_SAVE_WHOLE);
    }
}

/* A `saved` step. Returns a status. */
static uint8_t check_saved(const fgft_definition *draft, const fgft_step *step) {
    fgft_port_number end = step->block + (fgft_port_number)step->offset;
    if (step->offset > draft->saves || end > draft->saves) return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, draft->saves, end);
    bool cuts = fgft_message_missing(draft, step->block) != 0 || fgft_message_missing(draft, (uint8_t)end) != 0;
    return cuts ? FGFT_STATUS_MALFORMED_OP : FGFT_STATUS_OK;
}

static uint8_t draft_step(const uint8_t *at, const fgft_definition *draft, fgft_step *step) {
    *step = (fgft_step){0, fgft_get_value(at + 4), fgft_get_value(at + 8), fgft_get16(at + 2), at[0], at[1]};
    uint8_t status = fgft_get_time(at + 12, &step->wait);
    if (status != FGFT_STATUS_OK) return status;
    switch (step->kind) {
    case FGFT_STEP_SAVED: return check_saved(draft, step);
    case FGFT_STEP_WRITE:
        status = check_register(draft, step->block, step->offset, FGFT_BLOCK_WRITE);
        if (status == FGFT_STATUS_OK) status = fgft_check_bits(fgft_blocks(draft) + step->block, get_number(at + 4));
        if (status != FGFT_STATUS_OK) return status;
        return fgft_keeps_rest(fgft_blocks(draft) + step->block, step->mask) ? FGFT_STATUS_OK
                                                                             : FGFT_STATUS_ACCESS_DENIED;
    case FGFT_STEP_POLL: return check_register(draft, step->block, step->offset, FGFT_BLOCK_READ);
    case FGFT_STEP_DELAY: return FGFT_STATUS_OK;
    default: return FGFT_STATUS_MALFORMED_OP;
    }
}

/* Drafts all that the bytes behind the header say. Returns a status. */
static uint8_t draft_pieces(const uint8_t *at, fgft_definition *draft, uint8_t steps) {
    uint8_t status = FGFT_STATUS_OK;
    for (uint8_t i = 0; i < draft->blocks && status == FGFT_STATUS_OK; i++, at += FGFT_SIZE_BLOCK) {
        fgft_failed.block = i;
        status = draft_block(at, fgft_blocks(draft) + i);
    }
    for (uint8_t i = 0; i < draft->saves && status == FGFT_STATUS_OK; i++, at += FGFT_SIZE_SAVE) {
        status = draft_save(at, draft, i);
    }
    if (status == FGFT_STATUS_OK && fgft_message_missing(draft, draft->saves) != 0) status = FGFT_STATUS_MALFORMED_OP;
    if (FGFT_HAS_RUNS && status == FGFT_STATUS_OK) draft_runs(draft);
    /* Without steps a definition means one that writes everything back. */
    fgft_step *all = fgft_steps(draft);
    all->kind = FGFT_STEP_SAVED;
    all->block = 0;
    all->offset = draft->saves;
    for (uint8_t i = 0; i < steps && status == FGFT_STATUS_OK; i++, at += FGFT_SIZE_STEP) {
        status = draft_step(at, draft, fgft_steps(draft) + i);
    }
    return status;
}

uint8_t fgft_define(const uint8_t *bytes) {
    uint8_t number = fgft_failed.peripheral = bytes[0];
    if (number < 1 || number > FGFT_PORT_PERIPHERALS) return FGFT_STATUS_UNDEFINED_PERIPHERAL;
    const fgft_definition *present = fgft_definition_find(number);
    if (present != NULL && present->holder != 0) return fgft_fail(FGFT_STATUS_PERIPHERAL_BUSY, 0, present->holder);
    uint8_t steps = bytes[3] == 0 ? 1 : bytes[3];
    uint16_t size = (uint16_t)(sizeof(fgft_definition) + bytes[1] * sizeof(fgft_block) +
                               bytes[2] * (sizeof(fgft_target) + sizeof(fgft_save)) + steps * sizeof(fgft_step));
    uint16_t room = fgft_definitions_free();
    if (size > room) return fgft_fail(FGFT_STATUS_DEFINITIONS_FULL, room, size);
    fgft_definition *draft = fgft_definition_draft();
    draft->size = size;
    draft->holder = 0;
    draft->saves = bytes[2];
    draft->blocks = bytes[1];
    draft->steps = steps;
    draft->shadows = 0;
    uint8_t status = draft_pieces(bytes + FGFT_DEFINITION_HEADER, draft, bytes[3]);
    if (status == FGFT_STATUS_OK) fgft_definition_keep_draft(number);
    return status;
}
