/* The ops that reach registers, outside of transactions. */
#include "crc.h"
#include "definition.h"
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

/* Peripheral 1, one block each for what matters. */
enum { ALIASED, PLAIN, PARTIAL, READ_ONLY, WRITE_ONLY, ONES, FIFO, BYTES, HALVES, SHADOWED };
enum {
    ONES_BITS = 0x0000001e,
    PARTIAL_BITS = 0x00000ff0,
    WRITE_ONLY_AT = BUS_PLAIN + 0x40,
    ONES_AT = BUS_ALIASED + 0x40,
    FIFO_AT = BUS_PLAIN + 0x60,
    SHADOWED_AT = BUS_ALIASED + 0x80,
};

static const host_ref aliased = {1, ALIASED, 4, 2}, plain = {1, PLAIN, 4, 2}, partial = {1, PARTIAL, 0, 2},
                      read_only = {1, READ_ONLY, 0, 2}, write_only = {1, WRITE_ONLY, 0, 2}, ones = {1, ONES, 0, 2},
                      fifo = {1, FIFO, 0, 2}, byte = {1, BYTES, 1, 0}, half = {1, HALVES, 2, 1},
                      shadowed = {1, SHADOWED, 4, 2};

static void start(void) {
    host_open();
    bus_behave(WRITE_ONLY_AT, BUS_WRITE_ONLY, 0, 0);
    bus_behave(SHADOWED_AT + 4, BUS_WRITE_ONLY, 0, 0);
    bus_behave(ONES_AT, BUS_CLEARS, 0, 0);
    bus_behave(FIFO_AT, BUS_FIFO, 0, 0);
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
    host_block(RW, 2, BUS_PLAIN, 16, UINT32_MAX);
    host_block(RW, 2, BUS_PARTIAL, 4, PARTIAL_BITS);
    host_block(FGFT_BLOCK_READ, 2, BUS_READ_ONLY, 4, 0);
    host_block(FGFT_BLOCK_WRITE, 2, WRITE_ONLY_AT, 4, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_ONES, 2, ONES_AT, 8, ONES_BITS);
    host_block(RW | FGFT_BLOCK_FIFO, 2, FIFO_AT, 4, UINT32_MAX);
    host_block(RW, 0, BUS_PLAIN + 0x80, 4, 0xff);
    host_block(RW, 1, BUS_PLAIN + 0x90, 4, 0xffff);
    host_block(FGFT_BLOCK_WRITE, 2, SHADOWED_AT, 16, UINT32_MAX);
    host_save(SHADOWED, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
    host_save(SHADOWED, FGFT_SAVE_SHADOW, 4, 0x0000ffff);
    host_save(ALIASED, 0, 0, 0x0000ffff);
    host_save(PLAIN, FGFT_SAVE_VOLATILE, 0, UINT32_MAX);
    host_save(BYTES, 0, 0, 0x0f);
    host_define_now();
    bus_clear_log();
    host_frame(0);
}

static void expect_out_of_bounds(uint32_t owned, uint32_t asked) {
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OUT_OF_BOUNDS);
    EXPECT_EQUAL(answer.failure.expected, owned);
    EXPECT_EQUAL(answer.failure.found, asked);
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void expect_denied(void) {
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void read_gets_the_value_of_a_register_in_one_load(void) {
    start();
    bus_poke(BUS_ALIASED + 4, 0xcafef00d);
    host_read(aliased);
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_32(answer, 0), 0xcafef00d);
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void write_sets_a_register_in_one_store(void) {
    start();
    host_write(aliased, 0xcafef00d);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 1);
    EXPECT_EQUAL(bus_logged(0).address, BUS_ALIASED + 4);
    EXPECT_EQUAL(bus_logged(0).value, 0xcafef00d);
}

static void each_width_has_accesses_of_its_own(void) {
    start();
    bus_poke(BUS_PLAIN + 0x80, 0x44332211);
    bus_poke(BUS_PLAIN + 0x90, 0x44332211);
    host_read(byte);
    host_read(half);
    host_write(byte, 0xee);
    host_write(half, 0xddcc);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.results_length, 3);
    EXPECT_EQUAL(host_result_8(answer, 0), 0x22);
    EXPECT_EQUAL(host_result_16(answer, 1), 0x4433);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x80), 0x4433ee11);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x90), 0xddcc2211);
    EXPECT_EQUAL(bus_logged(0).width, 0);
    EXPECT_EQUAL(bus_logged(1).width, 1);
}

