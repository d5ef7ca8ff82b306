/*
 * Where the blocks of the RP2040 are (datasheet 2.2), and how their registers are reached: always 32 bits wide, for
 * narrower stores are copied to all byte lanes (2.1.4). Each file names the registers that it uses.
 */
#ifndef RP_REGISTERS_H
#define RP_REGISTERS_H

#include <stdint.h>

enum {
    RP_XIP_SSI = 0x18000000,
    RP_RAM = 0x20000000,
    RP_RAM_SIZE = 0x42000,
    RP_SYSINFO = 0x40000000,
    RP_CLOCKS = 0x40008000,
    RP_RESETS = 0x4000c000,
    RP_PSM = 0x40010000,
    RP_IO_BANK0 = 0x40014000,
    RP_IO_QSPI = 0x40018000,
    RP_PADS_BANK0 = 0x4001c000,
    RP_XOSC = 0x40024000,
    RP_PLL_SYS = 0x40028000,
    RP_PLL_USB = 0x4002c000,
    RP_UART0 = 0x40034000,
    RP_UART1 = 0x40038000,
    RP_SPI0 = 0x4003c000,
    RP_SPI1 = 0x40040000,
    RP_I2C0 = 0x40044000,
    RP_I2C1 = 0x40048000,
    RP_ADC = 0x4004c000,
    RP_PWM = 0x40050000,
    RP_TIMER = 0x40054000,
    RP_WATCHDOG = 0x40058000,
    RP_RTC = 0x4005c000,
    RP_ROSC = 0x40060000,
    RP_VREG_AND_CHIP_RESET = 0x40064000,
    RP_DMA = 0x50000000,
    RP_USB_DPRAM = 0x50100000,
    RP_USB = 0x50110000,
    RP_PIO0 = 0x50200000,
    RP_PIO1 = 0x50300000,
};

static const uint32_t RP_SIO = 0xd0000000;
static const uint32_t RP_NVIC_ISER = 0xe000e100;
static const uint32_t RP_NVIC_ICER = 0xe000e180;
static const uint32_t RP_NVIC_ICPR = 0xe000e280;
static const uint32_t RP_VTOR = 0xe000ed08;

/* Aliases of every APB and AHB-Lite register: a store there changes only the bits that are 1 in the value (2.1.2). */
enum { RP_XOR_ALIAS = 0x1000, RP_SET_ALIAS = 0x2000, RP_CLEAR_ALIAS = 0x3000 };

/* Always inlined, because rp_identity.c calls them while no code can be fetched from the flash. */
__attribute__((always_inline)) static inline uint32_t rp_read(uint32_t address) {
    return *(const volatile uint32_t *)address;
}

__attribute__((always_inline)) static inline void rp_write(uint32_t address, uint32_t value) {
    *(volatile uint32_t *)address = value;
}

static inline void rp_set(uint32_t address, uint32_t bits) {
    rp_write(address + RP_SET_ALIAS, bits);
}

static inline void rp_clear(uint32_t address, uint32_t bits) {
    rp_write(address + RP_CLEAR_ALIAS, bits);
}

static inline void rp_wait_for(uint32_t address, uint32_t bits) {
    while ((rp_read(address) & bits) != bits) {
    }
}

#endif
