/* What is watched, how it is told, and that nothing is lost silently. */
#include "bytes.h"
#include "crc.h"
#include "suites.h"
#include "watching.h"

static void an_edge_is_noted_with_its_time_and_cleared(void) {
    watching_open();
    watching_watch(watched_edges, 0x0c);
    bus_pass(1234);
    interrupts_raise(INTERRUPTS_EDGES, 0x04);
    EXPECT_EQUAL(bus_peek(INTERRUPTS_EDGES), 0);
    watching_events taken = watching_take(1);
    EXPECT_EQUAL(taken.events[0].peripheral, WATCHED);
    EXPECT_EQUAL(taken.events[0].transaction, 0);
    EXPECT_EQUAL(taken.events[0].number, 0);
    EXPECT_EQUAL(taken.events[0].what, 0x04);
    EXPECT_EQUAL(taken.events[0].us, 1234);
    EXPECT_EQUAL(taken.next, 1);
    watching_take(0);
}

static void what_is_not_watched_is_left_alone_and_keeps_nothing_back(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    EXPECT_EQUAL(bus_peek(INTERRUPTS_EDGES), 0x02);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    fgft_poke(); /* the line is on again */
    EXPECT_EQUAL(bus_peek(INTERRUPTS_EDGES), 0x02);
    EXPECT_EQUAL(watching_take(1).events[0].what, 0x01);
}

static void what_was_there_before_the_watch_is_no_event(void) {
    watching_open();
    interrupts_raise(INTERRUPTS_EDGES, 0x03);
    watching_watch(watched_edges, 0x01);
    watching_take(0);
    EXPECT_EQUAL(bus_peek(INTERRUPTS_EDGES), 0x02);
}

static void a_wider_watch_loses_nothing_of_the_narrower_one(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    watching_watch(watched_edges, 0x03);
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    watching_events taken = watching_take(2);
    EXPECT_EQUAL(taken.events[0].what, 0x01);
    EXPECT_EQUAL(taken.events[1].what, 0x02);
}

static void a_watch_ends_with_mask_0(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    watching_watch(watched_edges, 0);
    uint32_t handled = interrupts_handled();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(interrupts_handled(), handled);
    watching_take(0);
    watching_watch(watched_levels, 0);
}

static void a_watch_ends_with_the_definition_and_with_the_session(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    host_definition(WATCHED);
    host_block(FGFT_BLOCK_READ, 2, INTERRUPTS_EDGES, 4, 0xff);
    host_define_now();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    watching_take(0);
    watching_watch(watched_edges, 0x02);
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    host_hello(HOST_SESSION + 1, FGFT_FEATURE_TRANSACTIONS, 100);
    EXPECT_EQUAL(fgft_poke().length, 0);
    uint32_t handled = interrupts_handled();
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    EXPECT_EQUAL(interrupts_handled(), handled);
    EXPECT_EQUAL(watching_take(0).next, 0);
}

/* Returns the status of a watch that is refused. */
static uint8_t refusal(host_ref at, uint32_t mask) {
    host_frame(0);
    host_watch(at, mask);
    return host_send().status;
}

static void a_watch_needs_a_register_that_interrupts_and_may_be_read(void) {
    watching_open();
    EXPECT_EQUAL(refusal((host_ref){9, 0, 0, 2}, 1), FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(refusal(watched_change, 1), FGFT_STATUS_NOT_ALLOWED);
    EXPECT_EQUAL(refusal(watched_edges, 0x100), FGFT_STATUS_OUT_OF_BOUNDS);
    EXPECT_EQUAL(refusal((host_ref){WATCHED, 0, 0, 1}, 1), FGFT_STATUS_ACCESS_DENIED);
    host_definition(2);
    host_block(FGFT_BLOCK_WRITE | FGFT_BLOCK_ONES, 2, INTERRUPTS_EDGES, 4, 0xff);
    host_block(FGFT_BLOCK_READ | FGFT_BLOCK_SIDE_EFFECTS, 2, INTERRUPTS_LEVELS, 4, 0xff);
    host_block(FGFT_BLOCK_READ | FGFT_BLOCK_FIFO, 2, INTERRUPTS_LEVELS, 4, 0xff);
    host_define_now();
    for (uint8_t block = 0; block < 3; block++) {
        EXPECT_EQUAL(refusal((host_ref){2, block, 0, 2}, 1), FGFT_STATUS_ACCESS_DENIED);
    }
}

static void there_are_half_as_many_watches_as_events(void) {
    enum { WATCHES = FGFT_PORT_EVENTS / 2 };
    host_open();
    for (uint8_t number = 1; number <= WATCHES + 1; number++) {
        host_definition(number);
        host_block(FGFT_BLOCK_READ, 2, INTERRUPTS_LEVELS, 4, 1U << number);
        host_define_now();
        host_frame(0);
        host_watch((host_ref){number, 0, 0, 2}, 1U << number);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, number > WATCHES ? FGFT_STATUS_WATCHES_FULL : FGFT_STATUS_OK);
        if (number > WATCHES) EXPECT_EQUAL(answer.failure.expected, WATCHES);
    }
}

