/* The lease, the lost link, the new session: the controller rolls back by itself. */
#include <string.h>

#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE, LEASE_US = 100 * 1000 };

static host_ref at(uint8_t number) {
    return (host_ref){number, 0, 0, 2};
}

static uint32_t register_of(uint8_t number) {
    return BUS_ALIASED + 4U * number;
}

/* Two peripherals of one saved register; transaction 5 has changed the first. */
static void start(void) {
    host_open();
    for (uint8_t number = 1; number <= 2; number++) {
        host_definition(number);
        host_block(RW, 2, register_of(number), 4, UINT32_MAX);
        host_save(0, 0, 0, UINT32_MAX);
        host_define_now();
    }
    host_frame(5);
    host_begin();
    host_write(at(1), 55);
    host_ok();
}

static void expect_ended(uint8_t transaction, uint8_t reason) {
    host_frame(transaction);
    host_commit();
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_NO_TRANSACTION);
    EXPECT_EQUAL(answer.failure.expected, reason);
    EXPECT_EQUAL(answer.failure.found, transaction);
    EXPECT_EQUAL(answer.report.outcome, 0);
}

static void no_lease_runs_without_an_open_transaction(void) {
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    host_open();
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    bus_pass(10 * LEASE_US);
    host_frame(5);
    host_begin();
    host_send();
    EXPECT_EQUAL(fgft_check_lease(), LEASE_US);
    host_frame(5);
    host_commit();
    host_send();
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
}

static void the_check_tells_when_it_must_be_called_again(void) {
    start();
    EXPECT_EQUAL(fgft_check_lease(), LEASE_US);
    bus_pass(30000);
    EXPECT_EQUAL(fgft_check_lease(), LEASE_US - 30000);
    bus_pass(LEASE_US - 30000 - 1);
    EXPECT_EQUAL(fgft_check_lease(), 1);
    EXPECT_EQUAL(bus_peek(register_of(1)), 55);
}

static void a_silent_host_loses_its_transactions(void) {
    start();
    host_frame(6);
    host_begin();
    host_write(at(2), 66);
    host_send();
    bus_pass(LEASE_US);
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    EXPECT_EQUAL(bus_peek(register_of(1)), 0);
    EXPECT_EQUAL(bus_peek(register_of(2)), 0);
    expect_ended(5, FGFT_END_LEASE_EXPIRED);
    expect_ended(6, FGFT_END_LEASE_EXPIRED);
    host_frame(0);
    host_write(at(1), 77);
    host_ok();
}

static void a_frame_of_the_session_renews_the_lease(void) {
    start();
    for (int i = 0; i < 5; i++) {
        bus_pass(LEASE_US - 1);
        EXPECT_EQUAL(fgft_check_lease(), 1);
        host_frame(0);
        host_send();
        EXPECT_EQUAL(fgft_check_lease(), LEASE_US);
    }
}

static void a_repeated_frame_and_a_gap_renew_it_too(void) {
    start();
    bus_pass(LEASE_US - 1);
    host_repeat();
    EXPECT_EQUAL(fgft_check_lease(), LEASE_US);
    bus_pass(LEASE_US - 1);
    host_next_sequence = 99;
    host_frame(0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_SEQUENCE_GAP);
    EXPECT_EQUAL(fgft_check_lease(), LEASE_US);
}

static void other_frames_do_not_renew_it(void) {
    start();
    bus_pass(LEASE_US - 1);
    host_frame(0);
    host_frame_bytes()[0] = 0;
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_BAD_FRAME);
    host_session = 77;
    host_frame(0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_NO_SESSION);
    host_session = HOST_SESSION;
    host_frame(0);
    host_32(0);
    host_seal();
    EXPECT(fgft_refuse_busy(host_frame_bytes(), (uint16_t)host_frame_length()).length > 0);
    EXPECT_EQUAL(fgft_check_lease(), 1);
}

static void a_long_delay_is_not_silence(void) {
    start();
    bus_clock_step(1000);
    host_frame(5);
    host_delay(5 * LEASE_US);
    host_ok();
    bus_clock_step(0);
    EXPECT_EQUAL(fgft_check_lease(), LEASE_US);
}

static void the_lease_works_while_the_clock_wraps_around(void) {
    host_open();
    bus_pass(UINT32_MAX - LEASE_US / 2 - bus_now_us());
    host_frame(5);
    host_begin();
    host_send();
    bus_pass(LEASE_US - 1);
    EXPECT_EQUAL(fgft_check_lease(), 1);
    bus_pass(1);
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    expect_ended(5, FGFT_END_LEASE_EXPIRED);
}

