/* Frames, sessions, sequence numbers, at most once. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "host.h"
#include "suites.h"

static const uint8_t byte[] = {0xa5, 0x5a};

enum {
    ALL_FEATURES = FGFT_FEATURE_TRANSACTIONS | FGFT_FEATURE_EVENTS | FGFT_FEATURE_SAVEPOINTS | FGFT_FEATURE_SNAPSHOTS |
                   FGFT_FEATURE_JOURNALS,
};

/* A frame with one echo in it, sealed but not sent. */
static void build_echo(void) {
    host_frame(0);
    host_echo(byte, 1);
    host_frame_bytes()[9] = 1;
    host_32(0);
    host_seal();
}

static void expect_refusal(host_answer answer, uint8_t status) {
    EXPECT_EQUAL(answer.status, status);
    EXPECT_EQUAL(answer.ran, 0);
    EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
    EXPECT_EQUAL(answer.report.outcome, 0);
    bool compares = status >= FGFT_STATUS_BAD_VERSION && status <= FGFT_STATUS_SEQUENCE_GAP;
    if (compares || status == FGFT_STATUS_UNSUPPORTED_FEATURE) return;
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 0);
}

static void a_frame_that_asks_for_an_echo_gets_it(void) {
    host_open();
    host_frame(0);
    host_echo((const uint8_t *)"hello", 5);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.results_length, 5);
    EXPECT(memcmp(answer.results, "hello", 5) == 0);
}

static void an_answer_carries_session_sequence_number_and_epoch(void) {
    host_open();
    host_frame(0);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.session, HOST_SESSION);
    EXPECT_EQUAL(answer.sequence, 1);
    EXPECT_EQUAL(answer.epoch, HOST_EPOCH);
}

static void a_frame_without_ops_is_answered(void) {
    host_open();
    host_frame(0);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.ran, 0);
    EXPECT_EQUAL(answer.results_length, 0);
}

static void a_damaged_byte_anywhere_makes_a_bad_frame(void) {
    host_open();
    build_echo();
    for (size_t i = 0; i < host_frame_length(); i++) {
        host_frame_bytes()[i] ^= 0x10;
        host_answer answer = host_repeat();
        expect_refusal(answer, FGFT_STATUS_BAD_FRAME);
        EXPECT_EQUAL(answer.sequence, 0);
        host_frame_bytes()[i] ^= 0x10;
    }
    EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_OK);
}

static void a_frame_of_any_other_length_than_it_says_is_bad(void) {
    host_open();
    build_echo();
    uint8_t whole[64];
    uint16_t length = (uint16_t)host_frame_length();
    memcpy(whole, host_frame_bytes(), length);
    for (uint16_t cut = 0; cut < length; cut++) {
        uint8_t part[64];
        memcpy(part, whole, cut);
        EXPECT_EQUAL(fgft_execute(part, cut).bytes[FGFT_ANSWER_STATUS], FGFT_STATUS_BAD_FRAME);
    }
    host_byte(0);
    expect_refusal(host_repeat(), FGFT_STATUS_BAD_FRAME);
}

static void a_frame_without_a_whole_header_is_bad_even_if_its_crc_is_right(void) {
    for (uint16_t length = FGFT_SIZE_CRC + 4; length < FGFT_SIZE_REQUEST_HEADER + FGFT_SIZE_CRC; length++) {
        uint8_t *frame = malloc(length); /* so that reading beyond it is noticed */
        if (frame == NULL) abort();
        memset(frame, 0, length);
        frame[0] = FGFT_FRAME_REQUEST_MAGIC;
        frame[1] = FGFT_FRAME_VERSION;
        frame[2] = (uint8_t)length;
        uint32_t crc = fgft_crc(0, frame, (uint16_t)(length - FGFT_SIZE_CRC));
        for (int i = 0; i < FGFT_SIZE_CRC; i++) frame[length - FGFT_SIZE_CRC + i] = (uint8_t)(crc >> 8 * i);
        EXPECT_EQUAL(fgft_execute(frame, length).bytes[FGFT_ANSWER_STATUS], FGFT_STATUS_BAD_FRAME);
        free(frame);
    }
}

