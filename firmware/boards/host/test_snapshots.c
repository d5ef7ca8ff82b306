/* Checkpoints that go to the host and come back. */
#include <string.h>

#include "bytes.h"
#include "host.h"
#include "suites.h"

enum {
    RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE,
    SAVES = 9, /* of peripheral 1 */
    MIXED = 1 + 4 * SAVES + 2,
    PLAIN = 1 + 4 * 4 + 1, /* of peripheral 2 */
};

static const host_ref saved = {1, 0, 0, 2}, shadowed = {1, 2, 0, 2}, other = {1, 2, 4, 2},
                      slot = {1, 3, 0, 0};

static void define(void) {
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
    host_block(RW, 1, BUS_PLAIN, 4, 0x0ff0);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_PLAIN + 0x10, 8, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 6, 0xff);
    host_space(FGFT_SPACE_I2C);
    for (uint16_t i = 0; i < 4; i++) host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
    host_save(1, 0, 2, 0x0ff0);
    host_save(2, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
    host_save(2, FGFT_SAVE_SHADOW, 4, UINT32_MAX);
    host_save(3, FGFT_SAVE_SHADOW, 0, fgft_get32((const uint8_t *)"init"));
    host_save(3, FGFT_SAVE_SHADOW, 4, fgft_get16((const uint8_t *)"ia"));
    host_define_now();
    host_definition(2);
    host_block(RW, 2, BUS_PLAIN + 0x40, 16, UINT32_MAX);
    for (uint16_t i = 0; i < 4; i++) host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
    host_define_now();
}

static void start(void) {
    host_open();
    for (uint32_t i = 0; i < 4; i++) {
        bus_poke(BUS_ALIASED + 4 * i, 0x100 + i);
        bus_poke(BUS_PLAIN + 0x40 + 4 * i, 0x200 + i);
    }
    bus_poke(BUS_PLAIN, 0x76543210);
    define();
    bus_clear_log();
}

static void take(uint8_t peripheral, uint8_t *record) {
    uint8_t saves = peripheral == 1 ? SAVES : 4;
    host_frame(0);
    host_snapshot(peripheral, saves);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results[0], saves);
    memcpy(record, answer.results, host_snapshot_bytes(saves));
}

static host_answer bring_back(uint8_t peripheral, const uint8_t *record) {
    bus_clear_log();
    host_frame(0);
    host_restore(peripheral, record);
    return host_send();
}

static uint16_t known(const uint8_t *record) {
    return fgft_get16(record + 1 + 4 * SAVES);
}

static void a_snapshot_is_what_a_checkpoint_would_save(void) {
    uint8_t record[MIXED];
    start();
    take(1, record);
    EXPECT_EQUAL(bus_stores(), 0);
    for (uint32_t i = 0; i < 4; i++) EXPECT_EQUAL(fgft_get32(record + 1 + 4 * i), 0x100 + i);
    EXPECT_EQUAL(fgft_get32(record + 1 + 4 * 4) & 0x0ff0, 0x7654 & 0x0ff0);
    EXPECT_EQUAL(fgft_get32(record + 1 + 4 * 5), 0);
    EXPECT(memcmp(record + 1 + 4 * 7, "initia\0\0", 8) == 0);
}

static void a_shadow_is_known_once_it_is_written(void) {
    uint8_t record[MIXED];
    start();
    take(1, record);
    EXPECT_EQUAL(known(record), 0x01f);
    host_frame(0);
    host_write(other, 0x55);
    host_ok();
    take(1, record);
    EXPECT_EQUAL(known(record), 0x05f);
    EXPECT_EQUAL(fgft_get32(record + 1 + 4 * 6), 0x55);
}

static void a_message_is_known_as_a_whole(void) {
    uint8_t record[MIXED];
    start();
    host_frame(0);
    host_transfer(slot, (const uint8_t *)"sixsix", 6, 0);
    host_ok();
    take(1, record);
    EXPECT_EQUAL(known(record), 0x19f);
    EXPECT(memcmp(record + 1 + 4 * 7, "sixsix\0\0", 8) == 0);
}