static void the_lease_granted_lies_between_the_limits(void) {
    static const struct {
        uint16_t asked, granted;
    } leases[] = {{0, FGFT_PORT_LEASE_MIN_MS},
                  {FGFT_PORT_LEASE_MIN_MS, FGFT_PORT_LEASE_MIN_MS},
                  {1234, 1234},
                  {FGFT_PORT_LEASE_MAX_MS, FGFT_PORT_LEASE_MAX_MS},
                  {UINT16_MAX, FGFT_PORT_LEASE_MAX_MS}};
    for (size_t i = 0; i < sizeof leases / sizeof *leases; i++) {
        host_answer answer = host_hello((uint16_t)(100 + i), FGFT_FEATURE_TRANSACTIONS, leases[i].asked);
        EXPECT_EQUAL(host_result_16(answer, 18), leases[i].granted);
        host_frame(5);
        host_begin();
        host_send();
        EXPECT_EQUAL(fgft_check_lease(), leases[i].granted * 1000U);
    }
}

static void a_lost_link_rolls_back(void) {
    start();
    fgft_link_lost();
    EXPECT_EQUAL(bus_peek(register_of(1)), 0);
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    expect_ended(5, FGFT_END_LINK_LOST);
    fgft_link_lost();
}

static void a_boot_forgets_what_was_open(void) {
    start();
    fgft_init(&(fgft_boot_record){.epoch = 2});
    bus_clear_log();
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    fgft_link_lost();
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void a_lost_link_keeps_session_and_answers(void) {
    start();
    uint8_t kept[FGFT_PORT_FRAME_MAX];
    host_answer before = host_repeat();
    memcpy(kept, before.bytes, before.length);
    fgft_link_lost();
    host_answer answer = host_repeat();
    EXPECT(memcmp(answer.bytes, kept, answer.length) == 0);
    host_frame(0);
    host_ok();
}

static void a_new_session_rolls_back_and_tells(void) {
    start();
    host_answer answer = host_hello(77, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(bus_peek(register_of(1)), 0);
    EXPECT_EQUAL(host_result_16(answer, 36), HOST_SESSION);
    EXPECT_EQUAL(host_result_8(answer, 38), 1);
    EXPECT_EQUAL(host_result_8(answer, 39), FGFT_END_NEW_SESSION);
    EXPECT_EQUAL(host_result_16(answer, 40), 1);
    EXPECT_EQUAL(host_result_16(answer, 42), 0);
    expect_ended(5, FGFT_END_NONE);
}

static void the_next_session_learns_of_what_was_rolled_back_and_what_did_not_read_back(void) {
    start();
    host_frame(6);
    host_begin();
    host_write(at(2), 66);
    host_commit();
    host_begin();
    host_write(at(2), 67);
    host_send();
    bus_behave(register_of(1), BUS_IGNORES, UINT32_MAX, 0);
    bus_pass(LEASE_US);
    fgft_check_lease();
    host_answer answer = host_hello(77, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(host_result_8(answer, 38), 2);
    EXPECT_EQUAL(host_result_8(answer, 39), FGFT_END_LEASE_EXPIRED);
    EXPECT_EQUAL(host_result_16(answer, 40), 2);
    EXPECT_EQUAL(host_result_16(answer, 42), 1);
    EXPECT_EQUAL(host_result_16(answer, 44), 4);
    EXPECT_EQUAL(host_result_8(answer, 46), 6);
    EXPECT_EQUAL(bus_peek(register_of(2)), 66);
}

static void what_a_failed_op_rolled_back_is_not_told_again(void) {
    start();
    host_frame(5);
    host_digest(9);
    host_send();
    host_answer answer = host_hello(77, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(host_result_8(answer, 38), 0);
    EXPECT_EQUAL(host_result_8(answer, 39), FGFT_END_NONE);
}

static void a_hello_that_is_refused_rolls_nothing_back(void) {
    start();
    EXPECT_EQUAL(host_hello(77, 0xffff, 100).status, FGFT_STATUS_UNSUPPORTED_FEATURE);
    host_frame(5);
    host_commit();
    host_ok();
    EXPECT_EQUAL(bus_peek(register_of(1)), 55);
}

static const test tests[] = {
    TEST(no_lease_runs_without_an_open_transaction),
    TEST(the_check_tells_when_it_must_be_called_again),
    TEST(a_silent_host_loses_its_transactions),
    TEST(a_frame_of_the_session_renews_the_lease),
    TEST(a_repeated_frame_and_a_gap_renew_it_too),
    TEST(other_frames_do_not_renew_it),
    TEST(a_long_delay_is_not_silence),
    TEST(the_lease_works_while_the_clock_wraps_around),
    TEST(the_lease_granted_lies_between_the_limits),
    TEST(a_lost_link_rolls_back),
    TEST(a_boot_forgets_what_was_open),
    TEST(a_lost_link_keeps_session_and_answers),
    TEST(a_new_session_rolls_back_and_tells),
    TEST(the_next_session_learns_of_what_was_rolled_back_and_what_did_not_read_back),
    TEST(what_a_failed_op_rolled_back_is_not_told_again),
    TEST(a_hello_that_is_refused_rolls_nothing_back),
};

const suite lease_suite = SUITE("lease", tests);