static void a_frame_longer_than_the_limit_is_bad(void) {
    host_open();
    host_frame(0);
    while (host_frame_length() < FGFT_PORT_FRAME_MAX + 1 - FGFT_SIZE_CRC) host_byte(0);
    expect_refusal(host_send(), FGFT_STATUS_BAD_FRAME);
}

static void a_frame_as_long_as_the_limit_runs(void) {
    enum { DELAY_BYTES = 5, LEFT = (FGFT_PORT_FRAME_MAX - FGFT_SIZE_REQUEST_HEADER - FGFT_SIZE_CRC) % DELAY_BYTES };
    host_open();
    host_frame(0);
    host_echo(byte, LEFT - 2);
    while (host_frame_length() < FGFT_PORT_FRAME_MAX - FGFT_SIZE_CRC) host_delay(0);
    host_ok();
    EXPECT_EQUAL(host_frame_length(), FGFT_PORT_FRAME_MAX);
}

static void another_version_is_refused_with_both_versions(void) {
    host_open();
    build_echo();
    host_frame_bytes()[1] = 9;
    host_seal();
    host_answer answer = host_repeat();
    expect_refusal(answer, FGFT_STATUS_BAD_VERSION);
    EXPECT_EQUAL(answer.sequence, 1);
    EXPECT_EQUAL(answer.failure.expected, FGFT_FRAME_VERSION);
    EXPECT_EQUAL(answer.failure.found, 9);
}

static void nothing_runs_before_a_session_is_open(void) {
    build_echo();
    expect_refusal(host_repeat(), FGFT_STATUS_NO_SESSION);
    host_session = 77;
    build_echo();
    host_answer answer = host_repeat();
    expect_refusal(answer, FGFT_STATUS_NO_SESSION);
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 77);
}

static void a_frame_of_another_session_does_not_run(void) {
    host_open();
    host_session = 77;
    build_echo();
    host_answer answer = host_repeat();
    expect_refusal(answer, FGFT_STATUS_NO_SESSION);
    EXPECT_EQUAL(answer.session, HOST_SESSION);
    EXPECT_EQUAL(answer.failure.expected, HOST_SESSION);
    EXPECT_EQUAL(answer.failure.found, 77);
}

static void an_empty_frame_of_another_session_does_not_run_either(void) {
    host_open();
    host_session = 77;
    host_frame(0);
    expect_refusal(host_send(), FGFT_STATUS_NO_SESSION);
}

static void a_number_that_is_too_high_is_a_gap(void) {
    host_open();
    host_next_sequence = 2;
    build_echo();
    host_answer answer = host_repeat();
    expect_refusal(answer, FGFT_STATUS_SEQUENCE_GAP);
    EXPECT_EQUAL(answer.sequence, 2);
    EXPECT_EQUAL(answer.failure.expected, 1);
    EXPECT_EQUAL(answer.failure.found, 2);
}

static const host_ref counter = {1, 0, 0, 2};

/* A fifo counts how often it is read. */
static void define_counter(void) {
    bus_behave(BUS_PLAIN, BUS_FIFO, 0, 0);
    host_definition(1);
    host_block(FGFT_BLOCK_READ | FGFT_BLOCK_FIFO, 2, BUS_PLAIN, 4, 0);
    host_define_now();
}

static void a_repeated_frame_gets_the_same_answer_and_does_not_run_again(void) {
    host_open();
    define_counter();
    host_frame(0);
    host_read_fifo(counter, 2);
    host_answer first = host_send();
    uint8_t copy[FGFT_PORT_FRAME_MAX];
    memcpy(copy, first.bytes, first.length);
    bus_clear_log();
    host_answer second = host_repeat();
    EXPECT_EQUAL(second.length, first.length);
    EXPECT(memcmp(second.bytes, copy, second.length) == 0);
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 2);
}

static void a_failed_frame_is_not_run_again_either(void) {
    host_open();
    host_frame(0);
    host_digest(3);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    host_frame(0);
    host_ok();
}

static void as_many_answers_are_kept_as_the_window_says(void) {
    host_open();
    for (int i = 0; i < FGFT_PORT_WINDOW + 2; i++) {
        build_echo();
        host_repeat();
        host_next_sequence++;
    }
    uint16_t newest = (uint16_t)(host_next_sequence - 1);
    for (uint16_t back = 0; back < FGFT_PORT_WINDOW + 2; back++) {
        host_next_sequence = (uint16_t)(newest - back);
        build_echo();
        host_answer answer = host_repeat();
        EXPECT_EQUAL(answer.status, back < FGFT_PORT_WINDOW ? FGFT_STATUS_OK : FGFT_STATUS_SEQUENCE_GAP);
        EXPECT_EQUAL(answer.sequence, host_next_sequence);
    }
}

