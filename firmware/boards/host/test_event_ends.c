/* Which events belong to a transaction, and what becomes of them when it ends. */
#include "suites.h"
#include "watching.h"

enum { TRANSACTION = 5 };

/* Watches the edges, and opens a transaction that holds the peripheral. */
static void start(void) {
    watching_open();
    watching_watch(watched_edges, 0xff);
    host_frame(TRANSACTION);
    host_begin();
    host_write(watched_change, 1);
    host_ok();
}

static void an_event_of_a_peripheral_that_is_held_says_so(void) {
    start();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(watching_take(1).events[0].transaction, TRANSACTION);
}

static void one_of_a_peripheral_that_is_only_read_does_not(void) {
    watching_open();
    watching_watch(watched_edges, 0xff);
    host_frame(TRANSACTION);
    host_begin();
    host_read(watched_change);
    host_ok();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(watching_take(1).events[0].transaction, 0);
}

static void after_a_commit_it_is_told_as_any_other(void) {
    start();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    host_frame(TRANSACTION);
    host_commit();
    host_ok();
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    watching_events taken = watching_take(2);
    for (uint8_t i = 0; i < 2; i++) {
        EXPECT_EQUAL(taken.events[i].transaction, 0);
        EXPECT_EQUAL(taken.events[i].what, 1U << i);
    }
}

/* Events 0 and 2 are the transaction's, 1 is not. */
static void expect_dropped(void) {
    watching_events taken = watching_take(2);
    EXPECT_EQUAL(taken.events[0].what, 0);
    EXPECT_EQUAL(taken.events[0].transaction, 0);
    EXPECT_EQUAL(taken.events[1].what, 0x02);
    EXPECT_EQUAL(taken.events[1].transaction, 0);
    EXPECT_EQUAL(taken.next, 2);
}

static void after_a_rollback_it_never_happened(void) {
    start();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    EXPECT_EQUAL(host_roll_back(TRANSACTION).status, FGFT_STATUS_OK);
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    expect_dropped();
}

static void nor_after_an_op_that_failed(void) {
    start();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    host_frame(TRANSACTION);
    host_digest(9);
    host_send();
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    expect_dropped();
}

static void nor_after_the_lease_has_run_out(void) {
    start();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    bus_pass(100 * 1000);
    EXPECT_EQUAL(fgft_check_lease(), FGFT_IDLE);
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    expect_dropped();
}

static void what_the_restore_itself_causes_is_dropped_too(void) {
    start();
    interrupts_wire(CHANGED, 0x01);
    EXPECT_EQUAL(host_roll_back(TRANSACTION).status, FGFT_STATUS_OK);
    interrupts_wire(0, 0);
    interrupts_raise(INTERRUPTS_EDGES, 0x02);
    expect_dropped();
}

static void so_is_what_happened_while_the_line_was_off(void) {
    watching_open();
    watching_watch(watched_edges, 0x01);
    interrupts_raise(INTERRUPTS_EDGES, 0x80); /* watched by nobody, and stays */
    interrupts_wire(CHANGED, 0x01);
    host_frame(TRANSACTION);
    host_begin();
    host_write(watched_change, 1);
    host_ok();
    EXPECT_EQUAL(bus_peek(INTERRUPTS_EDGES), 0x81);
    EXPECT_EQUAL(host_roll_back(TRANSACTION).status, FGFT_STATUS_OK);
    EXPECT_EQUAL(watching_take(1).events[0].what, 0);
    fgft_poke();
    watching_take(0);
}

static void what_the_last_write_causes_belongs_to_the_commit_behind_it(void) {
    watching_open();
    watching_watch(watched_edges, 0xff);
    interrupts_wire(CHANGED, 0x01);
    host_frame(TRANSACTION);
    host_begin();
    host_write(watched_change, 1);
    host_events(1, 1);
    host_write(watched_change, 2);
    host_commit();
    EXPECT_EQUAL(host_result_8(host_ok(), FGFT_SIZE_EVENTS_HEAD + 1), TRANSACTION);
    EXPECT_EQUAL(watching_take(1).events[0].transaction, 0);
}

static void only_those_of_the_transaction_that_ends_change(void) {
    start();
    interrupts_raise(INTERRUPTS_EDGES, 0x01);
    host_frame(TRANSACTION + 1);
    host_begin();
    host_rollback();
    host_ok();
    EXPECT_EQUAL(watching_take(1).events[0].transaction, TRANSACTION);
}

static const test tests[] = {
    TEST(an_event_of_a_peripheral_that_is_held_says_so),
    TEST(one_of_a_peripheral_that_is_only_read_does_not),
    TEST(after_a_commit_it_is_told_as_any_other),
    TEST(after_a_rollback_it_never_happened),
    TEST(nor_after_an_op_that_failed),
    TEST(nor_after_the_lease_has_run_out),
    TEST(what_the_restore_itself_causes_is_dropped_too),
    TEST(so_is_what_happened_while_the_line_was_off),
    TEST(what_the_last_write_causes_belongs_to_the_commit_behind_it),
    TEST(only_those_of_the_transaction_that_ends_change),
};

const suite event_end_suite = SUITE("events of transactions", tests);
