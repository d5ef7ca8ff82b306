/* Transactions: what they hold, how they end, and what the controller tells of it. */
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

/* Peripherals 1 to 4: four saved registers each, 1 and 2 with an alias, 3 and 4 without. */
static uint32_t base_of(uint8_t number) {
    return (number <= 2 ? BUS_ALIASED : BUS_PLAIN) + 0x20U * number;
}

static host_ref at(uint8_t number, uint16_t index) {
    return (host_ref){number, 0, (uint16_t)(4 * index), 2};
}

static void start(void) {
    host_open();
    for (uint8_t number = 1; number <= 4; number++) {
        host_definition(number);
        host_block(RW, 2, base_of(number), 16, UINT32_MAX);
        for (uint16_t i = 0; i < 4; i++) {
            host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
            bus_poke(base_of(number) + 4U * i, 0x100U * number + i);
        }
        host_define_now();
    }
    bus_clear_log();
}

static void expect_untouched(uint8_t number) {
    for (uint32_t i = 0; i < 4; i++) EXPECT_EQUAL(bus_peek(base_of(number) + 4 * i), 0x100U * number + i);
}

/* Opens a transaction and changes peripherals in it, in a frame of its own. */
static void begin_and_change(uint8_t transaction, uint8_t first, uint8_t last) {
    host_frame(transaction);
    host_begin();
    for (uint8_t number = first; number <= last; number++) host_write(at(number, 1), 0xdead0000U + number);
    host_ok();
}

static host_answer commit(uint8_t transaction) {
    host_frame(transaction);
    host_commit();
    return host_send();
}

static void expect_ended(uint8_t transaction, uint8_t reason) {
    host_frame(transaction);
    host_read(at(1, 0));
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(answer.failure.expected, reason);
    EXPECT_EQUAL(answer.failure.found, transaction);
    EXPECT_EQUAL(answer.report.outcome, 0);
}

static void commit_keeps_what_was_changed(void) {
    start();
    begin_and_change(1, 1, 1);
    EXPECT_EQUAL(commit(1).status, FGFT_STATUS_OK);
    EXPECT_EQUAL(bus_peek(base_of(1) + 4), 0xdead0001);
    expect_ended(1, FGFT_END_COMMITTED);
}

static void rollback_brings_back_what_was_there_and_reports(void) {
    start();
    begin_and_change(1, 1, 1);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(answer.results_length, FGFT_SIZE_ROLLBACK_REPORT);
    EXPECT_EQUAL(host_result_8(answer, 0), 1);
    EXPECT_EQUAL(host_result_8(answer, 1), 0);
    EXPECT_EQUAL(host_result_16(answer, 2), 4);
    expect_untouched(1);
    expect_ended(1, FGFT_END_ROLLED_BACK);
}

static void rollback_without_a_change_restores_nothing_and_says_so(void) {
    start();
    host_frame(1);
    host_begin();
    host_rollback();
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_8(answer, 0), 1);
    EXPECT_EQUAL(host_result_16(answer, 2), 0);
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void reading_takes_no_checkpoint(void) {
    start();
    host_frame(1);
    host_begin();
    host_read(at(1, 0));
    host_read_block(at(1, 0), 4);
    host_read_fifo(at(1, 0), 1);
    host_poll(at(1, 0), 0, 0, 0);
    host_send();
    EXPECT_EQUAL(bus_log_length(), 7);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(host_result_16(answer, 2), 0);
}

static void each_kind_of_write_takes_a_checkpoint(void) {
    static const uint32_t value[] = {5};
    for (int op = 0; op < 4; op++) {
        start();
        host_frame(1);
        host_begin();
        switch (op) {
        case 0: host_write(at(1, 1), 5); break;
        case 1: host_masked(at(1, 1), 0xff, 5); break;
        case 2: host_write_block(at(1, 1), value, 1); break;
        default: host_write_fifo(at(1, 1), value, 1); break;
        }
        host_rollback();
        host_answer answer = host_ok();
        EXPECT_EQUAL(host_result_16(answer, 2), 4);
        expect_untouched(1);
    }
}

static void the_checkpoint_is_taken_before_the_first_write_and_only_then(void) {
    start();
    begin_and_change(1, 1, 1);
    EXPECT_EQUAL(bus_log_length(), 5);
    for (size_t i = 0; i < 4; i++) EXPECT(!bus_logged(i).write);
    EXPECT(bus_logged(4).write);
    bus_clear_log();
    host_frame(1);
    host_write(at(1, 2), 6);
    host_send();
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void one_frame_may_hold_a_whole_transaction(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 5);
    host_commit();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 5);
}

