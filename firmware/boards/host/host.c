#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "test.h"

enum { OPS_MAX = 255, BYTES_MAX = 2 * FGFT_PORT_FRAME_MAX };

uint16_t host_next_sequence;
uint16_t host_session;

static uint8_t frame[BYTES_MAX];
static size_t length;
static size_t result_lengths[OPS_MAX];
static uint8_t op_count;

static uint8_t counts[4]; /* number, blocks, saves, steps */
static uint8_t blocks[32 * FGFT_SIZE_BLOCK], saves[128 * FGFT_SIZE_SAVE], steps[32 * FGFT_SIZE_STEP];

void host_power_on(void) {
    bus_reset();
    fgft_init(&(fgft_boot_record){.epoch = HOST_EPOCH, .reset_cause = FGFT_RESET_PIN});
    host_next_sequence = 0;
    host_session = 0;
}

void host_frame(uint8_t transaction) {
    length = 0;
    op_count = 0;
    host_byte(FGFT_FRAME_REQUEST_MAGIC);
    host_byte(FGFT_FRAME_VERSION);
    host_16(0);
    host_16(host_session);
    host_16(host_next_sequence);
    host_byte(transaction);
    host_byte(0);
}

void host_byte(uint8_t byte) {
    if (length == sizeof frame) abort();
    frame[length++] = byte;
}

void host_16(uint16_t value) {
    host_byte((uint8_t)value);
    host_byte((uint8_t)(value >> 8));
}

void host_32(uint32_t value) {
    host_16((uint16_t)value);
    host_16((uint16_t)(value >> 16));
}

static void host_value(uint8_t width, uint32_t value) {
    for (int left = 1 << width; left > 0; left--, value >>= 8) host_byte((uint8_t)value);
}

void host_op(uint8_t code, size_t result_length) {
    result_lengths[op_count++] = result_length;
    host_byte(code);
}

static void op_at(uint8_t code, host_ref at, size_t result_length) {
    host_op((uint8_t)(code | at.width << 6), result_length);
    host_byte(at.peripheral);
    host_byte(at.block);
    host_16(at.offset);
}

void host_echo(const uint8_t *bytes, uint8_t count) {
    host_op(FGFT_OP_ECHO, count);
    host_byte(count);
    for (uint8_t i = 0; i < count; i++) host_byte(bytes[i]);
}

void host_status(uint16_t sequence) {
    host_op(FGFT_OP_STATUS, 4);
    host_16(sequence);
}

void host_digest(uint8_t peripheral) {
    host_op(FGFT_OP_DIGEST, 4);
    host_byte(peripheral);
}

void host_begin(void) {
    host_op(FGFT_OP_BEGIN, 0);
}

void host_commit(void) {
    host_op(FGFT_OP_COMMIT, 0);
}

void host_rollback(void) {
    host_op(FGFT_OP_ROLLBACK, FGFT_SIZE_ROLLBACK_REPORT);
}

void host_savepoint(void) {
    host_op(FGFT_OP_SAVEPOINT, 0);
}

void host_release(void) {
    host_op(FGFT_OP_RELEASE, 0);
}

void host_revert(void) {
    host_op(FGFT_OP_REVERT, FGFT_SIZE_ROLLBACK_REPORT);
}

size_t host_snapshot_bytes(uint8_t entries) {
    return 1 + 4U * entries + (entries + 7U) / 8;
}

void host_snapshot(uint8_t peripheral, uint8_t entries) {
    host_op(FGFT_OP_SNAPSHOT, host_snapshot_bytes(entries));
    host_byte(peripheral);
}

void host_restore(uint8_t peripheral, const uint8_t *record) {
    host_op(FGFT_OP_RESTORE, FGFT_SIZE_ROLLBACK_REPORT);
    host_byte(peripheral);
    for (size_t i = 0; i < host_snapshot_bytes(record[0]); i++) host_byte(record[i]);
}

void host_read(host_ref at) {
    op_at(FGFT_OP_READ, at, 1U << at.width);
}

void host_write(host_ref at, uint32_t value) {
    op_at(FGFT_OP_WRITE, at, 0);
    host_value(at.width, value);
}

void host_masked(host_ref at, uint32_t mask, uint32_t value) {
    op_at(FGFT_OP_MASKED, at, 0);
    host_value(at.width, mask);
    host_value(at.width, value);
}

void host_read_block(host_ref at, uint8_t count) {
    op_at(FGFT_OP_READ_BLOCK, at, (size_t)count << at.width);
    host_byte(count);
}

void host_read_fifo(host_ref at, uint8_t count) {
    op_at(FGFT_OP_READ_FIFO, at, (size_t)count << at.width);
    host_byte(count);
}

