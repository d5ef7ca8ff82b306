/*
 * What the RP2040 gives to the core (../../core/port.md): limits, the registers that the host may reach, and time.
 * Sections are those of the RP2040 datasheet.
 */
#ifndef FGFT_PORT_H
#define FGFT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"
#include "rp_board.h"
#include "rp_bus.h"
#include "rp_events.h"
#include "rp_registers.h"
#include "rp_watchdog.h"

enum {
    FGFT_PORT_BOARD = FGFT_BOARD_RP2040,
    FGFT_PORT_VERSION = 0 << 16 | 1 << 8 | 0,
    FGFT_PORT_FRAME_MAX = 1024,
    FGFT_PORT_WINDOW = 8,
    FGFT_PORT_TRANSACTIONS = 8,
    FGFT_PORT_PERIPHERALS = 128,
    FGFT_PORT_ARENA_BYTES = 4096,
    FGFT_PORT_DEFINITION_BYTES = 32768,
    FGFT_PORT_MISMATCHES = 16,
    FGFT_PORT_LEASE_MIN_MS = 50,
    FGFT_PORT_LEASE_MAX_MS = 60000,
    FGFT_PORT_WIDTH = 2,
    FGFT_PORT_SAVEPOINTS = 1,
    FGFT_PORT_SNAPSHOTS = 1,
    FGFT_PORT_JOURNAL = 1,
    FGFT_PORT_BUS_FAULTS = 0,
    FGFT_PORT_FAULT_RECORD = 1,
    FGFT_PORT_LOOPS = 1,
    FGFT_PORT_I2C_BUSES = 2,
    FGFT_PORT_SPI_BUSES = 2,
    FGFT_PORT_CHIP_SELECTS = 0x3fffffff, /* GPIO 0 to 29 */
    FGFT_PORT_EVENTS = 64,
};

typedef uint32_t fgft_port_address;
typedef uint32_t fgft_port_register;
typedef uint32_t fgft_port_number;
typedef uint32_t fgft_port_time;
typedef uint32_t fgft_port_lease;

/* Where tables of constants are. */
#define FGFT_PORT_FLASH

#include "region.h"

enum {
    RP_LOOK = FGFT_REGION_READ | FGFT_REGION_32_BIT,
    RP_CHANGE = FGFT_REGION_READ | FGFT_REGION_WRITE | FGFT_REGION_32_BIT,
    RP_ACT = RP_CHANGE | FGFT_REGION_ONES, /* a written 0 does nothing */
    RP_GPIOS = 0x3fffffff, /* 0 to 29 */
    /* ADC, DMA, I2C0, I2C1, PIO0, PIO1, PWM, RTC, SPI0, SPI1, UART0, UART1 (2.14.3). Not TIMER, which is our clock, and
       not IO_BANK0 and PADS_BANK0, which every driver shares. */
    RP_RESETTABLE = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 17 |
                    1 << 22 | 1 << 23,
    RP_ALARMS = 1 << 0 | 1 << 1 | 1 << 2, /* of the timer; alarm 3 is ours */
    RP_DMA_CHANNELS = 0xfff,
};

static const uint32_t RP_ALL_BITS = UINT32_MAX;

/* Only 32-bit accesses: on these blocks a narrow store is copied to all byte lanes (2.1.4). Not here, hence out of
   reach: USB, XIP and the QSPI pins, PLLs, oscillators, PSM, voltage regulator, the watchdog itself, SYSCFG, BUSCTRL,
   the processor's own registers, flash and RAM. A DMA channel can reach all of that by itself; the driver must know. */
