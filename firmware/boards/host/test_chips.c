/* Chips behind a bus in transactions, which keep them like anything else. */
#include "bytes.h"
#include "chipset.h"
#include "crc.h"
#include "host.h"
#include "suites.h"

static void a_chip_is_checkpointed_and_restored(void) {
    chipset_open_saved();
    chipset_begin_with_a_write();
    host_ok();
    chipset_fill(0xff);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_16(answer, 2), 6);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0x5a);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x15], 0xfa); /* half of its bits are saved */
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x84], 0x5a);
    EXPECT_EQUAL(chip(CHIP_WORDS)[3], 0x5a);
    EXPECT_EQUAL(fgft_get32(chip(CHIP_MEMORY) + 0x108), 0x5a5a5a5a);
    EXPECT_EQUAL(chip(CHIP_PORT)[0], 0x5a);
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void transfer_is_a_change_of_the_peripheral(void) {
    chipset_open_saved();
    host_frame(1);
    host_begin();
    host_transfer(chipset_commands, NULL, 0, 1);
    host_ok();
    EXPECT_EQUAL(chips_transfers(), 7);
    host_frame(0);
    host_write(chipset_bytes_at_4, 1);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
}

static void a_chip_without_a_save_list_has_a_journal(void) {
    host_open();
    host_definition(1);
    chipset_block(CHIPSET_JOURNAL, 0, chipset_from(0x10) | CHIPSET_BYTES, 16, 0xff);
    host_define_now();
    static const uint32_t values[] = {9, 8, 7};
    for (uint8_t i = 0; i < 16; i++) chip(CHIP_BYTES)[0x10 + i] = i;
    host_frame(1);
    host_begin();
    host_write_block(chipset_bytes_at_4, values, 3);
    host_ok();
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x16], 7);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_OK);
    EXPECT_EQUAL(host_result_16(answer, 2), 3);
    for (uint8_t i = 0; i < 16; i++) EXPECT_EQUAL(chip(CHIP_BYTES)[0x10 + i], i);
}

static void restore_steps_and_shadows_reach_chips(void) {
    host_open();
    host_definition(1);
    chipset_block(CHIPSET_RW, 0, CHIPSET_BYTES, 16, 0xff);
    chipset_block(FGFT_BLOCK_WRITE, 0, chipset_from(0x40) | CHIPSET_BYTES, 2, 0xff);
    host_save(1, FGFT_SAVE_SHADOW, 1, 0xff);
    host_step(FGFT_STEP_WRITE, 0, 2, 0x0f, 0x03, 0);
    host_step(FGFT_STEP_SAVED, 0, 1, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 0, 2, 0x0f, 0x03, 1000);
    host_define_now();
    chip(CHIP_BYTES)[2] = 0xf0;
    static const uint32_t values[] = {1, 2};
    host_frame(0);
    host_write_block((host_ref){1, 1, 0, 0}, values, 2);
    host_ok();
    host_frame(1);
    host_begin();
    host_masked((host_ref){1, 1, 1, 0}, 0x30, 0x30);
    host_ok();
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x41], 0x32);
    EXPECT_EQUAL(host_roll_back(1).status, FGFT_STATUS_OK);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x41], 2);
    EXPECT_EQUAL(chip(CHIP_BYTES)[2], 0xf3);
}

static void zeros_go_where_a_written_one_would_act(void) {
    for (int whole = 0; whole < 2; whole++) {
        host_open();
        host_definition(1);
        chipset_block(CHIPSET_RW, 0, CHIPSET_BYTES, 16, 0xff);
        host_save(0, FGFT_SAVE_ZEROS, 4, whole ? 0xff : 0x3c);
        host_define_now();
        chip(CHIP_BYTES)[4] = 0xff;
        host_frame(1);
        host_begin();
        host_write(chipset_bytes_at_4, 0xc3);
        host_ok();
        uint32_t before = chips_transfers();
        EXPECT_EQUAL(host_roll_back(1).status, FGFT_STATUS_OK);
        EXPECT_EQUAL(chip(CHIP_BYTES)[4], whole ? 0xff : 0x3c);
        EXPECT_EQUAL(chips_transfers() - before, 2); /* written, and read back */
    }
}

