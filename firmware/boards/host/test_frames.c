/* Frames: damage, sequence numbers, at most once. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "counter.h"
#include "crc.h"
#include "frame.h"
#include "host.h"
#include "suites.h"

static const uint8_t byte[] = {0xa5, 0x5a};

/* A frame with one echo in it, sealed but not sent. */
static void build_echo(void) {
    host_frame(0);
    host_echo(byte, 1);
    host_frame_bytes()[9] = 1;
    host_32(0);
    host_seal();
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
        host_expect_refusal(answer, FGFT_STATUS_BAD_FRAME);
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
    host_expect_refusal(host_repeat(), FGFT_STATUS_BAD_FRAME);
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
    host_expect_refusal(host_send(), FGFT_STATUS_BAD_FRAME);
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
    host_expect_refusal(answer, FGFT_STATUS_BAD_VERSION);
    EXPECT_EQUAL(answer.sequence, 1);
    EXPECT_EQUAL(answer.failure.expected, FGFT_FRAME_VERSION);
    EXPECT_EQUAL(answer.failure.found, 9);
}

static void nothing_runs_before_a_session_is_open(void) {
    build_echo();
    host_expect_refusal(host_repeat(), FGFT_STATUS_NO_SESSION);
    host_session = 77;
    build_echo();
    host_answer answer = host_repeat();
    host_expect_refusal(answer, FGFT_STATUS_NO_SESSION);
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 77);
}

static void a_frame_of_another_session_does_not_run(void) {
    host_open();
    host_session = 77;
    build_echo();
    host_answer answer = host_repeat();
    host_expect_refusal(answer, FGFT_STATUS_NO_SESSION);
    EXPECT_EQUAL(answer.session, HOST_SESSION);
    EXPECT_EQUAL(answer.failure.expected, HOST_SESSION);
    EXPECT_EQUAL(answer.failure.found, 77);
}

static void an_empty_frame_of_another_session_does_not_run_either(void) {
    host_open();
    host_session = 77;
    host_frame(0);
    host_expect_refusal(host_send(), FGFT_STATUS_NO_SESSION);
}

static void a_number_that_is_too_high_is_a_gap(void) {
    host_open();
    host_next_sequence = 2;
    build_echo();
    host_answer answer = host_repeat();
    host_expect_refusal(answer, FGFT_STATUS_SEQUENCE_GAP);
    EXPECT_EQUAL(answer.sequence, 2);
    EXPECT_EQUAL(answer.failure.expected, 1);
    EXPECT_EQUAL(answer.failure.found, 2);
}

static void a_repeated_frame_gets_the_same_answer_and_does_not_run_again(void) {
    host_open();
    counter_define();
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
    counter_define();
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
    TEST(status_tells_what_became_of_a_frame),
    TEST(the_oldest_answer_is_gone_when_the_frame_that_takes_its_place_runs),
    TEST(a_resync_is_answered_with_epoch_session_and_next_number),
};

const suite frame_suite = SUITE("frames", tests);
