#include "batch.h"

#include "bytes.h"
#include "definition.h"
#include "events.h"
#include "ops.h"
#include "report.h"
#include "space.h"
#include "transaction.h"

/* What an op takes after its first byte: so many bytes, and values of its width. */
enum {
    BYTES_MASK = 0x0f,
    VALUE = 0x10, /* times how many */
    VALUES_MASK = 0x30,
    OF_A_WIDTH = 0x80,
};

/* The handler takes what is not fixed. `hello` is not here: it is a frame of its own. */
static const FGFT_PORT_FLASH struct {
    fgft_op *run;
    uint8_t takes;
} ops[] = {
    [FGFT_OP_ECHO] = {fgft_op_echo, 1},
    [FGFT_OP_STATUS] = {fgft_op_status, 2},
    [FGFT_OP_DEFINE] = {fgft_op_define, FGFT_DEFINITION_HEADER},
    [FGFT_OP_DIGEST] = {fgft_op_digest, 1},
    [FGFT_OP_BEGIN] = {fgft_op_begin, 0},
    [FGFT_OP_COMMIT] = {fgft_op_commit, 0},
    [FGFT_OP_ROLLBACK] = {fgft_op_rollback, 0},
    [FGFT_OP_SAVEPOINT] = {FGFT_PORT_SAVEPOINTS ? fgft_op_savepoint : NULL, 0},
    [FGFT_OP_RELEASE] = {FGFT_PORT_SAVEPOINTS ? fgft_op_release : NULL, 0},
    [FGFT_OP_REVERT] = {FGFT_PORT_SAVEPOINTS ? fgft_op_revert : NULL, 0},
    [FGFT_OP_SNAPSHOT] = {FGFT_PORT_SNAPSHOTS ? fgft_op_snapshot : NULL, 1},
    [FGFT_OP_RESTORE] = {FGFT_PORT_SNAPSHOTS ? fgft_op_restore : NULL, 2},
    [FGFT_OP_READ] = {fgft_op_read, 4 | OF_A_WIDTH},
    [FGFT_OP_WRITE] = {fgft_op_write, 4 | VALUE | OF_A_WIDTH},
    [FGFT_OP_MASKED] = {fgft_op_masked, 4 | 2 * VALUE | OF_A_WIDTH},
    [FGFT_OP_READ_BLOCK] = {fgft_op_read_block, 5 | OF_A_WIDTH},
    [FGFT_OP_WRITE_BLOCK] = {fgft_op_write_block, 5 | OF_A_WIDTH},
    [FGFT_OP_READ_FIFO] = {fgft_op_read_fifo, 5 | OF_A_WIDTH},
    [FGFT_OP_WRITE_FIFO] = {fgft_op_write_fifo, 5 | OF_A_WIDTH},
    [FGFT_OP_POLL] = {fgft_op_poll, 8 | 2 * VALUE | OF_A_WIDTH},
    [FGFT_OP_DELAY] = {fgft_op_delay, 4},
    [FGFT_OP_TRANSFER] = {FGFT_HAS_BUSES ? fgft_op_transfer : NULL, 5},
    [FGFT_OP_QUERY] = {FGFT_HAS_BUSES ? fgft_op_query : NULL, 5},
    [FGFT_OP_WATCH] = {FGFT_HAS_EVENTS ? fgft_op_watch : NULL, 4 | VALUE | OF_A_WIDTH},
    [FGFT_OP_EVENTS] = {FGFT_HAS_EVENTS ? fgft_op_events : NULL, 1},
};

enum { WIDTH_SHIFT = 6, CODE_MASK = (1 << WIDTH_SHIFT) - 1, OP_CODES = sizeof ops / sizeof *ops };

const uint8_t *fgft_take(fgft_batch *batch, uint16_t bytes) {
    const uint8_t *taken = batch->in;
    if (bytes > (uint16_t)(batch->in_end - taken)) return NULL;
    batch->in += bytes;
    return taken;
}

uint8_t *fgft_result(fgft_batch *batch, uint16_t bytes) {
    uint8_t *result = batch->out;
    uint16_t room = (uint16_t)(batch->out_end - result);
    if (bytes > room) {
        fgft_fail(FGFT_STATUS_ANSWER_TOO_LONG, room, bytes);
        return NULL;
    }
    batch->out += bytes;
    return result;
}

/* Whether the frame may hold this op: inside a transaction that is open, or outside of any. */
static uint8_t check_transaction(fgft_batch *batch, uint8_t code) {
    uint8_t number = batch->transaction;
    bool needs = number != 0 || (code >= FGFT_OP_BEGIN && code <= FGFT_OP_REVERT);
    if (!needs) return FGFT_STATUS_OK;
    switch (fgft_transaction_state(number)) {
    case FGFT_TRANSACTION_OPEN: return FGFT_STATUS_OK;
    case FGFT_TRANSACTION_FAILED:
        return code == FGFT_OP_REVERT || code == FGFT_OP_ROLLBACK ? FGFT_STATUS_OK : FGFT_STATUS_SAVEPOINT_FAILED;
    default:
        if (number != 0 && code == FGFT_OP_BEGIN) return FGFT_STATUS_OK;
        return fgft_fail(FGFT_STATUS_NO_TRANSACTION, fgft_transaction_end_reason(number), number);
    }
}

static uint8_t run_op(fgft_batch *batch) {
    const uint8_t *first = fgft_take(batch, 1);
    if (first == NULL) return FGFT_STATUS_MALFORMED_OP;
    uint8_t code = *first & CODE_MASK;
    uint8_t width = *first >> WIDTH_SHIFT;
    if (code == FGFT_OP_HELLO) return FGFT_STATUS_MALFORMED_OP;
    if (code >= OP_CODES || ops[code].run == NULL) return FGFT_STATUS_UNKNOWN_OP;
    uint8_t takes = ops[code].takes;
    if (width > (takes & OF_A_WIDTH ? FGFT_WIDTH_MAX : 0)) return FGFT_STATUS_UNKNOWN_OP;
    uint8_t values = (uint8_t)((takes & VALUES_MASK) / VALUE);
    const uint8_t *operands = fgft_take(batch, (uint16_t)((takes & BYTES_MASK) + fgft_width_bytes(values, width)));
    if (operands == NULL) return FGFT_STATUS_MALFORMED_OP;
    uint8_t status = check_transaction(batch, code);
    if (status == FGFT_STATUS_OK) status = ops[code].run(batch, operands, width);
    uint8_t fault = fgft_take_fault();
    return status == FGFT_STATUS_OK ? fgft_fault_status(fault) : status;
}

uint8_t fgft_batch_run(fgft_batch *batch, uint8_t count) {
    uint8_t status = FGFT_STATUS_OK;
    fgft_report_begin(FGFT_ROLLBACK_NONE);
    batch->ran = 0;
    while (status == FGFT_STATUS_OK && batch->ran < count) {
        uint8_t *before = batch->out;
        fgft_failure_clear();
        status = run_op(batch);
        if (status == FGFT_STATUS_OK) {
            batch->ran++;
        } else {
            batch->out = before;
        }
    }
    if (status == FGFT_STATUS_OK && batch->in != batch->in_end) {
        fgft_failure_clear();
        status = FGFT_STATUS_MALFORMED_OP;
    }
    if (status != FGFT_STATUS_OK && fgft_transaction_open(batch->transaction)) {
        fgft_transaction_op_failed(batch->transaction);
    }
    return status;
}
