/*
 * What low-power suspend and resume do to the registers of a peripheral, without the power-down.
 *
 * The save list is walked in runs of entries that are treated alike, so that the loops over single registers hold
 * nothing but loads, stores and a little logic. These loops are the cost of a checkpoint and of a restore, and the
 * reason why this file is compiled with -O2. Each stands here once, as an inline function, and is compiled twice: for
 * the width that most registers have, and for any other. Where the end of a round would be a fifth of the cost, a
 * round takes two registers. Registers behind a bus have loops of their own, where none of this matters.
 */
#include "checkpoint.h"

#include "bytes.h"
#include "crc.h"
#include "space.h"

/* On a chip with one width only, the compiler leaves out the other versions of the loops. */
static inline bool usual_width(const fgft_save *run) {
    return sizeof(fgft_port_register) == 1 || run->width == FGFT_PORT_WIDTH;
}

static inline void save_registers(const fgft_save *entry, const fgft_save *end, fgft_port_register *saved,
                                  uint8_t width) {
    for (; entry != end; entry++) *saved++ = fgft_port_read(entry->address, width);
}

static void save_shadows(const fgft_save *entry, const fgft_save *end, fgft_port_register *saved) {
    for (; entry != end; entry++) *saved++ = entry->shadow;
}

/* Stops at the first that fails: such a checkpoint is not used. */
static bool save_behind_bus(const fgft_save *entry, const fgft_save *end, fgft_port_register *saved) {
    for (; entry != end; entry++) {
        if (!fgft_read(fgft_location_of(entry), saved++)) return false;
    }
    return true;
}

void fgft_checkpoint_save(const fgft_definition *definition, fgft_port_register *saved) {
    const fgft_save *run = fgft_saves(definition);
    const fgft_save *end = run + definition->saves;
    for (; run != end; saved += run->run, run += run->run) {
        const fgft_save *run_end = run + run->run;
        if (run->flags & FGFT_SAVE_SHADOW) {
            save_shadows(run, run_end, saved);
        } else if (FGFT_HAS_BUSES && (run->flags & FGFT_SAVE_BUS)) {
            if (!save_behind_bus(run, run_end, saved)) return;
        } else if (usual_width(run)) {
            save_registers(run, run_end, saved, FGFT_PORT_WIDTH);
        } else {
            save_registers(run, run_end, saved, run->width);
        }
    }
}

/* Without an alias (toggle 0) the other bits are stored as they were read. */
static inline void restore_register(const fgft_save *entry, fgft_port_register saved, uint8_t width,
                                    fgft_port_address toggle) {
    fgft_port_register present = fgft_port_read(entry->address, width);
    fgft_port_register flips = (fgft_port_register)((present ^ saved) & entry->mask);
    fgft_port_register store = toggle != 0 ? flips : (fgft_port_register)(present ^ flips);
    fgft_port_write((fgft_port_address)(entry->address + toggle), width, store);
}

static inline void restore_registers(const fgft_save *entry, const fgft_save *end, const fgft_port_register *saved,
                                     uint8_t width, fgft_port_address toggle) {
    if ((end - entry) % 2 != 0) restore_register(entry++, *saved++, width, toggle);
    for (; entry != end; entry += 2, saved += 2) {
        restore_register(entry, saved[0], width, toggle);
        restore_register(entry + 1, saved[1], width, toggle);
    }
}

static inline void restore_whole_registers(const fgft_save *entry, const fgft_save *end,
                                           const fgft_port_register *saved) {
    for (; entry != end; entry++) fgft_port_write(entry->address, FGFT_PORT_WIDTH, *saved++);
}

/* A shadow stands for a register that cannot be read: what is stored, is stored as a whole. */
static void restore_shadows(fgft_save *entry, const fgft_save *end, const fgft_port_register *saved) {
    for (; entry != end; entry++, saved++) {
        entry->shadow = (fgft_port_register)((entry->shadow & ~entry->mask) | (*saved & entry->mask));
        fgft_write(fgft_location_of(entry), entry->shadow);
    }
}

