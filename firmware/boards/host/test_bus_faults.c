/* Buses that fail, in ops, checkpoints and restores. */
#include "chipset.h"
#include "host.h"
#include "suites.h"

static void a_failure_tells_why(void) {
    for (uint8_t reason = FGFT_BUS_NO_ADDRESS; reason <= FGFT_BUS_ARBITRATION_LOST; reason++) {
        chipset_open();
        for (int op = 0; op < 6; op++) {
            chips_fail(0, 1, reason);
            host_frame(0);
            if (op == 0) host_read(chipset_bytes_at_4);
            if (op == 1) host_write(chipset_bytes_at_4, 1);
            if (op == 2) host_masked(chipset_bytes_at_4, 1, 1);
            if (op == 3) host_read_block(chipset_bytes_at_4, 3);
            if (op == 4) host_poll(chipset_bytes_at_4, 0, 0, 1000);
            if (op == 5) host_transfer(chipset_commands, NULL, 0, 1);
            chipset_expect_fault(reason);
        }
        host_frame(0);
        host_read(chipset_bytes_at_4);
        host_ok();
    }
}

static void a_masked_write_is_not_made_of_a_failed_read(void) {
    chipset_open();
    chip(CHIP_BYTES)[0x14] = 0xf0;
    chips_fail(0, 1, FGFT_BUS_NO_DATA);
    host_frame(0);
    host_masked(chipset_bytes_at_4, 1, 1);
    chipset_expect_fault(FGFT_BUS_NO_DATA);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0xf0);
}

static void a_checkpoint_that_fails_touches_nothing(void) {
    for (uint32_t skip = 0; skip < 6; skip++) {
        chipset_open_saved();
        chips_fail(skip, 1, FGFT_BUS_NO_ADDRESS);
        chipset_begin_with_a_write();
        host_answer answer = chipset_expect_fault(FGFT_BUS_NO_ADDRESS);
        EXPECT_EQUAL(answer.report.outcome, 1);
        EXPECT_EQUAL(answer.report.restored, 0);
        EXPECT_EQUAL(chips_transfers(), skip + 1);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0x5a);
    }
}

static void a_write_that_fails_is_rolled_back(void) {
    chipset_open_saved();
    chipset_begin_with_a_write();
    host_write(chipset_expander, 0);
    chips_fail(7, 1, FGFT_BUS_NO_DATA);
    host_answer answer = chipset_expect_fault(FGFT_BUS_NO_DATA);
    EXPECT_EQUAL(answer.ran, 2);
    EXPECT_EQUAL(answer.report.outcome, 1);
    EXPECT_EQUAL(answer.report.restored, 6);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0x5a);
}

static void a_write_that_the_bus_refused_is_restored_from_the_shadow(void) {
    for (int burst = 0; burst < 2; burst++) {
        static const host_ref at = {1, 0, 0, 0};
        static const uint32_t values[] = {2};
        host_open();
        host_definition(1);
        chipset_block(FGFT_BLOCK_WRITE, 0, chipset_from(0x40) | CHIPSET_BYTES, 1, 0xff);
        host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
        host_define_now();
        host_frame(0);
        host_write(at, 1);
        host_ok();
        chip(CHIP_BYTES)[0x40] = 2; /* as if the refused write had arrived */
        chips_fail(0, 1, FGFT_BUS_NO_DATA);
        host_frame(1);
        host_begin();
        if (burst) host_write_block(at, values, 1);
        if (!burst) host_masked(at, 0xff, 2);
        chipset_expect_fault(FGFT_BUS_NO_DATA);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x40], 1);
    }
}

static void a_first_write_that_the_bus_refused_is_taken_back(void) {
    host_open();
    host_definition(1);
    chipset_block(FGFT_BLOCK_WRITE, 0, chipset_from(0x40) | CHIPSET_BYTES, 2, 0xff);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
    host_save(0, FGFT_SAVE_SHADOW, 1, 0xff);
    host_define_now();
    chip(CHIP_BYTES)[0x40] = chip(CHIP_BYTES)[0x41] = 2;
    chips_fail(0, 1, FGFT_BUS_NO_DATA);
    host_frame(1);
    host_begin();
    host_write((host_ref){1, 0, 0, 0}, 2);
    chipset_expect_fault(FGFT_BUS_NO_DATA);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x40], 0);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x41], 2);
}

