/* Chips behind the I2C and SPI blocks of the RP2040. The host configures speed, mode and pins through registers. */
#ifndef RP_BUS_H
#define RP_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "transfer.h"

/* Both return FGFT_BUS_... */
uint8_t rp_i2c_transfer(const fgft_transfer *transfer);
uint8_t rp_spi_transfer(const fgft_transfer *transfer);

/* rp_i2c_clear.c: makes a chip that holds SDA low let go of it. True: one did, and it has. */
bool rp_i2c_clear_bus(uint8_t bus);

/* A bus on which nothing moves for so long is stuck (SMBus 3.1, table 1: T_TIMEOUT, the least). */
enum { RP_BUS_PATIENCE_US = 25000 };

/* Time since the last progress. */
typedef struct {
    uint32_t since;
} rp_patience;

rp_patience rp_patience_now(void);
bool rp_patience_ended(const rp_patience *patience);

#endif
