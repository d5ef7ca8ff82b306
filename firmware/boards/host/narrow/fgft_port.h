/*
 * The shape of a port for an 8-bit controller: an int of 16 bits, registers of 8, no buses, no events. It is compiled,
 * never run: `make portable` gives it to avr-gcc, so that nothing in the core needs a wide int.
 */
#ifndef FGFT_PORT_H
#define FGFT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

enum {
    FGFT_PORT_BOARD = FGFT_BOARD_HOST,
    FGFT_PORT_VERSION = 1L << 16,
    FGFT_PORT_FRAME_MAX = 160,
    FGFT_PORT_WINDOW = 1,
    FGFT_PORT_TRANSACTIONS = 1,
    FGFT_PORT_PERIPHERALS = 12,
    FGFT_PORT_ARENA_BYTES = 64,
    FGFT_PORT_DEFINITION_BYTES = 256,
    FGFT_PORT_MISMATCHES = 1,
    FGFT_PORT_LEASE_MIN_MS = 100,
    FGFT_PORT_LEASE_MAX_MS = 5000,
    FGFT_PORT_WIDTH = 0,
    FGFT_PORT_SAVEPOINTS = 0,
    FGFT_PORT_SNAPSHOTS = 0,
    FGFT_PORT_JOURNAL = 0,
    FGFT_PORT_BUS_FAULTS = 0,
    FGFT_PORT_FAULT_RECORD = 0,
    FGFT_PORT_LOOPS = 0,
    FGFT_PORT_I2C_BUSES = 0,
    FGFT_PORT_SPI_BUSES = 0,
    FGFT_PORT_CHIP_SELECTS = 0,
    FGFT_PORT_EVENTS = 0,
};

typedef uint16_t fgft_port_address;
typedef uint8_t fgft_port_register;
typedef uint16_t fgft_port_number;
typedef uint16_t fgft_port_time;
typedef uint16_t fgft_port_lease;

/* Where tables of constants are. */
#define FGFT_PORT_FLASH

#include "bare.h"
#include "region.h"

static const FGFT_PORT_FLASH fgft_region fgft_port_regions[] = {
    {0x0100, 64, 0xff, FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_8_BIT},
    {0x0140, 16, 0x0f, FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_ONES | FGFT_REGION_8_BIT},
};

extern volatile uint8_t narrow_registers[0x0150];
extern volatile uint16_t narrow_clock, narrow_lease_clock;

static inline fgft_port_register fgft_port_read(fgft_port_address address, uint8_t width) {
    (void)width;
    return narrow_registers[address];
}

static inline void fgft_port_write(fgft_port_address address, uint8_t width, fgft_port_register value) {
    (void)width;
    narrow_registers[address] = value;
}

static inline fgft_port_address fgft_port_toggle_offset(fgft_port_address address, uint8_t width) {
    (void)width;
    return address == 0x0102 ? (fgft_port_address)-2 : 0;
}

static inline fgft_port_time fgft_port_now(void) {
    return narrow_clock;
}

/* Rounded up: a wait is never too short. */
static inline fgft_port_time fgft_port_time_of(uint32_t us) {
    return (fgft_port_time)((us + 15) >> 4);
}

static inline fgft_port_lease fgft_port_lease_now(void) {
    return narrow_lease_clock;
}

static inline fgft_port_lease fgft_port_lease_of(uint16_t ms) {
    return ms;
}

static inline bool fgft_port_interrupted(void) {
    return false;
}

static inline void fgft_port_wait(void) {}

#endif