static void an_answer_stays_in_its_place_until_as_many_more_were_made_as_the_window_says(void) {
    host_open();
    build_echo();
    host_answer first = host_repeat();
    uint8_t copy[64];
    memcpy(copy, first.bytes, first.length);
    for (int i = 0; i < FGFT_PORT_WINDOW - 1; i++) {
        host_next_sequence++;
        build_echo();
        host_repeat();
    }
    EXPECT(memcmp(first.bytes, copy, first.length) == 0);
}

static void so_does_a_refusal(void) {
    host_open();
    const uint8_t *places[FGFT_PORT_WINDOW];
    for (uint16_t i = 0; i < 3 * FGFT_PORT_WINDOW; i++) {
        host_next_sequence = (uint16_t)(100 + i);
        build_echo();
        places[i % FGFT_PORT_WINDOW] = host_repeat().bytes;
        for (uint16_t back = 0; back < FGFT_PORT_WINDOW && back <= i; back++) {
            EXPECT_EQUAL(places[(i - back) % FGFT_PORT_WINDOW][6], 100U + i - back);
        }
    }
}

static void refusals_are_not_kept_and_disturb_no_kept_answer(void) {
    host_open();
    build_echo();
    host_repeat();
    for (int i = 0; i < 3 * FGFT_PORT_WINDOW; i++) {
        host_next_sequence = (uint16_t)(100 + i);
        build_echo();
        EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_SEQUENCE_GAP);
    }
    host_next_sequence = 1;
    build_echo();
    EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_OK);
}

static uint8_t status_over_another_link(uint16_t length) {
    fgft_answer answer = fgft_refuse_busy(host_frame_bytes(), length);
    EXPECT_EQUAL(fgft_get16(answer.bytes + 2), answer.length);
    EXPECT(fgft_crc_holds(answer.bytes, (uint16_t)(answer.length - FGFT_SIZE_CRC)));
    return answer.bytes[FGFT_ANSWER_STATUS];
}

static void a_frame_over_another_link_is_refused_whatever_it_is_and_the_session_goes_on(void) {
    host_open();
    define_counter();
    build_echo();
    uint16_t length = (uint16_t)host_frame_length();
    EXPECT_EQUAL(status_over_another_link(length), FGFT_STATUS_BOARD_BUSY);
    host_frame_bytes()[4] ^= 1; /* of another session */
    host_seal();
    EXPECT_EQUAL(status_over_another_link(length), FGFT_STATUS_BOARD_BUSY);
    host_frame(0);
    host_read_fifo(counter, 1);
    EXPECT_EQUAL(host_ok().sequence, 2);
}

static void a_refusal_over_another_link_carries_the_number_of_its_frame(void) {
    host_open();
    host_next_sequence = 77;
    build_echo();
    fgft_answer answer = fgft_refuse_busy(host_frame_bytes(), (uint16_t)host_frame_length());
    EXPECT_EQUAL(fgft_get16(answer.bytes + FGFT_ANSWER_SEQUENCE), 77);
}

static void a_damaged_frame_over_another_link_gets_no_answer(void) {
    host_open();
    build_echo();
    for (size_t i = 0; i < host_frame_length(); i++) {
        host_frame_bytes()[i] ^= 0x10;
        EXPECT_EQUAL(fgft_refuse_busy(host_frame_bytes(), (uint16_t)host_frame_length()).length, 0);
        host_frame_bytes()[i] ^= 0x10;
    }
}

static void the_number_after_65535_is_1(void) {
    host_open();
    for (uint32_t number = 1; number <= UINT16_MAX; number++) {
        EXPECT_EQUAL(host_next_sequence, number);
        host_frame(0);
        host_send();
    }
    EXPECT_EQUAL(host_next_sequence, 1);
    build_echo();
    host_answer answer = host_repeat();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(answer.sequence, 1);
    host_next_sequence = UINT16_MAX;
    build_echo();
    EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_OK);
    host_next_sequence = 0;
    build_echo();
    EXPECT_EQUAL(host_repeat().status, FGFT_STATUS_SEQUENCE_GAP);
}

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
    define_counter();
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
    define_counter();
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
    define_counter();
    host_answer answer = host_hello(77, 0x8001, 100);
    expect_refusal(answer, FGFT_STATUS_UNSUPPORTED_FEATURE);
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
    expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
}

