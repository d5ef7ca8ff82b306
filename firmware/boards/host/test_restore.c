/* How registers are brought back: bits, order, steps, shadows, verification, reports. */
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

static host_ref at(uint8_t block, uint16_t offset) {
    return (host_ref){1, block, offset, 2};
}

/* Begins transaction 1 and makes it take the checkpoint of peripheral 1, by a write to its first register. */
static void hold(void) {
    host_frame(1);
    host_begin();
    host_masked(at(0, 0), 0, 0);
    host_ok();
}

/* Peripheral 1: `count` registers in a block, saved under a mask. */
static void define_saved(uint32_t base, uint16_t count, uint32_t mask) {
    host_open();
    host_definition(1);
    host_block(RW, 2, base, (uint16_t)(4 * count), mask);
    for (uint16_t i = 0; i < count; i++) host_save(0, 0, (uint16_t)(4 * i), mask);
    host_define_now();
    bus_clear_log();
}

static void a_restore_touches_only_its_own_bits(void) {
    static const uint32_t bases[] = {BUS_ALIASED, BUS_PLAIN};
    for (size_t b = 0; b < 2; b++) {
        for (uint16_t count = 1; count <= 5; count++) {
            define_saved(bases[b], count, 0x00ffff00);
            for (uint32_t i = 0; i < count; i++) bus_poke(bases[b] + 4 * i, 0x11223344 + i);
            hold();
            for (uint32_t i = 0; i < count; i++) bus_poke(bases[b] + 4 * i, 0xa5a5a5a5); /* others may, too */
            host_expect_verified(count);
            for (uint32_t i = 0; i < count; i++) EXPECT_EQUAL(bus_peek(bases[b] + 4 * i), 0xa52233a5);
        }
    }
}

static void registers_with_an_alias_are_restored_through_it(void) {
    define_saved(BUS_ALIASED, 3, 0x0000ffff);
    hold();
    bus_poke(BUS_ALIASED + 4, 0xfffff0f0);
    host_expect_verified(3);
    EXPECT_EQUAL(bus_stores(), 3);
    EXPECT_EQUAL(bus_stored(0).address, BUS_ALIASED + BUS_TOGGLE_OFFSET);
    EXPECT_EQUAL(bus_stored(0).value, 0);
    EXPECT_EQUAL(bus_stored(1).address, BUS_ALIASED + BUS_TOGGLE_OFFSET + 4);
    EXPECT_EQUAL(bus_stored(1).value, 0xf0f0);
}

static void whole_registers_are_restored_by_a_plain_store(void) {
    static const uint32_t bases[] = {BUS_ALIASED, BUS_PLAIN};
    for (size_t b = 0; b < 2; b++) {
        for (uint16_t count = 2; count <= 5; count++) {
            define_saved(bases[b], count, UINT32_MAX);
            bus_poke(bases[b] + 4, 0x12345678);
            hold();
            bus_poke(bases[b] + 4, 0);
            host_expect_verified(count);
            EXPECT_EQUAL(bus_log_length(), 2U * count); /* a store each, and a load to verify it */
            EXPECT_EQUAL(bus_stored(1).address, bases[b] + 4);
            EXPECT_EQUAL(bus_stored(1).value, 0x12345678);
        }
    }
}

static void a_whole_register_among_others_keeps_its_place_and_its_value(void) {
    for (int whole = 0; whole < 4; whole++) {
        host_open();
        host_definition(1);
        host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
        for (uint16_t i = 0; i < 4; i++) host_save(0, 0, (uint16_t)(4 * i), i == whole ? UINT32_MAX : 0x00ffffff);
        host_define_now();
        for (uint32_t i = 0; i < 4; i++) bus_poke(BUS_ALIASED + 4 * i, 0x01020304 * (i + 1));
        hold();
        for (uint32_t i = 0; i < 4; i++) bus_poke(BUS_ALIASED + 4 * i, 0xf0000000);
        host_expect_verified(4);
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t kept = (int)i == whole ? 0 : 0xff000000;
            EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4 * i), (0x01020304 * (i + 1) & ~kept) | (0xf0000000 & kept));
            EXPECT_EQUAL(bus_stored(i).address & 0xff, 4 * i);
        }
    }
}

