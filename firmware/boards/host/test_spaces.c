/* Registers behind a bus: how they are addressed, that transactions keep them like any other, and buses that fail. */
#include "bytes.h"
#include "crc.h"
#include "host.h"
#include "suites.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE, JOURNAL = RW | FGFT_BLOCK_JOURNAL, FIFO = RW | FGFT_BLOCK_FIFO };

/* Packed bases (docs/protocol.md, Address spaces). */
enum {
    NO_ADDRESS = 0 << 10,
    BYTE_ADDRESS = 1 << 10,
    WORD_ADDRESS = 2 << 10,
    BUS_1 = 1 << 8,
    BIG_ENDIAN_VALUES = 1 << 12,
    WHOLE_REGISTERS = 1 << 13,
    SPI_READ = 1 << 13,
    SPI_MANY = 1 << 14,
    BYTES = CHIP_BYTES | BYTE_ADDRESS,
    WORDS = CHIP_WORDS | BYTE_ADDRESS | BIG_ENDIAN_VALUES | WHOLE_REGISTERS,
    MEMORY = CHIP_MEMORY | BUS_1 | WORD_ADDRESS,
};

static uint32_t from(uint32_t first) {
    return first << 16;
}

/* Block 0: bytes; 1: 16 bits big-endian in a chip of bytes; 2: 16-bit registers; 3: 32 bits in a memory; 4: a register
   without an address; 5: commands. */
static const host_ref bytes_at_4 = {1, 0, 4, 0}, pair_at_2 = {1, 1, 2, 1}, word_1 = {1, 2, 2, 1},
                      long_at_8 = {1, 3, 8, 2}, expander = {1, 4, 0, 0}, commands = {1, 5, 0, 0};

static void add_block(uint8_t flags, uint8_t width, uint32_t base, uint16_t size, uint32_t mask) {
    host_block(flags, width, base, size, mask);
    host_space(FGFT_SPACE_I2C);
}

static void begin_definition(void) {
    host_open();
    host_definition(1);
    add_block(RW, 0, from(0x10) | BYTES, 16, 0xff);
    add_block(RW, 1, from(0x81) | BYTES | BIG_ENDIAN_VALUES, 8, 0xffff);
    add_block(RW, 1, WORDS, 8, 0xffff);
    add_block(RW, 2, from(0x100) | MEMORY, 32, UINT32_MAX);
    add_block(RW, 0, CHIP_PORT | NO_ADDRESS, 1, 0xff);
    add_block(FIFO, 0, CHIP_COMMANDS | NO_ADDRESS, 1, 0xff);
}

static void add_saves(void) {
    host_save(0, 0, 4, 0xff);
    host_save(0, 0, 5, 0x0f);
    host_save(1, 0, 2, 0xffff);
    host_save(2, 0, 2, 0xffff);
    host_save(3, 0, 8, UINT32_MAX);
    host_save(4, 0, 0, 0xff);
}

static void start(void) {
    begin_definition();
    host_define_now();
}

static host_answer expect_fault(uint8_t reason) {
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.found, reason);
    return answer;
}

static void registers_are_written_where_the_chip_has_them(void) {
    start();
    host_frame(0);
    host_write(bytes_at_4, 0x12);
    host_write(pair_at_2, 0x3456);
    host_write(word_1, 0x789a);
    host_write(long_at_8, 0x11223344);
    host_write(expander, 0x5a);
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
    start();
    chip(CHIP_BYTES)[0x14] = 0x12;
    chip(CHIP_BYTES)[0x83] = 0x34;
    chip(CHIP_BYTES)[0x84] = 0x56;
    chip(CHIP_WORDS)[2] = 0x78;
    chip(CHIP_WORDS)[3] = 0x9a;
    fgft_put32(chip(CHIP_MEMORY) + 0x108, 0x11223344);
    chip(CHIP_PORT)[0] = 0x5a;
    host_frame(0);
    host_read(bytes_at_4);
    host_read(pair_at_2);
    host_read(word_1);
    host_read(long_at_8);
    host_read(expander);
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
    start();
    host_frame(0);
    host_write_block(pair_at_2, values, 3);
    host_read_block(pair_at_2, 3);
    host_answer answer = host_ok();
    EXPECT_EQUAL(chips_transfers(), 2);
    for (uint8_t i = 0; i < 3; i++) {
        EXPECT_EQUAL(host_result_16(answer, 2U * i), values[i]);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x83 + 2 * i], values[i] >> 8);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x84 + 2 * i], values[i] & 0xff);
    }
    host_frame(0);
    host_write_block(pair_at_2, values, 0);
    host_read_block(pair_at_2, 0);
    host_ok();
    EXPECT_EQUAL(chips_transfers(), 2);
}