static void hello_must_have_number_0_and_no_transaction_and_a_session(void) {
    static const struct { uint8_t at, value; } breaks[] = {{6, 1}, {7, 1}, {8, 1}};
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        build_hello();
        host_frame_bytes()[breaks[i].at] = breaks[i].value;
        expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
    }
    build_hello();
    host_frame_bytes()[4] = host_frame_bytes()[5] = 0;
    expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
    build_hello();
    host_ok();
}

static void hello_must_be_complete_and_nothing_may_follow(void) {
    build_hello();
    host_byte(0);
    expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
    host_session = 77;
    host_frame(0);
    host_op(FGFT_OP_HELLO, 0);
    host_16(FGFT_FEATURE_TRANSACTIONS);
    expect_refusal(host_send(), FGFT_STATUS_MALFORMED_OP);
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

static void status_tells_what_became_of_a_frame(void) {
    host_open();
    host_frame(0);
    host_digest(3);
    host_send();
    host_frame(0);
    host_status(1);
    host_status(2);
    host_status(0);
    host_status(9);
    host_answer answer = host_send();
    EXPECT_EQUAL(host_result_8(answer, 0), 1);
    EXPECT_EQUAL(host_result_8(answer, 1), FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(host_result_16(answer, 2), 3);
    EXPECT_EQUAL(host_result_8(answer, 4), 0); /* the frame that asks has no answer yet */
    EXPECT_EQUAL(host_result_8(answer, 8), 1); /* hello */
    EXPECT_EQUAL(host_result_8(answer, 9), FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_16(answer, 12), 0);
    EXPECT_EQUAL(host_result_16(answer, 14), 3);
}

static void the_oldest_answer_is_gone_when_the_frame_that_takes_its_place_runs(void) {
    host_open();
    for (int i = 0; i < FGFT_PORT_WINDOW; i++) {
        host_frame(0);
        host_send();
    }
    host_frame(0);
    host_status(1);
    host_status(2);
    host_answer answer = host_send();
    EXPECT_EQUAL(host_result_8(answer, 0), 0);
    EXPECT_EQUAL(host_result_8(answer, 4), 1);
}

static void a_frame_stops_at_the_first_op_that_fails(void) {
    host_open();
    host_frame(0);
    host_echo(byte, 1);
    host_digest(3);
    host_echo(byte, 1);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.results_length, 1);
    EXPECT_EQUAL(host_result_8(answer, 0), 0xa5);
    EXPECT_EQUAL(answer.failure.peripheral, 3);
    EXPECT_EQUAL(answer.report.outcome, 0);
    EXPECT_EQUAL(answer.report.restored, 0);
}

static void an_op_code_that_does_not_exist_is_unknown(void) {
    static const uint8_t codes[] = {0x00,
                                    0x0e,
                                    0x0f,
                                    0x1d,
                                    0x3f,
                                    0xc0 | FGFT_OP_READ,
                                    0x40 | FGFT_OP_ECHO,
                                    0x40 | FGFT_OP_STATUS,
                                    0x80 | FGFT_OP_DEFINE,
                                    0x40 | FGFT_OP_DIGEST,
                                    0x40 | FGFT_OP_BEGIN,
                                    0x80 | FGFT_OP_COMMIT,
                                    0x40 | FGFT_OP_ROLLBACK,
                                    0x40 | FGFT_OP_SAVEPOINT,
                                    0x80 | FGFT_OP_RELEASE,
                                    0x40 | FGFT_OP_REVERT,
                                    0x80 | FGFT_OP_SNAPSHOT,
                                    0x40 | FGFT_OP_RESTORE,
                                    0x40 | FGFT_OP_DELAY,
                                    0x40 | FGFT_OP_TRANSFER,
                                    0x80 | FGFT_OP_QUERY,
                                    0xc0 | FGFT_OP_WATCH,
                                    0x40 | FGFT_OP_EVENTS};
    host_open();
    for (size_t i = 0; i < sizeof codes; i++) {
        host_frame(0);
        host_op(codes[i], 0);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_UNKNOWN_OP);
        EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
    }
}