static void registers_are_restored_in_the_order_of_the_save_list(void) {
    static const struct {
        uint8_t block;
        uint8_t flags;
        uint16_t offset;
        uint32_t address;
    } saves[] = {
        {0, 0, 8, BUS_ALIASED + 8},
        {1, 0, 4, BUS_PLAIN + 4},
        {0, 0, 0, BUS_ALIASED},
        {0, 0, 4, BUS_ALIASED + 4},
        {2, FGFT_SAVE_SHADOW, 0, BUS_PLAIN + 0x40},
        {1, FGFT_SAVE_VOLATILE, 0, BUS_PLAIN},
        {2, FGFT_SAVE_SHADOW, 4, BUS_PLAIN + 0x44},
        {3, 0, 1, BUS_PLAIN + 0x81},
        {3, 0, 0, BUS_PLAIN + 0x80},
        {1, 0, 8, BUS_PLAIN + 8},
    };
    enum { SAVES = sizeof saves / sizeof *saves };
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
    host_block(RW, 2, BUS_PLAIN, 16, UINT32_MAX);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_PLAIN + 0x40, 8, UINT32_MAX);
    host_block(RW, 0, BUS_PLAIN + 0x80, 4, 0xff);
    for (size_t i = 0; i < SAVES; i++) host_save(saves[i].block, saves[i].flags, saves[i].offset, 0x3c);
    host_define_now();
    host_frame(0);
    host_write_block(at(2, 0), (const uint32_t[]){1, 2}, 2);
    host_send();
    hold();
    host_expect_verified(SAVES);
    EXPECT_EQUAL(bus_stores(), SAVES);
    for (size_t i = 0; i < SAVES; i++) {
        uint32_t address = bus_stored(i).address;
        EXPECT_EQUAL(address >= BUS_ALIASED + BUS_TOGGLE_OFFSET && address < BUS_PLAIN ? address - BUS_TOGGLE_OFFSET
                                                                                       : address,
                     saves[i].address);
    }
}

static void narrow_registers_are_restored_with_their_width(void) {
    host_open();
    host_definition(1);
    host_block(RW, 0, BUS_PLAIN, 4, 0xff);
    host_block(RW, 1, BUS_PLAIN + 4, 4, 0xfff0);
    for (uint16_t i = 0; i < 3; i++) host_save(0, 0, i, i == 1 ? 0x0f : 0xff);
    host_save(1, 0, 2, 0x0ff0);
    host_define_now();
    bus_poke(BUS_PLAIN, 0x44332211);
    bus_poke(BUS_PLAIN + 4, 0x88776655);
    host_frame(1);
    host_begin();
    host_write((host_ref){1, 0, 0, 0}, 0xff);
    host_ok();
    bus_poke(BUS_PLAIN, 0xa0b0c0d0);
    bus_poke(BUS_PLAIN + 4, 0xe0f0a0b0);
    host_expect_verified(4);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 0xa033c211);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN + 4), 0xe870a0b0);
}

static void a_register_may_be_saved_in_parts(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, 0, 0, 0x000000ff);
    host_save(0, FGFT_SAVE_VOLATILE, 0, 0x0000ff00);
    host_define_now();
    bus_poke(BUS_ALIASED, 0x11223344);
    hold();
    bus_poke(BUS_ALIASED, 0);
    host_expect_verified(2);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x3344);
}

static void what_the_hardware_changes_is_written_back_but_not_verified(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_VOLATILE, 0, UINT32_MAX);
    host_save(0, FGFT_SAVE_VOLATILE, 4, UINT32_MAX);
    host_define_now();
    bus_poke(BUS_ALIASED, 0x11);
    bus_behave(BUS_ALIASED + 4, BUS_IGNORES, UINT32_MAX, 0);
    hold();
    bus_poke(BUS_ALIASED, 0x22);
    bus_poke(BUS_ALIASED + 4, 0x33);
    host_expect_verified(2);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x11);
    EXPECT_EQUAL(bus_log_length(), 2); /* two stores, no load */
}

