/* Definitions: what is taken, what is refused, and that a refusal changes nothing. */
#include "crc.h"
#include "definition.h"
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

static const host_ref first = {1, 0, 0, 2};

/* Peripheral 1: two registers with an alias, both saved. */
static void define_good(void) {
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_save(0, 0, 4, UINT32_MAX);
    host_define_now();
}

/* The definition that is built now is refused, and the good one is still there. */
static void expect_refused(uint8_t status) {
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.status, status);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    host_frame(0);
    host_write(first, 0x600d);
    host_digest(1);
    host_ok();
}

static void start(void) {
    host_open();
    define_good();
    host_definition(1);
}

static void define_answers_with_the_crc_of_the_definition(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_VOLATILE, 4, 0xff);
    host_step(FGFT_STEP_DELAY, 0, 0, 0, 0, 5);
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_32(answer, 0), fgft_crc(0, host_frame_bytes() + 11, 4 + 12 + 8 + 16));
}

static void a_definition_may_be_empty(void) {
    host_open();
    host_definition(1);
    host_define_now();
    host_frame(0);
    host_read(first);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OUT_OF_BOUNDS);
    EXPECT_EQUAL(answer.failure.expected, 0);
}

static void numbers_run_from_1_to_the_limit(void) {
    host_open();
    host_definition(FGFT_PORT_PERIPHERALS);
    host_define_now();
    host_frame(0);
    host_digest(FGFT_PORT_PERIPHERALS);
    host_ok();
    static const uint8_t wrong[] = {0, FGFT_PORT_PERIPHERALS + 1, 255};
    for (size_t i = 0; i < sizeof wrong; i++) {
        host_definition(wrong[i]);
        host_answer answer = host_try_define();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
        EXPECT_EQUAL(answer.failure.peripheral, wrong[i]);
    }
}

static void an_op_on_a_number_without_definition_is_refused(void) {
    static const uint8_t numbers[] = {0, 2, FGFT_PORT_PERIPHERALS + 1, 255};
    start();
    for (size_t i = 0; i < sizeof numbers; i++) {
        host_frame(0);
        host_read((host_ref){numbers[i], 0, 0, 2});
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
        EXPECT_EQUAL(answer.failure.peripheral, numbers[i]);
    }
}

static void a_definition_that_is_cut_short_is_malformed(void) {
    start();
    for (uint8_t bytes = 4; bytes < 4 + 12 + 8 + 16; bytes++) {
        host_frame(0);
        host_op(FGFT_OP_DEFINE, 0);
        host_byte(1);
        host_byte(1);
        host_byte(1);
        host_byte(1);
        for (uint8_t left = (uint8_t)(bytes - 4); left > 0; left--) host_byte(0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    }
}

static void a_new_definition_replaces_the_old_one(void) {
    start();
    host_block(RW, 0, BUS_PLAIN, 4, 0xff);
    host_define_now();
    host_frame(0);
    host_write((host_ref){1, 0, 1, 0}, 0x5a);
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0x5a00);
}

/* Three peripherals, defined in any order; the one defined first is replaced, and the others move. */
static void replace_first_of(const uint8_t *numbers) {
    host_open();
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t number = numbers[i];
        host_definition(number);
        host_block(FGFT_BLOCK_WRITE, 2, (uint32_t)(BUS_ALIASED + 16 * number), 4, UINT32_MAX);
        host_save(0, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
        host_define_now();
        host_frame(0);
        host_write((host_ref){number, 0, 0, 2}, 0x1000U + number);
        host_ok();
    }
    host_definition(numbers[0]);
    host_define_now();
    for (uint8_t i = 1; i < 3; i++) {
        uint8_t number = numbers[i];
        host_frame(0);
        host_masked((host_ref){number, 0, 0, 2}, 0xf0000000, 0x50000000); /* needs the shadow */
        host_ok();
        EXPECT_EQUAL(bus_peek((uint32_t)(BUS_ALIASED + 16 * number)), 0x50001000U + number);
    }
}

static void replacing_one_leaves_the_others_as_they_are(void) {
    static const uint8_t upwards[] = {1, 2, 3}, downwards[] = {3, 2, 1};
    replace_first_of(upwards);
    replace_first_of(downwards);
}