static void an_op_that_is_cut_short_is_malformed(void) {
    static const struct {
        uint8_t code, operands;
    } ops[] = {{FGFT_OP_ECHO, 1},         {FGFT_OP_STATUS, 2},       {FGFT_OP_DEFINE, 4},    {FGFT_OP_DIGEST, 1},
               {FGFT_OP_READ | 0x80, 4},  {FGFT_OP_WRITE | 0x80, 8}, {FGFT_OP_MASKED, 6},    {FGFT_OP_MASKED | 0x40, 8},
               {FGFT_OP_READ_BLOCK, 5},   {FGFT_OP_WRITE_BLOCK, 5},  {FGFT_OP_READ_FIFO, 5}, {FGFT_OP_WRITE_FIFO, 5},
               {FGFT_OP_POLL | 0x80, 16}, {FGFT_OP_DELAY, 4},        {FGFT_OP_SNAPSHOT, 1},  {FGFT_OP_RESTORE, 2},
               {FGFT_OP_TRANSFER, 6},     {FGFT_OP_QUERY, 6}};
    host_open();
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        for (uint8_t operands = 0; operands < ops[i].operands; operands++) {
            host_frame(0);
            host_op(ops[i].code, 0);
            for (uint8_t left = operands; left > 0; left--) host_byte(0);
            EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
        }
    }
}

static void counted_operands_that_are_cut_short_are_malformed(void) {
    static const uint8_t codes[] = {FGFT_OP_WRITE_BLOCK, FGFT_OP_WRITE_FIFO | 0x80, FGFT_OP_TRANSFER, FGFT_OP_QUERY};
    host_open();
    host_frame(0);
    host_op(FGFT_OP_ECHO, 0);
    host_byte(2);
    host_byte(0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    for (size_t i = 0; i < sizeof codes; i++) {
        host_frame(0);
        host_op(codes[i], 0);
        host_32(0x00000001);
        host_byte(2);
        host_byte(0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    }
}

static void fewer_ops_than_the_frame_says_are_malformed(void) {
    host_open();
    build_echo();
    host_frame_bytes()[9] = 2;
    host_seal();
    host_answer answer = host_repeat();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(answer.ran, 1);
}

static void bytes_after_the_last_op_are_malformed(void) {
    host_open();
    host_frame(0);
    host_echo(byte, 1);
    host_byte(0);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
}

/* What results may take up, so that a failure can still be told. */
enum { ROOM = FGFT_PORT_FRAME_MAX - FGFT_SIZE_ANSWER_HEADER - FGFT_ANSWER_RESERVE };

static void results_may_fill_the_answer_up_to_what_a_failure_needs(void) {
    host_open();
    define_counter();
    host_frame(0);
    for (size_t left = ROOM / 4; left > 0;) {
        uint8_t count = (uint8_t)(left < 50 ? left : 50);
        host_read_fifo(counter, count);
        left -= count;
    }
    host_echo(byte, ROOM % 4);
    EXPECT_EQUAL(host_send().results_length, ROOM);
}

static void a_result_that_does_not_fit_is_refused_before_the_hardware_is_touched(void) {
    host_open();
    define_counter();
    host_frame(0);
    host_read_fifo(counter, 100);
    host_read_fifo(counter, 100);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ANSWER_TOO_LONG);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.results_length, 400);
    EXPECT_EQUAL(answer.failure.expected, ROOM - 400);
    EXPECT_EQUAL(answer.failure.found, 400);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 100);
}

/* Peripheral 2: a register that a checkpoint reads, and a chip's raw bytes. */
static void add_definition(void) {
    enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };
    host_definition(2);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 1, 0xff);
    host_space(FGFT_SPACE_I2C);
    host_save(0, 0, 0, UINT32_MAX);
}