static void masked_reads_and_writes(void) {
    start();
    chip(CHIP_BYTES)[0x14] = 0xa5;
    host_frame(0);
    host_masked(bytes_at_4, 0x0f, 0x0c);
    host_masked(bytes_at_4, 0xff, 0xac);
    host_ok();
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0xac);
    EXPECT_EQUAL(chips_transfers(), 3);
}

static void poll_waits_for_a_chip(void) {
    start();
    bus_clock_step(100);
    chip(CHIP_BYTES)[0x14] = 0x81;
    host_frame(0);
    host_poll(bytes_at_4, 0x80, 0x80, 1000);
    host_ok();
    host_frame(0);
    host_poll(bytes_at_4, 0x80, 0, 1000);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_POLL_TIMEOUT);
}

static void transfer_writes_then_reads(void) {
    start();
    host_frame(0);
    host_transfer(commands, (const uint8_t *)"abc", 3, 3);
    host_transfer(commands, (const uint8_t *)"de", 2, 0);
    host_transfer(commands, NULL, 0, 2);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results[0], 'c');
    EXPECT_EQUAL(answer.results[2], 'a');
    EXPECT_EQUAL(answer.results[3], 'e');
    EXPECT_EQUAL(chips_transfers(), 3);
}

static void transfer_is_for_fifos_behind_a_bus(void) {
    start();
    host_definition(2);
    host_block(FIFO, 0, BUS_PLAIN, 4, 0xff);
    add_block(FGFT_BLOCK_WRITE | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 1, 0xff);
    host_define_now();
    static const host_ref refused[] = {{1, 0, 4, 0}, {2, 0, 0, 0}, {2, 1, 0, 0}};
    for (size_t i = 0; i < 3; i++) {
        host_frame(0);
        host_transfer(refused[i], (const uint8_t *)"x", 1, 1);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
    }
    host_frame(0);
    host_transfer(commands, NULL, 0, 0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(chips_transfers(), 0);
}

static void fill(uint8_t value) {
    chip(CHIP_BYTES)[0x14] = chip(CHIP_BYTES)[0x15] = value;
    chip(CHIP_BYTES)[0x83] = chip(CHIP_BYTES)[0x84] = value;
    chip(CHIP_WORDS)[2] = chip(CHIP_WORDS)[3] = value;
    for (int i = 0; i < 4; i++) chip(CHIP_MEMORY)[0x108 + i] = value;
    chip(CHIP_PORT)[0] = value;
}

static void start_saved(void) {
    begin_definition();
    add_saves();
    host_define_now();
    fill(0x5a);
}

static void begin_with_a_write(void) {
    host_frame(1);
    host_begin();
    host_write(bytes_at_4, 1);
}

static void a_chip_is_checkpointed_and_restored(void) {
    start_saved();
    begin_with_a_write();
    host_ok();
    fill(0xff);
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
    start_saved();
    host_frame(1);
    host_begin();
    host_transfer(commands, NULL, 0, 1);
    host_ok();
    EXPECT_EQUAL(chips_transfers(), 7);
    host_frame(0);
    host_write(bytes_at_4, 1);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_PERIPHERAL_BUSY);
}

static void a_query_takes_no_checkpoint(void) {
    start_saved();
    host_frame(1);
    host_begin();
    host_query(commands, (const uint8_t *)"abc", 3, 2);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results[0], 'c');
    EXPECT_EQUAL(answer.results[1], 'b');
    EXPECT_EQUAL(bus_log_length(), 0);
    EXPECT_EQUAL(chips_transfers(), 1);
    host_frame(0); /* nobody holds it */
    host_write(bytes_at_4, 1);
    host_ok();
    EXPECT_EQUAL(host_result_16(host_roll_back(1), 2), 0);
}

/* As reads, it may go where another holds the peripheral; but not to what a checkpoint keeps. */
static void a_query_goes_to_no_slot_and_to_no_register(void) {
    static const host_ref refused[] = {{2, 0, 0, 0}, {1, 0, 4, 0}};
    start_saved();
    host_definition(2);
    add_block(FIFO, 0, CHIP_COMMANDS, 6, 0xff);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0);
    host_save(0, FGFT_SAVE_SHADOW, 4, 0);
    host_define_now();
    begin_with_a_write();
    host_ok();
    host_frame(0);
    host_query(commands, NULL, 0, 1);
    host_ok();
    uint32_t before = chips_transfers();
    for (size_t i = 0; i < 2; i++) {
        host_frame(0);
        host_query(refused[i], (const uint8_t *)"sixsix", 6, 0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
    }
    EXPECT_EQUAL(chips_transfers(), before);
}