static void a_level_is_told_once_until_the_host_has_it(void) {
    watching_open();
    watching_watch(watched_levels, 0x0f);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    for (int i = 0; i < 3; i++) fgft_poke();
    EXPECT_EQUAL(watching_take(1).events[0].what, 0x01);
    watching_take(0);
    EXPECT_EQUAL(fgft_poke().length, 0);
}

/* The host does something, though perhaps not about this. */
static void serve(void) {
    host_frame(0);
    host_ok();
}

static void a_level_that_stays_is_told_again_when_the_host_has_acted(void) {
    watching_open();
    watching_watch(watched_levels, 0x0f);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    serve();
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
    watching_take(1); /* it did not know yet */
    EXPECT_EQUAL(fgft_poke().length, 0);
    serve();
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
    watching_take(1);
    serve();
    interrupts_lower(INTERRUPTS_LEVELS, 0x01);
    EXPECT_EQUAL(fgft_poke().length, 0);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
}

static void a_level_that_has_gone_is_told_when_it_comes_back(void) {
    watching_open();
    watching_watch(watched_levels, 0x0f);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    interrupts_lower(INTERRUPTS_LEVELS, 0x01);
    fgft_poke();
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    watching_take(2);
}

static void a_level_that_stays_is_told_again_after_a_while(void) {
    watching_open();
    watching_watch(watched_levels, 0x0f);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    watching_take(1);
    bus_pass(FGFT_LIMIT_POKE_AGAIN_US - 1);
    EXPECT_EQUAL(fgft_poke().length, 0);
    bus_pass(1);
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
    watching_take(1);
}

static void another_level_of_the_register_is_told_meanwhile(void) {
    watching_open();
    watching_watch(watched_levels, 0x0f);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    interrupts_raise(INTERRUPTS_LEVELS, 0x02); /* the line is off */
    fgft_poke();
    watching_events taken = watching_take(2);
    EXPECT_EQUAL(taken.events[0].what, 0x01);
    EXPECT_EQUAL(taken.events[1].what, 0x02);
}

static void a_full_ring_shows_as_a_gap_in_the_numbers(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    watching_watch(watched_levels, 0x01);
    for (int i = 0; i < FGFT_PORT_EVENTS; i++) interrupts_raise(INTERRUPTS_EDGES, 0x01);
    interrupts_raise(INTERRUPTS_LEVELS, 0x01);
    watching_events taken = watching_take(FGFT_PORT_EVENTS);
    for (uint8_t i = 0; i < FGFT_PORT_EVENTS; i++) EXPECT_EQUAL(taken.events[i].number, i);
    EXPECT_EQUAL(taken.next, FGFT_PORT_EVENTS + 1);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(watching_take(1).events[0].number, FGFT_PORT_EVENTS + 2); /* this one may have been several */
}

static void a_full_ring_turns_its_lines_off_until_there_is_room(void) {
    watching_open();
    watching_watch(watched_edges, 0xff);
    for (int i = 0; i < FGFT_PORT_EVENTS; i++) interrupts_raise(INTERRUPTS_EDGES, 0x01);
    uint32_t handled = interrupts_handled();
    for (int i = 0; i < 3; i++) {
        interrupts_raise(INTERRUPTS_EDGES, 0x01);
        interrupts_raise(INTERRUPTS_EDGES, 0x02);
        fgft_poke();
    }
    EXPECT_EQUAL(interrupts_handled(), handled);
    EXPECT_EQUAL(watching_take(FGFT_PORT_EVENTS).next, FGFT_PORT_EVENTS);
    fgft_poke();
    watching_events taken = watching_take(1);
    EXPECT_EQUAL(taken.events[0].what, 0x03);
    EXPECT_EQUAL(taken.events[0].number, FGFT_PORT_EVENTS + 1); /* the register cannot count */
}

