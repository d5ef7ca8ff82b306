/*
 * The arena: the checkpoints of all open transactions, one record per peripheral and call that nests in the
 * transaction, in the order of first writes and without gaps. A record holds what the save list names, and behind it
 * the journal: registers of `journal` blocks as they were before their first change.
 */
#ifndef FGFT_ARENA_H
#define FGFT_ARENA_H

#include "port.h"

typedef struct {
    uint8_t transaction;
    uint8_t peripheral; /* 0: a savepoint */
    uint8_t count;      /* registers saved */
    uint8_t journal;    /* pre-images behind them */
    fgft_port_register saved[];
} fgft_record;

typedef struct {
    fgft_port_register before;
    uint16_t offset;
    uint8_t block;
} fgft_pre_image;

_Static_assert(sizeof(fgft_pre_image) % sizeof(fgft_port_register) == 0 &&
                   _Alignof(fgft_pre_image) <= _Alignof(fgft_port_register),
               "pre-images stand between registers: choose fgft_port_register as wide as the chip's words");

static inline fgft_pre_image *fgft_journal(const fgft_record *record) {
    return (fgft_pre_image *)(uintptr_t)(record->saved + record->count);
}

void fgft_arena_clear(void);

uint16_t fgft_record_bytes(uint8_t count);
uint16_t fgft_arena_free(void);

/* A new record behind the others; there must be room for it. */
fgft_record *fgft_arena_add(uint8_t transaction, uint8_t peripheral, uint8_t count);

/* The newest record of a transaction, NULL when it has none. */
fgft_record *fgft_arena_newest(uint8_t transaction);

/* The newest record of a peripheral, NULL when no transaction holds it. */
fgft_record *fgft_arena_of(uint8_t peripheral);

/* The record of the same peripheral that is next older than this one, NULL when this is the oldest. */
fgft_record *fgft_arena_before(const fgft_record *record);

/* The newest savepoint of a transaction, NULL when it has none. */
fgft_record *fgft_arena_savepoint(uint8_t transaction);

/* The record behind this one, NULL behind the last. */
fgft_record *fgft_arena_next(const fgft_record *record);

/* Makes the journal of a record longer, for which there must be room, or shorter. The records behind it move. */
void fgft_arena_resize_journal(fgft_record *record, uint8_t count);

/* Takes a record out; those behind it move up. */
void fgft_arena_remove(fgft_record *record);

#endif