static void an_op_behind_the_end_of_the_transaction_does_not_run(void) {
    start();
    host_frame(1);
    host_begin();
    host_commit();
    host_write(at(1, 0), 5);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(answer.ran, 2);
    EXPECT_EQUAL(answer.failure.expected, FGFT_END_COMMITTED);
    EXPECT_EQUAL(answer.report.outcome, 0);
    expect_untouched(1);
}

static void one_number_may_be_used_again(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 5);
    host_commit();
    host_begin();
    host_write(at(1, 0), 6);
    host_rollback();
    host_ok();
    EXPECT_EQUAL(bus_peek(base_of(1)), 5);
    expect_ended(1, FGFT_END_ROLLED_BACK);
}

static void the_report_of_a_rollback_is_told_once(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 5);
    host_rollback();
    host_read(at(1, 0));
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(answer.ran, 3);
    EXPECT_EQUAL(host_result_16(answer, 2), 4);
    EXPECT_EQUAL(answer.report.outcome, 0);
    EXPECT_EQUAL(answer.report.restored, 0);
}

static void any_op_of_a_transaction_that_never_began_is_refused(void) {
    start();
    expect_ended(1, FGFT_END_NONE);
    expect_ended(9, FGFT_END_NONE);
    host_frame(9);
    host_echo(NULL, 0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(commit(9).status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(host_roll_back(9).status, FGFT_STATUS_NO_TRANSACTION);
}

static void transaction_0_cannot_begin_or_end(void) {
    start();
    for (int op = 0; op < 3; op++) {
        host_frame(0);
        switch (op) {
        case 0: host_begin(); break;
        case 1: host_commit(); break;
        default: host_rollback(); break;
        }
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
        EXPECT_EQUAL(answer.failure.found, 0);
    }
}

static void beginning_twice_fails_and_rolls_back(void) {
    start();
    begin_and_change(1, 1, 1);
    host_frame(1);
    host_begin();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_TRANSACTION_OPEN);
    EXPECT_EQUAL(answer.report.outcome, 1);
    expect_untouched(1);
    expect_ended(1, FGFT_END_OP_FAILED);
}

static void so_many_transactions_may_be_open_and_no_more(void) {
    start();
    for (uint8_t number = 1; number <= FGFT_PORT_TRANSACTIONS; number++) begin_and_change(number, number, number);
    host_frame(200);
    host_begin();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_TOO_MANY_TRANSACTIONS);
    EXPECT_EQUAL(answer.report.outcome, 0);
    EXPECT_EQUAL(commit(2).status, FGFT_STATUS_OK);
    host_frame(200);
    host_begin();
    host_ok();
}

static void the_reasons_of_many_endings_are_remembered(void) {
    start();
    enum { REMEMBERED = FGFT_PORT_WINDOW + FGFT_PORT_TRANSACTIONS };
    for (uint8_t number = 1; number <= REMEMBERED + 1; number++) {
        host_frame(number);
        host_begin();
        if (number % 2 == 0) {
            host_commit();
        } else {
            host_rollback();
        }
        host_send();
    }
    for (uint8_t number = REMEMBERED + 1; number >= 2; number--) {
        expect_ended(number, number % 2 == 0 ? FGFT_END_COMMITTED : FGFT_END_ROLLED_BACK);
    }
    expect_ended(1, FGFT_END_NONE);
}

static void a_held_peripheral_is_busy_for_all_others(void) {
    static const uint32_t value[] = {5};
    static const uint8_t others[] = {0, 2};
    for (size_t i = 0; i < 2; i++) {
        for (int op = 0; op < 4; op++) {
            start();
            begin_and_change(1, 1, 1);
            host_frame(2);
            host_begin();
            host_send();
            bus_clear_log();
            host_frame(others[i]);
            switch (op) {
            case 0: host_write(at(1, 1), 5); break;
            case 1: host_masked(at(1, 1), 0xff, 5); break;
            case 2: host_write_block(at(1, 1), value, 1); break;
            default: host_write_fifo(at(1, 1), value, 1); break;
            }
            host_answer answer = host_send();
            EXPECT_EQUAL(answer.status, FGFT_STATUS_PERIPHERAL_BUSY);
            EXPECT_EQUAL(answer.failure.peripheral, 1);
            EXPECT_EQUAL(answer.failure.expected, 0);
            EXPECT_EQUAL(answer.failure.found, 1);
            EXPECT_EQUAL(bus_log_length(), 0);
            EXPECT_EQUAL(host_roll_back(1).status, FGFT_STATUS_OK);
            expect_untouched(1);
        }
    }
}

