/* Savepoints: nested calls that end, or fail, without those around them. */
#include "host.h"
#include "suites.h"
#include "trio.h"

static void a_nested_call_is_reverted_alone(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_write(trio_at(2, 1), 3);
    host_write(trio_at(TRIO_JOURNALED, 2), 4);
    host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
    trio_expect_untouched(2);
    trio_expect_untouched(TRIO_JOURNALED);
}

static void an_op_that_fails_undoes_the_innermost_call_only(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_poll(trio_at(1, 1), UINT32_MAX, 9, 0);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_POLL_TIMEOUT);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_VERIFIED);
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
}

static void after_a_failure_only_the_end_of_that_call_runs(void) {
    an_op_that_fails_undoes_the_innermost_call_only();
    for (int i = 0; i < 2; i++) {
        host_frame(1);
        host_write(trio_at(1, 2), 5);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_SAVEPOINT_FAILED);
        EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_NONE);
    }
    EXPECT_EQUAL(bus_peek(trio_base(1) + 8), 0x102);
    host_frame(1);
    host_revert();
    host_write(trio_at(1, 2), 6);
    host_commit();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
    EXPECT_EQUAL(bus_peek(trio_base(1) + 8), 6);
}

static void a_failed_call_may_be_ended_by_a_rollback_of_everything(void) {
    an_op_that_fails_undoes_the_innermost_call_only();
    host_frame(1);
    host_rollback();
    host_ok();
    trio_expect_untouched(1);
}

static void a_commit_ends_nested_calls_too(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_savepoint();
    host_write(trio_at(1, 0), 3);
    host_commit();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(1)), 3);
    host_frame(2);
    host_begin();
    host_write(trio_at(1, 0), 4);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(1)), 3);
}

static void nested_calls_of_two_transactions_do_not_mix(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_savepoint();
    host_write(trio_at(1, 0), 1);
    host_ok();
    host_frame(2);
    host_begin();
    host_write(trio_at(2, 0), 1);
    host_savepoint();
    host_write(trio_at(2, 0), 2);
    host_ok();
    host_frame(1);
    host_revert();
    host_ok();
    trio_expect_untouched(1);
    EXPECT_EQUAL(bus_peek(trio_base(2)), 2);
    host_frame(2);
    host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(2)), 1);
}

static void a_peripheral_is_held_until_its_last_record_is_gone(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_revert();
    host_ok();
    host_frame(0);
    host_write(trio_at(1, 0), 9);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
}

static void an_expired_lease_takes_nested_calls_back_as_well(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_write(trio_at(TRIO_JOURNALED, 0), 3);
    host_ok();
    bus_pass(200000);
    fgft_check_lease();
    trio_expect_untouched(1);
    trio_expect_untouched(TRIO_JOURNALED);
}

static void a_full_arena_refuses_a_savepoint_before_anything_happens(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    for (int i = 0; i < 64; i++) host_savepoint();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
    host_frame(1);
    host_rollback();
    host_ok();
    trio_expect_untouched(1);
}

static void a_call_that_cannot_be_reverted_takes_everything_back(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(2, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_ok();
    bus_behave(trio_base(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_revert();
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_RESTORE_MISMATCH);
    trio_expect_untouched(2);
    host_frame(1);
    host_read(trio_at(1, 0));
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
}

/* A call within a call within a call: the outermost has changed 2, the next 1. */
static void nest_three(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(2, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 1), 2);
    host_savepoint();
    host_write(trio_at(1, 0), 3);
    host_ok();
}

static void expect_all_over(uint8_t reason) {
    host_frame(1);
    host_read(trio_at(1, 0));
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(answer.failure.expected, reason);
    for (uint8_t number = 1; number <= 2; number++) {
        host_frame(0);
        host_write(trio_at(number, 3), 0x100U * number + 3);
        host_ok();
    }
}

static void however_deep_the_call_that_cannot_be_reverted_everything_goes_back(void) {
    nest_three();
    bus_behave(trio_base(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_revert();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.expected, 0x100);
    EXPECT_EQUAL(answer.failure.found, 3);
    EXPECT_EQUAL(answer.report.restored, 12);
    EXPECT_EQUAL(answer.report.count, 2); /* each call with a record of it finds it as it should not be */
    EXPECT_EQUAL(bus_peek(trio_base(1) + 4), 0x101);
    trio_expect_untouched(2);
    expect_all_over(FGFT_END_OP_FAILED);
}

/* Its caller could not read what the call itself got wrong: the report must not be that of the caller alone. */
static void the_report_of_a_revert_that_fails_is_of_all_calls(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(2, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 2), 2);
    host_ok();
    bus_behave(trio_base(1) + 8, BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_revert();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_MISMATCH);
    EXPECT_EQUAL(answer.report.count, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].peripheral, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].index, 2);
    EXPECT_EQUAL(answer.report.restored, 8);
    trio_expect_untouched(2);
}

