#include "arena.h"

#include "bytes.h"

static fgft_port_register arena[FGFT_PORT_ARENA_BYTES / sizeof(fgft_port_register)];
static fgft_port_register *end = arena;

void fgft_arena_clear(void) {
    end = arena;
}

uint16_t fgft_record_bytes(uint8_t count) {
    return (uint16_t)(sizeof(fgft_record) + count * sizeof(fgft_port_register));
}

uint16_t fgft_arena_free(void) {
    return (uint16_t)(sizeof arena - (size_t)(end - arena) * sizeof *arena);
}

static fgft_port_register *end_of(const fgft_record *record) {
    return (fgft_port_register *)(fgft_journal(record) + (FGFT_PORT_JOURNAL ? record->journal : 0));
}

static fgft_record *after(const fgft_record *record) {
    return (fgft_record *)end_of(record);
}

fgft_record *fgft_arena_add(uint8_t transaction, uint8_t peripheral, uint8_t count) {
    fgft_record *record = (fgft_record *)end;
    record->transaction = transaction;
    record->peripheral = peripheral;
    record->count = count;
    record->journal = 0;
    end = record->saved + count;
    return record;
}

fgft_record *fgft_arena_next(const fgft_record *record) {
    fgft_record *next = after(record);
    return next < (fgft_record *)end ? next : NULL;
}

static fgft_record *oldest(void) {
    return end == arena ? NULL : (fgft_record *)arena;
}

fgft_record *fgft_arena_newest(uint8_t transaction) {
    fgft_record *newest = NULL;
    for (fgft_record *record = oldest(); record != NULL; record = fgft_arena_next(record)) {
        if (record->transaction == transaction) newest = record;
    }
    return newest;
}

fgft_record *fgft_arena_of(uint8_t peripheral) {
    fgft_record *newest = NULL;
    for (fgft_record *record = oldest(); record != NULL; record = fgft_arena_next(record)) {
        if (record->peripheral == peripheral) newest = record;
    }
    return newest;
}

fgft_record *fgft_arena_before(const fgft_record *record) {
    fgft_record *before = NULL;
    for (fgft_record *each = oldest(); each != record; each = fgft_arena_next(each)) {
        if (each->peripheral == record->peripheral) before = each;
    }
    return before;
}

fgft_record *fgft_arena_savepoint(uint8_t transaction) {
    fgft_record *newest = NULL;
    for (fgft_record *record = oldest(); record != NULL; record = fgft_arena_next(record)) {
        if (record->transaction == transaction && record->peripheral == 0) newest = record;
    }
    return newest;
}

/* Moves all that stands from `rest` on. */
static void move(fgft_port_register *to, const fgft_port_register *rest) {
    size_t count = (size_t)(end - rest);
    memmove(to, rest, count * sizeof *rest);
    end = to + count;
}

void fgft_arena_resize_journal(fgft_record *record, uint8_t count) {
    const fgft_port_register *rest = end_of(record);
    record->journal = count;
    move(end_of(record), rest);
}

void fgft_arena_remove(fgft_record *record) {
    move((fgft_port_register *)record, end_of(record));
}
