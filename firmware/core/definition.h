/*
 * A peripheral as the controller keeps it: what a `define` op said, checked, and resolved to addresses. One definition
 * is one piece of the store: the header, then its saves, blocks and steps.
 */
#ifndef FGFT_DEFINITION_H
#define FGFT_DEFINITION_H

#include <stdbool.h>
#include <stdint.h>

#include "port.h"

/* What ops can reach. */
typedef struct {
    fgft_port_address base;
    fgft_port_register mask;
    uint16_t size;
    uint8_t flags; /* FGFT_BLOCK_..., and the width */
    uint8_t space; /* FGFT_SPACE_...; not memory: base is packed (space.h) */
} fgft_block;

/* Where a register that a checkpoint keeps is, and which bits of it are kept: what the loops of a checkpoint and of a
   restore need (loops.h), apart from the rest so that they can take several by one instruction. */
typedef struct {
    fgft_port_address address;
    fgft_port_register mask;
} fgft_target;

/* What else is known of it. */
typedef struct {
    union {
        fgft_port_address toggle;  /* from the register to its XOR alias, 0: it has none */
        fgft_port_register shadow; /* of a shadow: what was last written */
    };
    uint8_t block;
    uint8_t width; /* the block's */
    uint8_t flags; /* FGFT_SAVE_... */
    uint8_t run;   /* how many entries, from this one on, are treated alike: the loops need not look at each */
} fgft_save;

/* Whether entries are treated alike in a row: for the loops, and where a message is kept. */
enum {
    FGFT_HAS_BUSES = FGFT_PORT_I2C_BUSES + FGFT_PORT_SPI_BUSES > 0,
    FGFT_HAS_RUNS = FGFT_PORT_LOOPS || FGFT_HAS_BUSES,
};

static inline uint8_t fgft_run(const fgft_save *entry) {
    return FGFT_HAS_RUNS ? entry->run : 1;
}

/* What is not on the wire: that a shadow is a part of a message (message.h), whose first entry has the other flags; the
   address space of the register; that what the shadow is of has been written; and that all bits of the register, and of
   the others in its run that follow, are saved. */
enum {
    FGFT_SAVE_MESSAGE = 1 << 3,
    FGFT_SAVE_SPACE_SHIFT = 4,
    FGFT_SAVE_SPACE_MASK = 3,
    FGFT_SAVE_BUS = FGFT_SAVE_SPACE_MASK << FGFT_SAVE_SPACE_SHIFT, /* any bit of it: not memory */
    FGFT_SAVE_WRITTEN = 1 << 6,
    FGFT_SAVE_WHOLE = 1 << 7,
};

/* Whether what a checkpoint says of it is what the register holds: of a shadow only once it has been written. */
static inline bool fgft_save_known(const fgft_save *entry) {
    return (entry->flags & (FGFT_SAVE_SHADOW | FGFT_SAVE_WRITTEN)) != FGFT_SAVE_SHADOW;
}

static inline void fgft_save_make_known(fgft_save *entry) {
    if (entry->flags & FGFT_SAVE_SHADOW) entry->flags |= FGFT_SAVE_WRITTEN;
}

/* One step of a restore. For `saved`, block is the first save entry and offset the number of entries. */
typedef struct {
    fgft_port_time wait;
    fgft_port_register mask;
    fgft_port_register value;
    uint16_t offset;
    uint8_t kind; /* FGFT_STEP_... */
    uint8_t block;
} fgft_step;

typedef struct {
    uint16_t size;  /* of the whole definition in the store, in bytes */
    uint8_t holder; /* the transaction that has a checkpoint of the peripheral, 0: none */
    uint8_t saves;  /* how many of each follow */
    uint8_t blocks;
    uint8_t steps;
    uint8_t shadows; /* how many of the saves are shadows of registers */
} fgft_definition;

/* The pieces follow one another without padding, so the size of each must keep the alignment of all. */
_Static_assert(sizeof(fgft_definition) % _Alignof(fgft_step) == 0 && sizeof(fgft_block) % _Alignof(fgft_step) == 0 &&
                   sizeof(fgft_target) % _Alignof(fgft_step) == 0 && sizeof(fgft_save) % _Alignof(fgft_step) == 0,
               "choose fgft_port_address and fgft_port_register as wide as the chip's words");

/* A target for each save, at the same place in its list. They come first, because they are found most often. */
static inline fgft_target *fgft_targets(const fgft_definition *definition) {
    return (fgft_target *)(uintptr_t)(definition + 1);
}

static inline fgft_save *fgft_saves(const fgft_definition *definition) {
    return (fgft_save *)(fgft_targets(definition) + definition->saves);
}

static inline fgft_block *fgft_blocks(const fgft_definition *definition) {
    return (fgft_block *)(fgft_saves(definition) + definition->saves);
}

static inline fgft_step *fgft_steps(const fgft_definition *definition) {
    return (fgft_step *)(fgft_blocks(definition) + definition->blocks);
}

enum { FGFT_WIDTH_MASK = 3 };

/* Of the widest register of this chip. */
enum { FGFT_WIDTH_MAX = sizeof(fgft_port_register) / 2 };

/* The width of a block, or the only one that there is. */
static inline uint8_t fgft_width(const fgft_block *block) {
    return sizeof(fgft_port_register) == 1 ? 0 : block->flags >> FGFT_BLOCK_WIDTH_SHIFT & FGFT_WIDTH_MASK;
}

/* All bits of a register. */
static inline fgft_port_register fgft_full_mask(uint8_t width) {
    if (sizeof(fgft_port_register) == 1) return (fgft_port_register)-1;
    return (fgft_port_register)((fgft_port_register)-1 >> (8 * sizeof(fgft_port_register) - (8U << width)));
}

/* The definition with this number, NULL when there is none. */
fgft_definition *fgft_definition_find(uint8_t number);

void fgft_definitions_clear(void);

/* Bytes left in the store. */
uint16_t fgft_definitions_free(void);

/* A new definition is drafted in the free part of the store; the draft begins with its size. When it is whole it
   replaces the definition that has the number now. No pointer into the store survives that. */
fgft_definition *fgft_definition_draft(void);
void fgft_definition_keep_draft(uint8_t number);

/* The length of the definition in a `define` op, whose first bytes (number, blocks, saves, steps) must be there. */
enum { FGFT_DEFINITION_HEADER = 4 };
uint16_t fgft_definition_length(const uint8_t *bytes);

/* Teaches the controller the peripheral that a complete definition describes. Returns a status; if that is not `ok`,
   nothing has changed. */
uint8_t fgft_define(const uint8_t *bytes);

#endif
