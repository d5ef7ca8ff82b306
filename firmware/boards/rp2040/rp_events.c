#include "rp_events.h"

#include <stdbool.h>

#include "rp_registers.h"

enum {
    NO_LINE = 32,
    TIMER_INTS = RP_TIMER + 0x40,
    TIMER_ALARMS = 3, /* lines 0 to 2; alarm 3 is ours */
    IO_BANK0_INTR = RP_IO_BANK0 + 0xf0,
    IO_BANK0_INTR_SIZE = 0x10,
    IO_BANK0_TO_INTS = 0x30, /* from INTR to PROC0_INTS (2.19.6.1) */
    IO_IRQ_BANK0 = 13,
};

/* EDGE_LOW and EDGE_HIGH of each of eight pins; levels are not latched (2.19.6.1, INTR0). */
static const uint32_t EDGES = 0xcccccccc;

static const struct {
    uint32_t status;
    uint8_t line;
} lines[] = {
    {RP_PWM + 0xb0, 4},    /* INTS (4.5.3) */
    {RP_PIO0 + 0x134, 7},  /* IRQ0_INTS (3.7) */
    {RP_PIO0 + 0x140, 8},  /* IRQ1_INTS */
    {RP_PIO1 + 0x134, 9},
    {RP_PIO1 + 0x140, 10},
    {RP_SPI0 + 0x1c, 18},  /* SSPMIS (4.4.4) */
    {RP_SPI1 + 0x1c, 19},
    {RP_UART0 + 0x40, 20}, /* UARTMIS (4.2.8) */
    {RP_UART1 + 0x40, 21},
    {RP_ADC + 0x20, 22},   /* INTS (4.9.6) */
    {RP_I2C0 + 0x2c, 23},  /* IC_INTR_STAT (4.3.17) */
    {RP_I2C1 + 0x2c, 24},
    {RP_RTC + 0x2c, 25},   /* INTS (4.8.6) */
};
enum { LINES = sizeof lines / sizeof lines[0] };

static bool is_pin(uint32_t address) {
    return address - IO_BANK0_INTR < IO_BANK0_INTR_SIZE;
}

/* Each alarm has a line of its own, so it is watched by itself. */
static uint8_t alarm_line(uint32_t mask) {
    for (uint8_t line = 0; line < TIMER_ALARMS; line++) {
        if (mask == 1U << line) {
            return line;
        }
    }
    return NO_LINE;
}

uint8_t rp_event_line(uint32_t address, uint32_t mask) {
    if (is_pin(address)) {
        return IO_IRQ_BANK0;
    }
    if (address == TIMER_INTS) {
        return alarm_line(mask);
    }
    for (uint32_t i = 0; i < LINES; i++) {
        if (lines[i].status == address) {
            return lines[i].line;
        }
    }
    return NO_LINE;
}

uint32_t rp_event_pending(uint32_t address) {
    return rp_read(is_pin(address) ? address + IO_BANK0_TO_INTS : address);
}

uint32_t rp_event_clear(uint32_t address, uint32_t bits) {
    if (!is_pin(address)) {
        return 0;
    }
    rp_write(address, bits & EDGES);
    return bits & EDGES;
}

void rp_events_arm(uint32_t on) {
    uint32_t all = ((1U << TIMER_ALARMS) - 1) | 1U << IO_IRQ_BANK0;
    for (uint32_t i = 0; i < LINES; i++) {
        all |= 1U << lines[i].line;
    }
    uint32_t off = all & ~on;
    rp_write(RP_NVIC_ICER, off);
    /* What came while it was off and has gone is over; what is still there is pending again at once (ARMv6-M B3.4). */
    rp_write(RP_NVIC_ICPR, on);
    rp_write(RP_NVIC_ISER, on);
}
