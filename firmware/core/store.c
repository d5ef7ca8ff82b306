/* The store of definitions: they stand one after the other without gaps, and a table finds them by number. */
#include "bytes.h"
#include "definition.h"
#include "events.h"

static _Alignas(fgft_step) uint8_t store[FGFT_PORT_DEFINITION_BYTES];
static uint16_t used;
static fgft_definition *table[FGFT_PORT_PERIPHERALS];

fgft_definition *fgft_definition_find(uint8_t number) {
    return number >= 1 && number <= FGFT_PORT_PERIPHERALS ? table[number - 1] : NULL;
}

void fgft_definitions_clear(void) {
    memset(table, 0, sizeof table);
    used = 0;
}

uint16_t fgft_definitions_free(void) {
    return (uint16_t)(FGFT_PORT_DEFINITION_BYTES - used);
}

fgft_definition *fgft_definition_draft(void) {
    return (fgft_definition *)(uintptr_t)(store + used);
}

/* Closes the gap that a definition leaves, the latest draft included. */
static void take_out(fgft_definition *removed) {
    uint16_t size = removed->size;
    uint8_t *rest = (uint8_t *)removed + size;
    memmove(removed, rest, (size_t)(store + used - rest));
    used = (uint16_t)(used - size);
    for (uint8_t i = 0; i < FGFT_PORT_PERIPHERALS; i++) {
        if (table[i] > removed) table[i] = (fgft_definition *)(uintptr_t)((uint8_t *)table[i] - size);
    }
}

void fgft_definition_keep_draft(uint8_t number) {
    fgft_definition *replaced = table[number - 1];
    fgft_definition *draft = fgft_definition_draft();
    used = (uint16_t)(used + draft->size);
    table[number - 1] = draft;
    if (replaced == NULL) return;
    /* Interrupts look for the holder of a peripheral. */
    fgft_port_interrupts_off();
    fgft_events_unwatch(number);
    take_out(replaced);
    fgft_port_interrupts_on();
}
