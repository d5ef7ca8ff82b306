#include "chipset.h"

#include "test.h"

const host_ref chipset_bytes_at_4 = {1, 0, 4, 0}, chipset_pair_at_2 = {1, 1, 2, 1}, chipset_word_1 = {1, 2, 2, 1},
               chipset_long_at_8 = {1, 3, 8, 2}, chipset_expander = {1, 4, 0, 0}, chipset_commands = {1, 5, 0, 0};

uint32_t chipset_from(uint32_t first) {
    return first << 16;
}

void chipset_block(uint8_t flags, uint8_t width, uint32_t base, uint16_t size, uint32_t mask) {
    host_block(flags, width, base, size, mask);
    host_space(FGFT_SPACE_I2C);
}

void chipset_define(void) {
    host_open();
    host_definition(1);
    chipset_block(CHIPSET_RW, 0, chipset_from(0x10) | CHIPSET_BYTES, 16, 0xff);
    chipset_block(CHIPSET_RW, 1, chipset_from(0x81) | CHIPSET_BYTES | CHIPSET_BIG_ENDIAN_VALUES, 8, 0xffff);
    chipset_block(CHIPSET_RW, 1, CHIPSET_WORDS, 8, 0xffff);
    chipset_block(CHIPSET_RW, 2, chipset_from(0x100) | CHIPSET_MEMORY, 32, UINT32_MAX);
    chipset_block(CHIPSET_RW, 0, CHIP_PORT | CHIPSET_NO_ADDRESS, 1, 0xff);
    chipset_block(CHIPSET_FIFO, 0, CHIP_COMMANDS | CHIPSET_NO_ADDRESS, 1, 0xff);
}

void chipset_saves(void) {
    host_save(0, 0, 4, 0xff);
    host_save(0, 0, 5, 0x0f);
    host_save(1, 0, 2, 0xffff);
    host_save(2, 0, 2, 0xffff);
    host_save(3, 0, 8, UINT32_MAX);
    host_save(4, 0, 0, 0xff);
}

void chipset_open(void) {
    chipset_define();
    host_define_now();
}

void chipset_open_saved(void) {
    chipset_define();
    chipset_saves();
    host_define_now();
    chipset_fill(0x5a);
}

void chipset_fill(uint8_t value) {
    chip(CHIP_BYTES)[0x14] = chip(CHIP_BYTES)[0x15] = value;
    chip(CHIP_BYTES)[0x83] = chip(CHIP_BYTES)[0x84] = value;
    chip(CHIP_WORDS)[2] = chip(CHIP_WORDS)[3] = value;
    for (int i = 0; i < 4; i++) chip(CHIP_MEMORY)[0x108 + i] = value;
    chip(CHIP_PORT)[0] = value;
}

void chipset_begin_with_a_write(void) {
    host_frame(1);
    host_begin();
    host_write(chipset_bytes_at_4, 1);
}

host_answer chipset_expect_fault(uint8_t reason) {
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
    EXPECT_EQUAL(answer.failure.peripheral, 1);
    EXPECT_EQUAL(answer.failure.found, reason);
    return answer;
}
