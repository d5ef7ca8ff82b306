/* Registers behind a bus: how they are addressed. */
#include "bytes.h"
#include "chipset.h"
#include "host.h"
#include "suites.h"

static void registers_are_written_where_the_chip_has_them(void) {
    chipset_open();
    host_frame(0);
    host_write(chipset_bytes_at_4, 0x12);
    host_write(chipset_pair_at_2, 0x3456);
    host_write(chipset_word_1, 0x789a);
    host_write(chipset_long_at_8, 0x11223344);
    host_write(chipset_expander, 0x5a);
    host_ok();
    EXPECT_EQUAL(chips_transfers(), 5);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0x12);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x83], 0x34);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x84], 0x56);
    EXPECT_EQUAL(chip(CHIP_WORDS)[2], 0x78);
    EXPECT_EQUAL(chip(CHIP_WORDS)[3], 0x9a);
    EXPECT_EQUAL(fgft_get32(chip(CHIP_MEMORY) + 0x108), 0x11223344);
    EXPECT_EQUAL(chip(CHIP_PORT)[0], 0x5a);
}

static void registers_are_read_where_the_chip_has_them(void) {
    chipset_open();
    chip(CHIP_BYTES)[0x14] = 0x12;
    chip(CHIP_BYTES)[0x83] = 0x34;
    chip(CHIP_BYTES)[0x84] = 0x56;
    chip(CHIP_WORDS)[2] = 0x78;
    chip(CHIP_WORDS)[3] = 0x9a;
    fgft_put32(chip(CHIP_MEMORY) + 0x108, 0x11223344);
    chip(CHIP_PORT)[0] = 0x5a;
    host_frame(0);
    host_read(chipset_bytes_at_4);
    host_read(chipset_pair_at_2);
    host_read(chipset_word_1);
    host_read(chipset_long_at_8);
    host_read(chipset_expander);
    host_answer answer = host_ok();
    EXPECT_EQUAL(host_result_8(answer, 0), 0x12);
    EXPECT_EQUAL(host_result_16(answer, 1), 0x3456);
    EXPECT_EQUAL(host_result_16(answer, 3), 0x789a);
    EXPECT_EQUAL(host_result_32(answer, 5), 0x11223344);
    EXPECT_EQUAL(host_result_8(answer, 9), 0x5a);
    EXPECT_EQUAL(bus_log_length(), 0);
}

static void a_block_is_one_burst(void) {
    static const uint32_t values[] = {0x1122, 0x3344, 0x5566};
    chipset_open();
    host_frame(0);
    host_write_block(chipset_pair_at_2, values, 3);
    host_read_block(chipset_pair_at_2, 3);
    host_answer answer = host_ok();
    EXPECT_EQUAL(chips_transfers(), 2);
    for (uint8_t i = 0; i < 3; i++) {
        EXPECT_EQUAL(host_result_16(answer, 2U * i), values[i]);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x83 + 2 * i], values[i] >> 8);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x84 + 2 * i], values[i] & 0xff);
    }
    host_frame(0);
    host_write_block(chipset_pair_at_2, values, 0);
    host_read_block(chipset_pair_at_2, 0);
    host_ok();
    EXPECT_EQUAL(chips_transfers(), 2);
}

static void masked_reads_and_writes(void) {
    chipset_open();
    chip(CHIP_BYTES)[0x14] = 0xa5;
    host_frame(0);
    host_masked(chipset_bytes_at_4, 0x0f, 0x0c);
    host_masked(chipset_bytes_at_4, 0xff, 0xac);
    host_ok();
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0xac);
    EXPECT_EQUAL(chips_transfers(), 3);
}

static void poll_waits_for_a_chip(void) {
    chipset_open();
    bus_clock_step(100);
    chip(CHIP_BYTES)[0x14] = 0x81;
    host_frame(0);
    host_poll(chipset_bytes_at_4, 0x80, 0x80, 1000);
    host_ok();
    host_frame(0);
    host_poll(chipset_bytes_at_4, 0x80, 0, 1000);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_POLL_TIMEOUT);
}

