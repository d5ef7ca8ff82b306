/* What the tests of chips behind buses define as peripheral 1: a block in a chip of each kind. */
#ifndef CHIPSET_H
#define CHIPSET_H

#include "host.h"

enum {
    CHIPSET_RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE,
    CHIPSET_JOURNAL = CHIPSET_RW | FGFT_BLOCK_JOURNAL,
    CHIPSET_FIFO = CHIPSET_RW | FGFT_BLOCK_FIFO,
};

/* Packed bases (docs/protocol.md, Address spaces). */
enum {
    CHIPSET_NO_ADDRESS = 0 << 10,
    CHIPSET_BYTE_ADDRESS = 1 << 10,
    CHIPSET_WORD_ADDRESS = 2 << 10,
    CHIPSET_BUS_1 = 1 << 8,
    CHIPSET_BIG_ENDIAN_VALUES = 1 << 12,
    CHIPSET_WHOLE_REGISTERS = 1 << 13,
    CHIPSET_SPI_READ = 1 << 13,
    CHIPSET_SPI_MANY = 1 << 14,
    CHIPSET_BYTES = CHIP_BYTES | CHIPSET_BYTE_ADDRESS,
    CHIPSET_WORDS = CHIP_WORDS | CHIPSET_BYTE_ADDRESS | CHIPSET_BIG_ENDIAN_VALUES | CHIPSET_WHOLE_REGISTERS,
    CHIPSET_MEMORY = CHIP_MEMORY | CHIPSET_BUS_1 | CHIPSET_WORD_ADDRESS,
};

/* The part of a base that says which register is the first. */
uint32_t chipset_from(uint32_t first);

/* Block 0: bytes; 1: 16 bits big-endian in a chip of bytes; 2: 16-bit registers; 3: 32 bits in a memory; 4: a register
   without an address; 5: commands. */
extern const host_ref chipset_bytes_at_4, chipset_pair_at_2, chipset_word_1, chipset_long_at_8, chipset_expander,
    chipset_commands;

/* Adds a block of a chip behind I2C to a definition. */
void chipset_block(uint8_t flags, uint8_t width, uint32_t base, uint16_t size, uint32_t mask);

/* Opens a session and begins the definition, of which nothing is saved but what is added. */
void chipset_define(void);

/* Adds six registers to the save list, half of the bits of the second. */
void chipset_saves(void);

/* All that, and the definition is sent: with nothing saved; with those six, which hold 5a in each byte. */
void chipset_open(void);
void chipset_open_saved(void);

/* Each byte of the six registers, behind everybody's back. */
void chipset_fill(uint8_t value);

/* A frame that begins transaction 1 and changes the peripheral, not sent. */
void chipset_begin_with_a_write(void);

/* Sends the frame, which must fail because the bus does. */
host_answer chipset_expect_fault(uint8_t reason);

#endif
