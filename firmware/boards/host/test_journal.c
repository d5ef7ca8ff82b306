/* Peripherals without a save list: pre-images, what they bring back, and what cannot be brought back. */
#include "bytes.h"
#include "crc.h"
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE, JOURNAL = RW | FGFT_BLOCK_JOURNAL };
enum { RECORD_HEAD = 4, PRE_IMAGE = 8 };

static host_ref at(uint8_t block, uint16_t offset) {
    return (host_ref){1, block, offset, 2};
}

static void define_journaled(uint32_t base, uint16_t size, uint32_t mask) {
    host_open();
    host_definition(1);
    host_block(JOURNAL, 2, base, size, mask);
    host_define_now();
    bus_clear_log();
}

static void begin(void) {
    host_frame(1);
    host_begin();
}

static void what_a_transaction_changed_is_written_back(void) {
    static const uint32_t values[] = {7, 8};
    define_journaled(BUS_PLAIN, 32, UINT32_MAX);
    for (uint32_t i = 0; i < 8; i++) bus_poke(BUS_PLAIN + 4 * i, 0x100 + i);
    begin();
    host_write(at(0, 0), 1);
    host_masked(at(0, 8), 0xff, 0xee);
    host_write_block(at(0, 16), values, 2);
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 8), 0x1ee);
    host_expect_verified(4);
    for (uint32_t i = 0; i < 8; i++) EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4 * i), 0x100 + i);
}

static void pre_images_are_written_back_in_reverse_order(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    begin();
    host_write(at(0, 8), 1);
    host_write(at(0, 0), 1);
    host_write(at(0, 12), 1);
    host_ok();
    host_expect_verified(3);
    static const uint32_t order[] = {12, 0, 8};
    EXPECT_EQUAL(bus_stores(), 3);
    for (size_t i = 0; i < 3; i++) EXPECT_EQUAL(bus_stored(i).address, BUS_PLAIN + order[i]);
}

static void a_register_is_read_before_its_first_change_only(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    bus_poke(BUS_PLAIN + 4, 0x77);
    begin();
    for (uint32_t i = 0; i < 5; i++) host_write(at(0, 4), i);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 6);
    EXPECT(!bus_logged(0).write);
    host_expect_verified(1);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 0x77);
}

static void every_register_has_one_pre_image_whichever_came_first(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    begin();
    for (uint16_t i = 0; i < 12; i++) host_write(at(0, (uint16_t)(4 * (i % 3))), i);
    host_ok();
    host_expect_verified(3);
}

static void only_owned_bits_are_written_back(void) {
    static const uint32_t bases[] = {BUS_ALIASED, BUS_PLAIN};
    for (size_t i = 0; i < 2; i++) {
        define_journaled(bases[i], 4, 0x0000ff00);
        bus_poke(bases[i], 0x11223344);
        begin();
        host_masked(at(0, 0), 0xff00, 0x5500);
        host_ok();
        bus_poke(bases[i], 0xaaaa55aa);
        host_expect_verified(1);
        EXPECT_EQUAL(bus_peek(bases[i]), 0xaaaa33aa);
    }
}

static void registers_of_every_width_have_pre_images(void) {
    host_open();
    host_definition(1);
    host_block(JOURNAL, 0, BUS_PLAIN, 4, 0xff);
    host_block(JOURNAL, 1, BUS_PLAIN + 4, 4, 0xffff);
    host_define_now();
    bus_poke(BUS_PLAIN, 0x44332211);
    bus_poke(BUS_PLAIN + 4, 0x88776655);
    begin();
    host_write((host_ref){1, 0, 2, 0}, 0xee);
    host_write((host_ref){1, 1, 2, 1}, 0xeeee);
    host_ok();
    host_expect_verified(2);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0x44332211);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 0x88776655);
}

static void nothing_is_journaled_outside_of_transactions(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    host_frame(0);
    host_write(at(0, 0), 1);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void a_commit_drops_the_journal(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    for (int round = 0; round < 20; round++) { /* more than the arena holds at once */
        begin();
        host_write(at(0, 0), 1);
        host_write(at(0, 4), 1);
        host_commit();
        host_ok();
    }
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 1);
}

static void journals_of_two_transactions_grow_side_by_side(void) {
    host_open();
    for (uint8_t number = 1; number <= 2; number++) {
        host_definition(number);
        host_block(JOURNAL, 2, BUS_PLAIN + 0x40U * number, 32, UINT32_MAX);
        host_define_now();
    }
    for (uint32_t i = 0; i < 64; i++) bus_poke(BUS_PLAIN + 4 * i, i);
    for (uint8_t number = 1; number <= 2; number++) {
        host_frame(number);
        host_begin();
        host_ok();
    }
    for (uint16_t i = 0; i < 4; i++) {
        for (uint8_t number = 1; number <= 2; number++) {
            host_frame(number);
            host_write((host_ref){number, 0, (uint16_t)(4 * i), 2}, 0xdead);
            host_ok();
        }
    }
    host_expect_verified(4);
    host_frame(2);
    host_rollback();
    host_ok();
    for (uint32_t i = 0; i < 64; i++) EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4 * i), i);
}

