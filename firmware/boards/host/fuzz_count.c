#include "fuzz_commands.h"
#include "protocol.h"

/* The length of an op, from what the protocol says, not from what the core does. */
static uint32_t op_length(const uint8_t *op, uint16_t left) {
    uint8_t width = op[0] >> 6;
    uint8_t value = (uint8_t)(1 << (width == 3 ? 0 : width));
    switch (op[0] & 0x3f) {
    case FGFT_OP_HELLO: return 5;
    case FGFT_OP_ECHO: return left < 2 ? 2 : 2U + op[1];
    case FGFT_OP_STATUS: return 3;
    case FGFT_OP_DEFINE:
        return left < 5 ? 5
                        : 5U + op[2] * (uint32_t)FGFT_SIZE_BLOCK + op[3] * (uint32_t)FGFT_SIZE_SAVE +
                              op[4] * (uint32_t)FGFT_SIZE_STEP;
    case FGFT_OP_DIGEST:
    case FGFT_OP_SNAPSHOT: return 2;
    case FGFT_OP_RESTORE: return left < 3 ? 3 : 3U + op[2] * 4U + (op[2] + 7U) / 8;
    case FGFT_OP_READ: return 5;
    case FGFT_OP_WRITE: return 5U + value;
    case FGFT_OP_MASKED: return 5U + 2U * value;
    case FGFT_OP_READ_BLOCK:
    case FGFT_OP_READ_FIFO: return 6;
    case FGFT_OP_WRITE_BLOCK:
    case FGFT_OP_WRITE_FIFO: return left < 6 ? 6 : 6U + op[5] * (uint32_t)value;
    case FGFT_OP_POLL: return 9U + 2U * value;
    case FGFT_OP_DELAY: return 5;
    case FGFT_OP_WATCH: return 5U + value;
    case FGFT_OP_EVENTS: return 2;
    case FGFT_OP_TRANSFER:
    case FGFT_OP_QUERY: return left < 6 ? 6 : 7U + op[5];
    default: return 1;
    }
}

uint8_t fuzz_count_ops(const uint8_t *body, uint16_t length) {
    uint8_t count = 0;
    for (uint32_t at = 0; at < length && count < UINT8_MAX; count++) {
        at += op_length(body + at, (uint16_t)(length - at));
    }
    return count;
}
