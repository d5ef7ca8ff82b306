/*
 * Registers without a save entry: those of `journal` blocks are kept as they were before their first change in a
 * transaction, and written back in reverse order.
 */
#ifndef FGFT_JOURNAL_H
#define FGFT_JOURNAL_H

#include "arena.h"
#include "definition.h"

/* What an op is about to change: `count` registers, from `offset` of a block on. */
typedef struct {
    uint8_t transaction; /* 0: none */
    uint8_t peripheral;
    fgft_definition *definition;
    const fgft_block *block;
    uint16_t offset;
    uint8_t count;
} fgft_change;

/* Takes the checkpoint, if this is the transaction's first change to the peripheral, and the pre-images. Returns a
   status; unless that is `ok`, nothing may be changed. */
uint8_t fgft_journal_before_change(const fgft_change *change);

/* Whether a record has a pre-image of the register. */
bool fgft_journaled(const fgft_record *record, uint8_t block, uint16_t offset);

/* Writes all pre-images back, the newest first. */
void fgft_journal_write_back(const fgft_definition *definition, const fgft_record *record);

/* Reads the registers back, and adds those that differ to the rollback report. */
void fgft_journal_verify(const fgft_definition *definition, const fgft_record *record);

/* Goes on with a CRC-32 over all registers that a journal could keep. */
uint32_t fgft_journal_digest(const fgft_definition *definition, uint32_t crc);

#endif
