/* The session: what opens it, and what hello tells. */
#include <string.h>

#include "counter.h"
#include "frame.h"
#include "host.h"
#include "suites.h"

enum {
    ALL_FEATURES = FGFT_FEATURE_TRANSACTIONS | FGFT_FEATURE_EVENTS | FGFT_FEATURE_SAVEPOINTS | FGFT_FEATURE_SNAPSHOTS |
                   FGFT_FEATURE_JOURNALS,
};

static void hello_tells_what_the_firmware_is(void) {
    fgft_init(&(fgft_boot_record){.epoch = HOST_EPOCH,
                                  .reset_cause = FGFT_RESET_FAULT,
                                  .fault_exception = 3,
                                  .fault_pc = 0x10000123,
                                  .fault_lr = 0x10000456});
    host_answer answer = host_hello(HOST_SESSION, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.session, HOST_SESSION);
    EXPECT_EQUAL(answer.sequence, 0);
    EXPECT_EQUAL(answer.results_length, FGFT_SIZE_HELLO_RESULT);
    EXPECT_EQUAL(host_result_16(answer, 0), ALL_FEATURES);
    EXPECT_EQUAL(host_result_8(answer, 2), FGFT_BOARD_HOST);
    EXPECT_EQUAL(host_result_8(answer, 3), FGFT_RESET_FAULT);
    EXPECT_EQUAL(host_result_32(answer, 4), FGFT_PORT_VERSION);
    EXPECT_EQUAL(host_result_16(answer, 8), FGFT_PORT_FRAME_MAX);
    EXPECT_EQUAL(host_result_8(answer, 10), FGFT_PORT_WINDOW);
    EXPECT_EQUAL(host_result_8(answer, 11), FGFT_PORT_TRANSACTIONS);
    EXPECT_EQUAL(host_result_16(answer, 12), FGFT_PORT_ARENA_BYTES);
    EXPECT_EQUAL(host_result_16(answer, 14), FGFT_PORT_DEFINITION_BYTES);
    EXPECT_EQUAL(host_result_8(answer, 16), FGFT_PORT_PERIPHERALS);
    EXPECT_EQUAL(host_result_8(answer, 17), FGFT_PORT_MISMATCHES);
    EXPECT_EQUAL(host_result_16(answer, 18), 100);
    EXPECT_EQUAL(host_result_8(answer, 20), 3);
    EXPECT_EQUAL(host_result_8(answer, 21) | host_result_16(answer, 22), 0);
    EXPECT_EQUAL(host_result_32(answer, 24), 0x10000123);
    EXPECT_EQUAL(host_result_32(answer, 28), 0x10000456);
    for (size_t at = 32; at < FGFT_SIZE_HELLO_RESULT; at++) EXPECT_EQUAL(host_result_8(answer, at), 0);
}