static void what_is_brought_back_is_read_back(void) {
    uint8_t record[MIXED];
    start();
    take(1, record);
    for (uint32_t i = 0; i < 4; i++) bus_poke(BUS_ALIASED + 4 * i, 0xffffffff);
    bus_poke(BUS_PLAIN, 0xffffffff);
    host_answer answer = bring_back(1, record);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_8(answer, 0), FGFT_ROLLBACK_VERIFIED);
    EXPECT_EQUAL(host_result_16(answer, 2), SAVES);
    for (uint32_t i = 0; i < 4; i++) EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4 * i), 0x100 + i);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0xf65fffff); /* the bits that it owns */
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x10), 0);   /* a shadow that nobody knows stays as it is */
    EXPECT_EQUAL(chips_message_count(), 0);
}

/* The controller was reset, so that it knows nothing of what was written before. */
static void what_is_known_comes_back_in_another_session(void) {
    uint8_t record[MIXED];
    start();
    host_frame(0);
    host_write(shadowed, 0x77);
    host_transfer(slot, (const uint8_t *)"sixsix", 6, 0);
    host_ok();
    take(1, record);
    start();
    host_answer answer = bring_back(1, record);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x10), 0x77);
    EXPECT_EQUAL(chips_message_count(), 1);
    EXPECT(memcmp(chips_message_at(0).bytes, "sixsix", 6) == 0);
    for (size_t i = 0; i < bus_log_length(); i++) EXPECT(bus_logged(i).address != BUS_PLAIN + 0x14);
    uint8_t again[MIXED];
    take(1, again);
    EXPECT(memcmp(again, record, MIXED) == 0);
    host_frame(1); /* and a rollback takes what came back for what was there */
    host_begin();
    host_write(shadowed, 1);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x10), 0x77);
}

static void the_restore_steps_run(void) {
    uint8_t record[1 + 4 + 1];
    start();
    host_definition(3);
    host_block(RW, 2, BUS_PLAIN + 0x80, 8, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 4, UINT32_MAX, 0x99, 0);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 0, 4, 1, 0, 10); /* never */
    host_define_now();
    bus_clock_step(1);
    host_frame(0);
    host_snapshot(3, 1);
    memcpy(record, host_send().results, sizeof record);
    host_answer answer = bring_back(3, record);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x84), 0x99);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.offset, 4);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_MISMATCH);
}

static void what_does_not_read_back_is_named(void) {
    uint8_t record[PLAIN];
    start();
    take(2, record);
    bus_poke(BUS_PLAIN + 0x48, 0);
    bus_behave(BUS_PLAIN + 0x48, BUS_IGNORES, UINT32_MAX, 0);
    host_answer answer = bring_back(2, record);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.report.restored, 4);
    EXPECT_EQUAL(answer.report.count, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].peripheral, 2);
    EXPECT_EQUAL(answer.report.mismatches[0].index, 2);
    EXPECT_EQUAL(answer.report.mismatches[0].expected, 0x202);
}

static void a_refused_restore_touches_nothing(void) {
    uint8_t record[PLAIN];
    start();
    take(2, record);
    host_frame(1);
    host_begin();
    host_write((host_ref){2, 0, 0, 2}, 7);
    host_ok();
    host_answer answer = bring_back(2, record);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_PERIPHERAL_BUSY);
    EXPECT_EQUAL(answer.failure.found, 1);
    answer = bring_back(9, record);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.failure.peripheral, 9);
    answer = bring_back(1, record); /* that has another number of saves */
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OUT_OF_BOUNDS);
    EXPECT_EQUAL(answer.failure.expected, SAVES);
    EXPECT_EQUAL(answer.failure.found, 4);
    host_frame(0);
    host_op(FGFT_OP_RESTORE, 0);
    for (size_t i = 0; i < PLAIN; i++) host_byte(i == 0 ? 2 : record[i - 1]); /* one byte too few */
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x40), 7);
}

static void a_transaction_restores_nothing_but_its_own(void) {
    uint8_t record[PLAIN];
    start();
    take(2, record);
    host_frame(1);
    host_begin();
    host_write(saved, 7);
    host_restore(2, record);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_TRANSACTION_OPEN);
    EXPECT_EQUAL(answer.ran, 2);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x100);
}

