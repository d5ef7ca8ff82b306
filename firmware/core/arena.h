/*
 * The arena: the checkpoints of all open transactions, one record per peripheral, in the order of first writes and
 * without gaps.
 */
#ifndef FGFT_ARENA_H
#define FGFT_ARENA_H

#include "port.h"

typedef struct {
    uint8_t transaction;
    uint8_t peripheral;
    uint8_t count; /* registers saved */
    fgft_port_register saved[];
} fgft_record;

void fgft_arena_clear(void);

uint16_t fgft_record_bytes(uint8_t count);
uint16_t fgft_arena_free(void);

/* A new record behind the others; there must be room for it. */
fgft_record *fgft_arena_add(uint8_t transaction, uint8_t peripheral, uint8_t count);

/* The newest record of a transaction, NULL when it has none. */
fgft_record *fgft_arena_newest(uint8_t transaction);

/* Takes a record out; those behind it move up. */
void fgft_arena_remove(fgft_record *record);

#endif