static void a_chip_without_a_save_list_has_a_journal(void) {
    host_open();
    host_definition(1);
    add_block(JOURNAL, 0, from(0x10) | BYTES, 16, 0xff);
    host_define_now();
    static const uint32_t values[] = {9, 8, 7};
    for (uint8_t i = 0; i < 16; i++) chip(CHIP_BYTES)[0x10 + i] = i;
    host_frame(1);
    host_begin();
    host_write_block(bytes_at_4, values, 3);
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
    add_block(RW, 0, BYTES, 16, 0xff);
    add_block(FGFT_BLOCK_WRITE, 0, from(0x40) | BYTES, 2, 0xff);
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
        add_block(RW, 0, BYTES, 16, 0xff);
        host_save(0, FGFT_SAVE_ZEROS, 4, whole ? 0xff : 0x3c);
        host_define_now();
        chip(CHIP_BYTES)[4] = 0xff;
        host_frame(1);
        host_begin();
        host_write(bytes_at_4, 0xc3);
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
        {RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS, FGFT_STATUS_OK, BYTES, 0xff},
        {RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS | FGFT_SAVE_VOLATILE, FGFT_STATUS_OK, BYTES, 0xff},
        {RW, FGFT_SPACE_SPI, FGFT_SAVE_ZEROS, FGFT_STATUS_OK, CHIP_SELECT, 0xff},
        {RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS, FGFT_STATUS_OUT_OF_BOUNDS, BYTES, 0x7f},
        {RW, FGFT_SPACE_I2C, FGFT_SAVE_ZEROS | FGFT_SAVE_SHADOW, FGFT_STATUS_MALFORMED_OP, BYTES, 0xff},
        {RW, FGFT_SPACE_MMIO, FGFT_SAVE_ZEROS, FGFT_STATUS_MALFORMED_OP, BUS_PLAIN, 0xff},
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

static void a_write_that_the_bus_refused_is_restored_from_the_shadow(void) {
    for (int burst = 0; burst < 2; burst++) {
        static const host_ref at = {1, 0, 0, 0};
        static const uint32_t values[] = {2};
        host_open();
        host_definition(1);
        add_block(FGFT_BLOCK_WRITE, 0, from(0x40) | BYTES, 1, 0xff);
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
        expect_fault(FGFT_BUS_NO_DATA);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x40], 1);
    }
}

static void several_shadows_behind_a_bus_are_restored_each_to_its_own_value(void) {
    host_open();
    host_definition(1);
    add_block(FGFT_BLOCK_WRITE, 0, from(0x40) | BYTES, 3, 0xff);
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

static void a_first_write_that_the_bus_refused_is_taken_back(void) {
    host_open();
    host_definition(1);
    add_block(FGFT_BLOCK_WRITE, 0, from(0x40) | BYTES, 2, 0xff);
    host_save(0, FGFT_SAVE_SHADOW, 0, 0xff);
    host_save(0, FGFT_SAVE_SHADOW, 1, 0xff);
    host_define_now();
    chip(CHIP_BYTES)[0x40] = chip(CHIP_BYTES)[0x41] = 2;
    chips_fail(0, 1, FGFT_BUS_NO_DATA);
    host_frame(1);
    host_begin();
    host_write((host_ref){1, 0, 0, 0}, 2);
    expect_fault(FGFT_BUS_NO_DATA);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x40], 0);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x41], 2);
}

static void the_digest_reads_chips(void) {
    start_saved();
    static const uint32_t values[] = {0x5a, 0x0a, 0x5a5a, 0x5a5a, 0x5a5a5a5a, 0x5a};
    uint8_t expected[24];
    for (size_t i = 0; i < 6; i++) fgft_put32(expected + 4 * i, values[i]);
    host_frame(0);
    host_digest(1);
    EXPECT_EQUAL(host_result_32(host_send(), 0), fgft_crc(0, expected, sizeof expected));
}

