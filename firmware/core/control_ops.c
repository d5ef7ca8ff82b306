/* The ops that are neither about registers nor about transactions: definitions, events, and questions about the link. */
#include "bytes.h"
#include "checkpoint.h"
#include "crc.h"
#include "events.h"
#include "frame.h"
#include "journal.h"
#include "ops.h"
#include "report.h"

uint8_t fgft_op_echo(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    uint8_t count = operands[0];
    const uint8_t *bytes = fgft_take(batch, count);
    if (bytes == NULL) return FGFT_STATUS_MALFORMED_OP;
    uint8_t *result = fgft_result(batch, count);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    memcpy(result, bytes, count);
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_status(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    uint8_t *result = fgft_result(batch, 4);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    const uint8_t *kept = fgft_kept_answer(fgft_get16(operands));
    result[0] = kept != NULL;
    result[1] = kept != NULL ? kept[FGFT_ANSWER_STATUS] : 0;
    fgft_put16(result + 2, fgft_next_sequence());
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_define(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    uint16_t length = fgft_definition_length(operands);
    if (fgft_take(batch, (uint16_t)(length - FGFT_DEFINITION_HEADER)) == NULL) return FGFT_STATUS_MALFORMED_OP;
    uint8_t *result = fgft_result(batch, 4);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    fgft_put32(result, fgft_crc(0, operands, length));
    return fgft_define(operands);
}

uint8_t fgft_op_digest(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    fgft_failed.peripheral = operands[0];
    const fgft_definition *definition = fgft_definition_find(operands[0]);
    if (definition == NULL) return FGFT_STATUS_UNDEFINED_PERIPHERAL;
    uint8_t *result = fgft_result(batch, 4);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    uint32_t digest = fgft_checkpoint_digest(definition);
    if (FGFT_PORT_JOURNAL) digest = fgft_journal_digest(definition, digest);
    fgft_put32(result, digest);
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_events(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    uint8_t count = fgft_events_count();
    if (count > operands[0]) count = operands[0];
    uint8_t *result = fgft_result(batch, (uint16_t)(FGFT_SIZE_EVENTS_HEAD + count * FGFT_SIZE_EVENT));
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    fgft_events_take(result + FGFT_SIZE_EVENTS_HEAD, count);
    fgft_put16(result, fgft_events_next());
    result[2] = count;
    return FGFT_STATUS_OK;
}