/* Both need the room of a checkpoint for a while: 128 bytes, of which a transaction takes most. */
static void a_full_arena_refuses_before_the_hardware_is_touched(void) {
    uint8_t record[PLAIN];
    start();
    take(2, record);
    host_frame(1);
    host_begin();
    for (int i = 0; i < (FGFT_PORT_ARENA_BYTES - 16) / 4; i++) host_savepoint();
    host_ok();
    host_answer answer = bring_back(2, record);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(answer.failure.expected, 16);
    EXPECT_EQUAL(answer.failure.found, 20);
    host_frame(0);
    host_snapshot(2, 4);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(bus_log_length(), 0);
    host_frame(1);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bring_back(2, record).status, FGFT_STATUS_OK);
}

static void an_answer_without_room_is_refused_before_the_hardware_is_touched(void) {
    uint8_t echoed[255] = {0}, record[PLAIN];
    start();
    take(2, record);
    bus_clear_log();
    for (int op = 0; op < 2; op++) {
        host_frame(0);
        host_echo(echoed, 255);
        host_echo(echoed, op == 0 ? 160 : 180);
        if (op == 0) {
            host_snapshot(1, SAVES);
        } else {
            host_restore(2, record);
        }
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_ANSWER_TOO_LONG);
        EXPECT_EQUAL(answer.ran, 2);
    }
    EXPECT_EQUAL(bus_log_length(), 0);
}

/* A snapshot is a read: anybody's, of what is there. */
static void a_snapshot_may_be_taken_of_what_is_held(void) {
    uint8_t record[PLAIN];
    start();
    host_frame(1);
    host_begin();
    host_write((host_ref){2, 0, 4, 2}, 7);
    host_snapshot(2, 4);
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_32(answer, 5), 7);
    take(2, record);
    EXPECT_EQUAL(fgft_get32(record + 5), 7);
    host_frame(1);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x44), 0x201);
    host_frame(0);
    host_snapshot(9, 0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
}

static void a_register_that_faults_fails_the_snapshot_and_the_restore(void) {
    uint8_t record[PLAIN];
    start();
    take(2, record);
    bus_behave(BUS_PLAIN + 0x44, BUS_FAULTS, 0, 0);
    host_frame(0);
    host_snapshot(2, 4);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.ran, 0);
    EXPECT_EQUAL(bring_back(2, record).status, FGFT_STATUS_RESTORE_MISMATCH);
    bus_behave(BUS_PLAIN + 0x44, BUS_MEMORY, 0, 0);
    EXPECT_EQUAL(bring_back(2, record).status, FGFT_STATUS_OK);
}

static void a_peripheral_that_saves_nothing_has_an_empty_snapshot(void) {
    start();
    host_definition(3);
    host_block(RW | FGFT_BLOCK_JOURNAL, 2, BUS_PLAIN + 0x80, 8, UINT32_MAX);
    host_define_now();
    host_frame(0);
    host_snapshot(3, 0);
    host_restore(3, (const uint8_t *)"");
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_8(answer, 0), 0);
    EXPECT_EQUAL(host_result_8(answer, 1), FGFT_ROLLBACK_VERIFIED);
}

static const test tests[] = {
    TEST(a_snapshot_is_what_a_checkpoint_would_save),
    TEST(a_shadow_is_known_once_it_is_written),
    TEST(a_message_is_known_as_a_whole),
    TEST(what_is_brought_back_is_read_back),
    TEST(what_is_known_comes_back_in_another_session),
    TEST(the_restore_steps_run),
    TEST(what_does_not_read_back_is_named),
    TEST(a_refused_restore_touches_nothing),
    TEST(a_transaction_restores_nothing_but_its_own),
    TEST(a_full_arena_refuses_before_the_hardware_is_touched),
    TEST(an_answer_without_room_is_refused_before_the_hardware_is_touched),
    TEST(a_snapshot_may_be_taken_of_what_is_held),
    TEST(a_register_that_faults_fails_the_snapshot_and_the_restore),
    TEST(a_peripheral_that_saves_nothing_has_an_empty_snapshot),
};

const suite snapshot_suite = SUITE("snapshots", tests);
