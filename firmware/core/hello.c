#include "hello.h"

#include "bytes.h"
#include "transaction.h"

uint8_t *fgft_put_hello(uint8_t *at, const fgft_boot_record *boot, uint16_t session, uint16_t last_sequence,
                        uint16_t lease_ms) {
    const fgft_transaction_history *past = fgft_transactions_past();
    memset(at, 0, FGFT_SIZE_HELLO_RESULT);
    fgft_put16(at, FGFT_HELLO_FEATURES);
    at[2] = FGFT_PORT_BOARD;
    at[3] = boot->reset_cause;
    fgft_put32(at + 4, FGFT_PORT_VERSION);
    fgft_put16(at + 8, FGFT_PORT_FRAME_MAX);
    at[10] = FGFT_PORT_WINDOW;
    at[11] = FGFT_PORT_TRANSACTIONS;
    fgft_put16(at + 12, FGFT_PORT_ARENA_BYTES);
    fgft_put16(at + 14, FGFT_PORT_DEFINITION_BYTES);
    at[16] = FGFT_PORT_PERIPHERALS;
    at[17] = FGFT_PORT_MISMATCHES;
    fgft_put16(at + 18, lease_ms);
    at[20] = boot->fault_exception;
    fgft_put32(at + 24, boot->fault_pc);
    fgft_put32(at + 28, boot->fault_lr);
    /* 32: no definitions are known before the first `define`, and the CRC of nothing is 0. */
    fgft_put16(at + 36, session);
    at[38] = past->abandoned;
    at[39] = past->reason;
    fgft_put16(at + 40, past->restored);
    fgft_put16(at + 42, past->mismatched);
    fgft_put16(at + 44, last_sequence);
    at[46] = past->committed;
    return at + FGFT_SIZE_HELLO_RESULT;
}