static void only_what_the_hardware_changes_is_left_out_of_the_verification(void) {
    for (uint16_t stuck = 0; stuck < 3; stuck++) {
        host_open();
        host_definition(1);
        host_block(RW, 2, BUS_PLAIN, 12, UINT32_MAX);
        for (uint16_t i = 0; i < 3; i++) host_save(0, i == 1 ? FGFT_SAVE_VOLATILE : 0, (uint16_t)(4 * i), 0xff);
        host_define_now();
        hold();
        bus_behave(BUS_PLAIN + 4U * stuck, BUS_IGNORES, UINT32_MAX, 0);
        bus_poke(BUS_PLAIN + 4U * stuck, 0x33);
        EXPECT_EQUAL(host_roll_back(1).status, stuck == 1 ? FGFT_STATUS_OK : FGFT_STATUS_RESTORE_MISMATCH);
    }
}

/* Peripheral 1: a write-only register, of which the lower half is saved, as a shadow. */
static void define_shadowed(void) {
    host_open();
    bus_behave(BUS_ALIASED, BUS_WRITE_ONLY, 0, 0);
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0x0000ffff);
    host_define_now();
    host_frame(0);
    host_write(at(0, 0), 0x11112222);
    host_send();
}

static void a_write_only_register_is_restored_from_its_shadow(void) {
    define_shadowed();
    host_frame(1);
    host_begin();
    host_write(at(0, 0), 0x33334444);
    host_send();
    host_expect_verified(1);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x33332222);
    EXPECT_EQUAL(bus_log_length(), 1); /* it is never read */
}

/* What was there before the session is unknown, so that there is nothing to bring back. */
static void a_shadow_of_what_was_never_written_is_not_restored(void) {
    for (int written = 0; written < 3; written++) {
        host_open();
        host_definition(1);
        host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 8, UINT32_MAX);
        host_save(0, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
        host_save(0, FGFT_SAVE_SHADOW, 4, UINT32_MAX);
        host_define_now();
        bus_poke(BUS_ALIASED, 0x11);
        bus_poke(BUS_ALIASED + 4, 0x22);
        host_frame(1);
        host_begin();
        if (written == 0) host_write(at(0, 0), 0x33);
        if (written == 1) host_masked(at(0, 0), 0xff, 0x33);
        if (written == 2) host_write_fifo(at(0, 0), &(uint32_t){0x33}, 1);
        host_send();
        host_expect_verified(2);
        EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0);
        EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4), 0x22);
        EXPECT_EQUAL(bus_stores(), 1);
    }
}

static void a_new_definition_has_written_nothing(void) {
    define_shadowed();
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
    host_define_now();
    host_frame(1);
    host_begin();
    host_write(at(0, 4), 1);
    host_send();
    host_expect_verified(1);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x11112222);
}

static void several_shadows_are_restored_each_to_its_own_value(void) {
    host_open();
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 12, UINT32_MAX);
    for (uint16_t i = 0; i < 3; i++) host_save(0, FGFT_SAVE_SHADOW, (uint16_t)(4 * i), UINT32_MAX);
    host_define_now();
    static const uint32_t before[] = {0x11, 0x22, 0x33}, after[] = {0x44, 0x55, 0x66};
    host_frame(0);
    host_write_block(at(0, 0), before, 3);
    host_send();
    host_frame(1);
    host_begin();
    host_write_block(at(0, 0), after, 3);
    host_send();
    host_expect_verified(3);
    for (uint32_t i = 0; i < 3; i++) EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4 * i), before[i]);
}

static void the_shadow_is_rolled_back_too(void) {
    define_shadowed();
    host_frame(1);
    host_begin();
    host_write(at(0, 0), 0x33334444);
    host_rollback();
    host_send();
    host_frame(0);
    host_masked(at(0, 0), 0xf, 0x7);
    host_send();
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x33332227);
}

static void a_refused_write_leaves_the_shadow_alone(void) {
    define_shadowed();
    host_frame(1);
    host_begin();
    host_masked(at(0, 0), 0, 0);
    host_send();
    host_frame(0);
    host_write(at(0, 0), 0x55555555);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
    host_frame(1);
    host_commit();
    host_masked(at(0, 0), 0, 0);
    host_send();
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x11112222);
}

