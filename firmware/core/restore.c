#include "restore.h"

#include "checkpoint.h"
#include "journal.h"
#include "registers.h"
#include "report.h"
#include "wait.h"

/* Writes back the part of the save list that a `saved` step names. */
static void write_back(const fgft_definition *definition, const fgft_record *record, uint8_t first, uint8_t count) {
    while (count > 0) {
        uint8_t run = fgft_run(fgft_saves(definition) + first);
        uint8_t alike = run < count ? run : count;
        fgft_checkpoint_write_back(definition, first, alike, record->saved + first);
        first = (uint8_t)(first + alike);
        count = (uint8_t)(count - alike);
    }
}

static void poll(const fgft_block *block, const fgft_step *step, uint8_t peripheral) {
    fgft_condition condition;
    condition.at = fgft_location_in(block, step->offset);
    condition.mask = step->mask;
    condition.wanted = step->value;
    /* A bus that failed is told once, behind all steps, with its reason. */
    if (fgft_poll(&condition, step->wait, FGFT_WAIT_TO_THE_END) != FGFT_STATUS_POLL_TIMEOUT) return;
    fgft_failure trouble = {peripheral, step->block, step->offset, step->value, condition.last & step->mask};
    fgft_report_trouble(&trouble);
}

static void run_step(const fgft_definition *definition, const fgft_step *step, const fgft_record *record) {
    switch (step->kind) {
    case FGFT_STEP_SAVED:
        write_back(definition, record, step->block, (uint8_t)step->offset);
        fgft_rollback_report.restored = (uint16_t)(fgft_rollback_report.restored + step->offset);
        break;
    case FGFT_STEP_WRITE:
        fgft_register_change(definition, fgft_blocks(definition) + step->block, step->offset, step->mask, step->value);
        break;
    case FGFT_STEP_POLL: poll(fgft_blocks(definition) + step->block, step, record->peripheral); break;
    default: fgft_delay(step->wait, FGFT_WAIT_TO_THE_END);
    }
}

/* Looks at each register of a run again, to say which did not read back. */
static void name_mismatches(const fgft_definition *definition, const fgft_record *record, uint8_t first) {
    uint8_t index = first;
    for (uint8_t left = fgft_run(fgft_saves(definition) + first); left > 0; left--, index++) {
        const fgft_target *target = fgft_targets(definition) + index;
        uint8_t block = fgft_saves(definition)[index].block;
        fgft_port_register expected = record->saved[index] & target->mask;
        fgft_port_register found;
        bool read = fgft_read(fgft_location_of(definition, index), &found);
        found &= target->mask;
        if (read && found == expected) continue;
        uint16_t offset = fgft_offset_in(fgft_blocks(definition) + block, target->address);
        fgft_failure mismatch = {record->peripheral, block, offset, expected, found};
        fgft_report_mismatch(index, &mismatch);
    }
}

/* Only after all steps: what a later step did to an earlier register must not go unnoticed. */
static void verify(const fgft_definition *definition, const fgft_record *record) {
    for (uint8_t first = 0; first < definition->saves;) {
        if (fgft_checkpoint_differs(definition, first, record->saved + first)) {
            name_mismatches(definition, record, first);
        }
        first = (uint8_t)(first + fgft_run(fgft_saves(definition) + first));
    }
}

void fgft_restore(const fgft_definition *definition, const fgft_record *record) {
    const fgft_step *step = fgft_steps(definition);
    for (uint8_t left = definition->steps; left > 0; left--) run_step(definition, step++, record);
    /* Behind the steps, because one of them may have reset the peripheral. */
    if (FGFT_PORT_JOURNAL && record->journal > 0) fgft_journal_write_back(definition, record);
    verify(definition, record);
    if (FGFT_PORT_JOURNAL && record->journal > 0) fgft_journal_verify(definition, record);
    uint8_t fault = fgft_take_fault();
    if (fault != FGFT_FAULT_NONE) {
        fgft_failure trouble = {.peripheral = record->peripheral, .found = fault == FGFT_FAULT_MMIO ? 0 : fault};
        fgft_report_trouble(&trouble);
    }
}
