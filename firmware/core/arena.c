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

static fgft_record *after(const fgft_record *record) {
    return (fgft_record *)(uintptr_t)(record->saved + record->count);
}

fgft_record *fgft_arena_add(uint8_t transaction, uint8_t peripheral, uint8_t count) {
    fgft_record *record = (fgft_record *)end;
    record->transaction = transaction;
    record->peripheral = peripheral;
    record->count = count;
    end = record->saved + count;
    return record;
}

fgft_record *fgft_arena_newest(uint8_t transaction) {
    fgft_record *newest = NULL;
    for (fgft_record *record = (fgft_record *)arena; record < (fgft_record *)end; record = after(record)) {
        if (record->transaction == transaction) newest = record;
    }
    return newest;
}

void fgft_arena_remove(fgft_record *record) {
    fgft_port_register *rest = record->saved + record->count;
    fgft_port_register *new_end = (fgft_port_register *)record + (end - rest);
    memmove(record, rest, (size_t)(end - rest) * sizeof *rest);
    end = new_end;
}