static void steps_run_in_order(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_ONES, 2, BUS_PLAIN, 4, 0xff);
    host_save(0, 0, 0, UINT32_MAX);
    host_save(0, 0, 4, UINT32_MAX);
    host_save(0, 0, 8, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 12, 0x00000003, 0x00000001, 0);
    host_step(FGFT_STEP_DELAY, 0, 0, 0, 0, 50);
    host_step(FGFT_STEP_SAVED, 1, 2, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 0, 12, 0x00000010, 0x00000010, 1000);
    host_step(FGFT_STEP_WRITE, 1, 0, 0x0000000f, 0x00000005, 0);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    bus_poke(BUS_ALIASED + 12, 0x000000e2);
    bus_behave(BUS_ALIASED + 12, BUS_READY, 0x10, 4);
    hold();
    bus_clock_step(10);
    uint32_t begun = bus_now_us();
    host_expect_verified(3);
    EXPECT(bus_now_us() - begun >= 50);
    static const uint32_t addresses[] = {BUS_ALIASED + BUS_TOGGLE_OFFSET + 12, BUS_ALIASED + 4, BUS_ALIASED + 8,
                                         BUS_PLAIN, BUS_ALIASED};
    EXPECT_EQUAL(bus_stores(), 5);
    for (size_t i = 0; i < 5; i++) EXPECT_EQUAL(bus_stored(i).address, addresses[i]);
    EXPECT_EQUAL(bus_stored(0).value, 0x3);
    EXPECT_EQUAL(bus_stored(3).value, 0x5);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED + 12), 0x000000e1);
}

static void a_saved_step_may_begin_and_end_inside_a_run(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 32, UINT32_MAX);
    for (uint16_t i = 0; i < 8; i++) host_save(0, 0, (uint16_t)(4 * i), 0xffff);
    host_step(FGFT_STEP_SAVED, 5, 3, 0, 0, 0);
    host_step(FGFT_STEP_SAVED, 0, 2, 0, 0, 0);
    host_step(FGFT_STEP_SAVED, 2, 3, 0, 0, 0);
    host_define_now();
    for (uint32_t i = 0; i < 8; i++) bus_poke(BUS_ALIASED + 4 * i, i);
    hold();
    for (uint32_t i = 0; i < 8; i++) bus_poke(BUS_ALIASED + 4 * i, 0x99);
    host_expect_verified(8);
    static const uint32_t order[] = {5, 6, 7, 0, 1, 2, 3, 4};
    for (size_t i = 0; i < 8; i++) EXPECT_EQUAL(bus_stored(i).address, BUS_ALIASED + BUS_TOGGLE_OFFSET + 4 * order[i]);
    for (uint32_t i = 0; i < 8; i++) EXPECT_EQUAL(bus_peek(BUS_ALIASED + 4 * i), i);
}

static void what_no_step_writes_back_is_verified_all_the_same(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_save(0, 0, 4, UINT32_MAX);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    hold();
    bus_poke(BUS_ALIASED + 4, 0x99);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.report.restored, 1);
    EXPECT_EQUAL(answer.report.mismatches[0].index, 1);
}

static void a_write_step_updates_the_shadow(void) {
    host_open();
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
    host_step(FGFT_STEP_WRITE, 0, 0, UINT32_MAX, 0x12345600, 0);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    host_frame(0);
    host_write(at(0, 0), 0x77);
    host_send();
    hold();
    host_expect_verified(1);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0x12345677);
}

static void a_write_step_is_a_write_to_the_shadow(void) {
    host_open();
    host_definition(1);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_SHADOW, 0, UINT32_MAX);
    host_step(FGFT_STEP_WRITE, 0, 0, UINT32_MAX, 5, 0);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    host_frame(1);
    host_begin();
    host_write(at(0, 4), 1);
    host_send();
    host_expect_verified(1);
    EXPECT_EQUAL(bus_stores(), 2);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0);
}