static void another_width_than_the_blocks_is_denied(void) {
    static const host_ref refs[] = {{1, ALIASED, 0, 0}, {1, ALIASED, 0, 1}, {1, BYTES, 0, 2}, {1, HALVES, 0, 0}};
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        start();
        host_read(refs[i]);
        expect_denied();
        host_frame(0);
        host_write(refs[i], 0);
        expect_denied();
    }
}

static void a_block_that_does_not_exist_is_out_of_bounds(void) {
    start();
    host_read((host_ref){1, SHADOWED + 1, 0, 2});
    expect_out_of_bounds(SHADOWED + 1, SHADOWED + 1);
}

static void an_offset_must_be_aligned_and_inside_the_block(void) {
    static const uint16_t offsets[] = {1, 2, 3, 16, 18, 0xfffc, 0xffff};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        start();
        host_read((host_ref){1, ALIASED, offsets[i], 2});
        expect_out_of_bounds(16, offsets[i] + 4U);
    }
}

static void a_failure_names_peripheral_block_and_offset(void) {
    start();
    host_write((host_ref){1, READ_ONLY, 0x2c, 2}, 0);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.block, READ_ONLY);
    EXPECT_EQUAL(answer.failure.offset, 0x2c);
}

static void a_direction_that_the_block_lacks_is_denied(void) {
    static const uint32_t zero[1];
    for (int op = 0; op < 8; op++) {
        start();
        switch (op) {
        case 0: host_write(read_only, 0); break;
        case 1: host_masked(read_only, 0, 0); break;
        case 2: host_write_block(read_only, zero, 1); break;
        case 3: host_write_fifo(read_only, zero, 1); break;
        case 4: host_read(write_only); break;
        case 5: host_read_block(write_only, 1); break;
        case 6: host_read_fifo(write_only, 1); break;
        default: host_poll(write_only, 0, 0, 0); break;
        }
        expect_denied();
    }
}

static void write_is_refused_where_the_block_owns_only_some_bits(void) {
    start();
    host_write(partial, 0);
    expect_out_of_bounds(PARTIAL_BITS, UINT32_MAX);
    static const uint32_t zero[1];
    host_frame(0);
    host_write_block(partial, zero, 1);
    expect_out_of_bounds(PARTIAL_BITS, UINT32_MAX);
}

static void writing_ones_is_safe_although_other_bits_belong_to_others(void) {
    start();
    bus_poke(ONES_AT, 0xff);
    host_write(ones, 0x0a);
    host_ok();
    EXPECT_EQUAL(bus_peek(ONES_AT), 0xf5);
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void ones_that_belong_to_others_are_refused(void) {
    start();
    host_write(ones, 0x2a);
    expect_out_of_bounds(ONES_BITS, 0x2a);
    static const uint32_t values[] = {0x02, 0x20};
    host_frame(0);
    host_write_block(ones, values, 2);
    expect_out_of_bounds(ONES_BITS, 0x22);
}

static void masked_changes_its_bits_by_one_store_to_the_alias(void) {
    start();
    bus_poke(BUS_ALIASED + 4, 0xaaaa5555);
    host_masked(aliased, 0x00ffff00, 0x00123400);
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4), 0xaa123455);
    EXPECT_EQUAL(bus_stores(), 1);
    EXPECT_EQUAL(bus_logged(1).address, BUS_ALIASED + 4 + BUS_TOGGLE_OFFSET);
    EXPECT_EQUAL(bus_logged(1).value & ~0x00ffff00U, 0);
}

