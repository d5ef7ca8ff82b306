/* Savepoints: nested calls that end, or fail, without those around them. */
#include "bytes.h"
#include "host.h"
#include "nesting.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE, JOURNALED = 3 };

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

static void a_nested_call_is_reverted_alone(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_savepoint();
    host_write(at(1, 0), 2);
    host_write(at(2, 1), 3);
    host_write(at(JOURNALED, 2), 4);
    host_revert();
    host_ok();
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
    host_savepoint();
    host_write(at(1, 1), 2);
    host_write(at(2, 1), 3);
    host_write(at(JOURNALED, 0), 5);
    host_write(at(JOURNALED, 1), 6);
    host_release();
    host_write(at(JOURNALED, 2), 7);
    host_rollback();
    host_ok();
    for (uint8_t number = 1; number <= JOURNALED; number++) expect_untouched(number);
}

/* The outermost call has a record of the journal, the middle one has none: it must get that of the innermost. */
static void what_a_call_took_over_is_its_own_to_revert(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(JOURNALED, 3), 1);
    host_savepoint();
    host_savepoint();
    host_write(at(JOURNALED, 2), 2);
    host_write(at(1, 1), 3);
    host_release();
    host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(JOURNALED) + 12), 1);
    EXPECT_EQUAL(bus_peek(base_of(JOURNALED) + 8), 0x302);
    expect_untouched(1);
}

static void an_op_that_fails_undoes_the_innermost_call_only(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_savepoint();
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
    host_revert();
    host_write(at(1, 2), 6);
    host_commit();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    EXPECT_EQUAL(bus_peek(base_of(1) + 8), 6);
}

static void a_failed_call_may_be_ended_by_a_rollback_of_everything(void) {
    an_op_that_fails_undoes_the_innermost_call_only();
    host_frame(1);
    host_rollback();
    host_ok();
    expect_untouched(1);
}

static void a_commit_ends_nested_calls_too(void) {
    start();
    host_frame(1);
    host_begin();
    host_savepoint();
    host_write(at(1, 0), 2);
    host_savepoint();
    host_write(at(1, 0), 3);
    host_commit();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 3);
    host_frame(2);
    host_begin();
    host_write(at(1, 0), 4);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 3);
}

static void nested_calls_of_two_transactions_do_not_mix(void) {
    start();
    host_frame(1);
    host_begin();
    host_savepoint();
    host_write(at(1, 0), 1);
    host_ok();
    host_frame(2);
    host_begin();
    host_write(at(2, 0), 1);
    host_savepoint();
    host_write(at(2, 0), 2);
    host_ok();
    host_frame(1);
    host_revert();
    host_ok();
    expect_untouched(1);
    EXPECT_EQUAL(bus_peek(base_of(2)), 2);
    host_frame(2);
    host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(2)), 1);
}

static void a_peripheral_is_held_until_its_last_record_is_gone(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_savepoint();
    host_write(at(1, 0), 2);
    host_revert();
    host_ok();
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
    host_savepoint();
    host_write(at(1, 0), 2);
    host_write(at(JOURNALED, 0), 3);
    host_ok();
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
    for (int i = 0; i < 64; i++) host_savepoint();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    host_frame(1);
    host_rollback();
    host_ok();
    expect_untouched(1);
}

static void a_call_that_cannot_be_reverted_takes_everything_back(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(2, 0), 1);
    host_savepoint();
    host_write(at(1, 0), 2);
    host_ok();
    bus_behave(base_of(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_revert();
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_RESTORE_MISMATCH);
    expect_untouched(2);
    host_frame(1);
    host_read(at(1, 0));
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
}

/* A call within a call within a call: the outermost has changed 2, the next 1. */
static void nest_three(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(2, 0), 1);
    host_savepoint();
    host_write(at(1, 1), 2);
    host_savepoint();
    host_write(at(1, 0), 3);
    host_ok();
}

static void expect_all_over(uint8_t reason) {
    host_frame(1);
    host_read(at(1, 0));
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(answer.failure.expected, reason);
    for (uint8_t number = 1; number <= 2; number++) {
        host_frame(0);
        host_write(at(number, 3), 0x100U * number + 3);
        host_ok();
    }
}