static const FGFT_PORT_FLASH fgft_region fgft_port_regions[] = {
    {RP_IO_BANK0 + 0x000, 0x110, RP_ALL_BITS, RP_CHANGE}, /* GPIO0-29 STATUS, CTRL; INTR, PROC0_INTE (2.19.6.1) */
    {RP_IO_BANK0 + 0x120, 0x010, 0, RP_LOOK}, /* PROC0_INTS */
    {RP_PADS_BANK0 + 0x04, 0x78, RP_ALL_BITS, RP_CHANGE}, /* GPIO0-29; not VOLTAGE_SELECT, SWCLK, SWD (2.19.6.3) */
    {RP_SIO + 0x00, 0x14, RP_GPIOS, RP_CHANGE}, /* CPUID, GPIO_IN, GPIO_OUT; not GPIO_HI (QSPI) (2.3.1.7) */
    {RP_SIO + 0x14, 0x0c, RP_GPIOS, RP_ACT}, /* GPIO_OUT_SET, _CLR, _XOR */
    {RP_SIO + 0x20, 0x04, RP_GPIOS, RP_CHANGE}, /* GPIO_OE */
    {RP_SIO + 0x24, 0x0c, RP_GPIOS, RP_ACT}, /* GPIO_OE_SET, _CLR, _XOR */
    {RP_PWM, 0xb4, RP_ALL_BITS, RP_CHANGE}, /* 4.5.3 */
    {RP_ADC, 0x24, RP_ALL_BITS, RP_CHANGE}, /* 4.9.6 */
    {RP_I2C0, 0x100, RP_ALL_BITS, RP_CHANGE}, /* 4.3.17 */
    {RP_I2C1, 0x100, RP_ALL_BITS, RP_CHANGE},
    {RP_SPI0, 0x28, RP_ALL_BITS, RP_CHANGE}, /* 4.4.4 */
    {RP_SPI1, 0x28, RP_ALL_BITS, RP_CHANGE},
    {RP_UART0, 0x4c, RP_ALL_BITS, RP_CHANGE}, /* 4.2.8 */
    {RP_UART1, 0x4c, RP_ALL_BITS, RP_CHANGE},
    {RP_TIMER + 0x08, 0x08, 0, RP_LOOK}, /* TIMEHR, TIMELR (4.6.5) */
    {RP_TIMER + 0x10, 0x0c, RP_ALL_BITS, RP_CHANGE}, /* ALARM0-2 */
    {RP_TIMER + 0x20, 0x04, RP_ALARMS, RP_ACT}, /* ARMED: a 1 disarms */
    {RP_TIMER + 0x24, 0x08, 0, RP_LOOK}, /* TIMERAWH, TIMERAWL */
    {RP_TIMER + 0x34, 0x04, RP_ALARMS, RP_ACT}, /* INTR */
    {RP_TIMER + 0x38, 0x08, RP_ALARMS, RP_CHANGE}, /* INTE, INTF */
    {RP_TIMER + 0x40, 0x04, 0, RP_LOOK}, /* INTS */
    {RP_WATCHDOG_SCRATCH0, 0x10, RP_ALL_BITS, RP_CHANGE}, /* SCRATCH0-3 (4.7.6) */
    {RP_WATCHDOG_SCRATCH4, 0x10, 0, RP_LOOK}, /* SCRATCH4-7: the boot ROM starts what they say (2.8.1.1) */
    {RP_RTC, 0x30, RP_ALL_BITS, RP_CHANGE}, /* 4.8.6 */
    {RP_DMA + 0x000, 0x300, RP_ALL_BITS, RP_CHANGE}, /* CH0-11 with their aliases (2.5.7) */
    {RP_DMA + 0x400, 0x004, RP_DMA_CHANNELS, RP_ACT}, /* INTR: has a channel finished */
    {RP_DMA + 0x444, 0x004, RP_DMA_CHANNELS, RP_ACT}, /* CHAN_ABORT, to quiesce one */
    {RP_PIO0, 0x144, RP_ALL_BITS, RP_CHANGE}, /* 3.7 */
    {RP_PIO1, 0x144, RP_ALL_BITS, RP_CHANGE},
    {RP_RESETS + 0x0, 0x4, RP_RESETTABLE, RP_CHANGE}, /* RESET (2.14.3) */
    {RP_RESETS + 0x8, 0x4, 0, RP_LOOK}, /* RESET_DONE */
    {RP_CLOCKS, 0xc8, 0, RP_LOOK}, /* 2.15.7 */
};

__attribute__((always_inline)) static inline fgft_port_register fgft_port_read(fgft_port_address address,
                                                                               uint8_t width) {
    (void)width; /* the regions allow no other than 32 bits */
    return rp_read(address);
}

__attribute__((always_inline)) static inline void fgft_port_write(fgft_port_address address, uint8_t width,
                                                                  fgft_port_register value) {
    (void)width;
    rp_write(address, value);
}

static inline fgft_port_address fgft_port_toggle_offset(fgft_port_address address, uint8_t width) {
    enum { APB = 0x4, AHB_LITE = 0x5, GPIO_OUT = 0x10, GPIO_OE = 0x20, TO_GPIO_XOR = 0x0c };
    if (width != FGFT_PORT_WIDTH) {
        return 0;
    }
    if (address == RP_SIO + GPIO_OUT || address == RP_SIO + GPIO_OE) {
        return TO_GPIO_XOR; /* SIO has registers of its own for that (2.3.1.2), and no aliases */
    }
    if (address >> 28 == APB || (address >> 28 == AHB_LITE && address >> 16 != RP_USB_DPRAM >> 16)) {
        return RP_XOR_ALIAS; /* 2.1.2; the USB DPRAM is plain memory */
    }
    return 0;
}

/* A bus fault is a HardFault: recorded by rp_fault.c, and the chip is reset. */
static inline bool fgft_port_bus_fault(void) {
    return false;
}

static inline uint8_t fgft_port_bus_transfer(const fgft_transfer *transfer) {
    return transfer->space == FGFT_SPACE_I2C ? rp_i2c_transfer(transfer) : rp_spi_transfer(transfer);
}

static inline uint8_t fgft_port_event_line(fgft_port_address address, fgft_port_register mask) {
    return rp_event_line(address, mask);
}

static inline fgft_port_register fgft_port_event_pending(fgft_port_address address, uint8_t width) {
    (void)width;
    return rp_event_pending(address);
}

static inline fgft_port_register fgft_port_event_clear(fgft_port_address address, uint8_t width,
                                                       fgft_port_register bits) {
    (void)width;
    return rp_event_clear(address, bits);
}

static inline void fgft_port_event_arm(uint32_t lines) {
    rp_events_arm(lines);
}

static inline void fgft_port_interrupts_off(void) {
    rp_interrupts_off();
}

static inline void fgft_port_interrupts_on(void) {
    rp_interrupts_on();
}

static inline uint32_t fgft_port_now_us(void) {
    enum { TIMERAWL = 0x28 }; /* reading it latches nothing (4.6.2) */
    return rp_read(RP_TIMER + TIMERAWL);
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
    return rp_interrupted;
}

static inline void fgft_port_wait(void) {
    rp_watchdog_feed();
}

#endif