static void masked_reads_and_writes_where_there_is_no_alias(void) {
    start();
    bus_poke(BUS_PLAIN + 4, 0xaaaa5555);
    host_masked(plain, 0x00ffff00, 0xff123499); /* what is outside of the mask does not count */
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 0xaa123455);
    EXPECT_EQUAL(bus_log_length(), 2);
}

static void masked_is_refused_for_bits_of_others(void) {
    start();
    host_masked(partial, PARTIAL_BITS | 1, 0);
    expect_out_of_bounds(PARTIAL_BITS, PARTIAL_BITS | 1);
    host_frame(0);
    bus_poke(BUS_PARTIAL, 0xffffffff);
    host_masked(partial, PARTIAL_BITS, 0);
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_PARTIAL), ~(uint32_t)PARTIAL_BITS);
}

static void masked_with_all_bits_is_a_plain_store(void) {
    start();
    host_masked(aliased, UINT32_MAX, 0x12345678);
    host_masked(write_only, UINT32_MAX, 0x12345678);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 2);
    EXPECT_EQUAL(bus_peek(WRITE_ONLY_AT), 0x12345678);
}

static void masked_on_ones_writes_the_ones_and_reads_nothing(void) {
    start();
    bus_poke(ONES_AT, 0xff);
    host_masked(ones, 0x06, 0x0a);
    host_ok();
    EXPECT_EQUAL(bus_peek(ONES_AT), 0xfd);
    EXPECT_EQUAL(bus_log_length(), 1);
}

static void masked_takes_the_shadow_where_the_register_cannot_be_read(void) {
    start();
    host_write(shadowed, 0x11223344);
    host_masked(shadowed, 0x0000ff00, 0x0000ab00);
    host_ok();
    EXPECT_EQUAL(bus_peek(SHADOWED_AT + 4), 0x1122ab44);
    EXPECT_EQUAL(bus_log_length(), 2);
}

static void a_register_without_a_shadow_has_none_although_others_have(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED + 8, 4, UINT32_MAX);
    host_save(0, 0, 0, 0xffff);
    host_save(0, 0, 4, 0xffff);
    host_save(1, FGFT_SAVE_SHADOW, 0, 0xffff);
    host_define_now();
    bus_poke(BUS_ALIASED + 4, 0x12340000);
    host_frame(0);
    host_write((host_ref){1, 0, 0, 2}, 0x77777777);
    host_masked((host_ref){1, 0, 4, 2}, 0xff, 0x55);
    host_ok();
    EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4), 0x12340055);
    const fgft_save *entry = fgft_saves(fgft_definition_find(1));
    EXPECT_EQUAL(entry[0].toggle, BUS_TOGGLE_OFFSET);
}

static void masked_is_denied_where_nothing_tells_the_other_bits(void) {
    start();
    host_masked(write_only, 0x0000ff00, 0);
    expect_denied();
    host_frame(0);
    host_masked((host_ref){1, SHADOWED, 8, 2}, 0xff, 0); /* in the block, but without a shadow */
    expect_denied();
}

static void every_kind_of_write_is_remembered_in_the_shadow(void) {
    static const uint32_t block[] = {0x01010101, 0x02020202}, sent[] = {0x03030303, 0x04040404};
    start();
    host_write_block((host_ref){1, SHADOWED, 0, 2}, block, 2);
    host_masked(shadowed, 0xff, 0xee);
    host_ok();
    EXPECT_EQUAL(bus_peek(SHADOWED_AT + 4), 0x020202ee);
    host_frame(0);
    host_write_fifo(shadowed, sent, 2);
    host_masked(shadowed, 0xff000000, 0);
    host_masked((host_ref){1, SHADOWED, 0, 2}, 0xff, 0);
    host_ok();
    EXPECT_EQUAL(bus_peek(SHADOWED_AT + 4), 0x00040404);
    EXPECT_EQUAL(bus_peek(SHADOWED_AT), 0x01010100);
}