static void a_failure_that_cannot_be_undone_takes_everything_back(void) {
    nest_three();
    bus_behave(trio_base(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_digest(9);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_MISMATCH);
    EXPECT_EQUAL(answer.report.restored, 12);
    trio_expect_untouched(2);
    expect_all_over(FGFT_END_OP_FAILED);
    bus_behave(trio_base(1), BUS_MEMORY, 0, 0);
    host_frame(1); /* a transaction of the same number has nothing to do with that */
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_commit();
    host_ok();
}

static void a_call_that_has_failed_runs_no_op_but_its_end(void) {
    static const uint8_t refused[] = {FGFT_OP_BEGIN, FGFT_OP_COMMIT, FGFT_OP_SAVEPOINT, FGFT_OP_RELEASE};
    an_op_that_fails_undoes_the_innermost_call_only();
    bus_clear_log();
    for (size_t i = 0; i < 8; i++) {
        host_frame(1);
        switch (i) {
        case 0: host_read(trio_at(1, 0)); break;
        case 1: host_snapshot(1, 4); break;
        case 2: host_digest(1); break;
        case 3: host_delay(0); break;
        default: host_op(refused[i - 4], 0);
        }
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_SAVEPOINT_FAILED);
        EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
        EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_NONE);
    }
    EXPECT_EQUAL(bus_log_length(), 0);
    host_frame(1);
    host_revert();
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_8(answer, 0), FGFT_ROLLBACK_NONE);
    host_frame(1);
    host_rollback();
    host_ok();
    trio_expect_untouched(1);
}

static void after_a_failed_call_its_caller_may_fail_by_itself(void) {
    nest_three();
    for (int depth = 2; depth >= 1; depth--) {
        host_frame(1);
        host_digest(9);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
        EXPECT_EQUAL(answer.report.restored, 4);
        EXPECT_EQUAL(bus_peek(trio_base(1)), 0x100);
        EXPECT_EQUAL(bus_peek(trio_base(1) + 4), depth == 2 ? 2 : 0x101);
        EXPECT_EQUAL(bus_peek(trio_base(2)), 1);
        host_frame(1);
        host_revert();
        host_ok();
    }
    host_frame(1);
    host_digest(9);
    host_send();
    trio_expect_untouched(2);
    expect_all_over(FGFT_END_OP_FAILED);
}

static void bytes_behind_a_release_undo_the_caller(void) {
    nest_three();
    host_frame(1);
    host_release();
    host_byte(0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    trio_expect_untouched(1);
    EXPECT_EQUAL(bus_peek(trio_base(2)), 1);
    host_frame(1);
    host_revert();
    host_commit();
    host_ok();
}

static void only_a_savepoint_can_be_ended(void) {
    static const uint8_t ends[] = {FGFT_OP_RELEASE, FGFT_OP_REVERT};
    for (size_t i = 0; i < sizeof ends; i++) {
        for (uint8_t transaction = 0; transaction <= 1; transaction++) {
            trio_open();
            host_frame(transaction);
            host_op(ends[i], 0);
            EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
            host_frame(transaction);
            host_savepoint();
            EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
        }
        host_frame(2); /* another transaction's savepoint is not its own */
        host_begin();
        host_savepoint();
        host_ok();
        host_frame(1);
        host_begin();
        host_write(trio_at(1, 0), 1);
        host_op(ends[i], 0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
        trio_expect_untouched(1);
        expect_all_over(FGFT_END_OP_FAILED);
    }
}

static void who_is_not_nested_goes_on_as_ever(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_savepoint();
    host_ok();
    bus_clear_log();
    host_frame(0);
    host_write(trio_at(1, 0), 5); /* outside of transactions */
    host_write(trio_at(TRIO_JOURNALED, 0), 5);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 2);
    host_frame(2);
    host_begin();
    host_write(trio_at(1, 0), 6);
    host_write(trio_at(1, 1), 6);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 2 + 4 + 2);
    host_frame(1);
    host_write(trio_at(TRIO_JOURNALED, 0), 6); /* nobody holds it */
    host_rollback();
    host_ok();
    host_frame(2);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(1)), 5);
    EXPECT_EQUAL(bus_peek(trio_base(TRIO_JOURNALED)), 5);
}