static void a_failure_tells_why(void) {
    for (uint8_t reason = FGFT_BUS_NO_ADDRESS; reason <= FGFT_BUS_ARBITRATION_LOST; reason++) {
        start();
        for (int op = 0; op < 6; op++) {
            chips_fail(0, 1, reason);
            host_frame(0);
            if (op == 0) host_read(bytes_at_4);
            if (op == 1) host_write(bytes_at_4, 1);
            if (op == 2) host_masked(bytes_at_4, 1, 1);
            if (op == 3) host_read_block(bytes_at_4, 3);
            if (op == 4) host_poll(bytes_at_4, 0, 0, 1000);
            if (op == 5) host_transfer(commands, NULL, 0, 1);
            expect_fault(reason);
        }
        host_frame(0);
        host_read(bytes_at_4);
        host_ok();
    }
}

static void a_masked_write_is_not_made_of_a_failed_read(void) {
    start();
    chip(CHIP_BYTES)[0x14] = 0xf0;
    chips_fail(0, 1, FGFT_BUS_NO_DATA);
    host_frame(0);
    host_masked(bytes_at_4, 1, 1);
    expect_fault(FGFT_BUS_NO_DATA);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0xf0);
}

static void a_checkpoint_that_fails_touches_nothing(void) {
    for (uint32_t skip = 0; skip < 6; skip++) {
        start_saved();
        chips_fail(skip, 1, FGFT_BUS_NO_ADDRESS);
        begin_with_a_write();
        host_answer answer = expect_fault(FGFT_BUS_NO_ADDRESS);
        EXPECT_EQUAL(answer.report.outcome, 1);
        EXPECT_EQUAL(answer.report.restored, 0);
        EXPECT_EQUAL(chips_transfers(), skip + 1);
        EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0x5a);
    }
}

static void a_write_that_fails_is_rolled_back(void) {
    start_saved();
    begin_with_a_write();
    host_write(expander, 0);
    chips_fail(7, 1, FGFT_BUS_NO_DATA);
    host_answer answer = expect_fault(FGFT_BUS_NO_DATA);
    EXPECT_EQUAL(answer.ran, 2);
    EXPECT_EQUAL(answer.report.outcome, 1);
    EXPECT_EQUAL(answer.report.restored, 6);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0x5a);
}

/* Six registers, one of them read before it is written, and all read back. */
static void a_restore_that_fails_once_is_a_mismatch_and_goes_on(void) {
    for (uint32_t skip = 0; skip < 7 + 6; skip++) {
        start_saved();
        begin_with_a_write();
        host_ok();
        fill(0xff);
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
    start_saved();
    begin_with_a_write();
    host_ok();
    chips_fail(0, 100, FGFT_BUS_STUCK);
    uint32_t before = chips_transfers();
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(chips_transfers() - before, 1);
    EXPECT_EQUAL(answer.report.count, FGFT_PORT_MISMATCHES);
    chips_fail(0, 0, 0);
    host_frame(0);
    host_read(bytes_at_4);
    host_ok();
}

/* A register of the controller's own that becomes ready on the fourth read is waited for, whatever the bus did before;
   the bus is not tried again, and it is what the failure names. */
static void a_poll_step_neither_hides_nor_suffers_what_failed_before_it(void) {
    begin_definition();
    host_block(RW, 2, BUS_PLAIN, 4, UINT32_MAX);
    add_saves();
    host_step(FGFT_STEP_SAVED, 0, 6, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 6, 0, 1, 1, 100000);
    host_step(FGFT_STEP_POLL, 0, 4, 0xff, 0x5a, 100000);
    host_step(FGFT_STEP_SAVED, 0, 6, 0, 0, 0);
    host_define_now();
    fill(0x5a);
    begin_with_a_write();
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
    add_block(JOURNAL, 0, from(0x10) | BYTES, 16, 0xff);
    host_define_now();
    chips_fail(1, 1, FGFT_BUS_ARBITRATION_LOST);
    static const uint32_t values[] = {9, 8, 7};
    host_frame(1);
    host_begin();
    host_write_block(bytes_at_4, values, 3);
    host_answer answer = expect_fault(FGFT_BUS_ARBITRATION_LOST);
    EXPECT_EQUAL(answer.report.restored, 0);
    EXPECT_EQUAL(chip(CHIP_BYTES)[0x14], 0);
}

static void expect_define(uint8_t space, uint8_t width, uint32_t base, uint16_t size, uint8_t status) {
    host_open();
    host_definition(1);
    host_block(RW, width, base, size, 0xff);
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
        {BYTES, 256, 1, 0, OK},
        {BYTES, 257, 1, 0, BAD},
        {BYTES | 0xff << 16, 1, 1, 0, OK},
        {BYTES | 0xff << 16, 2, 1, 1, BAD},
        {WORDS | 0xff << 16, 2, 1, 1, OK},
        {BYTES, 3, 1, 1, BAD},
        {BYTES | 1 << 7, 1, 1, 0, BAD},
        {BYTES | 1 << 14, 1, 1, 0, BAD},
        {BYTES | 1 << 15, 1, 1, 0, BAD},
        {BYTES | 3 << 10, 1, 1, 0, BAD},
        {CHIP_PORT, 1, 1, 0, OK},
        {CHIP_PORT, 2, 1, 0, BAD},
        {CHIP_PORT, 2, 1, 1, BAD},
        {CHIP_PORT | WHOLE_REGISTERS, 2, 1, 1, OK},
        {CHIP_PORT | 1 << 16, 1, 1, 0, BAD},
        {BYTES | BUS_1, 1, 1, 0, OK},
        {BYTES | 2 << 8, 1, 1, 0, NOT},
        {BYTE_ADDRESS | 0x07, 1, 1, 0, NOT},
        {BYTE_ADDRESS | 0x08, 1, 1, 0, OK},
        {BYTE_ADDRESS | 0x77, 1, 1, 0, OK},
        {BYTE_ADDRESS | 0x78, 1, 1, 0, NOT},
        {MEMORY | 0xfff0U << 16, 16, 1, 0, OK},
        {MEMORY | 0xfff0U << 16, 17, 1, 0, BAD},
        {CHIP_SELECT | SPI_READ | SPI_MANY, 64, 2, 0, OK},
        {CHIP_SELECT | SPI_READ | SPI_MANY, 65, 2, 0, BAD},
        {CHIP_SELECT | SPI_READ, 128, 2, 0, OK},
        {CHIP_SELECT | SPI_READ, 129, 2, 0, BAD},
        {CHIP_SELECT, 256, 2, 0, OK},
        {CHIP_SELECT | 1 << 5, 1, 2, 0, BAD},
        {CHIP_SELECT | 1 << 9, 1, 2, 0, BAD},
        {CHIP_SELECT | BUS_1, 1, 2, 0, NOT},
        {7, 1, 2, 0, NOT},
        {BYTES, 1, 3, 0, NOT},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        expect_define(blocks[i].space, blocks[i].width, blocks[i].base, blocks[i].size, blocks[i].status);
    }
}

