/* Savepoints: nested calls that end, or fail, without those around them; and checkpoints that go to the host and back. */
#include <string.h>

#include "bytes.h"
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE, JOURNALED = 3, BLOB = 4 * 4 + 1 };

/* Peripherals 1 and 2 save four registers each; 3 has a journal of eight. */
static uint32_t base_of(uint8_t number) {
    return BUS_PLAIN + 0x40U * number;
}

static host_ref at(uint8_t number, uint16_t index) {
    return (host_ref){number, 0, (uint16_t)(4 * index), 2};
}

static void start(void) {
    host_open();
    for (uint8_t number = 1; number <= JOURNALED; number++) {
        bool journal = number == JOURNALED;
        host_definition(number);
        host_block(journal ? RW | FGFT_BLOCK_JOURNAL : RW, 2, base_of(number), journal ? 32 : 16, UINT32_MAX);
        for (uint16_t i = 0; i < 4 && !journal; i++) host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
        host_define_now();
        for (uint16_t i = 0; i < 8; i++) bus_poke(base_of(number) + 4U * i, 0x100U * number + i);
    }
}

static void expect_untouched(uint8_t number) {
    for (uint32_t i = 0; i < 8; i++) EXPECT_EQUAL(bus_peek(base_of(number) + 4 * i), 0x100U * number + i);
}

static void savepoint(void) {
    host_op(FGFT_OP_SAVEPOINT, 0);
}

static void release(void) {
    host_op(FGFT_OP_RELEASE, 0);
}

static void revert(void) {
    host_op(FGFT_OP_REVERT, FGFT_SIZE_ROLLBACK_REPORT);
}

static host_answer ok(void) {
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    return answer;
}

static void a_nested_call_is_reverted_alone(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    savepoint();
    host_write(at(1, 0), 2);
    host_write(at(2, 1), 3);
    host_write(at(JOURNALED, 2), 4);
    revert();
    ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    expect_untouched(2);
    expect_untouched(JOURNALED);
}

static void what_was_released_goes_back_with_its_caller(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_write(at(JOURNALED, 0), 1);
    savepoint();
    host_write(at(1, 1), 2);
    host_write(at(2, 1), 3);
    host_write(at(JOURNALED, 0), 5);
    host_write(at(JOURNALED, 1), 6);
    release();
    host_write(at(JOURNALED, 2), 7);
    host_rollback();
    ok();
    for (uint8_t number = 1; number <= JOURNALED; number++) expect_untouched(number);
}

/* The outermost call has a record of the journal, the middle one has none: it must get that of the innermost. */
static void what_a_call_took_over_is_its_own_to_revert(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(JOURNALED, 3), 1);
    savepoint();
    savepoint();
    host_write(at(JOURNALED, 2), 2);
    host_write(at(1, 1), 3);
    release();
    revert();
    ok();
    EXPECT_EQUAL(bus_peek(base_of(JOURNALED) + 12), 1);
    EXPECT_EQUAL(bus_peek(base_of(JOURNALED) + 8), 0x302);
    expect_untouched(1);
}

static void an_op_that_fails_undoes_the_innermost_call_only(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    savepoint();
    host_write(at(1, 0), 2);
    host_poll(at(1, 1), UINT32_MAX, 9, 0);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_POLL_TIMEOUT);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_VERIFIED);
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
}

static void after_a_failure_only_the_end_of_that_call_runs(void) {
    an_op_that_fails_undoes_the_innermost_call_only();
    for (int i = 0; i < 2; i++) {
        host_frame(1);
        host_write(at(1, 2), 5);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_SAVEPOINT_FAILED);
        EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_NONE);
    }
    EXPECT_EQUAL(bus_peek(base_of(1) + 8), 0x102);
    host_frame(1);
    revert();
    host_write(at(1, 2), 6);
    host_commit();
    ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    EXPECT_EQUAL(bus_peek(base_of(1) + 8), 6);
}

static void a_failed_call_may_be_ended_by_a_rollback_of_everything(void) {
    an_op_that_fails_undoes_the_innermost_call_only();
    host_frame(1);
    host_rollback();
    ok();
    expect_untouched(1);
}

static void a_commit_ends_nested_calls_too(void) {
    start();
    host_frame(1);
    host_begin();
    savepoint();
    host_write(at(1, 0), 2);
    savepoint();
    host_write(at(1, 0), 3);
    host_commit();
    ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 3);
    host_frame(2);
    host_begin();
    host_write(at(1, 0), 4);
    host_rollback();
    ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 3);
}

