/*
 * What the caller has saved of a peripheral is older than what the nested call has, so it is what counts. It takes over
 * the pre-images that it lacks.
 */
#include "merge.h"

#include <stddef.h>

#include "arena.h"
#include "journal.h"
#include "report.h"
#include "transaction.h"

/* The next record behind this one that belongs to the innermost nested call and whose peripheral its caller has a
   record of, too; NULL when there is none. What the callers of that one have does not count: it would not be undone
   with the caller alone. */
static fgft_record *doubled(uint8_t transaction, const fgft_record *behind) {
    const fgft_record *callers = fgft_arena_savepoint(transaction);
    do callers = fgft_arena_before(callers);
    while (callers != NULL && callers->transaction != transaction);
    fgft_record *record = fgft_arena_next(behind);
    for (; record != NULL; record = fgft_arena_next(record)) {
        const fgft_record *before = record->transaction == transaction ? fgft_arena_before(record) : NULL;
        if (before != NULL && (callers == NULL || before > callers)) return record;
    }
    return NULL;
}

/* Whether there are not too many pre-images to count. Returns a status. */
static uint8_t check(const fgft_record *to, const fgft_record *from) {
    const fgft_pre_image *image = fgft_journal(from);
    uint16_t missing = 0;
    for (uint8_t left = from->journal; left > 0; left--, image++) {
        if (!fgft_journaled(to, image->block, image->offset)) missing++;
    }
    uint16_t countable = (uint16_t)(UINT8_MAX - to->journal);
    if (missing <= countable) return FGFT_STATUS_OK;
    return fgft_fail(FGFT_STATUS_ARENA_FULL, (fgft_port_number)(countable * sizeof *image),
                     (fgft_port_number)(missing * sizeof *image));
}

static void reverse(fgft_port_register *first, fgft_port_register *last) {
    while (first < last) {
        fgft_port_register word = *first;
        *first++ = *--last;
        *last = word;
    }
}

/* Puts the journal of the newer record behind that of the older one. All that stands between them moves, the newer
   record too: two pieces change places, for which each is reversed, and then both together. */
static void append(fgft_record *to, fgft_record *from) {
    fgft_port_register *between = (fgft_port_register *)(fgft_journal(to) + to->journal);
    fgft_port_register *journal = (fgft_port_register *)fgft_journal(from);
    fgft_port_register *rest = (fgft_port_register *)(fgft_journal(from) + from->journal);
    to->journal = (uint8_t)(to->journal + from->journal);
    from->journal = 0;
    reverse(between, journal);
    reverse(journal, rest);
    reverse(between, rest);
}

static void merge(fgft_record *to, fgft_record *from) {
    fgft_pre_image *images = fgft_journal(from);
    uint8_t missing = 0;
    for (uint8_t i = 0; i < from->journal; i++) {
        if (!fgft_journaled(to, images[i].block, images[i].offset)) images[missing++] = images[i];
    }
    fgft_arena_resize_journal(from, missing);
    append(to, from);
}

uint8_t fgft_merge(uint8_t transaction) {
    /* All are looked at first: what has been merged could not be reverted without the caller. */
    fgft_record *record = fgft_arena_savepoint(transaction);
    while ((record = doubled(transaction, record)) != NULL) {
        uint8_t status = check(fgft_arena_before(record), record);
        if (status != FGFT_STATUS_OK) return status;
    }
    while ((record = doubled(transaction, fgft_arena_savepoint(transaction))) != NULL) {
        uint8_t peripheral = record->peripheral;
        merge(fgft_arena_before(record), record);
        fgft_transaction_release(peripheral);
    }
    return FGFT_STATUS_OK;
}