static void every_op_with_a_result_asks_for_room_first(void) {
    static const uint8_t zeros[255];
    static const host_ref plain = {2, 0, 0, 2}, raw = {2, 1, 0, 0};
    enum { REVERT = 12 };
    host_open();
    add_definition();
    host_define_now();
    for (int op = 0; op <= REVERT; op++) {
        host_frame((uint8_t)(op + 1));
        host_begin();
        if (op == REVERT) host_savepoint();
        host_echo(zeros, ROOM - 1 - 200);
        host_echo(zeros, 200);
        switch (op) {
        case 0: host_echo(zeros, 2); break;
        case 1: host_status(0); break;
        case 2: host_define(); break;
        case 3: host_digest(2); break;
        case 4: host_read(plain); break;
        case 5: host_read_block(plain, 1); break;
        case 6: host_read_fifo(plain, 1); break;
        case 7: host_poll(plain, 0, 0, 0); break;
        case 8: host_rollback(); break;
        case 9: host_transfer(raw, NULL, 0, 2); break;
        case 10: host_transfer(raw, zeros, 1, 2); break;
        case 11: host_query(raw, zeros, 1, 2); break;
        default: host_revert(); break;
        }
        bus_clear_log();
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_ANSWER_TOO_LONG);
        EXPECT_EQUAL(answer.ran, op == REVERT ? 4 : 3);
        EXPECT_EQUAL(bus_log_length(), 0);
        EXPECT_EQUAL(chips_transfers(), 0);
    }
    host_frame(REVERT + 1); /* the nested call failed by that, but it was not ended */
    host_revert();
    host_ok();
}

static void a_resync_is_answered_with_epoch_session_and_next_number(void) {
    host_open();
    host_frame(0);
    host_send();
    uint8_t answer[8];
    static const uint8_t expected[8] = {0x44, 0x33, 0x22, 0x11, 0x55, 0x5e, 2, 0};
    fgft_resync_answer(answer);
    EXPECT(memcmp(answer, expected, sizeof answer) == 0);
}

static const test tests[] = {
    TEST(a_frame_that_asks_for_an_echo_gets_it),
    TEST(an_answer_carries_session_sequence_number_and_epoch),
    TEST(a_frame_without_ops_is_answered),
    TEST(a_damaged_byte_anywhere_makes_a_bad_frame),
    TEST(a_frame_of_any_other_length_than_it_says_is_bad),
    TEST(a_frame_without_a_whole_header_is_bad_even_if_its_crc_is_right),
    TEST(a_frame_longer_than_the_limit_is_bad),
    TEST(a_frame_as_long_as_the_limit_runs),
    TEST(another_version_is_refused_with_both_versions),
    TEST(nothing_runs_before_a_session_is_open),
    TEST(a_frame_of_another_session_does_not_run),
    TEST(an_empty_frame_of_another_session_does_not_run_either),
    TEST(a_number_that_is_too_high_is_a_gap),
    TEST(a_repeated_frame_gets_the_same_answer_and_does_not_run_again),
    TEST(a_failed_frame_is_not_run_again_either),
    TEST(as_many_answers_are_kept_as_the_window_says),
    TEST(an_answer_stays_in_its_place_until_as_many_more_were_made_as_the_window_says),
    TEST(so_does_a_refusal),
    TEST(refusals_are_not_kept_and_disturb_no_kept_answer),
    TEST(a_frame_over_another_link_is_refused_whatever_it_is_and_the_session_goes_on),
    TEST(a_refusal_over_another_link_carries_the_number_of_its_frame),
    TEST(a_damaged_frame_over_another_link_gets_no_answer),
    TEST(the_number_after_65535_is_1),
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
    TEST(status_tells_what_became_of_a_frame),
    TEST(the_oldest_answer_is_gone_when_the_frame_that_takes_its_place_runs),
    TEST(a_frame_stops_at_the_first_op_that_fails),
    TEST(an_op_code_that_does_not_exist_is_unknown),
    TEST(an_op_that_is_cut_short_is_malformed),
    TEST(counted_operands_that_are_cut_short_are_malformed),
    TEST(fewer_ops_than_the_frame_says_are_malformed),
    TEST(bytes_after_the_last_op_are_malformed),
    TEST(results_may_fill_the_answer_up_to_what_a_failure_needs),
    TEST(a_result_that_does_not_fit_is_refused_before_the_hardware_is_touched),
    TEST(every_op_with_a_result_asks_for_room_first),
    TEST(a_resync_is_answered_with_epoch_session_and_next_number),
};

const suite frame_suite = SUITE("frames", tests);