static void verification_comes_after_all_steps(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_step(FGFT_STEP_WRITE, 0, 0, 0x80, 0x80, 0);
    host_define_now();
    hold();
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.found, 0x80);
}

enum { STUCK = BUS_PLAIN + 0x40 };

/* Peripheral 1: six registers of which the first `stuck` ignore stores to their lower half. */
static void define_stuck(uint16_t stuck) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(RW, 2, STUCK - 4, 28, UINT32_MAX);
    for (uint16_t i = 0; i < 6; i++) host_save(1, 0, (uint16_t)(4 * i + 4), 0x00ffffff);
    host_define_now();
    for (uint32_t i = 0; i < 6; i++) bus_poke(STUCK + 4 * i, 0x11002200 + i);
    hold();
    for (uint32_t i = 0; i < stuck; i++) {
        bus_behave(STUCK + 4 * i, BUS_IGNORES, 0xffff, 0);
        bus_poke(STUCK + 4 * i, 0xee00dd00);
    }
}

static void expect_named(host_answer answer, uint8_t stuck) {
    uint8_t named = stuck < FGFT_PORT_MISMATCHES ? stuck : FGFT_PORT_MISMATCHES;
    EXPECT_EQUAL(answer.report.outcome, 2);
    EXPECT_EQUAL(answer.report.restored, 6);
    EXPECT_EQUAL(answer.report.count, named);
    for (uint8_t i = 0; i < named; i++) {
        EXPECT_EQUAL(answer.report.mismatches[i].peripheral, 1);
        EXPECT_EQUAL(answer.report.mismatches[i].index, i);
        EXPECT_EQUAL(answer.report.mismatches[i].expected, 0x00002200U + i);
        EXPECT_EQUAL(answer.report.mismatches[i].found, 0x0000dd00);
    }
}

static void rollback_fails_when_a_register_does_not_read_back(void) {
    define_stuck(1);
    host_frame(1);
    host_echo((const uint8_t *)"x", 1);
    host_rollback();
    host_echo((const uint8_t *)"y", 1);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.results_length, 1);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.block, 1);
    EXPECT_EQUAL(answer.failure.offset, 4);
    EXPECT_EQUAL(answer.failure.expected, 0x2200);
    EXPECT_EQUAL(answer.failure.found, 0xdd00);
    expect_named(answer, 1);
    host_frame(1);
    answer = host_ok();
    host_frame(1);
    host_begin();
    host_ok();
}

static void a_report_names_as_many_mismatches_as_it_has_room_for(void) {
    for (uint8_t stuck = 2; stuck <= 6; stuck++) {
        define_stuck(stuck);
        expect_named(host_roll_back(1), stuck);
    }
}

static void a_failed_op_keeps_its_status_when_the_rollback_mismatches(void) {
    define_stuck(2);
    host_frame(1);
    host_digest(9);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.failure.peripheral, 9);
    expect_named(answer, 2);
}

static void the_longest_report_fits_behind_the_longest_results(void) {
    define_stuck(6);
    host_frame(1);
    host_read_fifo(at(0, 0), 100);
    host_read_fifo(at(0, 0), 9);
    host_read(at(0, 0));
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ANSWER_TOO_LONG);
    EXPECT_EQUAL(answer.ran, 2);
    EXPECT_EQUAL(answer.length, FGFT_PORT_FRAME_MAX - 2);
    expect_named(answer, 6);
}

static void a_register_that_settles_late_is_no_mismatch(void) {
    define_saved(BUS_PLAIN, 2, 0xff);
    bus_poke(BUS_PLAIN + 4, 0x10);
    hold();
    bus_behave(BUS_PLAIN + 4, BUS_READY, 0x10, 3); /* read to restore, to verify, and once more */
    bus_poke(BUS_PLAIN + 4, 0);
    host_expect_verified(2);
}