static void however_deep_the_call_that_cannot_be_reverted_everything_goes_back(void) {
    nest_three();
    bus_behave(base_of(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_revert();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.expected, 0x100);
    EXPECT_EQUAL(answer.failure.found, 3);
    EXPECT_EQUAL(answer.report.restored, 12);
    EXPECT_EQUAL(answer.report.count, 2); /* each call with a record of it finds it as it should not be */
    EXPECT_EQUAL(bus_peek(base_of(1) + 4), 0x101);
    expect_untouched(2);
    expect_all_over(FGFT_END_OP_FAILED);
}

/* Its caller could not read what the call itself got wrong: the report must not be that of the caller alone. */
static void the_report_of_a_revert_that_fails_is_of_all_calls(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(2, 0), 1);
    host_savepoint();
    host_write(at(1, 2), 2);
    host_ok();
    bus_behave(base_of(1) + 8, BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_revert();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_MISMATCH);
    EXPECT_EQUAL(answer.report.count, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].peripheral, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].index, 2);
    EXPECT_EQUAL(answer.report.restored, 8);
    expect_untouched(2);
}

static void a_failure_that_cannot_be_undone_takes_everything_back(void) {
    nest_three();
    bus_behave(base_of(1), BUS_IGNORES, UINT32_MAX, 0);
    host_frame(1);
    host_digest(9);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_MISMATCH);
    EXPECT_EQUAL(answer.report.restored, 12);
    expect_untouched(2);
    expect_all_over(FGFT_END_OP_FAILED);
    bus_behave(base_of(1), BUS_MEMORY, 0, 0);
    host_frame(1); /* a transaction of the same number has nothing to do with that */
    host_begin();
    host_write(at(1, 0), 1);
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
        case 0: host_read(at(1, 0)); break;
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
    expect_untouched(1);
}

static void after_a_failed_call_its_caller_may_fail_by_itself(void) {
    nest_three();
    for (int depth = 2; depth >= 1; depth--) {
        host_frame(1);
        host_digest(9);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
        EXPECT_EQUAL(answer.report.restored, 4);
        EXPECT_EQUAL(bus_peek(base_of(1)), 0x100);
        EXPECT_EQUAL(bus_peek(base_of(1) + 4), depth == 2 ? 2 : 0x101);
        EXPECT_EQUAL(bus_peek(base_of(2)), 1);
        host_frame(1);
        host_revert();
        host_ok();
    }
    host_frame(1);
    host_digest(9);
    host_send();
    expect_untouched(2);
    expect_all_over(FGFT_END_OP_FAILED);
}

static void bytes_behind_a_release_undo_the_caller(void) {
    nest_three();
    host_frame(1);
    host_release();
    host_byte(0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    expect_untouched(1);
    EXPECT_EQUAL(bus_peek(base_of(2)), 1);
    host_frame(1);
    host_revert();
    host_commit();
    host_ok();
}

static void only_a_savepoint_can_be_ended(void) {
    static const uint8_t ends[] = {FGFT_OP_RELEASE, FGFT_OP_REVERT};
    for (size_t i = 0; i < sizeof ends; i++) {
        for (uint8_t transaction = 0; transaction <= 1; transaction++) {
            start();
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
        host_write(at(1, 0), 1);
        host_op(ends[i], 0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
        expect_untouched(1);
        expect_all_over(FGFT_END_OP_FAILED);
    }
}

static void who_is_not_nested_goes_on_as_ever(void) {
    start();
    host_frame(1);
    host_begin();
    host_savepoint();
    host_ok();
    bus_clear_log();
    host_frame(0);
    host_write(at(1, 0), 5); /* outside of transactions */
    host_write(at(JOURNALED, 0), 5);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 2);
    host_frame(2);
    host_begin();
    host_write(at(1, 0), 6);
    host_write(at(1, 1), 6);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 2 + 4 + 2);
    host_frame(1);
    host_write(at(JOURNALED, 0), 6); /* nobody holds it */
    host_rollback();
    host_ok();
    host_frame(2);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 5);
    EXPECT_EQUAL(bus_peek(base_of(JOURNALED)), 5);
}

static void each_call_takes_one_checkpoint_of_its_own(void) {
    start();
    host_frame(1);
    host_begin();
    bus_clear_log();
    host_write(at(1, 0), 1);
    host_savepoint();
    host_write(at(1, 0), 2);
    host_write(at(1, 1), 2);
    host_release();
    host_write(at(1, 2), 2);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 4 + 1 + 4 + 1 + 1 + 1);
}