static void each_call_takes_one_checkpoint_of_its_own(void) {
    trio_open();
    host_frame(1);
    host_begin();
    bus_clear_log();
    host_write(trio_at(1, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_write(trio_at(1, 1), 2);
    host_release();
    host_write(trio_at(1, 2), 2);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 4 + 1 + 4 + 1 + 1 + 1);
}

static void an_arena_that_fills_up_in_a_nested_call_fails_that_call(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_write(trio_at(2, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 0), 2);
    host_write(trio_at(2, 0), 2);
    for (int i = 0; i < 7; i++) host_savepoint(); /* 16 of 128 bytes are left then */
    host_ok();
    bus_clear_log();
    host_frame(1);
    host_write(trio_at(1, 0), 3);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(answer.failure.expected, 16);
    EXPECT_EQUAL(answer.failure.found, 20);
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(bus_peek(trio_base(1)), 2);
    host_frame(1);
    for (int i = 0; i < 8; i++) host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
    EXPECT_EQUAL(bus_peek(trio_base(2)), 1);
}

static void a_checkpoint_that_faults_fails_the_call_and_leaves_the_callers(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_savepoint();
    host_ok();
    bus_behave(trio_base(1) + 8, BUS_FAULTS, 0, 0);
    host_frame(1);
    host_write(trio_at(1, 0), 2);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_VERIFIED);
    EXPECT_EQUAL(answer.report.restored, 0);
    EXPECT_EQUAL(bus_peek(trio_base(1)), 1);
    bus_behave(trio_base(1) + 8, BUS_MEMORY, 0, 0);
    host_frame(0);
    host_write(trio_at(1, 0), 9);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    host_frame(1);
    host_revert();
    host_rollback();
    host_ok();
    trio_expect_untouched(1);
}

static const test tests[] = {
    TEST(a_nested_call_is_reverted_alone),
    TEST(an_op_that_fails_undoes_the_innermost_call_only),
    TEST(after_a_failure_only_the_end_of_that_call_runs),
    TEST(a_failed_call_may_be_ended_by_a_rollback_of_everything),
    TEST(a_commit_ends_nested_calls_too),
    TEST(nested_calls_of_two_transactions_do_not_mix),
    TEST(a_peripheral_is_held_until_its_last_record_is_gone),
    TEST(an_expired_lease_takes_nested_calls_back_as_well),
    TEST(a_full_arena_refuses_a_savepoint_before_anything_happens),
    TEST(a_call_that_cannot_be_reverted_takes_everything_back),
    TEST(however_deep_the_call_that_cannot_be_reverted_everything_goes_back),
    TEST(the_report_of_a_revert_that_fails_is_of_all_calls),
    TEST(a_failure_that_cannot_be_undone_takes_everything_back),
    TEST(a_call_that_has_failed_runs_no_op_but_its_end),
    TEST(after_a_failed_call_its_caller_may_fail_by_itself),
    TEST(bytes_behind_a_release_undo_the_caller),
    TEST(only_a_savepoint_can_be_ended),
    TEST(who_is_not_nested_goes_on_as_ever),
    TEST(each_call_takes_one_checkpoint_of_its_own),
    TEST(an_arena_that_fills_up_in_a_nested_call_fails_that_call),
    TEST(a_checkpoint_that_faults_fails_the_call_and_leaves_the_callers),
};

const suite savepoint_suite = SUITE("savepoints", tests);
