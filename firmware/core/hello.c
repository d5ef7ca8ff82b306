#include "hello.h"

#include "bytes.h"
#include "transaction.h"

/* What the record begins with. */
static const FGFT_PORT_FLASH uint8_t constant[] = {
    FGFT_HELLO_FEATURES & 0xff,
    FGFT_HELLO_FEATURES >> 8,
    FGFT_PORT_BOARD,
    0, /* reset cause */
    FGFT_PORT_VERSION & 0xff,
    (uint32_t)FGFT_PORT_VERSION >> 8 & 0xff,
    (uint32_t)FGFT_PORT_VERSION >> 16 & 0xff,
    (uint32_t)FGFT_PORT_VERSION >> 24,
    FGFT_PORT_FRAME_MAX & 0xff,
    FGFT_PORT_FRAME_MAX >> 8,
    FGFT_PORT_WINDOW,
    FGFT_PORT_TRANSACTIONS,
    FGFT_PORT_ARENA_BYTES & 0xff,
    FGFT_PORT_ARENA_BYTES >> 8,
    FGFT_PORT_DEFINITION_BYTES & 0xff,
    FGFT_PORT_DEFINITION_BYTES >> 8,
    FGFT_PORT_PERIPHERALS,
    FGFT_PORT_MISMATCHES,
};

uint8_t *fgft_put_hello(uint8_t *at, const fgft_boot_record *boot, uint16_t session, uint16_t last_sequence,
                        uint16_t lease_ms) {
    const fgft_transaction_history *past = fgft_transactions_past();
    memset(at, 0, FGFT_SIZE_HELLO_RESULT);
    for (uint8_t i = 0; i < sizeof constant; i++) at[i] = constant[i];
    at[3] = boot->reset_cause;
    fgft_put16(at + 18, lease_ms);
    if (FGFT_PORT_FAULT_RECORD) {
        at[20] = boot->fault_exception;
        fgft_put32(at + 24, boot->fault_pc);
        fgft_put32(at + 28, boot->fault_lr);
    }
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