/* Records of another transaction stand between those of a call and its caller's, and have journals, too. */
static void journals_are_merged_across_what_stands_between(void) {
    static const uint32_t values[] = {7, 7, 7};
    start();
    host_definition(2);
    host_block(RW | FGFT_BLOCK_JOURNAL, 2, base_of(2), 32, UINT32_MAX);
    host_define_now();
    host_frame(1);
    host_begin();
    host_write(at(JOURNALED, 1), 1);
    host_write(at(1, 0), 1);
    host_ok();
    host_frame(2);
    host_begin();
    host_write(at(2, 5), 1);
    host_ok();
    host_frame(1);
    host_savepoint();
    host_write_block(at(JOURNALED, 0), values, 3);
    host_write(at(1, 1), 2);
    host_ok();
    host_frame(2);
    host_write(at(2, 6), 1);
    host_ok();
    host_frame(1);
    host_release();
    host_write(at(JOURNALED, 7), 8);
    host_ok();
    host_frame(2);
    host_rollback();
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_16(answer, 2), 2);
    expect_untouched(2);
    host_frame(1);
    host_rollback();
    answer = host_ok();
    EXPECT_EQUAL(host_result_16(answer, 2), 4 + 4);
    expect_untouched(JOURNALED);
    expect_untouched(1);
}

/* Of a register that both have changed the caller's pre-image counts, and all go back in the reverse order of changes. */
static void merged_pre_images_stay_in_order(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(JOURNALED, 4), 1);
    host_write(at(JOURNALED, 2), 1);
    host_savepoint();
    host_write(at(JOURNALED, 6), 2);
    host_write(at(JOURNALED, 2), 2);
    host_write(at(JOURNALED, 0), 2);
    host_release();
    host_ok();
    bus_clear_log();
    host_frame(1);
    host_rollback();
    host_ok();
    static const uint32_t order[] = {0, 6, 2, 4};
    size_t n = 0;
    for (size_t i = 0; i < bus_log_length(); i++) {
        if (!bus_logged(i).write) continue;
        EXPECT_EQUAL(bus_logged(i).address, base_of(JOURNALED) + 4 * order[n]);
        n++;
    }
    EXPECT_EQUAL(n, 4);
    expect_untouched(JOURNALED);
}

/* The arena holds 128 bytes: two records, a savepoint, and 14 pre-images. */
static void a_release_needs_no_room(void) {
    enum { IMAGES = (FGFT_PORT_ARENA_BYTES - 3 * 4) / 8, OUTER = 3 };
    host_open();
    host_definition(1);
    host_block(RW | FGFT_BLOCK_JOURNAL, 2, BUS_PLAIN, 4 * IMAGES, UINT32_MAX);
    host_define_now();
    for (uint32_t i = 0; i < IMAGES; i++) bus_poke(BUS_PLAIN + 4 * i, i);
    host_frame(1);
    host_begin();
    for (uint16_t i = 0; i < OUTER; i++) host_write(at(1, i), 0xee);
    host_savepoint();
    for (uint16_t i = OUTER; i < IMAGES; i++) host_write(at(1, i), 0xdd);
    host_ok();
    host_frame(1);
    host_release();
    host_savepoint(); /* in the room of the one before */
    host_ok();
    host_frame(1);
    host_rollback();
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_16(answer, 2), IMAGES);
    for (uint32_t i = 0; i < IMAGES; i++) EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4 * i), i);
}

static void a_release_gives_back_the_room_of_what_its_caller_has(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_ok();
    for (uint32_t i = 0; i < 40; i++) {
        host_frame(1);
        host_savepoint();
        host_write(at(1, 1), i);
        host_write(at(JOURNALED, (uint16_t)(i % 8)), i);
        host_release();
        host_ok();
    }
    host_frame(1);
    host_rollback();
    host_ok();
    expect_untouched(1);
    expect_untouched(JOURNALED);
}

