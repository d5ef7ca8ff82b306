#include "message.h"

#include "bytes.h"
#include "space.h"

enum { WORD = 4 }; /* bytes in an entry */

bool fgft_message_possible(const fgft_block *block) {
    return FGFT_HAS_BUSES && block->space != FGFT_SPACE_MMIO && (block->flags & FGFT_BLOCK_FIFO) != 0;
}

uint16_t fgft_message_missing(const fgft_definition *definition, uint8_t count) {
    if (!FGFT_HAS_BUSES || count == 0) return 0;
    const fgft_save *last = fgft_saves(definition) + count - 1;
    if ((last->flags & FGFT_SAVE_MESSAGE) == 0) return 0;
    const fgft_block *block = fgft_blocks(definition) + last->block;
    uint16_t end = (uint16_t)(fgft_offset_in(block, fgft_targets(definition)[count - 1].address) + WORD);
    return end < block->size ? (uint16_t)(block->size - end) : 0;
}

/* Among the first `count` entries. */
static fgft_save *find(const fgft_definition *definition, uint8_t count, uint8_t block) {
    fgft_save *save = fgft_saves(definition);
    for (; count > 0; count--, save++) {
        if ((save->flags & FGFT_SAVE_MESSAGE) && save->block == block) return save;
    }
    return NULL;
}

fgft_save *fgft_message_of(const fgft_definition *definition, const fgft_block *block) {
    if (!fgft_message_possible(block)) return NULL;
    return find(definition, definition->saves, (uint8_t)(block - fgft_blocks(definition)));
}

/* Whether the entry begins a message, or goes on with the one before. */
static bool in_order(const fgft_definition *draft, uint8_t index, uint8_t block, uint16_t offset) {
    if (fgft_message_missing(draft, index) == 0) return offset == 0 && find(draft, index, block) == NULL;
    const fgft_block *begun = fgft_blocks(draft) + block;
    return fgft_saves(draft)[index - 1].block == block &&
           offset == fgft_offset_in(begun, fgft_targets(draft)[index - 1].address) + WORD;
}

uint8_t fgft_message_draft(const fgft_definition *draft, uint8_t index, const uint8_t *at) {
    const fgft_block *block = fgft_blocks(draft) + at[0];
    uint16_t offset = fgft_get16(at + 2);
    uint32_t bytes = fgft_get32(at + 4);
    bool plain = (block->flags & (FGFT_BLOCK_ONES | FGFT_BLOCK_SIDE_EFFECTS)) == 0 && fgft_width(block) == 0;
    if (!plain || at[1] != FGFT_SAVE_SHADOW || block->size > UINT8_MAX || !in_order(draft, index, at[0], offset)) {
        return FGFT_STATUS_MALFORMED_OP;
    }
    if ((block->flags & FGFT_BLOCK_WRITE) == 0) return FGFT_STATUS_ACCESS_DENIED;
    uint16_t left = (uint16_t)(block->size - offset);
    if (left < WORD && bytes >> 8 * left != 0) return FGFT_STATUS_MALFORMED_OP;
    fgft_targets(draft)[index] = (fgft_target){fgft_location_in(block, offset).address, (fgft_port_register)-1};
    fgft_saves(draft)[index] = (fgft_save){.shadow = (fgft_port_register)bytes,
                                           .block = at[0],
                                           .flags = FGFT_SAVE_SHADOW | FGFT_SAVE_MESSAGE,
                                           .run = 1};
    return FGFT_STATUS_OK;
}

void fgft_message_keep(fgft_save *message, const uint8_t *bytes, uint8_t count, bool arrived) {
    message->flags |= FGFT_SAVE_WRITTEN;
    if (!arrived) return;
    for (uint8_t i = 0; i < message->run; i++, bytes += WORD) {
        uint8_t word[WORD] = {0};
        memcpy(word, bytes, count < WORD ? count : WORD);
        message[i].shadow = (fgft_port_register)fgft_get32(word);
        count = (uint8_t)(count - WORD);
    }
}

void fgft_message_write_back(const fgft_definition *definition, uint8_t first, const fgft_port_register *saved) {
    uint8_t bytes[UINT8_MAX + 1];
    fgft_save *message = fgft_saves(definition) + first;
    const fgft_block *block = fgft_blocks(definition) + message->block;
    if ((message->flags & FGFT_SAVE_WRITTEN) == 0) return;
    for (uint8_t i = 0; i < message->run; i++) {
        message[i].shadow = saved[i];
        fgft_put32(bytes + WORD * i, saved[i]);
    }
    fgft_bus_exchange(block, bytes, (uint8_t)block->size, NULL, 0);
}