static void zeros_are_for_registers_behind_a_bus_that_a_block_owns(void) {
    static const struct {
        uint8_t flags, space, saved, status;
        uint32_t base, owned;
    } saves[] = {
        {CHIPSET_RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS, FGFT_STATUS_OK, CHIPSET_BYTES, 0xff},
        {CHIPSET_RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS | FGFT_SAVE_VOLATILE, FGFT_STATUS_OK, CHIPSET_BYTES, 0xff},
        {CHIPSET_RW, FGFT_SPACE_SPI, FGFT_SAVE_ZEROS, FGFT_STATUS_OK, CHIP_SELECT, 0xff},
        {CHIPSET_RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS, FGFT_STATUS_OUT_OF_BOUNDS, CHIPSET_BYTES, 0x7f},
        {CHIPSET_RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS | FGFT_SAVE_SHADOW, FGFT_STATUS_MALFORMED_OP, CHIPSET_BYTES, 0xff},
        {CHIPSET_RW, FGFT_SPACE_MMIO, FGFT_SAVE_ZEROS, FGFT_STATUS_MALFORMED_OP, BUS_PLAIN, 0xff},
    };
    for (size_t i = 0; i < sizeof saves / sizeof *saves; i++) {
        host_open();
        host_definition(1);
        host_block(saves[i].flags, 0, saves[i].base, 16, saves[i].owned);
        host_space(saves[i].space);
        host_save(0, saves[i].saved, 4, 0x3c);
        EXPECT_EQUAL(host_try_define().status, saves[i].status);
    }
}

static void several_shadows_behind_a_bus_are_restored_each_to_its_own_value(void) {
    host_open();
    host_definition(1);
    chipset_block(FGFT_BLOCK_WRITE, 0, chipset_from(0x40) | CHIPSET_BYTES, 3, 0xff);
    for (uint16_t i = 0; i < 3; i++) host_save(0, FGFT_SAVE_SHADOW, i, 0xff);
    host_define_now();
    host_frame(0);
    host_write_block((host_ref){1, 0, 0, 0}, (const uint32_t[]){1, 2, 3}, 3);
    host_ok();
    host_frame(1);
    host_begin();
    host_write_block((host_ref){1, 0, 0, 0}, (const uint32_t[]){4, 5, 6}, 3);
    host_ok();
    EXPECT_EQUAL(host_roll_back(1).status, FGFT_STATUS_OK);
    for (uint8_t i = 0; i < 3; i++) EXPECT_EQUAL(chip(CHIP_BYTES)[0x40 + i], i + 1U);
}

static void the_digest_reads_chips(void) {
    chipset_open_saved();
    static const uint32_t values[] = {0x5a, 0x0a, 0x5a5a, 0x5a5a, 0x5a5a5a5a, 0x5a};
    uint8_t expected[24];
    for (size_t i = 0; i < 6; i++) fgft_put32(expected + 4 * i, values[i]);
    host_frame(0);
    host_digest(1);
    EXPECT_EQUAL(host_result_32(host_send(), 0), fgft_crc(0, expected, sizeof expected));
}

static const test tests[] = {
    TEST(a_chip_is_checkpointed_and_restored),
    TEST(transfer_is_a_change_of_the_peripheral),
    TEST(a_chip_without_a_save_list_has_a_journal),
    TEST(restore_steps_and_shadows_reach_chips),
    TEST(zeros_go_where_a_written_one_would_act),
    TEST(zeros_are_for_registers_behind_a_bus_that_a_block_owns),
    TEST(several_shadows_behind_a_bus_are_restored_each_to_its_own_value),
    TEST(the_digest_reads_chips),
};

const suite chip_suite = SUITE("chips in transactions", tests);