static void an_arena_that_fills_up_in_a_nested_call_fails_that_call(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_write(at(2, 0), 1);
    host_savepoint();
    host_write(at(1, 0), 2);
    host_write(at(2, 0), 2);
    for (int i = 0; i < 7; i++) host_savepoint(); /* 16 of 128 bytes are left then */
    host_ok();
    bus_clear_log();
    host_frame(1);
    host_write(at(1, 0), 3);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(answer.failure.expected, 16);
    EXPECT_EQUAL(answer.failure.found, 20);
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(bus_peek(base_of(1)), 2);
    host_frame(1);
    for (int i = 0; i < 8; i++) host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    EXPECT_EQUAL(bus_peek(base_of(2)), 1);
}

static void a_checkpoint_that_faults_fails_the_call_and_leaves_the_callers(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 1);
    host_savepoint();
    host_ok();
    bus_behave(base_of(1) + 8, BUS_FAULTS, 0, 0);
    host_frame(1);
    host_write(at(1, 0), 2);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_VERIFIED);
    EXPECT_EQUAL(answer.report.restored, 0);
    EXPECT_EQUAL(bus_peek(base_of(1)), 1);
    bus_behave(base_of(1) + 8, BUS_MEMORY, 0, 0);
    host_frame(0);
    host_write(at(1, 0), 9);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    host_frame(1);
    host_revert();
    host_rollback();
    host_ok();
    expect_untouched(1);
}

static void send_to_slot(const char *message) {
    host_transfer((host_ref){4, 0, 0, 0}, (const uint8_t *)message, 2, 0);
}

static void expect_last_message(const char *expected, size_t count) {
    EXPECT_EQUAL(chips_message_count(), count);
    EXPECT_EQUAL(fgft_get16(chips_message_at(count - 1).bytes), fgft_get16((const uint8_t *)expected));
}

static void a_revert_sends_the_message_of_the_caller_again(void) {
    start();
    host_definition(4);
    host_block(FGFT_BLOCK_WRITE | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 2, 0xff);
    host_space(FGFT_SPACE_I2C);
    host_save(0, FGFT_SAVE_SHADOW, 0, fgft_get16((const uint8_t *)"00"));
    host_define_now();
    host_frame(1);
    host_begin();
    host_savepoint();
    send_to_slot("??");
    host_revert();
    host_ok();
    expect_last_message("00", 2);
    host_frame(1);
    send_to_slot("11");
    host_savepoint();
    send_to_slot("22");
    host_savepoint();
    send_to_slot("33");
    host_ok();
    host_frame(1);
    host_revert();
    host_ok();
    expect_last_message("22", 6);
    host_frame(1);
    host_release();
    host_rollback();
    host_ok();
    expect_last_message("00", 7);
}

static uint32_t state;
static uint32_t numbers_left;

/* The middle of a linear congruential generator. */
static uint8_t next_number(void) {
    state = state * 1664525 + 1013904223;
    return (uint8_t)(state >> 16);
}

static bool more_numbers(void) {
    return numbers_left-- > 0;
}

static void calls_nested_at_random_are_as_a_model_says(void) {
    for (state = 1; state < 20; state++) {
        uint32_t seed = state;
        numbers_left = 2000;
        nesting_run(next_number, more_numbers);
        state = seed;
    }
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
    TEST(however_deep_the_call_that_cannot_be_reverted_everything_goes_back),
    TEST(the_report_of_a_revert_that_fails_is_of_all_calls),
    TEST(a_failure_that_cannot_be_undone_takes_everything_back),
    TEST(a_call_that_has_failed_runs_no_op_but_its_end),
    TEST(after_a_failed_call_its_caller_may_fail_by_itself),
    TEST(bytes_behind_a_release_undo_the_caller),
    TEST(only_a_savepoint_can_be_ended),
    TEST(who_is_not_nested_goes_on_as_ever),
    TEST(each_call_takes_one_checkpoint_of_its_own),
    TEST(journals_are_merged_across_what_stands_between),
    TEST(merged_pre_images_stay_in_order),
    TEST(a_release_needs_no_room),
    TEST(a_release_gives_back_the_room_of_what_its_caller_has),
    TEST(an_arena_that_fills_up_in_a_nested_call_fails_that_call),
    TEST(a_checkpoint_that_faults_fails_the_call_and_leaves_the_callers),
    TEST(a_revert_sends_the_message_of_the_caller_again),
    TEST(calls_nested_at_random_are_as_a_model_says),
};

const suite savepoint_suite = SUITE("savepoints", tests);