static void what_is_reserved_in_the_hello_record_is_0(void) {
    static const uint8_t ones[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    host_open();
    for (int i = 0; i < FGFT_PORT_WINDOW; i++) {
        host_frame(0);
        host_echo(ones, sizeof ones);
        host_send();
    }
    host_answer answer = host_hello(77, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(host_result_8(answer, 21) | host_result_16(answer, 22), 0);
    EXPECT_EQUAL(host_result_32(answer, 32), 0);
    EXPECT_EQUAL(host_result_8(answer, 47), 0);
}

static void a_repeated_hello_gets_the_same_answer_and_resets_nothing(void) {
    host_open();
    uint8_t hello[64];
    size_t length = host_frame_length();
    memcpy(hello, host_frame_bytes(), length);
    counter_define();
    fgft_answer answer = fgft_execute(hello, (uint16_t)length);
    EXPECT_EQUAL(answer.bytes[FGFT_ANSWER_STATUS], FGFT_STATUS_OK);
    EXPECT_EQUAL(answer.length, FGFT_SIZE_ANSWER_HEADER + FGFT_SIZE_HELLO_RESULT + FGFT_SIZE_CRC);
    host_frame(0);
    host_read_fifo(counter, 1);
    host_ok();
}

static void a_hello_that_comes_again_after_the_window_is_a_gap(void) {
    host_open();
    uint8_t hello[64];
    size_t length = host_frame_length();
    memcpy(hello, host_frame_bytes(), length);
    for (int i = 0; i < FGFT_PORT_WINDOW; i++) {
        host_frame(0);
        host_send();
    }
    EXPECT_EQUAL(fgft_execute(hello, (uint16_t)length).bytes[FGFT_ANSWER_STATUS], FGFT_STATUS_SEQUENCE_GAP);
}

static void a_new_hello_forgets_definitions_and_kept_answers(void) {
    host_open();
    counter_define();
    host_hello(HOST_SESSION + 1, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(host_next_sequence, 1);
    host_frame(0);
    host_status(2);
    host_read_fifo(counter, 1);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(host_result_8(answer, 0), 0);
}

static void hello_tells_of_the_session_before_it(void) {
    host_open();
    for (int i = 0; i < 3; i++) {
        host_frame(9);
        host_begin();
        host_commit();
        host_send();
    }
    host_answer answer = host_hello(HOST_SESSION + 1, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(host_result_16(answer, 36), HOST_SESSION);
    EXPECT_EQUAL(host_result_8(answer, 38), 0);
    EXPECT_EQUAL(host_result_16(answer, 44), 3);
    EXPECT_EQUAL(host_result_8(answer, 46), 9);
    answer = host_hello(HOST_SESSION + 2, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(host_result_16(answer, 36), HOST_SESSION + 1);
    EXPECT_EQUAL(host_result_16(answer, 44), 0);
    EXPECT_EQUAL(host_result_8(answer, 46), 0);
}

static void a_feature_that_is_missing_refuses_the_session_and_changes_nothing(void) {
    host_open();
    counter_define();
    host_answer answer = host_hello(77, 0x8001, 100);
    host_expect_refusal(answer, FGFT_STATUS_UNSUPPORTED_FEATURE);
    EXPECT_EQUAL(answer.failure.expected, ALL_FEATURES);
    EXPECT_EQUAL(answer.failure.found, 0x8001);
    EXPECT_EQUAL(answer.session, HOST_SESSION);
    host_frame(0);
    host_read_fifo(counter, 1);
    host_ok();
}

/* A hello frame of a session of its own, as the rules want it; the tests break one rule each. */
static void build_hello(void) {
    host_session = 77;
    host_next_sequence = 0;
    host_frame(0);
    host_op(FGFT_OP_HELLO, FGFT_SIZE_HELLO_RESULT);
    host_16(FGFT_FEATURE_TRANSACTIONS);
    host_16(100);
}

static void hello_must_be_the_only_op_of_its_frame(void) {
    build_hello();
    host_begin();
    host_expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
}

static void hello_must_have_number_0_and_no_transaction_and_a_session(void) {
    static const struct { uint8_t at, value; } breaks[] = {{6, 1}, {7, 1}, {8, 1}};
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        build_hello();
        host_frame_bytes()[breaks[i].at] = breaks[i].value;
        host_expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
    }
    build_hello();
    host_frame_bytes()[4] = host_frame_bytes()[5] = 0;
    host_expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
    build_hello();
    host_ok();
}

static void hello_must_be_complete_and_nothing_may_follow(void) {
    build_hello();
    host_byte(0);
    host_expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
    host_session = 77;
    host_frame(0);
    host_op(FGFT_OP_HELLO, 0);
    host_16(FGFT_FEATURE_TRANSACTIONS);
    host_expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
}

static void hello_inside_a_session_is_malformed(void) {
    host_open();
    host_frame(0);
    host_op(FGFT_OP_HELLO, 0);
    host_16(FGFT_FEATURE_TRANSACTIONS);
    host_16(100);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(host_session, HOST_SESSION);
    EXPECT_EQUAL(host_next_sequence, 2);
}

static const test tests[] = {
    TEST(hello_tells_what_the_firmware_is),
    TEST(what_is_reserved_in_the_hello_record_is_0),
    TEST(a_repeated_hello_gets_the_same_answer_and_resets_nothing),
    TEST(a_hello_that_comes_again_after_the_window_is_a_gap),
    TEST(a_new_hello_forgets_definitions_and_kept_answers),
    TEST(hello_tells_of_the_session_before_it),
    TEST(a_feature_that_is_missing_refuses_the_session_and_changes_nothing),
    TEST(hello_must_be_the_only_op_of_its_frame),
    TEST(hello_must_have_number_0_and_no_transaction_and_a_session),
    TEST(hello_must_be_complete_and_nothing_may_follow),
    TEST(hello_inside_a_session_is_malformed),
};

const suite hello_suite = SUITE("hello", tests);