static void a_held_peripheral_may_be_read_by_all(void) {
    start();
    begin_and_change(1, 1, 1);
    host_frame(0);
    host_read(at(1, 1));
    host_digest(1);
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_32(answer, 0), 0xdead0001);
}

static void a_peripheral_is_free_again_after_commit_and_after_rollback(void) {
    start();
    begin_and_change(1, 1, 1);
    commit(1);
    begin_and_change(2, 1, 1);
    host_roll_back(2);
    host_frame(0);
    host_write(at(1, 1), 5);
    host_ok();
}

static void writes_without_a_transaction_stay(void) {
    start();
    begin_and_change(1, 1, 1);
    host_frame(0);
    host_write(at(2, 1), 77);
    host_send();
    host_roll_back(1);
    EXPECT_EQUAL(bus_peek(base_of(2) + 4), 77);
}

static void transactions_on_different_peripherals_end_independently(void) {
    start();
    begin_and_change(1, 1, 1);
    begin_and_change(2, 2, 2);
    host_frame(1);
    host_write(at(3, 0), 33);
    host_send();
    begin_and_change(3, 4, 4);
    host_roll_back(1); /* its records stood around that of 2: the others move up */
    expect_untouched(1);
    expect_untouched(3);
    EXPECT_EQUAL(bus_peek(base_of(2) + 4), 0xdead0002);
    EXPECT_EQUAL(bus_peek(base_of(4) + 4), 0xdead0004);
    host_roll_back(3);
    expect_untouched(4);
    host_roll_back(2);
    expect_untouched(2);
}

static void peripherals_are_restored_in_the_reverse_order_of_their_first_write(void) {
    start();
    host_frame(1);
    host_begin();
    host_write(at(3, 0), 1);
    host_write(at(1, 0), 1);
    host_write(at(3, 1), 1);
    host_write(at(4, 0), 1);
    host_send();
    bus_clear_log();
    EXPECT_EQUAL(host_result_16(host_roll_back(1), 2), 12);
    static const uint8_t order[] = {4, 1, 3};
    size_t store = 0;
    for (size_t i = 0; i < bus_log_length(); i++) {
        if (!bus_logged(i).write) continue;
        EXPECT_EQUAL(bus_logged(i).address, base_of(order[store / 4]) + 4 * (store % 4));
        store++;
    }
    EXPECT_EQUAL(store, 12);
}

/* What a record of four registers takes, and how many registers fill the arena but for less than that. */
enum { RECORD = 20, WIDE = 28 };

static void a_full_arena_refuses_before_the_hardware_is_touched(void) {
    start();
    host_definition(5);
    host_block(RW, 2, BUS_PARTIAL, 4 * WIDE, 0xffff);
    for (uint16_t i = 0; i < WIDE; i++) host_save(0, 0, (uint16_t)(4 * i), 0xffff);
    host_define_now();
    host_frame(2);
    host_begin();
    host_masked((host_ref){5, 0, 0, 2}, 1, 1);
    host_ok();
    host_frame(1);
    host_begin();
    host_send();
    bus_clear_log();
    host_frame(1);
    host_write(at(1, 0), 9);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.expected, FGFT_PORT_ARENA_BYTES - (4 + 4 * WIDE));
    EXPECT_EQUAL(answer.failure.found, RECORD);
    EXPECT_EQUAL(bus_log_length(), 0);
    expect_untouched(1);
    host_roll_back(2);
    begin_and_change(1, 1, 4);
}

static void a_checkpoint_may_fill_the_arena_to_the_last_byte(void) {
    enum { REGISTERS = (FGFT_PORT_ARENA_BYTES - 4) / 4 };
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_PLAIN, 4 * REGISTERS, UINT32_MAX);
    for (uint16_t i = 0; i < REGISTERS; i++) host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
    host_define_now();
    host_frame(1);
    host_begin();
    host_write(at(1, REGISTERS - 1), 5);
    host_rollback();
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_16(answer, 2), REGISTERS);
}

static void the_arena_is_whole_again_after_every_end(void) {
    start();
    for (int i = 0; i < 100; i++) {
        begin_and_change(1, 1, 2);
        begin_and_change(2, 3, 4);
        commit(1);
        begin_and_change(1, 1, 2);
        host_roll_back(2);
        begin_and_change(3, 3, 4);
        host_roll_back(1);
        commit(3);
    }
}

