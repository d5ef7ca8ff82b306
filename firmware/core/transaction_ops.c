/* The ops that are about transactions, and the ones that take a checkpoint to the host and back. */
#include "arena.h"
#include "bytes.h"
#include "checkpoint.h"
#include "message.h"
#include "ops.h"
#include "report.h"
#include "restore.h"
#include "space.h"
#include "transaction.h"

uint8_t fgft_op_begin(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)operands, (void)width;
    return fgft_transaction_begin(batch->transaction);
}

uint8_t fgft_op_commit(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)operands, (void)width;
    fgft_transaction_commit(batch->transaction);
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_savepoint(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)operands, (void)width;
    return fgft_savepoint_begin(batch->transaction);
}

uint8_t fgft_op_release(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)operands, (void)width;
    return fgft_savepoint_release(batch->transaction);
}

/* If anything does not read back, the op fails, and the report stands where that of any failed frame does: at the end
   of the answer. So the one that stands in its result names no mismatch. */
static uint8_t put_restored(uint8_t *result) {
    if (fgft_rollback_report.outcome == FGFT_ROLLBACK_MISMATCH) {
        fgft_failed = fgft_rollback_report.first;
        return FGFT_STATUS_RESTORE_MISMATCH;
    }
    fgft_put_report(result);
    fgft_report_begin(FGFT_ROLLBACK_NONE);
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_rollback(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)operands, (void)width;
    uint8_t *result = fgft_result(batch, FGFT_SIZE_ROLLBACK_REPORT);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    fgft_transaction_roll_back(batch->transaction, FGFT_END_ROLLED_BACK);
    return put_restored(result);
}

uint8_t fgft_op_revert(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)operands, (void)width;
    uint8_t *result = fgft_result(batch, FGFT_SIZE_ROLLBACK_REPORT);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    uint8_t status = fgft_savepoint_revert(batch->transaction);
    return status == FGFT_STATUS_OK ? put_restored(result) : status;
}

/* The entry that says whether a value is known. A message is known as a whole, or not. */
static fgft_save *spokesman(const fgft_definition *definition, uint8_t index) {
    fgft_save *entry = fgft_saves(definition) + index;
    return entry->flags & FGFT_SAVE_MESSAGE ? fgft_message_of(definition, fgft_blocks(definition) + entry->block) : entry;
}

/* A record on the wire: u8 count, the registers, and a bit for each that says whether its value is known. */
static uint16_t wire_bytes(uint8_t count) {
    return (uint16_t)(1 + 4 * count + (count + 7) / 8);
}

/* Room for a checkpoint that belongs to no transaction, NULL when there is none. */
static fgft_record *passing_record(uint8_t peripheral, const fgft_definition *definition) {
    uint16_t needed = fgft_record_bytes(definition->saves);
    uint16_t left = fgft_arena_free();
    if (needed <= left) return fgft_arena_add(0, peripheral, definition->saves);
    fgft_fail(FGFT_STATUS_ARENA_FULL, left, needed);
    return NULL;
}

uint8_t fgft_op_snapshot(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    fgft_failed.peripheral = operands[0];
    const fgft_definition *definition = fgft_definition_find(operands[0]);
    if (definition == NULL) return FGFT_STATUS_UNDEFINED_PERIPHERAL;
    uint8_t *result = fgft_result(batch, wire_bytes(definition->saves));
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    fgft_record *record = passing_record(operands[0], definition);
    if (record == NULL) return FGFT_STATUS_ARENA_FULL;
    fgft_checkpoint_save(definition, record->saved);
    uint8_t *known = result + 1 + 4 * definition->saves;
    memset(known, 0, (size_t)(definition->saves + 7) / 8);
    *result = definition->saves;
    for (uint8_t i = 0; i < definition->saves; i++) {
        fgft_put32(result + 1 + 4 * i, record->saved[i]);
        if (fgft_save_known(spokesman(definition, i))) known[i / 8] = (uint8_t)(known[i / 8] | 1 << i % 8);
    }
    fgft_arena_remove(record);
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_restore(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    uint8_t count = operands[1];
    const uint8_t *values = fgft_take(batch, (uint16_t)(wire_bytes(count) - 1));
    if (values == NULL) return FGFT_STATUS_MALFORMED_OP;
    fgft_failed.peripheral = operands[0];
    if (batch->transaction != 0) return FGFT_STATUS_TRANSACTION_OPEN;
    fgft_definition *definition = fgft_definition_find(operands[0]);
    if (definition == NULL) return FGFT_STATUS_UNDEFINED_PERIPHERAL;
    if (definition->holder != 0) return fgft_fail(FGFT_STATUS_PERIPHERAL_BUSY, 0, definition->holder);
    if (count != definition->saves) return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, definition->saves, count);
    uint8_t *result = fgft_result(batch, FGFT_SIZE_ROLLBACK_REPORT);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    fgft_record *record = passing_record(operands[0], definition);
    if (record == NULL) return FGFT_STATUS_ARENA_FULL;
    for (uint8_t i = 0; i < count; i++) {
        record->saved[i] = (fgft_port_register)fgft_get32(values + 4 * i);
        if (values[4 * count + i / 8] >> i % 8 & 1) fgft_save_make_known(spokesman(definition, i));
    }
    fgft_report_begin(FGFT_ROLLBACK_VERIFIED);
    fgft_restore(definition, record);
    fgft_arena_remove(record);
    return put_restored(result);
}