static void the_host_may_take_fewer_than_there_are(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    for (int i = 0; i < 3; i++) interrupts_raise(INTERRUPTS_EDGES, 0x01);
    host_frame(0);
    host_events(2, 2);
    EXPECT_EQUAL(host_result_16(host_ok(), 0), 2);
    EXPECT_EQUAL(watching_take(1).events[0].number, 2);
}

static void events_wait_when_the_answer_has_no_room(void) {
    static const uint8_t bytes[UINT8_MAX];
    watching_open();
    watching_watch(watched_edges, 0x01);
    for (int i = 0; i < FGFT_PORT_EVENTS; i++) interrupts_raise(INTERRUPTS_EDGES, 0x01);
    host_frame(0);
    host_echo(bytes, UINT8_MAX);
    host_echo(bytes, 100);
    host_events(UINT8_MAX, 0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ANSWER_TOO_LONG);
    watching_take(FGFT_PORT_EVENTS);
}

static void an_answer_with_events_is_repeated_as_any_other(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    watching_take(1);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    host_answer again = host_repeat();
    EXPECT_EQUAL(host_result_8(again, 2), 1);
    EXPECT_EQUAL(host_result_16(again, FGFT_SIZE_EVENTS_HEAD + 2), 0);
}

static void the_host_is_poked_until_it_takes_the_events(void) {
    watching_open();
    EXPECT_EQUAL(fgft_poke().length, 0);
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    fgft_answer poke = fgft_poke();
    EXPECT_EQUAL(poke.length, FGFT_SIZE_POKE);
    EXPECT_EQUAL(poke.bytes[0], FGFT_FRAME_POKE_MAGIC);
    EXPECT_EQUAL(poke.bytes[1], FGFT_FRAME_VERSION);
    EXPECT_EQUAL(fgft_get16(poke.bytes + 2), FGFT_SIZE_POKE);
    EXPECT_EQUAL(fgft_get16(poke.bytes + 4), HOST_SESSION);
    EXPECT_EQUAL(fgft_get32(poke.bytes + 6), fgft_crc(0, poke.bytes, 6));
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(fgft_poke().length, 0);
    bus_pass(FGFT_LIMIT_POKE_AGAIN_US - 1);
    EXPECT_EQUAL(fgft_poke().length, 0);
    bus_pass(1);
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
    watching_take(2);
    EXPECT_EQUAL(fgft_poke().length, 0);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
}

static void a_new_session_is_poked_at_once(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(fgft_poke().length, FGFT_SIZE_POKE);
    host_hello(HOST_SESSION + 1, FGFT_FEATURE_TRANSACTIONS, 100);
    host_definition(WATCHED);
    host_block(FGFT_BLOCK_READ, 2, INTERRUPTS_EDGES, 4, 0xff);
    host_define_now();
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(fgft_get16(fgft_poke().bytes + 4), HOST_SESSION + 1);
    EXPECT_EQUAL(watching_take(1).events[0].number, 0);
}

static void hello_tells_that_there_are_events(void) {
    host_power_on();
    EXPECT(host_result_16(host_hello(1, FGFT_FEATURE_EVENTS, 100), 0) & FGFT_FEATURE_EVENTS);
}

static const test tests[] = {
    TEST(an_edge_is_noted_with_its_time_and_cleared),
    TEST(what_is_not_watched_is_left_alone_and_keeps_nothing_back),
    TEST(what_was_there_before_the_watch_is_no_event),
    TEST(a_wider_watch_loses_nothing_of_the_narrower_one),
    TEST(a_watch_ends_with_mask_0),
    TEST(a_watch_ends_with_the_definition_and_with_the_session),
    TEST(a_watch_needs_a_register_that_interrupts_and_may_be_read),
    TEST(there_are_half_as_many_watches_as_events),
    TEST(a_level_is_told_once_until_the_host_has_it),
    TEST(a_level_that_stays_is_told_again_when_the_host_has_acted),
    TEST(a_level_that_has_gone_is_told_when_it_comes_back),
    TEST(a_level_that_stays_is_told_again_after_a_while),
    TEST(another_level_of_the_register_is_told_meanwhile),
    TEST(a_full_ring_shows_as_a_gap_in_the_numbers),
    TEST(a_full_ring_turns_its_lines_off_until_there_is_room),
    TEST(the_host_may_take_fewer_than_there_are),
    TEST(events_wait_when_the_answer_has_no_room),
    TEST(an_answer_with_events_is_repeated_as_any_other),
    TEST(the_host_is_poked_until_it_takes_the_events),
    TEST(a_new_session_is_poked_at_once),
    TEST(hello_tells_that_there_are_events),
};

const suite event_suite = SUITE("events", tests);