static void the_block_forms_walk_upwards(void) {
    static const uint32_t values[] = {11, 22, 33, 44};
    start();
    host_write_block((host_ref){1, PLAIN, 0, 2}, values, 4);
    host_read_block((host_ref){1, PLAIN, 4, 2}, 3);
    host_answer answer = host_ok();
    for (uint32_t i = 0; i < 4; i++) EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4 * i), values[i]);
    for (uint32_t i = 0; i < 3; i++) EXPECT_EQUAL(host_result_32(answer, 4 * i), values[i + 1]);
}

static void the_block_forms_work_with_narrow_registers(void) {
    static const uint32_t bytes[] = {1, 2, 3, 4}, halves[] = {0x1234, 0x5678};
    start();
    host_write_block((host_ref){1, BYTES, 0, 0}, bytes, 4);
    host_write_block((host_ref){1, HALVES, 0, 1}, halves, 2);
    host_read_block((host_ref){1, BYTES, 1, 0}, 3);
    host_read_block((host_ref){1, HALVES, 0, 1}, 2);
    host_answer answer = host_send();
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x80), 0x04030201);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 0x90), 0x56781234);
    EXPECT_EQUAL(host_result_8(answer, 2), 4);
    EXPECT_EQUAL(host_result_16(answer, 5), 0x5678);
}

static void a_block_that_runs_over_the_end_changes_nothing(void) {
    static const uint32_t values[] = {1, 2, 3, 4};
    start();
    host_write_block(plain, values, 4);
    expect_out_of_bounds(16, 20);
    host_frame(0);
    host_read_block(plain, 255);
    expect_out_of_bounds(16, 4 + 4 * 255);
}

static void a_count_of_0_reaches_nothing(void) {
    start();
    host_read_block(plain, 0);
    host_write_block(plain, NULL, 0);
    host_read_block((host_ref){1, PLAIN, 16, 2}, 0);
    host_read_fifo(fifo, 0);
    host_write_fifo(fifo, NULL, 0);
    host_ok();
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void the_fifo_forms_stay_at_one_address(void) {
    static const uint32_t values[] = {7, 8, 9};
    start();
    host_read_fifo(fifo, 3);
    host_write_fifo(fifo, values, 3);
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_32(answer, 8), 3);
    EXPECT_EQUAL(bus_peek(FIFO_AT), 9);
    EXPECT_EQUAL(bus_log_length(), 6);
    for (size_t i = 0; i < 6; i++) EXPECT_EQUAL(bus_logged(i).address, FIFO_AT);
}

static void the_fifo_forms_may_use_any_register(void) {
    start();
    host_read_fifo(plain, 200);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ANSWER_TOO_LONG);
    host_frame(0);
    host_read_fifo(plain, 50);
    EXPECT_EQUAL(host_send().results_length, 200);
}

static void a_fifo_is_reached_by_the_fifo_forms_only(void) {
    static const uint32_t zero[1];
    for (int op = 0; op < 6; op++) {
        start();
        switch (op) {
        case 0: host_read(fifo); break;
        case 1: host_write(fifo, 0); break;
        case 2: host_masked(fifo, 1, 1); break;
        case 3: host_read_block(fifo, 1); break;
        case 4: host_write_block(fifo, zero, 1); break;
        default: host_poll(fifo, 1, 1, 0); break;
        }
        expect_denied();
    }
}

static void poll_reads_until_the_value_is_there(void) {
    start();
    bus_poke(BUS_PLAIN + 4, 0x50);
    bus_behave(BUS_PLAIN + 4, BUS_READY, 0x08, 5);
    bus_clock_step(1);
    host_poll(plain, 0x0f, 0x08, 1000);
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_32(answer, 0), 0x58);
    EXPECT_EQUAL(bus_log_length(), 5);
    EXPECT_EQUAL(bus_waits(), 4);
}

static void poll_works_with_narrow_registers(void) {
    start();
    bus_poke(BUS_PLAIN + 0x80, 0x4400);
    host_poll(byte, 0xf0, 0x40, 0);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results_length, 1);
    EXPECT_EQUAL(host_result_8(answer, 0), 0x44);
}