static void saved_and_journaled_registers_of_one_peripheral_go_back_together(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_block(JOURNAL, 2, BUS_PLAIN, 8, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 1, 4, UINT32_MAX, 0, 0); /* a reset, which takes the journaled register with it */
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    bus_poke(BUS_ALIASED, 0x55);
    bus_poke(BUS_PLAIN + 4, 0x66);
    begin();
    host_write(at(1, 4), 1);
    host_write(at(0, 0), 1);
    host_ok();
    host_expect_verified(2);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x55);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 0x66);
}

static void overlapping_blocks_are_compared_with_the_oldest_value(void) {
    host_open();
    host_definition(1);
    host_block(JOURNAL, 2, BUS_PLAIN, 4, 0x00ff);
    host_block(JOURNAL, 2, BUS_PLAIN, 4, 0xfff0);
    host_define_now();
    bus_poke(BUS_PLAIN, 0x1234);
    begin();
    host_masked(at(0, 0), 0xff, 0xee);
    host_masked(at(1, 0), 0xfff0, 0x5550);
    host_ok();
    host_expect_verified(2);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0x1234);
}

static void the_oldest_value_counts_whichever_block_it_came_through(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(JOURNAL, 2, BUS_PLAIN, 4, 0x00ff);
    host_block(JOURNAL, 2, BUS_PLAIN, 4, 0xfff0);
    host_define_now();
    bus_poke(BUS_PLAIN, 0x1234);
    begin();
    host_masked(at(2, 0), 0xfff0, 0x5550);
    host_masked(at(1, 0), 0xff, 0xee);
    host_ok();
    host_expect_verified(2);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0x1234);
}

static void each_of_several_registers_is_compared(void) {
    for (uint16_t wrong = 0; wrong < 3; wrong++) {
        static const uint32_t values[] = {0xff, 0xff, 0xff};
        define_journaled(BUS_PLAIN, 12, UINT32_MAX);
        begin();
        host_write_block(at(0, 0), values, 3);
        host_ok();
        bus_behave(BUS_PLAIN + 4U * wrong, BUS_IGNORES, 0x0c, 0);
        host_answer answer = host_roll_back(1);
        EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
        EXPECT_EQUAL(answer.report.count, 1);
        EXPECT_EQUAL(answer.report.mismatches[0].index, wrong);
    }
}

static void a_register_that_does_not_go_back_is_named(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_block(JOURNAL, 2, BUS_PLAIN, 16, UINT32_MAX);
    host_block(RW, 2, BUS_PLAIN + 0x80, 16, UINT32_MAX);
    host_block(JOURNAL, 2, BUS_PLAIN + 0x40, 16, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_define_now();
    bus_poke(BUS_PLAIN + 0x48, 0xf0);
    begin();
    host_write(at(3, 8), 0x3c);
    host_ok();
    bus_behave(BUS_PLAIN + 0x48, BUS_IGNORES, 0x0c, 0);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.block, 3);
    EXPECT_EQUAL(answer.failure.offset, 8);
    EXPECT_EQUAL(answer.report.outcome, 2);
    EXPECT_EQUAL(answer.report.restored, 2);
    EXPECT_EQUAL(answer.report.count, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].index, 1 + 4 + 2); /* saves, block 1, then its own place */
    EXPECT_EQUAL(answer.report.mismatches[0].expected, 0xf0);
    EXPECT_EQUAL(answer.report.mismatches[0].found, 0xfc);
}

/* The arena holds 128 bytes: the record, and 15 pre-images. */
static void a_full_arena_refuses_before_the_register_is_touched(void) {
    enum { FIT = (FGFT_PORT_ARENA_BYTES - RECORD_HEAD) / PRE_IMAGE };
    define_journaled(BUS_PLAIN, 4 * (FIT + 2), UINT32_MAX);
    begin();
    for (uint16_t i = 0; i < FIT; i++) host_write(at(0, (uint16_t)(4 * i)), 0xff);
    host_write(at(0, 0), 0xee); /* has its pre-image already */
    host_ok();
    bus_clear_log();
    host_frame(1);
    host_write(at(0, 4 * FIT), 0xff);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(answer.failure.expected, FGFT_PORT_ARENA_BYTES - RECORD_HEAD - FIT * PRE_IMAGE);
    EXPECT_EQUAL(answer.failure.found, PRE_IMAGE);
    EXPECT_EQUAL(answer.report.outcome, 1);
    EXPECT_EQUAL(answer.report.restored, FIT);
    for (size_t i = 0; i < bus_log_length(); i++) EXPECT(bus_logged(i).address != BUS_PLAIN + 4 * FIT);
    for (uint32_t i = 0; i <= FIT; i++) EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4 * i), 0);
}

