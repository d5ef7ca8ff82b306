#include "report.h"

#include "bytes.h"

fgft_failure fgft_failed;
fgft_report fgft_rollback_report;

void fgft_failure_clear(void) {
    fgft_failed = (fgft_failure){.peripheral = FGFT_LIMIT_NO_PERIPHERAL};
}

uint8_t fgft_fail(uint8_t status, fgft_port_number expected, fgft_port_number found) {
    fgft_failed.expected = expected;
    fgft_failed.found = found;
    return status;
}

void fgft_report_begin(uint8_t outcome) {
    fgft_rollback_report.outcome = outcome;
    fgft_rollback_report.named = 0;
    fgft_rollback_report.restored = 0;
    fgft_rollback_report.mismatched = 0;
}

void fgft_report_trouble(const fgft_failure *trouble) {
    if (fgft_rollback_report.mismatched++ == 0) fgft_rollback_report.first = *trouble;
    fgft_rollback_report.outcome = FGFT_ROLLBACK_MISMATCH;
}

void fgft_report_mismatch(uint8_t index, const fgft_failure *mismatch) {
    fgft_report_trouble(mismatch);
    if (fgft_rollback_report.named == FGFT_PORT_MISMATCHES) return;
    uint8_t *at = fgft_rollback_report.mismatches + fgft_rollback_report.named * FGFT_SIZE_MISMATCH;
    at[0] = mismatch->peripheral;
    at[1] = index;
    fgft_put32(at + 2, mismatch->expected);
    fgft_put32(at + 6, mismatch->found);
    fgft_rollback_report.named++;
}

uint8_t *fgft_put_failure(uint8_t *at) {
    at[0] = fgft_failed.peripheral;
    at[1] = fgft_failed.block;
    fgft_put16(at + 2, fgft_failed.offset);
    fgft_put32(at + 4, fgft_failed.expected);
    fgft_put32(at + 8, fgft_failed.found);
    return at + FGFT_SIZE_FAILURE;
}

uint8_t *fgft_put_report(uint8_t *at) {
    uint16_t count = (uint16_t)(fgft_rollback_report.named * FGFT_SIZE_MISMATCH);
    at[0] = fgft_rollback_report.outcome;
    at[1] = fgft_rollback_report.named;
    fgft_put16(at + 2, fgft_rollback_report.restored);
    memcpy(at + FGFT_SIZE_ROLLBACK_REPORT, fgft_rollback_report.mismatches, count);
    return at + FGFT_SIZE_ROLLBACK_REPORT + count;
}