static void poll_gives_up_after_its_time_and_tells_what_it_saw(void) {
    start();
    bus_poke(BUS_PLAIN + 4, 0x57);
    bus_clock_step(100);
    host_poll(plain, 0x0f, 0x08, 1000);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_POLL_TIMEOUT);
    EXPECT_EQUAL(answer.results_length, 0);
    EXPECT_EQUAL(answer.failure.expected, 0x08);
    EXPECT_EQUAL(answer.failure.found, 0x07);
    EXPECT_EQUAL(answer.failure.offset, 4);
    EXPECT_EQUAL(bus_log_length(), 10);
}

static void poll_without_time_reads_once(void) {
    start();
    bus_poke(BUS_PLAIN + 4, 0x08);
    host_poll(plain, 0x0f, 0x08, 0);
    host_ok();
    host_frame(0);
    host_poll(plain, 0x0f, 0x09, 0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_POLL_TIMEOUT);
    EXPECT_EQUAL(bus_log_length(), 2);
}

static void poll_reads_once_more_after_its_time_is_up(void) {
    start();
    bus_behave(BUS_PLAIN + 4, BUS_READY, 0x08, 2);
    bus_clock_step(2000); /* so long did something else take */
    host_poll(plain, 0x08, 0x08, 3000);
    host_ok();
}

static void delay_waits_and_feeds_the_watchdog(void) {
    start();
    bus_clock_step(10);
    uint32_t begun = bus_now_us();
    host_delay(1000);
    host_ok();
    EXPECT(bus_now_us() - begun >= 1000);
    EXPECT(bus_waits() >= 90);
}

static void delay_works_while_the_clock_wraps_around(void) {
    start();
    bus_pass(UINT32_MAX - 500);
    bus_clock_step(10);
    host_delay(1000);
    host_poll(plain, 1, 1, 100);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_POLL_TIMEOUT);
    EXPECT(bus_waits() >= 90 && bus_waits() <= 120);
}

static void no_wait_is_longer_than_a_second(void) {
    start();
    host_delay(FGFT_LIMIT_WAIT_MAX_US + 1);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    host_frame(0);
    host_poll(plain, 0, 0, FGFT_LIMIT_WAIT_MAX_US + 1);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    bus_clock_step(1000);
    host_frame(0);
    host_poll(plain, 0, 0, FGFT_LIMIT_WAIT_MAX_US);
    host_delay(FGFT_LIMIT_WAIT_MAX_US);
    host_ok();
}

static void a_resync_ends_a_delay_and_a_poll(void) {
    start();
    bus_clock_step(1);
    bus_interrupt_after(3);
    host_delay(FGFT_LIMIT_WAIT_MAX_US);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_INTERRUPTED);
    EXPECT_EQUAL(answer.ran, 0);
    EXPECT_EQUAL(bus_waits(), 3);
    bus_interrupt_after(3);
    host_frame(0);
    host_poll(plain, 1, 1, FGFT_LIMIT_WAIT_MAX_US);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_INTERRUPTED);
    EXPECT_EQUAL(bus_waits(), 6);
}

static void a_bus_fault_fails_the_op_and_gives_no_result(void) {
    static const uint32_t zero[1];
    for (int op = 0; op < 6; op++) {
        start();
        bus_behave(BUS_PLAIN + 4, BUS_FAULTS, 0, 0);
        switch (op) {
        case 0: host_read(plain); break;
        case 1: host_write(plain, 0); break;
        case 2: host_masked(plain, 1, 1); break;
        case 3: host_read_block(plain, 1); break;
        case 4: host_write_block(plain, zero, 1); break;
        default: host_poll(plain, 1, 1, 1000); break;
        }
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
        EXPECT_EQUAL(answer.results_length, 0);
        EXPECT_EQUAL(answer.failure.block, PLAIN);
        host_frame(0);
        host_ok();
    }
}

static uint32_t digest(void) {
    host_frame(0);
    host_digest(1);
    host_answer answer = host_ok();
    return host_result_32(answer, 0);
}