static void write_many(uint8_t code, host_ref at, const uint32_t *values, uint8_t count) {
    op_at(code, at, 0);
    host_byte(count);
    for (uint8_t i = 0; i < count; i++) host_value(at.width, values[i]);
}

void host_write_block(host_ref at, const uint32_t *values, uint8_t count) {
    write_many(FGFT_OP_WRITE_BLOCK, at, values, count);
}

void host_write_fifo(host_ref at, const uint32_t *values, uint8_t count) {
    write_many(FGFT_OP_WRITE_FIFO, at, values, count);
}

void host_poll(host_ref at, uint32_t mask, uint32_t value, uint32_t us) {
    op_at(FGFT_OP_POLL, at, 1U << at.width);
    host_value(at.width, mask);
    host_value(at.width, value);
    host_32(us);
}

void host_delay(uint32_t us) {
    host_op(FGFT_OP_DELAY, 0);
    host_32(us);
}

static void exchange(uint8_t code, host_ref at, const uint8_t *bytes, uint8_t count, uint8_t count_to_read) {
    op_at(code, at, count_to_read);
    host_byte(count);
    for (uint8_t i = 0; i < count; i++) host_byte(bytes[i]);
    host_byte(count_to_read);
}

void host_transfer(host_ref at, const uint8_t *bytes, uint8_t count, uint8_t count_to_read) {
    exchange(FGFT_OP_TRANSFER, at, bytes, count, count_to_read);
}

void host_query(host_ref at, const uint8_t *bytes, uint8_t count, uint8_t count_to_read) {
    exchange(FGFT_OP_QUERY, at, bytes, count, count_to_read);
}

void host_watch(host_ref at, uint32_t mask) {
    op_at(FGFT_OP_WATCH, at, 0);
    host_value(at.width, mask);
}

void host_events(uint8_t most, uint8_t given) {
    host_op(FGFT_OP_EVENTS, FGFT_SIZE_EVENTS_HEAD + given * (size_t)FGFT_SIZE_EVENT);
    host_byte(most);
}

uint8_t *host_frame_bytes(void) {
    return frame;
}

size_t host_frame_length(void) {
    return length;
}

void host_seal(void) {
    fgft_put16(frame + 2, (uint16_t)length);
    fgft_put32(frame + length - FGFT_SIZE_CRC, fgft_crc(0, frame, (uint16_t)(length - FGFT_SIZE_CRC)));
}

static void take_failure(host_answer *answer, const uint8_t *at) {
    answer->failure = (fgft_failure){at[0], at[1], fgft_get16(at + 2), fgft_get32(at + 4), fgft_get32(at + 8)};
    at += FGFT_SIZE_FAILURE;
    answer->report.outcome = at[0];
    answer->report.count = at[1];
    answer->report.restored = fgft_get16(at + 2);
    at += FGFT_SIZE_ROLLBACK_REPORT;
    for (uint8_t i = 0; i < answer->report.count; i++, at += FGFT_SIZE_MISMATCH) {
        answer->report.mismatches[i].peripheral = at[0];
        answer->report.mismatches[i].index = at[1];
        answer->report.mismatches[i].expected = fgft_get32(at + 2);
        answer->report.mismatches[i].found = fgft_get32(at + 6);
    }
    EXPECT_EQUAL((size_t)(at - answer->bytes) + FGFT_SIZE_CRC, answer->length);
}

/* Gives the firmware a copy that is exactly as long as the frame, so that reading beyond it is noticed. */
static fgft_answer execute(void) {
    uint8_t *copy = malloc(length);
    if (copy == NULL) abort();
    memcpy(copy, frame, length);
    fgft_answer answer = fgft_execute(copy, (uint16_t)length);
    free(copy);
    return answer;
}

/* Whatever the firmware answers must be a well-formed answer. */
host_answer host_repeat(void) {
    fgft_answer raw = execute();
    const uint8_t *bytes = raw.bytes;
    host_answer answer = {
        .session = fgft_get16(bytes + 4),
        .sequence = fgft_get16(bytes + 6),
        .epoch = fgft_get32(bytes + 8),
        .status = bytes[FGFT_ANSWER_STATUS],
        .ran = bytes[13],
        .results = bytes + FGFT_SIZE_ANSWER_HEADER,
        .bytes = bytes,
        .length = raw.length,
    };
    EXPECT_EQUAL(bytes[0], FGFT_FRAME_ANSWER_MAGIC);
    EXPECT_EQUAL(bytes[1], FGFT_FRAME_VERSION);
    EXPECT_EQUAL(fgft_get16(bytes + 2), raw.length);
    EXPECT(raw.length <= FGFT_PORT_FRAME_MAX);
    EXPECT_EQUAL(fgft_get32(bytes + raw.length - FGFT_SIZE_CRC),
                 fgft_crc(0, bytes, (uint16_t)(raw.length - FGFT_SIZE_CRC)));
    for (uint8_t i = 0; i < answer.ran; i++) answer.results_length += result_lengths[i];
    if (answer.status != FGFT_STATUS_OK) {
        take_failure(&answer, answer.results + answer.results_length);
    } else {
        EXPECT_EQUAL(FGFT_SIZE_ANSWER_HEADER + answer.results_length + FGFT_SIZE_CRC, raw.length);
    }
    return answer;
}

