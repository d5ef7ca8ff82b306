/*
 * The port of the host: simulated registers (bus.h) under the core, for unit tests, vectors and fuzzing. The limits are
 * small on purpose, so that tests reach them.
 */
#ifndef FGFT_PORT_H
#define FGFT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "chips.h"
#include "interrupts.h"
#include "protocol.h"
#include "transfer.h"

enum {
    FGFT_PORT_BOARD = FGFT_BOARD_HOST,
    FGFT_PORT_VERSION = 1 << 16 | 2 << 8 | 3,
    FGFT_PORT_FRAME_MAX = 512,
    FGFT_PORT_WINDOW = 4,
    FGFT_PORT_TRANSACTIONS = 3,
    FGFT_PORT_PERIPHERALS = 12,
    FGFT_PORT_ARENA_BYTES = 128,
    FGFT_PORT_DEFINITION_BYTES = 1024,
    FGFT_PORT_MISMATCHES = 4,
    FGFT_PORT_LEASE_MIN_MS = 10,
    FGFT_PORT_LEASE_MAX_MS = 5000,
    FGFT_PORT_WIDTH = 2,
    FGFT_PORT_SAVEPOINTS = 1,
    FGFT_PORT_SNAPSHOTS = 1,
    FGFT_PORT_JOURNAL = 1,
    FGFT_PORT_BUS_FAULTS = 1,
    FGFT_PORT_FAULT_RECORD = 1,
    FGFT_PORT_LOOPS = 1,
    FGFT_PORT_I2C_BUSES = 2,
    FGFT_PORT_SPI_BUSES = 1,
    FGFT_PORT_CHIP_SELECTS = 1 << 5 | 1 << 6,
    FGFT_PORT_EVENTS = 8,
};

typedef uint32_t fgft_port_address;
typedef uint32_t fgft_port_register;
typedef uint32_t fgft_port_number;
typedef uint32_t fgft_port_time;
typedef uint32_t fgft_port_lease;

/* Where tables of constants are. */
#define FGFT_PORT_FLASH

#include "region.h"

static const FGFT_PORT_FLASH fgft_region fgft_port_regions[] = {
    /* Registers with an XOR alias, as the APB blocks of RP2040 have. */
    {BUS_ALIASED, BUS_BLOCK_SIZE, 0xffffffff, FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_32_BIT},
    /* Registers of every width, without an alias. */
    {BUS_PLAIN,
     BUS_BLOCK_SIZE,
     0xffffffff,
     FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_8_BIT | FGFT_REGION_16_BIT | FGFT_REGION_32_BIT},
    /* Half of the bits belong to the firmware, as the QSPI pins among the GPIOs do. */
    {BUS_PARTIAL, BUS_BLOCK_SIZE / 2, 0x0000ffff, FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_32_BIT},
    /* The same, but a zero does nothing. */
    {BUS_PARTIAL + BUS_BLOCK_SIZE / 2,
     BUS_BLOCK_SIZE / 2,
     0x0000ffff,
     FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_ONES | FGFT_REGION_32_BIT},
    /* To be looked at only. */
    {BUS_READ_ONLY, BUS_BLOCK_SIZE, 0x00000000, FGFT_REGION_READ | FGFT_REGION_32_BIT},
};

static inline fgft_port_register fgft_port_read(fgft_port_address address, uint8_t width) {
    return bus_read(address, width);
}

static inline void fgft_port_write(fgft_port_address address, uint8_t width, fgft_port_register value) {
    bus_write(address, width, value);
}

static inline fgft_port_address fgft_port_toggle_offset(fgft_port_address address, uint8_t width) {
    return width == 2 && address - BUS_ALIASED < BUS_BLOCK_SIZE ? BUS_TOGGLE_OFFSET : 0;
}

static inline bool fgft_port_bus_fault(void) {
    return bus_take_fault();
}

static inline uint8_t fgft_port_bus_transfer(const fgft_transfer *transfer) {
    return chips_transfer(transfer);
}

static inline uint8_t fgft_port_event_line(fgft_port_address address, fgft_port_register mask) {
    (void)mask;
    return interrupts_line(address);
}

static inline fgft_port_register fgft_port_event_pending(fgft_port_address address, uint8_t width) {
    (void)width;
    return interrupts_pending(address);
}

static inline fgft_port_register fgft_port_event_clear(fgft_port_address address, uint8_t width,
                                                       fgft_port_register bits) {
    (void)width;
    return interrupts_clear(address, bits);
}

static inline void fgft_port_event_arm(uint32_t lines) {
    interrupts_arm(lines);
}

static inline void fgft_port_interrupts_off(void) {
    interrupts_off();
}

static inline void fgft_port_interrupts_on(void) {
    interrupts_on();
}

static inline uint32_t fgft_port_now_us(void) {
    return bus_now_us();
}

static inline fgft_port_time fgft_port_now(void) {
    return fgft_port_now_us();
}

static inline fgft_port_time fgft_port_time_of(uint32_t us) {
    return us;
}

static inline fgft_port_lease fgft_port_lease_now(void) {
    return fgft_port_now_us();
}

static inline fgft_port_lease fgft_port_lease_of(uint16_t ms) {
    return ms * (uint32_t)1000;
}

static inline bool fgft_port_interrupted(void) {
    return bus_interrupted();
}

static inline void fgft_port_wait(void) {
    bus_wait();
}

#endif