static void a_peripheral_that_saves_nothing_is_held_all_the_same(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_PLAIN, 4, UINT32_MAX);
    host_define_now();
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 5);
    host_send();
    host_frame(0);
    host_write(at(1, 0), 6);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_16(answer, 2), 0);
}

/* One way for each status that an op can fail with. */
static void add_failing_op(uint8_t status) {
    switch (status) {
    case FGFT_STATUS_UNKNOWN_OP: host_op(0x3f, 0); break;
    case FGFT_STATUS_MALFORMED_OP: host_delay(FGFT_LIMIT_WAIT_MAX_US + 1); break;
    case FGFT_STATUS_UNDEFINED_PERIPHERAL: host_read(at(9, 0)); break;
    case FGFT_STATUS_OUT_OF_BOUNDS: host_read(at(1, 4)); break;
    case FGFT_STATUS_ACCESS_DENIED: host_read((host_ref){1, 0, 0, 0}); break;
    case FGFT_STATUS_NOT_ALLOWED:
        host_definition(5);
        host_block(RW, 2, 0, 4, UINT32_MAX);
        host_define();
        break;
    case FGFT_STATUS_TRANSACTION_OPEN: host_begin(); break;
    case FGFT_STATUS_PERIPHERAL_BUSY: host_write(at(2, 0), 5); break;
    case FGFT_STATUS_POLL_TIMEOUT: host_poll(at(1, 0), 0, 1, 0); break;
    case FGFT_STATUS_BUS_FAULT:
        bus_behave(base_of(4) + 12, BUS_FAULTS, 0, 0);
        host_read(at(4, 3));
        break;
    case FGFT_STATUS_ANSWER_TOO_LONG: host_read_fifo(at(1, 0), 120); break;
    case FGFT_STATUS_INTERRUPTED:
        bus_interrupt_after(0);
        host_delay(1000);
        break;
    case FGFT_STATUS_DEFINITIONS_FULL:
        host_definition(5);
        for (uint8_t i = 0; i < 40; i++) host_save(0, 0, 0, 0);
        host_define();
        break;
    default: EXPECT(!"a way to fail with this status");
    }
}

static void an_op_that_fails_rolls_back_at_once_whatever_the_status(void) {
    static const uint8_t statuses[] = {
        FGFT_STATUS_UNKNOWN_OP,       FGFT_STATUS_MALFORMED_OP,    FGFT_STATUS_UNDEFINED_PERIPHERAL,
        FGFT_STATUS_OUT_OF_BOUNDS,    FGFT_STATUS_ACCESS_DENIED,   FGFT_STATUS_NOT_ALLOWED,
        FGFT_STATUS_TRANSACTION_OPEN, FGFT_STATUS_PERIPHERAL_BUSY, FGFT_STATUS_POLL_TIMEOUT,
        FGFT_STATUS_BUS_FAULT,        FGFT_STATUS_ANSWER_TOO_LONG, FGFT_STATUS_INTERRUPTED,
        FGFT_STATUS_DEFINITIONS_FULL,
    };
    for (size_t i = 0; i < sizeof statuses; i++) {
        start();
        begin_and_change(2, 2, 2);
        begin_and_change(1, 1, 1);
        host_frame(1);
        host_write(at(3, 0), 5);
        add_failing_op(statuses[i]);
        host_write(at(3, 1), 5);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, statuses[i]);
        EXPECT_EQUAL(answer.ran, 1);
        EXPECT_EQUAL(answer.report.outcome, 1);
        EXPECT_EQUAL(answer.report.count, 0);
        EXPECT_EQUAL(answer.report.restored, 8);
        expect_untouched(1);
        expect_untouched(3);
        EXPECT_EQUAL(bus_peek(base_of(2) + 4), 0xdead0002);
        expect_ended(1, FGFT_END_OP_FAILED);
        EXPECT_EQUAL(host_roll_back(2).status, FGFT_STATUS_OK);
    }
}

static void a_frame_that_is_too_long_or_too_short_for_its_ops_rolls_back(void) {
    for (int extra = 0; extra < 2; extra++) {
        start();
        begin_and_change(1, 1, 1);
        host_frame(1);
        host_write(at(1, 0), 5);
        if (extra) {
            host_byte(0);
        } else {
            host_op(FGFT_OP_WRITE, 0);
        }
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_MALFORMED_OP);
        EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
        EXPECT_EQUAL(answer.report.outcome, 1);
        expect_untouched(1);
    }
}

