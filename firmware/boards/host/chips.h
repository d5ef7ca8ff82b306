/*
 * Simulated chips behind simulated buses: some with registers, some that take commands, and buses that fail when a test
 * wants it.
 */
#ifndef CHIPS_H
#define CHIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transfer.h"

/* On I²C bus 0, but for the memory. */
enum {
    CHIP_BYTES = 0x20,    /* 256 registers of 8 bits behind an 8-bit address, which counts up */
    CHIP_WORDS = 0x48,    /* 4 registers of 16 bits behind an 8-bit address, which stays; high byte first (ADS1015) */
    CHIP_PORT = 0x27,     /* one register of 8 bits without an address (PCF8574) */
    CHIP_COMMANDS = 0x38, /* answers with the bytes that it was told last, reversed */
    CHIP_MEMORY = 0x50,   /* bus 1: 512 bytes behind a 16-bit address, which counts up */
    CHIP_MEMORY_SIZE = 512,
};

/* On SPI bus 0: 64 registers of 8 bits, 0x80 in the first byte to read, 0x40 to count up (ADXL345). */
enum { CHIP_SELECT = 5 };

void chips_reset(void);

/* The registers of a chip, in bytes as they stand in the chip. */
uint8_t *chip(uint8_t target);

/* The messages that CHIP_COMMANDS got: how many, and one of them, the first being 0. */
typedef struct {
    uint8_t bytes[256];
    size_t count;
} chips_message;

size_t chips_message_count(void);
chips_message chips_message_at(size_t index);

/* `skip` transfers from now on, `count` of them fail. */
void chips_fail(uint32_t skip, uint32_t count, uint8_t reason);

/* Since the last call of chips_reset. */
uint32_t chips_transfers(void);

/* The port. */
uint8_t chips_transfer(const fgft_transfer *transfer);

#endif