/* Goes on behind one that fails: the chip may have missed that one only. */
static void restore_behind_bus(const fgft_save *entry, const fgft_save *end, const fgft_port_register *saved) {
    for (; entry != end; entry++, saved++) {
        fgft_location at = fgft_location_of(entry);
        fgft_port_register present = 0;
        bool whole = entry->mask == fgft_full_mask(entry->width);
        if (!whole && !fgft_read(at, &present)) continue;
        fgft_write(at, (fgft_port_register)((present & ~entry->mask) | (*saved & entry->mask)));
    }
}

void fgft_checkpoint_write_back(fgft_save *run, uint8_t count, const fgft_port_register *saved) {
    const fgft_save *end = run + count;
    if (run->flags & FGFT_SAVE_SHADOW) {
        restore_shadows(run, end, saved);
    } else if (FGFT_HAS_BUSES && (run->flags & FGFT_SAVE_BUS)) {
        restore_behind_bus(run, end, saved);
    } else if (!usual_width(run)) {
        restore_registers(run, end, saved, run->width, run->toggle);
    } else if (run->flags & FGFT_SAVE_WHOLE) {
        restore_whole_registers(run, end, saved);
    } else if (run->toggle != 0) {
        restore_registers(run, end, saved, FGFT_PORT_WIDTH, run->toggle);
    } else {
        restore_registers(run, end, saved, FGFT_PORT_WIDTH, 0);
    }
}

static inline fgft_port_register difference(const fgft_save *entry, fgft_port_register saved, uint8_t width) {
    return (fgft_port_register)((fgft_port_read(entry->address, width) ^ saved) & entry->mask);
}

static inline fgft_port_register differences(const fgft_save *entry, const fgft_save *end,
                                             const fgft_port_register *saved, uint8_t width) {
    fgft_port_register wrong = 0;
    if ((end - entry) % 2 != 0) wrong = difference(entry++, *saved++, width);
    for (; entry != end; entry += 2, saved += 2) {
        wrong |= difference(entry, saved[0], width);
        wrong |= difference(entry + 1, saved[1], width);
    }
    return wrong;
}

/* One that cannot be read differs in all bits. */
static fgft_port_register differences_behind_bus(const fgft_save *entry, const fgft_save *end,
                                                 const fgft_port_register *saved) {
    fgft_port_register wrong = 0;
    for (; entry != end; entry++, saved++) {
        fgft_port_register present;
        bool read = fgft_read(fgft_location_of(entry), &present);
        wrong |= (fgft_port_register)(read ? (present ^ *saved) & entry->mask : fgft_full_mask(entry->width));
    }
    return wrong;
}

fgft_port_register fgft_checkpoint_differences(const fgft_save *run, const fgft_port_register *saved) {
    const fgft_save *end = run + run->run;
    if (run->flags & (FGFT_SAVE_SHADOW | FGFT_SAVE_VOLATILE)) return 0;
    if (FGFT_HAS_BUSES && (run->flags & FGFT_SAVE_BUS)) return differences_behind_bus(run, end, saved);
    return usual_width(run) ? differences(run, end, saved, FGFT_PORT_WIDTH) : differences(run, end, saved, run->width);
}

uint32_t fgft_checkpoint_digest(const fgft_definition *definition) {
    uint32_t crc = 0;
    const fgft_save *entry = fgft_saves(definition);
    for (uint8_t left = definition->saves; left > 0; left--, entry++) {
        if (entry->flags & FGFT_SAVE_VOLATILE) continue;
        fgft_port_register value = entry->shadow;
        if ((entry->flags & FGFT_SAVE_SHADOW) == 0) fgft_read(fgft_location_of(entry), &value);
        uint8_t bytes[4];
        fgft_put32(bytes, value & entry->mask);
        crc = fgft_crc(crc, bytes, sizeof bytes);
    }
    return crc;
}