static void a_poll_step_that_times_out_is_reported(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(FGFT_BLOCK_READ, 2, BUS_ALIASED, 8, 0);
    host_save(0, 0, 0, UINT32_MAX);
    host_step(FGFT_STEP_POLL, 1, 4, 0xf0, 0x30, 100);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    bus_poke(BUS_ALIASED + 4, 0x25);
    hold();
    bus_poke(BUS_ALIASED, 5);
    bus_clock_step(10);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.block, 1);
    EXPECT_EQUAL(answer.failure.offset, 4);
    EXPECT_EQUAL(answer.failure.expected, 0x30);
    EXPECT_EQUAL(answer.failure.found, 0x20);
    EXPECT_EQUAL(answer.report.outcome, 2);
    EXPECT_EQUAL(answer.report.count, 0);
    EXPECT_EQUAL(answer.report.restored, 1);
    EXPECT_EQUAL(bus_peek(BUS_ALIASED), 0); /* the other steps ran */
}

static void a_resync_does_not_cut_a_restore_short(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 8, UINT32_MAX);
    host_save(0, 0, 0, UINT32_MAX);
    host_step(FGFT_STEP_DELAY, 0, 0, 0, 0, 100);
    host_step(FGFT_STEP_POLL, 0, 4, 1, 1, 100);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_define_now();
    bus_behave(BUS_ALIASED + 4, BUS_READY, 1, 5);
    hold();
    bus_clock_step(10);
    bus_interrupt_after(0);
    uint32_t begun = bus_now_us();
    host_expect_verified(1);
    EXPECT(bus_now_us() - begun >= 100);
}

static void a_bus_fault_while_restoring_is_reported(void) {
    define_saved(BUS_PLAIN, 2, 0xff);
    hold();
    bus_behave(BUS_PLAIN + 4, BUS_FAULTS, 0, 0);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.report.outcome, 2);
    host_frame(0);
    host_echo(NULL, 0);
    host_ok();
}

static void a_bus_fault_of_a_volatile_register_is_reported_too(void) {
    host_open();
    host_definition(1);
    host_block(RW, 2, BUS_PLAIN, 8, UINT32_MAX);
    host_save(0, FGFT_SAVE_VOLATILE, 4, 0xff);
    host_define_now();
    hold();
    bus_behave(BUS_PLAIN + 4, BUS_FAULTS, 0, 0);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.report.outcome, 2);
    EXPECT_EQUAL(answer.report.count, 0);
}

static const test tests[] = {
    TEST(a_restore_touches_only_its_own_bits),
    TEST(registers_with_an_alias_are_restored_through_it),
    TEST(whole_registers_are_restored_by_a_plain_store),
    TEST(a_whole_register_among_others_keeps_its_place_and_its_value),
    TEST(registers_are_restored_in_the_order_of_the_save_list),
    TEST(narrow_registers_are_restored_with_their_width),
    TEST(a_register_may_be_saved_in_parts),
    TEST(what_the_hardware_changes_is_written_back_but_not_verified),
    TEST(only_what_the_hardware_changes_is_left_out_of_the_verification),
    TEST(a_write_only_register_is_restored_from_its_shadow),
    TEST(a_shadow_of_what_was_never_written_is_not_restored),
    TEST(a_new_definition_has_written_nothing),
    TEST(several_shadows_are_restored_each_to_its_own_value),
    TEST(the_shadow_is_rolled_back_too),
    TEST(a_refused_write_leaves_the_shadow_alone),
    TEST(steps_run_in_order),
    TEST(a_saved_step_may_begin_and_end_inside_a_run),
    TEST(what_no_step_writes_back_is_verified_all_the_same),
    TEST(a_write_step_updates_the_shadow),
    TEST(a_write_step_is_a_write_to_the_shadow),
    TEST(verification_comes_after_all_steps),
    TEST(rollback_fails_when_a_register_does_not_read_back),
    TEST(a_report_names_as_many_mismatches_as_it_has_room_for),
    TEST(a_failed_op_keeps_its_status_when_the_rollback_mismatches),
    TEST(the_longest_report_fits_behind_the_longest_results),
    TEST(a_register_that_settles_late_is_no_mismatch),
    TEST(a_poll_step_that_times_out_is_reported),
    TEST(a_resync_does_not_cut_a_restore_short),
    TEST(a_bus_fault_while_restoring_is_reported),
    TEST(a_bus_fault_of_a_volatile_register_is_reported_too),
};

const suite restore_suite = SUITE("restore", tests);