static void a_peripheral_that_a_transaction_holds_cannot_be_replaced(void) {
    start();
    host_frame(7);
    host_begin();
    host_write(first, 1);
    host_send();
    host_definition(1);
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_PERIPHERAL_BUSY);
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 7);
    host_frame(7);
    host_commit();
    host_send();
    host_define_now();
}

static void a_full_store_refuses_and_tells_what_is_free_and_needed(void) {
    host_open();
    host_answer answer = {0};
    uint8_t number = 1;
    for (; number <= FGFT_PORT_PERIPHERALS; number++) {
        host_definition(number);
        for (uint8_t i = 0; i < 8; i++) host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
        host_block(RW, 2, BUS_ALIASED, 32, UINT32_MAX);
        answer = host_try_define();
        if (answer.status != FGFT_STATUS_OK) break;
    }
    EXPECT_EQUAL(answer.status, FGFT_STATUS_DEFINITIONS_FULL);
    EXPECT(answer.failure.found > answer.failure.expected);
    EXPECT_EQUAL(answer.failure.expected, FGFT_PORT_DEFINITION_BYTES - (number - 1U) * answer.failure.found);
    host_frame(0);
    for (uint8_t defined = 1; defined < number; defined++) host_digest(defined);
    host_ok();
}

static void a_definition_may_fill_the_store_to_the_last_byte(void) {
    static const uint8_t saves[] = {14, 14, 14, 13}; /* 8 bytes each, 12 for the block, 16 for each save and the step */
    host_open();
    for (uint8_t i = 0; i < sizeof saves; i++) {
        host_definition((uint8_t)(i + 1));
        host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
        for (uint8_t left = saves[i]; left > 0; left--) host_save(0, 0, 0, UINT32_MAX);
        host_define_now();
    }
    host_definition(5);
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_DEFINITIONS_FULL);
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 8 + 16);
}

static void replacing_again_and_again_loses_no_room(void) {
    start();
    for (int i = 0; i < 200; i++) define_good();
}

static void an_address_space_must_exist(void) {
    start();
    host_block(FGFT_BLOCK_READ, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_space(3);
    expect_refused(FGFT_STATUS_NOT_ALLOWED);
}

static void a_block_must_lie_inside_one_row_of_the_allow_list(void) {
    static const struct {
        uint32_t base;
        uint16_t size;
    } blocks[] = {
        {0, 4},
        {BUS_ALIASED - 4, 4},
        {BUS_ALIASED - 4, 8},
        {BUS_ALIASED + BUS_BLOCK_SIZE, 4},
        {BUS_ALIASED + BUS_BLOCK_SIZE - 4, 8},
        {BUS_ALIASED, BUS_BLOCK_SIZE + 4},
        {BUS_ALIASED + 4, BUS_BLOCK_SIZE},
        {BUS_ALIASED + BUS_TOGGLE_OFFSET, 4},
        {UINT32_MAX - 3, 4},
        {UINT32_MAX - 3, UINT16_MAX - 3},
        {BUS_PLAIN - 0xfffc, 0xfffc},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        start();
        host_block(RW, 2, blocks[i].base, blocks[i].size, UINT32_MAX);
        expect_refused(FGFT_STATUS_NOT_ALLOWED);
    }
    start();
    host_block(RW, 2, BUS_ALIASED, BUS_BLOCK_SIZE, UINT32_MAX);
    host_define_now();
}

static void a_block_must_keep_to_the_directions_of_its_row(void) {
    start();
    host_block(RW, 2, BUS_READ_ONLY, 4, 0);
    expect_refused(FGFT_STATUS_NOT_ALLOWED);
    host_definition(1);
    host_block(FGFT_BLOCK_READ, 2, BUS_READ_ONLY, 4, UINT32_MAX); /* what cannot be written needs no mask */
    host_define_now();
}

static void a_block_must_keep_to_the_bits_of_its_row(void) {
    start();
    host_block(RW, 2, BUS_PARTIAL, 4, 0x0001ffff);
    expect_refused(FGFT_STATUS_NOT_ALLOWED);
    host_definition(1);
    host_block(RW, 2, BUS_PARTIAL, 4, 0x0000ffff);
    host_define_now();
}

static void a_block_of_ones_must_not_write_zeros_to_the_bits_of_others(void) {
    start();
    host_block(RW | FGFT_BLOCK_ONES, 2, BUS_PARTIAL, 4, 0x000000ff);
    expect_refused(FGFT_STATUS_NOT_ALLOWED);
    static const uint32_t allowed[] = {BUS_PARTIAL + BUS_BLOCK_SIZE / 2, BUS_ALIASED, BUS_PLAIN};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        host_definition(1);
        host_block(RW | FGFT_BLOCK_ONES, 2, allowed[i], 4, 0x000000ff);
        host_define_now();
    }
}