/* One saved register, and 15 pre-images: not a byte is left. */
static void a_journal_may_fill_the_arena_to_the_end(void) {
    enum { FIT = (FGFT_PORT_ARENA_BYTES - RECORD_HEAD - 4) / PRE_IMAGE };
    static const uint32_t values[FIT] = {1};
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(JOURNAL, 2, BUS_PLAIN, sizeof values, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_define_now();
    begin();
    host_write_block(at(1, 0), values, FIT);
    host_ok();
    host_expect_verified(FIT + 1);
}

static void a_first_change_that_does_not_fit_runs_no_restore_steps(void) {
    uint32_t values[16] = {0};
    host_open();
    host_definition(1);
    host_block(JOURNAL, 2, BUS_PLAIN, sizeof values, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, UINT32_MAX, 0x99, 0);
    host_define_now();
    bus_clear_log();
    begin();
    host_write_block(at(0, 0), values, 16);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ARENA_FULL);
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void a_pre_image_that_faults_changes_nothing(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    bus_behave(BUS_PLAIN + 4, BUS_FAULTS, 0, 0);
    bus_poke(BUS_PLAIN, 0x12);
    uint32_t values[] = {1, 2};
    begin();
    host_write_block(at(0, 0), values, 2);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(bus_stores(), 0);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0x12);
    begin();
    host_write(at(0, 0), 1);
    host_ok();
    host_expect_verified(1);
}

/* What faulted is not written back either: nobody knows what it held. */
static void a_later_pre_image_that_faults_is_not_kept(void) {
    define_journaled(BUS_PLAIN, 16, UINT32_MAX);
    bus_behave(BUS_PLAIN + 8, BUS_FAULTS, 0, 0);
    uint32_t values[] = {1, 2};
    begin();
    host_write(at(0, 0), 1);
    host_write_block(at(0, 4), values, 2);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.ran, 2);
    EXPECT_EQUAL(answer.report.outcome, 1);
    EXPECT_EQUAL(answer.report.restored, 1);
    EXPECT_EQUAL(bus_stores(), 2);
}

static void the_digest_covers_the_registers_of_journal_blocks(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_block(JOURNAL, 1, BUS_PLAIN, 4, 0x0ff0);
    host_save(0, 0, 4, 0xff);
    host_define_now();
    bus_poke(BUS_ALIASED + 4, 0x101);
    bus_poke(BUS_PLAIN, 0x12345678);
    uint8_t expected[12];
    fgft_put32(expected, 0x01);
    fgft_put32(expected + 4, 0x5678 & 0x0ff0);
    fgft_put32(expected + 8, 0x1234 & 0x0ff0);
    host_frame(0);
    host_digest(1);
    EXPECT_EQUAL(host_result_32(host_send(), 0), fgft_crc(0, expected, sizeof expected));
}

static void a_journal_block_must_read_as_it_was_written(void) {
    static const uint8_t flags[] = {
        FGFT_BLOCK_READ,          FGFT_BLOCK_WRITE, RW | FGFT_BLOCK_ONES, RW | FGFT_BLOCK_FIFO,
        RW | FGFT_BLOCK_SIDE_EFFECTS,
    };
    for (size_t i = 0; i < sizeof flags; i++) {
        host_open();
        host_definition(1);
        host_block((uint8_t)(flags[i] | FGFT_BLOCK_JOURNAL), 2, BUS_PLAIN, 4, UINT32_MAX);
        EXPECT_EQUAL(host_try_define().status, FGFT_STATUS_MALFORMED_OP);
    }
}

/* Peripheral 1: a register whose reading acts, in a block with these flags too. */
static void define_acting(uint8_t flags) {
    host_open();
    host_definition(1);
    host_block((uint8_t)(RW | FGFT_BLOCK_SIDE_EFFECTS | flags), 2, BUS_PLAIN, 8, UINT32_MAX);
    host_define_now();
    bus_clear_log();
}

static void a_write_where_reading_acts_is_refused_in_a_transaction(void) {
    define_acting(0);
    begin();
    host_write(at(0, 0), 1);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_IRREVOCABLE);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(bus_log_length(), 0);
    host_frame(0);
    host_write(at(0, 0), 1);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void one_of_several_that_cannot_be_revoked_is_enough(void) {
    static const uint32_t values[] = {1, 2};
    host_open();
    host_definition(1);
    host_block((uint8_t)(RW | FGFT_BLOCK_SIDE_EFFECTS), 2, BUS_PLAIN, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
    host_define_now();
    begin();
    host_write_block(at(0, 0), values, 2);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_IRREVOCABLE);
    begin();
    host_write_block(at(0, 0), values, 1);
    host_ok();
}