static void transfer_writes_then_reads(void) {
    chipset_open();
    host_frame(0);
    host_transfer(chipset_commands, (const uint8_t *)"abc", 3, 3);
    host_transfer(chipset_commands, (const uint8_t *)"de", 2, 0);
    host_transfer(chipset_commands, NULL, 0, 2);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results[0], 'c');
    EXPECT_EQUAL(answer.results[2], 'a');
    EXPECT_EQUAL(answer.results[3], 'e');
    EXPECT_EQUAL(chips_transfers(), 3);
}

static void transfer_is_for_fifos_behind_a_bus(void) {
    chipset_open();
    host_definition(2);
    host_block(CHIPSET_FIFO, 0, BUS_PLAIN, 4, 0xff);
    chipset_block(FGFT_BLOCK_WRITE | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 1, 0xff);
    host_define_now();
    static const host_ref refused[] = {{1, 0, 4, 0}, {2, 0, 0, 0}, {2, 1, 0, 0}};
    for (size_t i = 0; i < 3; i++) {
        host_frame(0);
        host_transfer(refused[i], (const uint8_t *)"x", 1, 1);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
    }
    host_frame(0);
    host_transfer(chipset_commands, NULL, 0, 0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(chips_transfers(), 0);
}

static void a_query_takes_no_checkpoint(void) {
    chipset_open_saved();
    host_frame(1);
    host_begin();
    host_query(chipset_commands, (const uint8_t *)"abc", 3, 2);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results[0], 'c');
    EXPECT_EQUAL(answer.results[1], 'b');
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(chips_transfers(), 1);
    host_frame(0); /* nobody holds it */
    host_write(chipset_bytes_at_4, 1);
    host_ok();
    EXPECT_EQUAL(host_result_16(host_roll_back(1), 2), 0);
}

/* As reads, it may go where another holds the peripheral; but not to what a checkpoint keeps. */
static void a_query_goes_to_no_slot_and_to_no_register(void) {
    static const host_ref refused[] = {{2, 0, 0, 0}, {1, 0, 4, 0}};
    chipset_open_saved();
    host_definition(2);
    chipset_block(CHIPSET_FIFO, 0, CHIP_COMMANDS, 6, 0xff);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0);
    host_save(0, FGFT_SAVE_SHADOW, 4, 0);
    host_define_now();
    chipset_begin_with_a_write();
    host_ok();
    host_frame(0);
    host_query(chipset_commands, NULL, 0, 1);
    host_ok();
    uint32_t before = chips_transfers();
    for (size_t i = 0; i < 2; i++) {
        host_frame(0);
        host_query(refused[i], (const uint8_t *)"sixsix", 6, 0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
    }
    EXPECT_EQUAL(chips_transfers(), before);
}

static void expect_define(uint8_t space, uint8_t width, uint32_t base, uint16_t size, uint8_t status) {
    host_open();
    host_definition(1);
    host_block(CHIPSET_RW, width, base, size, 0xff);
    host_space(space);
    EXPECT_EQUAL(host_try_define().status, status);
}