host_answer host_send(void) {
    frame[9] = op_count;
    host_32(0);
    host_seal();
    uint8_t after[8];
    host_answer answer = host_repeat();
    fgft_resync_answer(after);
    host_session = fgft_get16(after + 4);
    host_next_sequence = fgft_get16(after + 6);
    return answer;
}

void host_expect_refusal(host_answer answer, uint8_t status) {
    EXPECT_EQUAL(answer.status, status);
    EXPECT_EQUAL(answer.ran, 0);
    EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
    EXPECT_EQUAL(answer.report.outcome, 0);
    bool compares = status >= FGFT_STATUS_BAD_VERSION && status <= FGFT_STATUS_SEQUENCE_GAP;
    if (compares || status == FGFT_STATUS_UNSUPPORTED_FEATURE) return;
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 0);
}

host_answer host_ok(void) {
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    return answer;
}

host_answer host_roll_back(uint8_t transaction) {
    host_frame(transaction);
    host_rollback();
    return host_send();
}

void host_expect_verified(uint16_t restored) {
    bus_clear_log();
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_8(answer, 0), FGFT_ROLLBACK_VERIFIED);
    EXPECT_EQUAL(host_result_16(answer, 2), restored);
}

host_answer host_hello(uint16_t session, uint16_t features, uint16_t lease_ms) {
    host_session = session;
    host_next_sequence = 0;
    host_frame(0);
    host_op(FGFT_OP_HELLO, FGFT_SIZE_HELLO_RESULT);
    host_16(features);
    host_16(lease_ms);
    return host_send();
}

void host_open(void) {
    host_power_on();
    EXPECT_EQUAL(host_hello(HOST_SESSION, FGFT_FEATURE_TRANSACTIONS, 100).status, FGFT_STATUS_OK);
}

void host_definition(uint8_t number) {
    memset(counts, 0, sizeof counts);
    counts[0] = number;
}

void host_block(uint8_t flags, uint8_t width, uint32_t base, uint16_t size, uint32_t mask) {
    uint8_t *at = blocks + counts[1]++ * FGFT_SIZE_BLOCK;
    at[0] = 0;
    at[1] = (uint8_t)(flags | width << FGFT_BLOCK_WIDTH_SHIFT);
    fgft_put16(at + 2, size);
    fgft_put32(at + 4, base);
    fgft_put32(at + 8, mask);
}

void host_space(uint8_t space) {
    blocks[(counts[1] - 1) * FGFT_SIZE_BLOCK] = space;
}

void host_save(uint8_t block, uint8_t flags, uint16_t offset, uint32_t mask) {
    uint8_t *at = saves + counts[2]++ * FGFT_SIZE_SAVE;
    at[0] = block;
    at[1] = flags;
    fgft_put16(at + 2, offset);
    fgft_put32(at + 4, mask);
}

void host_step(uint8_t kind, uint8_t block, uint16_t offset, uint32_t mask, uint32_t value, uint32_t us) {
    uint8_t *at = steps + counts[3]++ * FGFT_SIZE_STEP;
    at[0] = kind;
    at[1] = block;
    fgft_put16(at + 2, offset);
    fgft_put32(at + 4, mask);
    fgft_put32(at + 8, value);
    fgft_put32(at + 12, us);
}

static void add(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) host_byte(bytes[i]);
}

void host_define(void) {
    host_op(FGFT_OP_DEFINE, 4);
    add(counts, sizeof counts);
    add(blocks, counts[1] * (size_t)FGFT_SIZE_BLOCK);
    add(saves, counts[2] * (size_t)FGFT_SIZE_SAVE);
    add(steps, counts[3] * (size_t)FGFT_SIZE_STEP);
}

host_answer host_try_define(void) {
    host_frame(0);
    host_define();
    return host_send();
}

void host_define_now(void) {
    EXPECT_EQUAL(host_try_define().status, FGFT_STATUS_OK);
}

uint32_t host_result_8(host_answer answer, size_t at) {
    return answer.results[at];
}

uint32_t host_result_16(host_answer answer, size_t at) {
    return fgft_get16(answer.results + at);
}

uint32_t host_result_32(host_answer answer, size_t at) {
    return fgft_get32(answer.results + at);
}
