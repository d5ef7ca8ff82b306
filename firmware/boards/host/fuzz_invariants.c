/*
 * Steps between the core's files (the linker's --wrap) to look into every checkpoint and every restore:
 * a checkpoint holds what the registers held, still holds it when it is restored, and a restore that says it is
 * verified has brought exactly that back, and has changed no bit that is not its own.
 */
#include "fuzz_invariants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bus.h"
#include "definition.h"
#include "report.h"
#include "restore.h"
#include "transaction.h"

uint8_t __real_fgft_transaction_before_change(uint8_t number, uint8_t peripheral, fgft_definition *definition);
uint8_t __wrap_fgft_transaction_before_change(uint8_t number, uint8_t peripheral, fgft_definition *definition);
void __real_fgft_restore(const fgft_definition *definition, const fgft_record *record);
void __wrap_fgft_restore(const fgft_definition *definition, const fgft_record *record);

void must(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* Our own copies of each peripheral's checkpoints: nested calls have their own, of which only the newest goes away. */
enum { DEPTH = FGFT_PORT_ARENA_BYTES / sizeof(fgft_record) };
static fgft_port_register copies[FGFT_PORT_PERIPHERALS + 1][DEPTH][255];

static size_t count_older(const fgft_record *record) {
    size_t count = 0;
    while ((record = fgft_arena_before(record)) != NULL) count++;
    return count;
}

static size_t count_records(uint8_t peripheral) {
    const fgft_record *newest = fgft_arena_of(peripheral);
    return newest == NULL ? 0 : 1 + count_older(newest);
}

/* A register that holds what was written to it, at least in some bits. */
static bool is_memory(uint32_t address) {
    bus_behaviour behaviour = bus_behaviour_of(address);
    return behaviour == BUS_MEMORY || behaviour == BUS_IGNORES;
}

/* Of chips behind a bus nothing is known here. */
static bool is_known(const fgft_definition *definition, uint8_t entry) {
    bool mapped = (fgft_saves(definition)[entry].flags & FGFT_SAVE_BUS) == 0;
    return mapped && is_memory(fgft_targets(definition)[entry].address);
}

static uint32_t peek(const fgft_definition *definition, uint8_t entry) {
    uint32_t address = fgft_targets(definition)[entry].address;
    return bus_peek(address) >> (address % 4 * 8) & fgft_full_mask(fgft_saves(definition)[entry].width);
}

uint8_t __wrap_fgft_transaction_before_change(uint8_t number, uint8_t peripheral, fgft_definition *definition) {
    bool has = fgft_transaction_has(number, peripheral, definition);
    size_t records = count_records(peripheral);
    size_t stores = bus_stores();
    uint8_t status = __real_fgft_transaction_before_change(number, peripheral, definition);
    must(bus_stores() == stores, "a checkpoint stores nothing");
    bool taken = status == FGFT_STATUS_OK && !has;
    must(count_records(peripheral) == records + taken, "a call has one checkpoint of a peripheral");
    must(number == 0 ? !taken : status != FGFT_STATUS_OK || fgft_transaction_has(number, peripheral, definition),
         "a change in a transaction, and no other, has a checkpoint");
    if (!taken) return status;
    const fgft_record *record = fgft_arena_newest(number);
    const fgft_save *entry = fgft_saves(definition);
    must(record != NULL && record->peripheral == peripheral, "a change is preceded by a checkpoint");
    must(record->journal == 0, "a checkpoint begins with an empty journal");
    for (uint8_t i = 0; i < record->count; i++, entry++) {
        bool shadow = (entry->flags & FGFT_SAVE_SHADOW) != 0;
        if (shadow) must(record->saved[i] == entry->shadow, "a checkpoint holds the shadow");
        if (!shadow && is_known(definition, i)) {
            must(record->saved[i] == peek(definition, i), "a checkpoint holds what the register held");
        }
    }
    memcpy(copies[peripheral][records], record->saved, record->count * sizeof *record->saved);
    return status;
}

/* The bits that a restore may change in the word at an address. */
static uint32_t own_bits(const fgft_definition *definition, const fgft_record *record, uint32_t word) {
    uint32_t own = 0;
    const fgft_save *entry = fgft_saves(definition);
    const fgft_target *target = fgft_targets(definition);
    for (uint8_t i = 0; i < definition->saves; i++, entry++, target++) {
        uint32_t mask = entry->flags & FGFT_SAVE_SHADOW ? fgft_full_mask(entry->width) : target->mask;
        if (target->address / 4 == word / 4) own |= mask << (target->address % 4 * 8);
    }
    const fgft_step *step = fgft_steps(definition);
    for (uint8_t i = 0; i < definition->steps; i++, step++) {
        if (step->kind != FGFT_STEP_WRITE) continue;
        const fgft_block *block = fgft_blocks(definition) + step->block;
        uint32_t address = block->base + step->offset;
        /* Ones are stored with zeros around them, which on plain memory are no less than ones. */
        uint32_t mask = block->flags & FGFT_BLOCK_ONES ? fgft_full_mask(fgft_width(block)) : step->mask;
        if (address / 4 == word / 4) own |= mask << (address % 4 * 8);
    }
    const fgft_pre_image *image = fgft_journal(record);
    for (uint8_t i = 0; i < record->journal; i++, image++) {
        const fgft_block *block = fgft_blocks(definition) + image->block;
        uint32_t address = block->base + image->offset;
        if (address / 4 == word / 4) own |= (uint32_t)block->mask << (address % 4 * 8);
    }
    return own;
}

enum { BLOCKS = 4, WORDS = BUS_BLOCK_SIZE / 4 };
static const uint32_t bases[BLOCKS] = {BUS_ALIASED, BUS_PLAIN, BUS_PARTIAL, BUS_READ_ONLY};
typedef uint32_t memory[BLOCKS][WORDS];

static void take(memory words) {
    for (uint32_t block = 0; block < BLOCKS; block++) {
        for (uint32_t i = 0; i < WORDS; i++) words[block][i] = bus_peek(bases[block] + 4 * i);
    }
}

void __wrap_fgft_restore(const fgft_definition *definition, const fgft_record *record) {
    static memory before, after;
    bool verified = fgft_rollback_report.outcome == FGFT_ROLLBACK_VERIFIED;
    const fgft_port_register *copy = copies[record->peripheral][count_older(record)];
    must(record->transaction == 0 || memcmp(copy, record->saved, record->count * sizeof *copy) == 0,
         "a checkpoint stays as it was taken");
    take(before);
    __real_fgft_restore(definition, record);
    take(after);
    for (uint32_t block = 0; block < BLOCKS; block++) {
        for (uint32_t i = 0; i < WORDS; i++) {
            uint32_t address = bases[block] + 4 * i;
            uint32_t changed = before[block][i] ^ after[block][i];
            must(!is_memory(address) || (changed & ~own_bits(definition, record, address)) == 0,
                 "a restore touches only its own bits");
        }
    }
    if (!verified || fgft_rollback_report.outcome != FGFT_ROLLBACK_VERIFIED) return;
    const fgft_save *entry = fgft_saves(definition);
    for (uint8_t i = 0; i < definition->saves; i++, entry++) {
        if ((entry->flags & (FGFT_SAVE_SHADOW | FGFT_SAVE_VOLATILE)) || !is_known(definition, i)) continue;
        must(((peek(definition, i) ^ record->saved[i]) & fgft_targets(definition)[i].mask) == 0,
             "a verified restore has brought the register back");
    }
}

enum { NEIGHBOURS = 0x5aa50000 };

void begin_invariants(void) {
    for (uint32_t i = 0; i < WORDS; i++) {
        bus_poke(BUS_PARTIAL + 4 * i, NEIGHBOURS);
        bus_poke(BUS_READ_ONLY + 4 * i, NEIGHBOURS);
    }
}

void check_neighbours(void) {
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t partial = BUS_PARTIAL + 4 * i, read_only = BUS_READ_ONLY + 4 * i;
        bool ones = i >= WORDS / 2; /* a zero does nothing there, or so the allow-list says */
        if (!ones && is_memory(partial)) must((bus_peek(partial) & 0xffff0000) == NEIGHBOURS, "bits of others stay");
        if (is_memory(read_only)) must(bus_peek(read_only) == NEIGHBOURS, "what may not be written stays");
    }
}

void check_definitions(void) {
    uint32_t used = 0;
    for (uint8_t number = 1; number <= FGFT_PORT_PERIPHERALS; number++) {
        const fgft_definition *definition = fgft_definition_find(number);
        if (definition == NULL) continue;
        used += definition->size;
        must(definition->holder == 0 || fgft_transaction_open(definition->holder), "only open transactions hold");
        must((const uint8_t *)(fgft_steps(definition) + definition->steps) ==
                 (const uint8_t *)definition + definition->size,
             "a definition is as long as its pieces");
        for (uint8_t i = 0; i < definition->saves; i++) {
            must(fgft_saves(definition)[i].run >= 1 && i + fgft_saves(definition)[i].run <= definition->saves,
                 "a run ends inside the save list");
        }
    }
    must(used + fgft_definitions_free() == FGFT_PORT_DEFINITION_BYTES, "the store has no gaps");
}