/* Six registers, one of them read before it is written, and all read back. */
static void a_restore_that_fails_once_is_a_mismatch_and_goes_on(void) {
    for (uint32_t skip = 0; skip < 7 + 6; skip++) {
        chipset_open_saved();
        chipset_begin_with_a_write();
        host_ok();
        chipset_fill(0xff);
        chips_fail(skip, 1, FGFT_BUS_NO_DATA);
        host_answer answer = host_roll_back(1);
        EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
        EXPECT_EQUAL(answer.report.outcome, 2);
        EXPECT_EQUAL(answer.failure.peripheral, 1);
        int restored = (chip(CHIP_BYTES)[0x14] == 0x5a) + (chip(CHIP_BYTES)[0x15] == 0xfa) +
                       (chip(CHIP_BYTES)[0x84] == 0x5a) + (chip(CHIP_WORDS)[3] == 0x5a) +
                       (chip(CHIP_MEMORY)[0x108] == 0x5a) + (chip(CHIP_PORT)[0] == 0x5a);
        EXPECT_EQUAL((uint64_t)restored, skip < 7 ? 5 : 6);
        if (skip < 7) EXPECT_EQUAL(answer.report.count, 1);
    }
}

static void a_stuck_bus_is_tried_once(void) {
    chipset_open_saved();
    chipset_begin_with_a_write();
    host_ok();
    chips_fail(0, 100, FGFT_BUS_STUCK);
    uint32_t before = chips_transfers();
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(chips_transfers() - before, 1);
    EXPECT_EQUAL(answer.report.count, FGFT_PORT_MISMATCHES);
    chips_fail(0, 0, 0);
    host_frame(0);
    host_read(chipset_bytes_at_4);
    host_ok();
}

/* A register of the controller's own that becomes ready on the fourth read is waited for, whatever the bus did before;
   the bus is not tried again, and it is what the failure names. */
static void a_poll_step_neither_hides_nor_suffers_what_failed_before_it(void) {
    chipset_define();
    host_block(CHIPSET_RW, 2, BUS_PLAIN, 4, UINT32_MAX);
    chipset_saves();
    host_step(FGFT_STEP_SAVED, 0, 6, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 6, 0, 1, 1, 100000);
    host_step(FGFT_STEP_POLL, 0, 4, 0xff, 0x5a, 100000);
    host_step(FGFT_STEP_SAVED, 0, 6, 0, 0, 0);
    host_define_now();
    chipset_fill(0x5a);
    chipset_begin_with_a_write();
    host_ok();
    bus_behave(BUS_PLAIN, BUS_READY, 1, 4);
    chips_fail(0, 100, FGFT_BUS_STUCK);
    uint32_t before = chips_transfers();
    bus_clear_log();
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(chips_transfers() - before, 1);
    EXPECT_EQUAL(bus_log_length(), 4);
}

static void a_journal_that_cannot_be_read_changes_nothing(void) {
    host_open();
    host_definition(1);
    chipset_block(CHIPSET_JOURNAL, 0, chipset_from(0x10) | CHIPSET_BYTES, 16, 0xff);
    host_define_now();
    chips_fail(1, 1, FGFT_BUS_ARBITRATION_LOST);
    static const uint32_t values[] = {9, 8, 7};
    host_frame(1);
    host_begin();
    host_write_block(chipset_bytes_at_4, values, 3);
    host_answer answer = chipset_expect_fault(FGFT_BUS_ARBITRATION_LOST);
    EXPECT_EQUAL(answer.report.restored, 0);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0);
}

static const test tests[] = {
    TEST(a_failure_tells_why),
    TEST(a_masked_write_is_not_made_of_a_failed_read),
    TEST(a_checkpoint_that_fails_touches_nothing),
    TEST(a_write_that_fails_is_rolled_back),
    TEST(a_write_that_the_bus_refused_is_restored_from_the_shadow),
    TEST(a_first_write_that_the_bus_refused_is_taken_back),
    TEST(a_restore_that_fails_once_is_a_mismatch_and_goes_on),
    TEST(a_stuck_bus_is_tried_once),
    TEST(a_poll_step_neither_hides_nor_suffers_what_failed_before_it),
    TEST(a_journal_that_cannot_be_read_changes_nothing),
};

const suite bus_fault_suite = SUITE("bus faults", tests);