static void a_failure_outside_rolls_nothing_back(void) {
    start();
    begin_and_change(1, 1, 1);
    host_frame(0);
    host_write(at(3, 0), 5);
    host_digest(9);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.report.outcome, 0);
    EXPECT_EQUAL(bus_peek(base_of(3)), 5);
    EXPECT_EQUAL(bus_peek(base_of(1) + 4), 0xdead0001);
    EXPECT_EQUAL(commit(1).status, FGFT_STATUS_OK);
}

static void a_frame_that_is_refused_rolls_nothing_back(void) {
    start();
    begin_and_change(1, 1, 1);
    uint16_t next = host_next_sequence;
    host_next_sequence = (uint16_t)(next + 1);
    host_frame(1);
    host_digest(9);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_SEQUENCE_GAP);
    EXPECT_EQUAL(host_next_sequence, next);
    EXPECT_EQUAL(commit(1).status, FGFT_STATUS_OK);
}

static void a_refusal_after_a_rollback_reports_none(void) {
    start();
    begin_and_change(1, 1, 1);
    host_frame(1);
    host_digest(9);
    EXPECT_EQUAL(host_send().report.outcome, 1);
    host_next_sequence = 999;
    host_frame(1);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_SEQUENCE_GAP);
    EXPECT_EQUAL(answer.report.outcome, 0);
    EXPECT_EQUAL(answer.report.restored, 0);
}

static void a_rollback_is_not_repeated_with_its_frame(void) {
    start();
    begin_and_change(1, 1, 1);
    host_roll_back(1);
    bus_poke(base_of(1), 0x1234);
    bus_clear_log();
    EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_OK);
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(bus_peek(base_of(1)), 0x1234);
}

static void a_bus_fault_in_a_checkpoint_fails_the_op_before_it_writes(void) {
    start();
    bus_behave(base_of(1) + 8, BUS_FAULTS, 0, 0);
    host_frame(1);
    host_begin();
    host_write(at(1, 0), 5);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.report.outcome, 1);
    EXPECT_EQUAL(answer.report.restored, 0);
    EXPECT_EQUAL(bus_stores(), 0);
    bus_behave(base_of(1) + 8, BUS_MEMORY, 0, 0);
    begin_and_change(2, 1, 4);
}

static const test tests[] = {
    TEST(commit_keeps_what_was_changed),
    TEST(rollback_brings_back_what_was_there_and_reports),
    TEST(rollback_without_a_change_restores_nothing_and_says_so),
    TEST(reading_takes_no_checkpoint),
    TEST(each_kind_of_write_takes_a_checkpoint),
    TEST(the_checkpoint_is_taken_before_the_first_write_and_only_then),
    TEST(one_frame_may_hold_a_whole_transaction),
    TEST(an_op_behind_the_end_of_the_transaction_does_not_run),
    TEST(one_number_may_be_used_again),
    TEST(the_report_of_a_rollback_is_told_once),
    TEST(any_op_of_a_transaction_that_never_began_is_refused),
    TEST(transaction_0_cannot_begin_or_end),
    TEST(beginning_twice_fails_and_rolls_back),
    TEST(so_many_transactions_may_be_open_and_no_more),
    TEST(the_reasons_of_many_endings_are_remembered),
    TEST(a_held_peripheral_is_busy_for_all_others),
    TEST(a_held_peripheral_may_be_read_by_all),
    TEST(a_peripheral_is_free_again_after_commit_and_after_rollback),
    TEST(writes_without_a_transaction_stay),
    TEST(transactions_on_different_peripherals_end_independently),
    TEST(peripherals_are_restored_in_the_reverse_order_of_their_first_write),
    TEST(a_full_arena_refuses_before_the_hardware_is_touched),
    TEST(a_checkpoint_may_fill_the_arena_to_the_last_byte),
    TEST(the_arena_is_whole_again_after_every_end),
    TEST(a_peripheral_that_saves_nothing_is_held_all_the_same),
    TEST(an_op_that_fails_rolls_back_at_once_whatever_the_status),
    TEST(a_frame_that_is_too_long_or_too_short_for_its_ops_rolls_back),
    TEST(a_failure_outside_rolls_nothing_back),
    TEST(a_frame_that_is_refused_rolls_nothing_back),
    TEST(a_refusal_after_a_rollback_reports_none),
    TEST(a_rollback_is_not_repeated_with_its_frame),
    TEST(a_bus_fault_in_a_checkpoint_fails_the_op_before_it_writes),
};

const suite transaction_suite = SUITE("transactions", tests);
