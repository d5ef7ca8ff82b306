/* Generated from runtime/link/protocol.ts by `npm run protocol`: edit that file, not this one. */
#ifndef FGFT_PROTOCOL_H
#define FGFT_PROTOCOL_H

/* The frame: version and first bytes */
enum {
    FGFT_FRAME_VERSION = 1,
    FGFT_FRAME_REQUEST_MAGIC = 246,
    FGFT_FRAME_ANSWER_MAGIC = 111,
    FGFT_FRAME_POKE_MAGIC = 157,
};

/* Sizes of the fixed parts, in bytes */
enum {
    FGFT_SIZE_REQUEST_HEADER = 10,
    FGFT_SIZE_ANSWER_HEADER = 14,
    FGFT_SIZE_CRC = 4,
    FGFT_SIZE_FAILURE = 12,
    FGFT_SIZE_ROLLBACK_REPORT = 4,
    FGFT_SIZE_MISMATCH = 10,
    FGFT_SIZE_BLOCK = 12,
    FGFT_SIZE_SAVE = 8,
    FGFT_SIZE_STEP = 16,
    FGFT_SIZE_HELLO_RESULT = 48,
    FGFT_SIZE_EVENTS_HEAD = 3,
    FGFT_SIZE_EVENT = 12,
    FGFT_SIZE_POKE = 10,
};

/* The packets of a serial line that are no frames: first bytes and sizes */
enum {
    FGFT_RESYNC_REQUEST_MAGIC = 245,
    FGFT_RESYNC_REQUEST_BYTES = 9,
    FGFT_RESYNC_ANSWER_MAGIC = 95,
    FGFT_RESYNC_ANSWER_BYTES = 17,
};

/* Must-understand bits */
enum {
    FGFT_FEATURE_TRANSACTIONS = 1,
    FGFT_FEATURE_EVENTS = 2,
    FGFT_FEATURE_SAVEPOINTS = 4,
    FGFT_FEATURE_SNAPSHOTS = 8,
    FGFT_FEATURE_JOURNALS = 16,
};

/* Op codes, in bits 0-5 of the op byte; the width stands in bits 6-7 */
enum {
    FGFT_OP_HELLO = 1,
    FGFT_OP_ECHO = 2,
    FGFT_OP_STATUS = 3,
    FGFT_OP_DEFINE = 4,
    FGFT_OP_DIGEST = 5,
    FGFT_OP_BEGIN = 6,
    FGFT_OP_COMMIT = 7,
    FGFT_OP_ROLLBACK = 8,
    FGFT_OP_SAVEPOINT = 9,
    FGFT_OP_RELEASE = 10,
    FGFT_OP_REVERT = 11,
    FGFT_OP_SNAPSHOT = 12,
    FGFT_OP_RESTORE = 13,
    FGFT_OP_READ = 16,
    FGFT_OP_WRITE = 17,
    FGFT_OP_MASKED = 18,
    FGFT_OP_READ_BLOCK = 19,
    FGFT_OP_WRITE_BLOCK = 20,
    FGFT_OP_READ_FIFO = 21,
    FGFT_OP_WRITE_FIFO = 22,
    FGFT_OP_POLL = 23,
    FGFT_OP_DELAY = 24,
    FGFT_OP_TRANSFER = 25,
    FGFT_OP_QUERY = 26,
    FGFT_OP_WATCH = 27,
    FGFT_OP_EVENTS = 28,
};