static void where_reading_acts_only_reading_reads(void) {
    define_acting(0);
    host_frame(1);
    host_begin();
    host_read(at(0, 0));
    host_ok();
    host_frame(0);
    host_masked(at(0, 0), 0xff, 1);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void where_a_write_acts_it_is_not_refused(void) {
    static const uint32_t values[] = {1, 2};
    define_acting(FGFT_BLOCK_ONES);
    begin();
    host_write(at(0, 0), 1);
    host_ok();
    define_acting(FGFT_BLOCK_FIFO);
    begin();
    host_write_fifo(at(0, 0), values, 2);
    host_ok();
}

static void a_shadow_brings_back_what_may_not_be_read(void) {
    host_open();
    host_definition(1);
    host_block(RW | FGFT_BLOCK_SIDE_EFFECTS, 2, BUS_PLAIN, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 4, UINT32_MAX);
    host_define_now();
    host_frame(0);
    host_write(at(0, 4), 0x12);
    host_ok();
    bus_clear_log();
    begin();
    host_write(at(0, 4), 0x34);
    host_ok();
    host_expect_verified(1);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 0x12);
    for (size_t i = 0; i < bus_log_length(); i++) EXPECT(bus_logged(i).write);
}

static void a_checkpoint_never_reads_where_reading_acts(void) {
    host_open();
    host_definition(1);
    host_block(RW | FGFT_BLOCK_SIDE_EFFECTS, 2, BUS_PLAIN, 8, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    EXPECT_EQUAL(host_try_define().status, FGFT_STATUS_ACCESS_DENIED);
    host_definition(1);
    host_block(RW | FGFT_BLOCK_SIDE_EFFECTS, 2, BUS_PLAIN, 8, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, 0xff, 0, 0);
    EXPECT_EQUAL(host_try_define().status, FGFT_STATUS_ACCESS_DENIED);
}

static void a_fifo_write_takes_one_pre_image_and_reads_nothing_behind_it(void) {
    enum { LAST = BUS_PLAIN + BUS_BLOCK_SIZE - 4 };
    static const uint32_t values[] = {7, 8, 9};
    define_journaled(LAST, 4, UINT32_MAX);
    bus_poke(LAST, 0x1234);
    begin();
    host_write_fifo(at(0, 0), values, 3);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 4);
    EXPECT_EQUAL(bus_peek(LAST), 9);
    host_expect_verified(1);
    EXPECT_EQUAL(bus_peek(LAST), 0x1234);
}

static const test tests[] = {
    TEST(a_fifo_write_takes_one_pre_image_and_reads_nothing_behind_it),
    TEST(what_a_transaction_changed_is_written_back),
    TEST(pre_images_are_written_back_in_reverse_order),
    TEST(a_register_is_read_before_its_first_change_only),
    TEST(every_register_has_one_pre_image_whichever_came_first),
    TEST(only_owned_bits_are_written_back),
    TEST(registers_of_every_width_have_pre_images),
    TEST(nothing_is_journaled_outside_of_transactions),
    TEST(a_commit_drops_the_journal),
    TEST(journals_of_two_transactions_grow_side_by_side),
    TEST(saved_and_journaled_registers_of_one_peripheral_go_back_together),
    TEST(overlapping_blocks_are_compared_with_the_oldest_value),
    TEST(the_oldest_value_counts_whichever_block_it_came_through),
    TEST(each_of_several_registers_is_compared),
    TEST(a_register_that_does_not_go_back_is_named),
    TEST(a_full_arena_refuses_before_the_register_is_touched),
    TEST(a_journal_may_fill_the_arena_to_the_end),
    TEST(a_first_change_that_does_not_fit_runs_no_restore_steps),
    TEST(a_pre_image_that_faults_changes_nothing),
    TEST(a_later_pre_image_that_faults_is_not_kept),
    TEST(the_digest_covers_the_registers_of_journal_blocks),
    TEST(a_journal_block_must_read_as_it_was_written),
    TEST(a_write_where_reading_acts_is_refused_in_a_transaction),
    TEST(one_of_several_that_cannot_be_revoked_is_enough),
    TEST(where_reading_acts_only_reading_reads),
    TEST(where_a_write_acts_it_is_not_refused),
    TEST(a_shadow_brings_back_what_may_not_be_read),
    TEST(a_checkpoint_never_reads_where_reading_acts),
};

const suite journal_suite = SUITE("journal", tests);
