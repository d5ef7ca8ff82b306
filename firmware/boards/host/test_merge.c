/* What a nested call leaves to its caller when it ends well. */
#include "host.h"
#include "suites.h"
#include "trio.h"

static void what_was_released_goes_back_with_its_caller(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_write(trio_at(TRIO_JOURNALED, 0), 1);
    host_savepoint();
    host_write(trio_at(1, 1), 2);
    host_write(trio_at(2, 1), 3);
    host_write(trio_at(TRIO_JOURNALED, 0), 5);
    host_write(trio_at(TRIO_JOURNALED, 1), 6);
    host_release();
    host_write(trio_at(TRIO_JOURNALED, 2), 7);
    host_rollback();
    host_ok();
    for (uint8_t number = 1; number <= TRIO_JOURNALED; number++) trio_expect_untouched(number);
}

/* The outermost call has a record of the journal, the middle one has none: it must get that of the innermost. */
static void what_a_call_took_over_is_its_own_to_revert(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(TRIO_JOURNALED, 3), 1);
    host_savepoint();
    host_savepoint();
    host_write(trio_at(TRIO_JOURNALED, 2), 2);
    host_write(trio_at(1, 1), 3);
    host_release();
    host_revert();
    host_ok();
    EXPECT_EQUAL(bus_peek(trio_base(TRIO_JOURNALED) + 12), 1);
    EXPECT_EQUAL(bus_peek(trio_base(TRIO_JOURNALED) + 8), 0x302);
    trio_expect_untouched(1);
}

/* Records of another transaction stand between those of a call and its caller's, and have journals, too. */
static void journals_are_merged_across_what_stands_between(void) {
    static const uint32_t values[] = {7, 7, 7};
    trio_open();
    host_definition(2);
    host_block(TRIO_RW | FGFT_BLOCK_JOURNAL, 2, trio_base(2), 32, UINT32_MAX);
    host_define_now();
    host_frame(1);
    host_begin();
    host_write(trio_at(TRIO_JOURNALED, 1), 1);
    host_write(trio_at(1, 0), 1);
    host_ok();
    host_frame(2);
    host_begin();
    host_write(trio_at(2, 5), 1);
    host_ok();
    host_frame(1);
    host_savepoint();
    host_write_block(trio_at(TRIO_JOURNALED, 0), values, 3);
    host_write(trio_at(1, 1), 2);
    host_ok();
    host_frame(2);
    host_write(trio_at(2, 6), 1);
    host_ok();
    host_frame(1);
    host_release();
    host_write(trio_at(TRIO_JOURNALED, 7), 8);
    host_ok();
    host_frame(2);
    host_rollback();
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_16(answer, 2), 2);
    trio_expect_untouched(2);
    host_frame(1);
    host_rollback();
    answer = host_ok();
    EXPECT_EQUAL(host_result_16(answer, 2), 4 + 4);
    trio_expect_untouched(TRIO_JOURNALED);
    trio_expect_untouched(1);
}

/* Of a register that both have changed the caller's pre-image counts, and all go back in the reverse order of
   changes. */
static void merged_pre_images_stay_in_order(void) {
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(TRIO_JOURNALED, 4), 1);
    host_write(trio_at(TRIO_JOURNALED, 2), 1);
    host_savepoint();
    host_write(trio_at(TRIO_JOURNALED, 6), 2);
    host_write(trio_at(TRIO_JOURNALED, 2), 2);
    host_write(trio_at(TRIO_JOURNALED, 0), 2);
    host_release();
    host_ok();
    bus_clear_log();
    host_frame(1);
    host_rollback();
    host_ok();
    static const uint32_t order[] = {0, 6, 2, 4};
    EXPECT_EQUAL(bus_stores(), 4);
    for (size_t i = 0; i < 4; i++) {
        EXPECT_EQUAL(bus_stored(i).address, trio_base(TRIO_JOURNALED) + 4 * order[i]);
    }
    trio_expect_untouched(TRIO_JOURNALED);
}

/* The arena holds 128 bytes: two records, a savepoint, and 14 pre-images. */
static void a_release_needs_no_room(void) {
    enum { IMAGES = (FGFT_PORT_ARENA_BYTES - 3 * 4) / 8, OUTER = 3 };
    host_open();
    host_definition(1);
    host_block(TRIO_RW | FGFT_BLOCK_JOURNAL, 2, BUS_PLAIN, 4 * IMAGES, UINT32_MAX);
    host_define_now();
    for (uint32_t i = 0; i < IMAGES; i++) bus_poke(BUS_PLAIN + 4 * i, i);
    host_frame(1);
    host_begin();
    for (uint16_t i = 0; i < OUTER; i++) host_write(trio_at(1, i), 0xee);
    host_savepoint();
    for (uint16_t i = OUTER; i < IMAGES; i++) host_write(trio_at(1, i), 0xdd);
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
    trio_open();
    host_frame(1);
    host_begin();
    host_write(trio_at(1, 0), 1);
    host_ok();
    for (uint32_t i = 0; i < 40; i++) {
        host_frame(1);
        host_savepoint();
        host_write(trio_at(1, 1), i);
        host_write(trio_at(TRIO_JOURNALED, (uint16_t)(i % 8)), i);
        host_release();
        host_ok();
    }
    host_frame(1);
    host_rollback();
    host_ok();
    trio_expect_untouched(1);
    trio_expect_untouched(TRIO_JOURNALED);
}

static const test tests[] = {
    TEST(what_was_released_goes_back_with_its_caller),
    TEST(what_a_call_took_over_is_its_own_to_revert),
    TEST(journals_are_merged_across_what_stands_between),
    TEST(merged_pre_images_stay_in_order),
    TEST(a_release_needs_no_room),
    TEST(a_release_gives_back_the_room_of_what_its_caller_has),
};

const suite merge_suite = SUITE("merging", tests);