static void chips_behind_spi_are_reached_too(void) {
    host_open();
    host_definition(1);
    host_block(RW, 0, CHIP_SELECT | SPI_READ | SPI_MANY | 0x20 << 16, 16, 0xff);
    host_space(FGFT_SPACE_SPI);
    host_block(FIFO, 0, CHIP_SELECT, 1, 0xff);
    host_space(FGFT_SPACE_SPI);
    host_save(0, 0, 4, 0xff);
    host_define_now();
    chip(CHIP_SELECT)[0x24] = 0x11;
    static const uint32_t values[] = {1, 2, 3};
    host_frame(1);
    host_begin();
    host_write(bytes_at_4, 0x22);
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
    TEST(a_chip_is_checkpointed_and_restored),
    TEST(transfer_is_a_change_of_the_peripheral),
    TEST(a_query_takes_no_checkpoint),
    TEST(a_query_goes_to_no_slot_and_to_no_register),
    TEST(a_chip_without_a_save_list_has_a_journal),
    TEST(restore_steps_and_shadows_reach_chips),
    TEST(zeros_go_where_a_written_one_would_act),
    TEST(zeros_are_for_registers_behind_a_bus_that_a_block_owns),
    TEST(a_write_that_the_bus_refused_is_restored_from_the_shadow),
    TEST(several_shadows_behind_a_bus_are_restored_each_to_its_own_value),
    TEST(a_first_write_that_the_bus_refused_is_taken_back),
    TEST(the_digest_reads_chips),
    TEST(a_failure_tells_why),
    TEST(a_masked_write_is_not_made_of_a_failed_read),
    TEST(a_checkpoint_that_fails_touches_nothing),
    TEST(a_write_that_fails_is_rolled_back),
    TEST(a_restore_that_fails_once_is_a_mismatch_and_goes_on),
    TEST(a_stuck_bus_is_tried_once),
    TEST(a_poll_step_neither_hides_nor_suffers_what_failed_before_it),
    TEST(a_journal_that_cannot_be_read_changes_nothing),
    TEST(a_packed_base_must_be_well_formed),
    TEST(chips_behind_spi_are_reached_too),
};

const suite space_suite = SUITE("address spaces", tests);
