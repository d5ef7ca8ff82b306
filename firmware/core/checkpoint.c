/*
 * What low-power suspend and resume do to the registers of a peripheral, without the power-down.
 *
 * The save list is walked in runs of entries that are treated alike. Runs of what most registers are, in memory and of
 * the chip's usual width, go through loops that hold nothing but loads, stores and a little logic (loops.h). All others
 * are taken one by one.
 */
#include "checkpoint.h"

#include "bytes.h"
#include "crc.h"
#include "loops.h"
#include "message.h"
#include "space.h"

static bool for_loops(const fgft_save *run) {
    bool usual_width = sizeof(fgft_port_register) == 1 || run->width == FGFT_PORT_WIDTH;
    return usual_width && (run->flags & (FGFT_SAVE_SHADOW | (FGFT_HAS_BUSES ? FGFT_SAVE_BUS : 0))) == 0;
}

static void save_shadows(const fgft_save *save, uint8_t count, fgft_port_register *saved) {
    for (; count > 0; count--) *saved++ = save++->shadow;
}

/* Stops at the first that fails: such a checkpoint is not used. */
static bool save_each(const fgft_definition *definition, uint8_t first, uint8_t count, fgft_port_register *saved) {
    for (; count > 0; count--) {
        if (!fgft_read(fgft_location_of(definition, first++), saved++)) return false;
    }
    return true;
}

void fgft_checkpoint_save(const fgft_definition *definition, fgft_port_register *saved) {
    for (uint8_t first = 0; first < definition->saves;) {
        const fgft_save *run = fgft_saves(definition) + first;
        if (for_loops(run)) {
            fgft_loop_save(fgft_targets(definition) + first, run->run, saved + first);
        } else if (run->flags & FGFT_SAVE_SHADOW) {
            save_shadows(run, run->run, saved + first);
        } else if (!save_each(definition, first, run->run, saved + first)) {
            return;
        }
        first = (uint8_t)(first + run->run);
    }
}

/* A shadow stands for a register that cannot be read: what is stored, is stored as a whole. What was never written
   holds what an earlier session left in it, and keeps that. */
static void write_shadows_back(const fgft_definition *definition, uint8_t first, uint8_t count,
                               const fgft_port_register *saved) {
    const fgft_target *target = fgft_targets(definition) + first;
    fgft_save *save = fgft_saves(definition) + first;
    for (; count > 0; count--, first++, target++, save++, saved++) {
        if ((save->flags & FGFT_SAVE_WRITTEN) == 0) continue;
        save->shadow ^= (save->shadow ^ *saved) & target->mask;
        if (FGFT_HAS_BUSES && (save->flags & FGFT_SAVE_BUS)) {
            fgft_write(fgft_location_of(definition, first), save->shadow);
        } else {
            fgft_port_write(target->address, save->width, save->shadow);
        }
    }
}

/* Without an alias the other bits are stored as they were read, or as 0. */
static void write_register_back(fgft_location at, const fgft_save *save, fgft_port_register mask,
                                fgft_port_register saved) {
    fgft_port_register present = 0;
    bool others = mask != fgft_full_mask(at.width) && (save->flags & FGFT_SAVE_ZEROS) == 0;
    if (others && !fgft_read(at, &present)) return;
    fgft_port_register flips = (fgft_port_register)((present ^ saved) & mask);
    if (others && save->toggle != 0) {
        fgft_port_write((fgft_port_address)(at.address + save->toggle), at.width, flips);
    } else {
        fgft_write(at, (fgft_port_register)(present ^ flips));
    }
}

/* Goes on behind one that fails: the chip may have missed that one only. */
static void write_each_back(const fgft_definition *definition, uint8_t first, uint8_t count,
                            const fgft_port_register *saved) {
    for (; count > 0; count--, first++) {
        const fgft_save *save = fgft_saves(definition) + first;
        fgft_port_register mask = fgft_targets(definition)[first].mask;
        write_register_back(fgft_location_of(definition, first), save, mask, *saved++);
    }
}

void fgft_checkpoint_write_back(const fgft_definition *definition, uint8_t first, uint8_t count,
                                const fgft_port_register *saved) {
    const fgft_save *run = fgft_saves(definition) + first;
    const fgft_target *target = fgft_targets(definition) + first;
    if (for_loops(run) && (run->flags & FGFT_SAVE_WHOLE)) {
        fgft_loop_write(target, count, saved);
    } else if (for_loops(run) && run->toggle != 0) {
        fgft_loop_toggle(target, count, saved, run->toggle);
    } else if (FGFT_HAS_BUSES && (run->flags & FGFT_SAVE_MESSAGE)) {
        fgft_message_write_back(definition, first, saved);
    } else if (run->flags & FGFT_SAVE_SHADOW) {
        write_shadows_back(definition, first, count, saved);
    } else {
        write_each_back(definition, first, count, saved);
    }
}

/* One that cannot be read differs. */
static bool any_differs(const fgft_definition *definition, uint8_t first, uint8_t count,
                        const fgft_port_register *saved) {
    bool differs = false;
    for (; count > 0; count--, first++, saved++) {
        fgft_port_register present;
        bool read = fgft_read(fgft_location_of(definition, first), &present);
        if (!read || ((present ^ *saved) & fgft_targets(definition)[first].mask) != 0) differs = true;
    }
    return differs;
}

bool fgft_checkpoint_differs(const fgft_definition *definition, uint8_t first, const fgft_port_register *saved) {
    const fgft_save *run = fgft_saves(definition) + first;
    if (run->flags & (FGFT_SAVE_SHADOW | FGFT_SAVE_VOLATILE)) return false;
    if (for_loops(run)) return fgft_loop_differs(fgft_targets(definition) + first, run->run, saved);
    return any_differs(definition, first, run->run, saved);
}

uint32_t fgft_checkpoint_digest(const fgft_definition *definition) {
    uint32_t crc = 0;
    for (uint8_t i = 0; i < definition->saves; i++) {
        const fgft_save *save = fgft_saves(definition) + i;
        if (save->flags & FGFT_SAVE_VOLATILE) continue;
        fgft_port_register value = save->shadow;
        if ((save->flags & FGFT_SAVE_SHADOW) == 0) fgft_read(fgft_location_of(definition, i), &value);
        uint8_t bytes[4];
        fgft_put32(bytes, value & fgft_targets(definition)[i].mask);
        crc = fgft_crc(crc, bytes, sizeof bytes);
    }
    return crc;
}