/* Status of an answer */
enum {
    FGFT_STATUS_OK = 0,
    FGFT_STATUS_BAD_FRAME = 1,
    FGFT_STATUS_BAD_VERSION = 2,
    FGFT_STATUS_NO_SESSION = 3,
    FGFT_STATUS_SEQUENCE_GAP = 4,
    FGFT_STATUS_UNKNOWN_OP = 5,
    FGFT_STATUS_MALFORMED_OP = 6,
    FGFT_STATUS_UNDEFINED_PERIPHERAL = 7,
    FGFT_STATUS_OUT_OF_BOUNDS = 8,
    FGFT_STATUS_ACCESS_DENIED = 9,
    FGFT_STATUS_NOT_ALLOWED = 10,
    FGFT_STATUS_NO_TRANSACTION = 11,
    FGFT_STATUS_TRANSACTION_OPEN = 12,
    FGFT_STATUS_TOO_MANY_TRANSACTIONS = 13,
    FGFT_STATUS_PERIPHERAL_BUSY = 14,
    FGFT_STATUS_ARENA_FULL = 15,
    FGFT_STATUS_DEFINITIONS_FULL = 16,
    FGFT_STATUS_POLL_TIMEOUT = 17,
    FGFT_STATUS_BUS_FAULT = 18,
    FGFT_STATUS_RESTORE_MISMATCH = 19,
    FGFT_STATUS_ANSWER_TOO_LONG = 20,
    FGFT_STATUS_INTERRUPTED = 21,
    FGFT_STATUS_UNSUPPORTED_FEATURE = 22,
    FGFT_STATUS_IRREVOCABLE = 23,
    FGFT_STATUS_SAVEPOINT_FAILED = 24,
    FGFT_STATUS_WATCHES_FULL = 25,
    FGFT_STATUS_BOARD_BUSY = 26,
};

/* Why a transaction ended */
enum {
    FGFT_END_NONE = 0,
    FGFT_END_COMMITTED = 1,
    FGFT_END_ROLLED_BACK = 2,
    FGFT_END_OP_FAILED = 3,
    FGFT_END_LEASE_EXPIRED = 4,
    FGFT_END_LINK_LOST = 5,
    FGFT_END_NEW_SESSION = 6,
};

/* Reset causes */
enum {
    FGFT_RESET_POWER_ON = 0,
    FGFT_RESET_PIN = 1,
    FGFT_RESET_WATCHDOG = 2,
    FGFT_RESET_SOFTWARE = 3,
    FGFT_RESET_DEBUGGER = 4,
    FGFT_RESET_FAULT = 5,
};

/* Boards */
enum {
    FGFT_BOARD_HOST = 0,
    FGFT_BOARD_RP2040 = 1,
    FGFT_BOARD_ATMEGA328P = 2,
};

/* Address spaces of a block */
enum {
    FGFT_SPACE_MMIO = 0,
    FGFT_SPACE_I2C = 1,
    FGFT_SPACE_SPI = 2,
};

/* Why a bus failed: what a failure record of `bus-fault` holds as `found` */
enum {
    FGFT_BUS_OK = 0,
    FGFT_BUS_NO_ADDRESS = 1,
    FGFT_BUS_NO_DATA = 2,
    FGFT_BUS_STUCK = 3,
    FGFT_BUS_ARBITRATION_LOST = 4,
};

/* Flags of an address block; log2 of its width in bytes stands in bits 4-5 */
enum {
    FGFT_BLOCK_READ = 1,
    FGFT_BLOCK_WRITE = 2,
    FGFT_BLOCK_ONES = 4,
    FGFT_BLOCK_FIFO = 8,
    FGFT_BLOCK_JOURNAL = 64,
    FGFT_BLOCK_SIDE_EFFECTS = 128,
    FGFT_BLOCK_WIDTH_SHIFT = 4,
};

/* Flags of a save entry */
enum {
    FGFT_SAVE_SHADOW = 1,
    FGFT_SAVE_VOLATILE = 2,
    FGFT_SAVE_ZEROS = 4,
};

/* Kinds of restore step */
enum {
    FGFT_STEP_SAVED = 1,
    FGFT_STEP_WRITE = 2,
    FGFT_STEP_POLL = 3,
    FGFT_STEP_DELAY = 4,
};

/* Other constants */
enum {
    FGFT_LIMIT_NO_PERIPHERAL = 255,
    FGFT_LIMIT_WAIT_MAX_US = 1000000,
    FGFT_LIMIT_POKE_AGAIN_US = 100000,
    FGFT_LIMIT_LAST_STATUS = 26,
    FGFT_LIMIT_USB_RESYNC_REQUEST = 82,
};

#endif