static void a_packed_base_must_be_well_formed(void) {
    enum { OK = FGFT_STATUS_OK, BAD = FGFT_STATUS_MALFORMED_OP, NOT = FGFT_STATUS_NOT_ALLOWED };
    static const struct {
        uint32_t base;
        uint16_t size;
        uint8_t space, width, status;
    } blocks[] = {
        {CHIPSET_BYTES, 256, 1, 0, OK},
        {CHIPSET_BYTES, 257, 1, 0, BAD},
        {CHIPSET_BYTES | 0xff << 16, 1, 1, 0, OK},
        {CHIPSET_BYTES | 0xff << 16, 2, 1, 1, BAD},
        {CHIPSET_WORDS | 0xff << 16, 2, 1, 1, OK},
        {CHIPSET_BYTES, 3, 1, 1, BAD},
        {CHIPSET_BYTES | 1 << 7, 1, 1, 0, BAD},
        {CHIPSET_BYTES | 1 << 14, 1, 1, 0, BAD},
        {CHIPSET_BYTES | 1 << 15, 1, 1, 0, BAD},
        {CHIPSET_BYTES | 3 << 10, 1, 1, 0, BAD},
        {CHIP_PORT, 1, 1, 0, OK},
        {CHIP_PORT, 2, 1, 0, BAD},
        {CHIP_PORT, 2, 1, 1, BAD},
        {CHIP_PORT | CHIPSET_WHOLE_REGISTERS, 2, 1, 1, OK},
        {CHIP_PORT | 1 << 16, 1, 1, 0, BAD},
        {CHIPSET_BYTES | CHIPSET_BUS_1, 1, 1, 0, OK},
        {CHIPSET_BYTES | 2 << 8, 1, 1, 0, NOT},
        {CHIPSET_BYTE_ADDRESS | 0x07, 1, 1, 0, NOT},
        {CHIPSET_BYTE_ADDRESS | 0x08, 1, 1, 0, OK},
        {CHIPSET_BYTE_ADDRESS | 0x77, 1, 1, 0, OK},
        {CHIPSET_BYTE_ADDRESS | 0x78, 1, 1, 0, NOT},
        {CHIPSET_MEMORY | 0xfff0U << 16, 16, 1, 0, OK},
        {CHIPSET_MEMORY | 0xfff0U << 16, 17, 1, 0, BAD},
        {CHIP_SELECT | CHIPSET_SPI_READ | CHIPSET_SPI_MANY, 64, 2, 0, OK},
        {CHIP_SELECT | CHIPSET_SPI_READ | CHIPSET_SPI_MANY, 65, 2, 0, BAD},
        {CHIP_SELECT | CHIPSET_SPI_READ, 128, 2, 0, OK},
        {CHIP_SELECT | CHIPSET_SPI_READ, 129, 2, 0, BAD},
        {CHIP_SELECT, 256, 2, 0, OK},
        {CHIP_SELECT | 1 << 5, 1, 2, 0, BAD},
        {CHIP_SELECT | 1 << 9, 1, 2, 0, BAD},
        {CHIP_SELECT | CHIPSET_BUS_1, 1, 2, 0, NOT},
        {7, 1, 2, 0, NOT},
        {CHIPSET_BYTES, 1, 3, 0, NOT},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        expect_define(blocks[i].space, blocks[i].width, blocks[i].base, blocks[i].size, blocks[i].status);
    }
}

static void chips_behind_spi_are_reached_too(void) {
    host_open();
    host_definition(1);
    host_block(CHIPSET_RW, 0, CHIP_SELECT | CHIPSET_SPI_READ | CHIPSET_SPI_MANY | 0x20 << 16, 16, 0xff);
    host_space(FGFT_SPACE_SPI);
    host_block(CHIPSET_FIFO, 0, CHIP_SELECT, 1, 0xff);
    host_space(FGFT_SPACE_SPI);
    host_save(0, 0, 4, 0xff);
    host_define_now();
    chip(CHIP_SELECT)[0x24] = 0x11;
    static const uint32_t values[] = {1, 2, 3};
    host_frame(1);
    host_begin();
    host_write(chipset_bytes_at_4, 0x22);
    host_write_block((host_ref){1, 0, 8, 0}, values, 3);
    host_read_block((host_ref){1, 0, 8, 0}, 3);
    host_transfer((host_ref){1, 1, 0, 0}, (const uint8_t *)"\xe8", 1, 2);
    host_answer answer = host_ok();
    EXPECT_EQUAL(chip(CHIP_SELECT)[0x24], 0x22);
    for (uint8_t i = 0; i < 3; i++) EXPECT_EQUAL(host_result_8(answer, i), i + 1U);
    EXPECT_EQUAL(host_result_8(answer, 4), 2);
    EXPECT_EQUAL(host_roll_back(1).status, FGFT_STATUS_OK);
    EXPECT_EQUAL(chip(CHIP_SELECT)[0x24], 0x11);
}

static const test tests[] = {
    TEST(registers_are_written_where_the_chip_has_them),
    TEST(registers_are_read_where_the_chip_has_them),
    TEST(a_block_is_one_burst),
    TEST(masked_reads_and_writes),
    TEST(poll_waits_for_a_chip),
    TEST(transfer_writes_then_reads),
    TEST(transfer_is_for_fifos_behind_a_bus),
    TEST(a_query_takes_no_checkpoint),
    TEST(a_query_goes_to_no_slot_and_to_no_register),
    TEST(a_packed_base_must_be_well_formed),
    TEST(chips_behind_spi_are_reached_too),
};

const suite space_suite = SUITE("address spaces", tests);
