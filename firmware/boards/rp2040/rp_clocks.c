/*
 * Clocks and resets (RP2040 datasheet 2.14 RESETS, 2.15 CLOCKS, 2.16 XOSC, 2.18 PLL). Written to work from any state
 * that a debugger or a boot loader may have left behind.
 */
#include "rp_board.h"
#include "rp_registers.h"
#include "rp_watchdog.h"

/* Bits of RESETS (2.14.3) */
enum {
    RESET_ADC = 1 << 0,
    RESET_DMA = 1 << 2,
    RESET_I2C0 = 1 << 3,
    RESET_I2C1 = 1 << 4,
    RESET_IO_BANK0 = 1 << 5,
    RESET_IO_QSPI = 1 << 6,
    RESET_PADS_BANK0 = 1 << 8,
    RESET_PADS_QSPI = 1 << 9,
    RESET_PIO0 = 1 << 10,
    RESET_PIO1 = 1 << 11,
    RESET_PLL_SYS = 1 << 12,
    RESET_PLL_USB = 1 << 13,
    RESET_PWM = 1 << 14,
    RESET_RTC = 1 << 15,
    RESET_SPI0 = 1 << 16,
    RESET_SPI1 = 1 << 17,
    RESET_SYSCFG = 1 << 18,
    RESET_SYSINFO = 1 << 19,
    RESET_TIMER = 1 << 21,
    RESET_UART0 = 1 << 22,
    RESET_UART1 = 1 << 23,
    RESET_USBCTRL = 1 << 24,
    RESET_ALL = 0x1ffffff,
    /* We run from the flash behind these, and from the clocks of those. */
    RESET_NEVER = RESET_IO_QSPI | RESET_PADS_QSPI | RESET_SYSCFG,
    RESET_PLLS = RESET_PLL_SYS | RESET_PLL_USB,
    /* What drivers may use, and what we use ourselves. */
    RESET_RELEASED = RESET_ADC | RESET_DMA | RESET_I2C0 | RESET_I2C1 | RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_PIO0 |
                     RESET_PIO1 | RESET_PWM | RESET_RTC | RESET_SPI0 | RESET_SPI1 | RESET_SYSINFO | RESET_TIMER |
                     RESET_UART0 | RESET_UART1 | RESET_USBCTRL,
};
enum { RESETS_RESET = RP_RESETS + 0x00, RESETS_DONE = RP_RESETS + 0x08 };

/* CLOCKS (2.15.7) */
enum {
    CLK_REF_CTRL = RP_CLOCKS + 0x30,
    CLK_REF_DIV = RP_CLOCKS + 0x34,
    CLK_REF_SELECTED = RP_CLOCKS + 0x38,
    CLK_SYS_CTRL = RP_CLOCKS + 0x3c,
    CLK_SYS_DIV = RP_CLOCKS + 0x40,
    CLK_SYS_SELECTED = RP_CLOCKS + 0x44,
    CLK_PERI_CTRL = RP_CLOCKS + 0x48,
    CLK_USB_CTRL = RP_CLOCKS + 0x54,
    CLK_USB_DIV = RP_CLOCKS + 0x58,
    CLK_ADC_CTRL = RP_CLOCKS + 0x60,
    CLK_ADC_DIV = RP_CLOCKS + 0x64,
    CLK_RTC_CTRL = RP_CLOCKS + 0x6c,
    CLK_RTC_DIV = RP_CLOCKS + 0x70,
};
enum {
    CLK_ENABLE = 1 << 11, /* with source 0: clk_sys for clk_peri, PLL_USB for the other three */
    CLK_DIV_1 = 1 << 8,
    CLK_RTC_DIV_1024 = 1024 << 8,
    CLK_REF_SRC_MASK = 3,
    CLK_REF_SRC_XOSC = 2,
    CLK_SYS_SRC_AUX = 1, /* auxiliary source 0 is PLL_SYS */
};