static void a_block_must_keep_to_the_widths_of_its_row(void) {
    for (uint8_t width = 0; width < 2; width++) {
        start();
        host_block(RW, width, BUS_ALIASED, 4, 0xff);
        expect_refused(FGFT_STATUS_NOT_ALLOWED);
        host_definition(1);
        host_block(RW, width, BUS_PLAIN, 4, 0xff);
        host_define_now();
    }
}

static void a_block_must_be_made_of_whole_aligned_registers(void) {
    static const struct {
        uint8_t width;
        uint32_t offset;
        uint16_t size;
    } blocks[] = {{2, 0, 0}, {2, 0, 2}, {2, 0, 6}, {2, 1, 4}, {2, 2, 4}, {1, 0, 1}, {1, 1, 2}, {0, 0, 0}, {3, 0, 8}};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        start();
        host_block(RW, blocks[i].width, BUS_PLAIN + blocks[i].offset, blocks[i].size, 0xff);
        expect_refused(FGFT_STATUS_MALFORMED_OP);
    }
}

static void a_block_has_a_width_that_exists(void) {
    start();
    host_block(RW, 3, BUS_ALIASED, 8, 0xff);
    expect_refused(FGFT_STATUS_MALFORMED_OP);
}

static void a_mask_must_fit_the_width(void) {
    start();
    host_block(RW, 0, BUS_PLAIN, 4, 0x1ff);
    expect_refused(FGFT_STATUS_MALFORMED_OP);
    host_definition(1);
    host_block(RW, 1, BUS_PLAIN, 4, 0x1ffff);
    expect_refused(FGFT_STATUS_MALFORMED_OP);
}

static void a_save_must_name_a_register_of_a_block(void) {
    static const struct {
        uint8_t block;
        uint16_t offset;
    } saves[] = {{1, 0}, {255, 0}, {0, 8}, {0, 6}, {0, 1}, {0, 0xfffc}};
    for (size_t i = 0; i < sizeof saves / sizeof *saves; i++) {
        start();
        host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
        host_save(saves[i].block, 0, saves[i].offset, UINT32_MAX);
        expect_refused(FGFT_STATUS_OUT_OF_BOUNDS);
    }
}

static void a_save_must_keep_to_owned_bits(void) {
    start();
    host_block(RW, 2, BUS_ALIASED, 4, 0x0000ffff);
    host_save(0, 0, 0, 0x00010000);
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OUT_OF_BOUNDS);
    EXPECT_EQUAL(answer.failure.expected, 0x0000ffff);
    EXPECT_EQUAL(answer.failure.found, 0x00010000);
}

static void a_failure_names_the_block_and_the_offset(void) {
    start();
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(RW, 2, 0, 4, UINT32_MAX);
    EXPECT_EQUAL(host_try_define().failure.block, 1);
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, 0, 20, UINT32_MAX);
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.failure.block, 0);
    EXPECT_EQUAL(answer.failure.offset, 20);
    EXPECT_EQUAL(answer.failure.expected, 4);
    EXPECT_EQUAL(answer.failure.found, 24);
    host_definition(1);
    host_step(FGFT_STEP_SAVED, 2, 3, 0, 0, 0);
    answer = host_try_define();
    EXPECT_EQUAL(answer.failure.expected, 0);
    EXPECT_EQUAL(answer.failure.found, 5);
}

static void a_save_must_be_readable_and_writable(void) {
    static const uint8_t flags[] = {FGFT_BLOCK_READ, FGFT_BLOCK_WRITE, RW | FGFT_BLOCK_ONES, RW | FGFT_BLOCK_FIFO};
    for (size_t i = 0; i < sizeof flags; i++) {
        start();
        host_block(flags[i], 2, BUS_ALIASED, 4, UINT32_MAX);
        host_save(0, 0, 0, UINT32_MAX);
        expect_refused(FGFT_STATUS_ACCESS_DENIED);
    }
}