static void nested_calls_of_two_transactions_do_not_mix(void) {
    start();
    host_frame(1);
    host_begin();
    savepoint();
    host_write(at(1, 0), 1);
    ok();
    host_frame(2);
    host_begin();
    host_write(at(2, 0), 1);
    savepoint();
    host_write(at(2, 0), 2);
    ok();
    host_frame(1);
    revert();
    ok();
    expect_untouched(1);
    EXPECT_EQUAL(bus_peek(base_of(2)), 2);
    host_frame(2);
    revert();
    ok();
    EXPECT_EQUAL(bus_peek(base_of(2)), 1);
}

static void a_peripheral_is_held_until_its_last_record_is_gone(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    savepoint();
    host_write(at(1, 0), 2);
    revert();
    ok();
    host_frame(0);
    host_write(at(1, 0), 9);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
}

static void an_expired_lease_takes_nested_calls_back_as_well(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    savepoint();
    host_write(at(1, 0), 2);
    host_write(at(JOURNALED, 0), 3);
    ok();
    bus_pass(200000);
    fgft_check_lease();
    expect_untouched(1);
    expect_untouched(JOURNALED);
}

static void a_full_arena_refuses_a_savepoint_before_anything_happens(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    for (int i = 0; i < 64; i++) savepoint();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    host_frame(1);
    host_rollback();
    ok();
    expect_untouched(1);
}

static void a_call_that_cannot_be_reverted_takes_everything_back(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(2, 0), 1);
    savepoint();
    host_write(at(1, 0), 2);
    ok();
    bus_behave(base_of(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    revert();
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_RESTORE_MISMATCH);
    expect_untouched(2);
    host_frame(1);
    host_read(at(1, 0));
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
}

static host_answer snapshot(uint8_t number) {
    host_frame(0);
    host_op(FGFT_OP_SNAPSHOT, 1 + BLOB);
    host_byte(number);
    return host_send();
}

static void restore(uint8_t number, const uint8_t *record) {
    host_op(FGFT_OP_RESTORE, FGFT_SIZE_ROLLBACK_REPORT);
    host_byte(number);
    for (int i = 0; i < 1 + BLOB; i++) host_byte(record[i]);
}

static void a_snapshot_comes_back_as_it_went(void) {
    uint8_t record[1 + BLOB];
    start();
    host_answer answer = snapshot(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    memcpy(record, answer.results, sizeof record);
    EXPECT_EQUAL(record[0], 4);
    EXPECT_EQUAL(fgft_get32(record + 5), 0x101);
    EXPECT_EQUAL(record[BLOB], 0xf);
    for (uint32_t i = 0; i < 4; i++) bus_poke(base_of(1) + 4 * i, 0);
    host_frame(0);
    restore(1, record);
    ok();
    expect_untouched(1);
}

static void a_snapshot_does_not_come_back_into_what_a_transaction_holds(void) {
    uint8_t record[1 + BLOB];
    start();
    memcpy(record, snapshot(1).results, sizeof record);
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 7);
    ok();
    host_frame(0);
    restore(1, record);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    EXPECT_EQUAL(bus_peek(base_of(1)), 7);
}

static void a_snapshot_that_does_not_read_back_names_the_register(void) {
    uint8_t record[1 + BLOB];
    start();
    memcpy(record, snapshot(1).results, sizeof record);
    bus_poke(base_of(1) + 8, 0);
    bus_behave(base_of(1) + 8, BUS_IGNORES, UINT32_MAX, 0);
    host_frame(0);
    restore(1, record);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.report.mismatches[0].index, 2);
    EXPECT_EQUAL(answer.report.mismatches[0].expected, 0x102);
}

static const test tests[] = {
    TEST(a_nested_call_is_reverted_alone),
    TEST(what_was_released_goes_back_with_its_caller),
    TEST(what_a_call_took_over_is_its_own_to_revert),
    TEST(an_op_that_fails_undoes_the_innermost_call_only),
    TEST(after_a_failure_only_the_end_of_that_call_runs),
    TEST(a_failed_call_may_be_ended_by_a_rollback_of_everything),
    TEST(a_commit_ends_nested_calls_too),
    TEST(nested_calls_of_two_transactions_do_not_mix),
    TEST(a_peripheral_is_held_until_its_last_record_is_gone),
    TEST(an_expired_lease_takes_nested_calls_back_as_well),
    TEST(a_full_arena_refuses_a_savepoint_before_anything_happens),
    TEST(a_call_that_cannot_be_reverted_takes_everything_back),
    TEST(a_snapshot_comes_back_as_it_went),
    TEST(a_snapshot_does_not_come_back_into_what_a_transaction_holds),
    TEST(a_snapshot_that_does_not_read_back_names_the_register),
};

const suite savepoint_suite = SUITE("savepoints", tests);
