/* The vector table and the first code that runs from it. */
#include <string.h>

#include "rp_board.h"
#include "rp_registers.h"
#include "rp_watchdog.h"
#include "usb_device.h"

extern uint32_t rp_stack_top[];
extern uint8_t rp_data_start[], rp_data_end[], rp_bss_start[], rp_bss_end[];
extern const uint8_t rp_data_load[];

int main(void);

_Noreturn static void start(void);
static void event(void);

/* Exceptions 1 to 15 and all 32 interrupts of ARMv6-M, of which the RP2040 wires 26 (2.3.2). */
enum {
    TIMER_IRQ_3 = 3,
    PWM_IRQ_WRAP = 4,
    USBCTRL_IRQ = 5,
    PIO0_IRQ_0 = 7,
    PIO1_IRQ_1 = 10,
    IO_IRQ_BANK0 = 13,
    SPI0_IRQ = 18,
    RTC_IRQ = 25,
    INTERRUPTS = 32,
};

typedef struct {
    uint32_t *stack;
    void (*exceptions[15])(void);
    void (*interrupts[INTERRUPTS])(void);
} vector_table;

extern const vector_table rp_vectors;

__attribute__((section(".vectors"), used)) const vector_table rp_vectors = {
    .stack = rp_stack_top,
    .exceptions = {[0] = start, [1 ... 14] = rp_unexpected},
    .interrupts =
        {
            [0 ... TIMER_IRQ_3 - 1] = event,
            [TIMER_IRQ_3] = rp_alarm_handler,
            [PWM_IRQ_WRAP] = event,
            [USBCTRL_IRQ] = usb_handler,
            [USBCTRL_IRQ + 1 ... PIO0_IRQ_0 - 1] = rp_unexpected,
            [PIO0_IRQ_0 ... PIO1_IRQ_1] = event,
            [PIO1_IRQ_1 + 1 ... IO_IRQ_BANK0 - 1] = rp_unexpected,
            [IO_IRQ_BANK0] = event,
            [IO_IRQ_BANK0 + 1 ... SPI0_IRQ - 1] = rp_unexpected,
            [SPI0_IRQ ... RTC_IRQ] = event,
            [RTC_IRQ + 1 ... INTERRUPTS - 1] = rp_unexpected,
        },
};

/* Everything but the two oscillators takes part in a reset by the watchdog (2.13.5 WDSEL): without this it resets
   nothing. Set first, so that a fault from here on leads to a fresh start. */
enum { PSM_WDSEL = RP_PSM + 0x08, ALL_BUT_OSCILLATORS = 0x1fffc };

/* An interrupt that a driver may watch. Its number stands in IPSR (ARMv6-M B1.4.2). */
static void event(void) {
    enum { EXCEPTION_MASK = 0x3f, FIRST_INTERRUPT = 16 };
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    if (fgft_interrupt((uint8_t)((exception & EXCEPTION_MASK) - FIRST_INTERRUPT))) {
        rp_wake();
    }
}

_Noreturn static void start(void) {
    rp_write(RP_VTOR, (uint32_t)&rp_vectors); /* boot2 did that; a debugger that starts us did not */
    rp_write(PSM_WDSEL, ALL_BUT_OSCILLATORS);
    memcpy(rp_data_start, rp_data_load, (size_t)(rp_data_end - rp_data_start));
    memset(rp_bss_start, 0, (size_t)(rp_bss_end - rp_bss_start));
    rp_clocks_start();
    main();
    rp_watchdog_reset(); /* main does not return */
}