static void a_shadow_needs_a_writable_block_that_owns_all_bits(void) {
    start();
    host_block(FGFT_BLOCK_READ, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
    expect_refused(FGFT_STATUS_ACCESS_DENIED);
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 4, 0x0000ffff);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
    expect_refused(FGFT_STATUS_OUT_OF_BOUNDS);
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
    host_define_now();
}

static void a_register_has_at_most_one_shadow(void) {
    start();
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 4, 0x0000ffff);
    host_save(0, FGFT_SAVE_SHADOW, 4, 0xffff0000);
    expect_refused(FGFT_STATUS_MALFORMED_OP);
}

static void a_save_has_no_unknown_flags(void) {
    for (uint8_t bit = 3; bit < 8; bit++) {
        start();
        host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
        host_save(0, (uint8_t)(1 << bit), 0, UINT32_MAX);
        expect_refused(FGFT_STATUS_MALFORMED_OP);
    }
}

static void a_step_must_be_of_a_known_kind(void) {
    static const uint8_t kinds[] = {0, 5, 255};
    for (size_t i = 0; i < sizeof kinds; i++) {
        start();
        host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
        host_step(kinds[i], 0, 0, 0, 0, 0);
        expect_refused(FGFT_STATUS_MALFORMED_OP);
    }
}

static void a_saved_step_must_keep_to_the_save_list(void) {
    static const struct {
        uint8_t at;
        uint16_t count;
    } steps[] = {{0, 2}, {1, 1}, {2, 0}, {255, 0}, {0, 0xffff}, {1, 0xffff}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        start();
        host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
        host_save(0, 0, 0, UINT32_MAX);
        host_step(FGFT_STEP_SAVED, steps[i].at, steps[i].count, 0, 0, 0);
        expect_refused(FGFT_STATUS_OUT_OF_BOUNDS);
    }
    start();
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_step(FGFT_STEP_SAVED, 1, 0, 0, 0, 0);
    host_define_now();
}

static void a_write_step_must_keep_to_what_the_block_owns(void) {
    start();
    host_block(RW, 2, BUS_ALIASED, 4, 0x0000ffff);
    host_step(FGFT_STEP_WRITE, 1, 0, 1, 1, 0);
    expect_refused(FGFT_STATUS_OUT_OF_BOUNDS);
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, 0x0000ffff);
    host_step(FGFT_STEP_WRITE, 0, 4, 1, 1, 0);
    expect_refused(FGFT_STATUS_OUT_OF_BOUNDS);
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, 0x0000ffff);
    host_step(FGFT_STEP_WRITE, 0, 0, 0x10000, 0, 0);
    expect_refused(FGFT_STATUS_OUT_OF_BOUNDS);
    host_definition(1);
    host_block(FGFT_BLOCK_READ, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, 1, 1, 0);
    expect_refused(FGFT_STATUS_ACCESS_DENIED);
    host_definition(1);
    host_block(RW | FGFT_BLOCK_FIFO, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, UINT32_MAX, 1, 0);
    expect_refused(FGFT_STATUS_ACCESS_DENIED);
}

static void a_write_step_must_give_all_bits_where_the_register_cannot_be_read(void) {
    start();
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, 0xff, 1, 0);
    expect_refused(FGFT_STATUS_ACCESS_DENIED);
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, UINT32_MAX, 1, 0);
    host_define_now();
}

static void a_poll_step_must_be_able_to_read(void) {
    static const uint8_t flags[] = {FGFT_BLOCK_WRITE, FGFT_BLOCK_READ | FGFT_BLOCK_FIFO};
    for (size_t i = 0; i < sizeof flags; i++) {
        start();
        host_block(flags[i], 2, BUS_ALIASED, 4, UINT32_MAX);
        host_step(FGFT_STEP_POLL, 0, 0, 1, 1, 10);
        expect_refused(FGFT_STATUS_ACCESS_DENIED);
    }
}

static void a_step_waits_for_a_second_at_most(void) {
    static const uint8_t kinds[] = {FGFT_STEP_POLL, FGFT_STEP_DELAY};
    for (size_t i = 0; i < sizeof kinds; i++) {
        start();
        host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
        host_step(kinds[i], 0, 0, 0, 0, FGFT_LIMIT_WAIT_MAX_US + 1);
        expect_refused(FGFT_STATUS_MALFORMED_OP);
        host_definition(1);
        host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
        host_step(kinds[i], 0, 0, 0, 0, FGFT_LIMIT_WAIT_MAX_US);
        host_define_now();
    }
}