static void start_crystal(void) {
    enum { CTRL = RP_XOSC + 0x00, STATUS = RP_XOSC + 0x04, STARTUP = RP_XOSC + 0x0c };
    enum { RANGE_1_15_MHZ = 0xaa0, ENABLE = 0xfab << 12 };
    static const uint32_t STABLE = 1U << 31;
    /* 64 ms: on some boards the crystal needs far longer than the usual 1 ms. In units of 256 cycles. */
    rp_write(STARTUP, 64 * 12000 / 256);
    rp_write(CTRL, RANGE_1_15_MHZ | ENABLE);
    rp_wait_for(STATUS, STABLE);
}

/* Away from the PLLs, so that they can be reset: clk_sys to clk_ref, clk_ref to the ring oscillator. */
static void leave_plls(void) {
    rp_clear(CLK_SYS_CTRL, CLK_SYS_SRC_AUX);
    rp_wait_for(CLK_SYS_SELECTED, 1);
    rp_clear(CLK_REF_CTRL, CLK_REF_SRC_MASK);
    rp_wait_for(CLK_REF_SELECTED, 1);
}

/* 12 MHz × feedback / (post1 × post2); the VCO runs at 750 to 1600 MHz (2.18.2). */
static void start_pll(uint32_t pll, uint32_t feedback, uint32_t post1, uint32_t post2) {
    enum { CS = 0x0, PWR = 0x4, FBDIV_INT = 0x8, PRIM = 0xc };
    enum { PWR_DOWN = 1 << 0, PWR_POSTDIV_DOWN = 1 << 3, PWR_VCO_DOWN = 1 << 5 };
    static const uint32_t LOCKED = 1U << 31;
    rp_write(pll + CS, 1); /* reference divider */
    rp_write(pll + FBDIV_INT, feedback);
    rp_clear(pll + PWR, PWR_DOWN | PWR_VCO_DOWN);
    rp_wait_for(pll + CS, LOCKED);
    rp_write(pll + PRIM, post1 << 16 | post2 << 12);
    rp_clear(pll + PWR, PWR_POSTDIV_DOWN);
}

void rp_clocks_start(void) {
    rp_set(RESETS_RESET, RESET_ALL & ~RESET_NEVER & ~RESET_PLLS);
    start_crystal();
    leave_plls();
    rp_set(RESETS_RESET, RESET_PLLS);
    rp_clear(RESETS_RESET, RESET_PLLS);
    rp_wait_for(RESETS_DONE, RESET_PLLS);
    start_pll(RP_PLL_SYS, 125, 6, 2); /* 1500 MHz / 12 = 125 MHz */
    start_pll(RP_PLL_USB, 100, 5, 5); /* 1200 MHz / 25 = 48 MHz */

    rp_write(CLK_REF_DIV, CLK_DIV_1);
    rp_write(CLK_REF_CTRL, CLK_REF_SRC_XOSC);
    rp_wait_for(CLK_REF_SELECTED, 1 << CLK_REF_SRC_XOSC);
    rp_write(CLK_SYS_DIV, CLK_DIV_1);
    rp_write(CLK_SYS_CTRL, 0); /* choose the auxiliary source first, then switch to it (2.15.3.2) */
    rp_write(CLK_SYS_CTRL, CLK_SYS_SRC_AUX);
    rp_wait_for(CLK_SYS_SELECTED, 1 << CLK_SYS_SRC_AUX);

    rp_write(CLK_PERI_CTRL, CLK_ENABLE);
    rp_write(CLK_USB_DIV, CLK_DIV_1);
    rp_write(CLK_USB_CTRL, CLK_ENABLE);
    rp_write(CLK_ADC_DIV, CLK_DIV_1);
    rp_write(CLK_ADC_CTRL, CLK_ENABLE);
    rp_write(CLK_RTC_DIV, CLK_RTC_DIV_1024);
    rp_write(CLK_RTC_CTRL, CLK_ENABLE);

    enum { TICK_ENABLE = 1 << 9 };
    rp_write(RP_WATCHDOG_TICK, TICK_ENABLE | 12); /* 1 µs, for the timer and the watchdog (4.7.2) */

    rp_clear(RESETS_RESET, RESET_RELEASED);
    rp_wait_for(RESETS_DONE, RESET_RELEASED);
}