static void digest_is_the_crc_of_the_saved_bits(void) {
    start();
    host_write((host_ref){1, SHADOWED, 0, 2}, 0x11223344);
    host_write(shadowed, 0xffff5566);
    host_send();
    bus_poke(BUS_ALIASED, 0xffff7788);
    bus_poke(BUS_PLAIN + 0x80, 0xa9);
    static const uint8_t saved[] = {0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0, 0, 0x88, 0x77, 0, 0, 0x09, 0, 0, 0};
    EXPECT_EQUAL(digest(), fgft_crc(0, saved, sizeof saved));
}

static void digest_leaves_out_what_the_hardware_changes(void) {
    start();
    uint32_t before = digest();
    bus_poke(BUS_PLAIN, 0x1234);       /* volatile */
    bus_poke(BUS_ALIASED, 0xabcd0000); /* outside of the mask */
    EXPECT_EQUAL(digest(), before);
    bus_poke(BUS_ALIASED, 0xabcd0001);
    EXPECT(digest() != before);
}

static void the_crc_is_the_one_of_ethernet_and_zlib(void) {
    EXPECT_EQUAL(fgft_crc(0, (const uint8_t *)"123456789", 9), 0xcbf43926);
    EXPECT_EQUAL(fgft_crc(fgft_crc(0, (const uint8_t *)"1234", 4), (const uint8_t *)"56789", 5), 0xcbf43926);
}

static const test tests[] = {
    TEST(read_gets_the_value_of_a_register_in_one_load),
    TEST(write_sets_a_register_in_one_store),
    TEST(each_width_has_accesses_of_its_own),
    TEST(another_width_than_the_blocks_is_denied),
    TEST(a_block_that_does_not_exist_is_out_of_bounds),
    TEST(an_offset_must_be_aligned_and_inside_the_block),
    TEST(a_failure_names_peripheral_block_and_offset),
    TEST(a_direction_that_the_block_lacks_is_denied),
    TEST(write_is_refused_where_the_block_owns_only_some_bits),
    TEST(writing_ones_is_safe_although_other_bits_belong_to_others),
    TEST(ones_that_belong_to_others_are_refused),
    TEST(masked_changes_its_bits_by_one_store_to_the_alias),
    TEST(masked_reads_and_writes_where_there_is_no_alias),
    TEST(masked_is_refused_for_bits_of_others),
    TEST(masked_with_all_bits_is_a_plain_store),
    TEST(masked_on_ones_writes_the_ones_and_reads_nothing),
    TEST(masked_takes_the_shadow_where_the_register_cannot_be_read),
    TEST(a_register_without_a_shadow_has_none_although_others_have),
    TEST(masked_is_denied_where_nothing_tells_the_other_bits),
    TEST(every_kind_of_write_is_remembered_in_the_shadow),
    TEST(the_block_forms_walk_upwards),
    TEST(the_block_forms_work_with_narrow_registers),
    TEST(a_block_that_runs_over_the_end_changes_nothing),
    TEST(a_count_of_0_reaches_nothing),
    TEST(the_fifo_forms_stay_at_one_address),
    TEST(the_fifo_forms_may_use_any_register),
    TEST(a_fifo_is_reached_by_the_fifo_forms_only),
    TEST(poll_reads_until_the_value_is_there),
    TEST(poll_works_with_narrow_registers),
    TEST(poll_gives_up_after_its_time_and_tells_what_it_saw),
    TEST(poll_without_time_reads_once),
    TEST(poll_reads_once_more_after_its_time_is_up),
    TEST(delay_waits_and_feeds_the_watchdog),
    TEST(delay_works_while_the_clock_wraps_around),
    TEST(no_wait_is_longer_than_a_second),
    TEST(a_resync_ends_a_delay_and_a_poll),
    TEST(a_bus_fault_fails_the_op_and_gives_no_result),
    TEST(digest_is_the_crc_of_the_saved_bits),
    TEST(digest_leaves_out_what_the_hardware_changes),
    TEST(the_crc_is_the_one_of_ethernet_and_zlib),
};

const suite register_suite = SUITE("registers", tests);