static void defining_touches_no_register(void) {
    host_open();
    bus_clear_log();
    define_good();
    EXPECT_EQUAL(bus_log_length(), 0);
}

/* The lengths of the runs are what makes a checkpoint cheap. */
static void neighbours_in_the_save_list_that_are_treated_alike_are_one_run(void) {
    static const struct {
        uint8_t block, flags;
        uint16_t offset;
        uint8_t run;
    } saves[] = {{0, 0, 0, 3},
                 {0, 0, 8, 2},
                 {1, 0, 0, 1},
                 {2, 0, 0, 1},
                 {0, 0, 4, 1},
                 {0, FGFT_SAVE_VOLATILE, 0, 2},
                 {1, FGFT_SAVE_VOLATILE, 0, 1},
                 {3, 0, 0, 1},
                 {4, FGFT_SAVE_SHADOW, 0, 2},
                 {4, FGFT_SAVE_SHADOW, 4, 1}};
    enum { SAVES = sizeof saves / sizeof *saves };
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
    host_block(RW, 2, BUS_ALIASED + 0x20, 4, UINT32_MAX);
    host_block(RW, 2, BUS_PLAIN, 4, UINT32_MAX);
    host_block(RW, 1, BUS_PLAIN + 4, 4, 0xffff);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_PLAIN + 8, 8, UINT32_MAX);
    for (size_t i = 0; i < SAVES; i++)
        host_save(saves[i].block, saves[i].flags, saves[i].offset, i == 1 ? 0xff : 0xffff);
    host_define_now();
    const fgft_save *entry = fgft_saves(fgft_definition_find(1));
    for (size_t i = 0; i < SAVES; i++) EXPECT_EQUAL(entry[i].run, saves[i].run);
}

static const test tests[] = {
    TEST(define_answers_with_the_crc_of_the_definition),
    TEST(a_definition_may_be_empty),
    TEST(numbers_run_from_1_to_the_limit),
    TEST(an_op_on_a_number_without_definition_is_refused),
    TEST(a_definition_that_is_cut_short_is_malformed),
    TEST(a_new_definition_replaces_the_old_one),
    TEST(replacing_one_leaves_the_others_as_they_are),
    TEST(a_peripheral_that_a_transaction_holds_cannot_be_replaced),
    TEST(a_full_store_refuses_and_tells_what_is_free_and_needed),
    TEST(a_definition_may_fill_the_store_to_the_last_byte),
    TEST(replacing_again_and_again_loses_no_room),
    TEST(an_address_space_must_exist),
    TEST(a_block_must_lie_inside_one_row_of_the_allow_list),
    TEST(a_block_must_keep_to_the_directions_of_its_row),
    TEST(a_block_must_keep_to_the_bits_of_its_row),
    TEST(a_block_of_ones_must_not_write_zeros_to_the_bits_of_others),
    TEST(a_block_must_keep_to_the_widths_of_its_row),
    TEST(a_block_must_be_made_of_whole_aligned_registers),
    TEST(a_block_has_a_width_that_exists),
    TEST(a_mask_must_fit_the_width),
    TEST(a_save_must_name_a_register_of_a_block),
    TEST(a_save_must_keep_to_owned_bits),
    TEST(a_failure_names_the_block_and_the_offset),
    TEST(a_save_must_be_readable_and_writable),
    TEST(a_shadow_needs_a_writable_block_that_owns_all_bits),
    TEST(a_register_has_at_most_one_shadow),
    TEST(a_save_has_no_unknown_flags),
    TEST(a_step_must_be_of_a_known_kind),
    TEST(a_saved_step_must_keep_to_the_save_list),
    TEST(a_write_step_must_keep_to_what_the_block_owns),
    TEST(a_write_step_must_give_all_bits_where_the_register_cannot_be_read),
    TEST(a_poll_step_must_be_able_to_read),
    TEST(a_step_waits_for_a_second_at_most),
    TEST(defining_touches_no_register),
    TEST(neighbours_in_the_save_list_that_are_treated_alike_are_one_run),
};

const suite definition_suite = SUITE("definitions", tests);
