/*
 * What led to this boot: faults and interrupts that nobody expected, the watchdog, the pin, power. A fault writes
 * itself down in the scratch registers of the watchdog and resets the chip; the next boot reads that, clears it and
 * tells the host in its hello record.
 */
#include "rp_board.h"
#include "rp_registers.h"
#include "rp_watchdog.h"

enum { EXCEPTION_MASK = 0x3f };
/* In the upper half of the scratch register whose lower half is the number of the exception. */
static const uint32_t FAULT_MAGIC = 0xfa170000;

/* VREG_AND_CHIP_RESET.CHIP_RESET (2.10.6): the last reset that was not the watchdog's. */
enum {
    CHIP_RESET = RP_VREG_AND_CHIP_RESET + 0x08,
    HAD_POR = 1 << 8,
    HAD_RUN = 1 << 16,
    HAD_PSM_RESTART = 1 << 20,
};

/* What an exception pushes (ARMv6-M B1.5.6). */
enum { FRAME_LR = 5, FRAME_PC = 6, FRAME_WORDS = 8 };

__attribute__((used)) _Noreturn static void record_fault(const uint32_t *frame) {
    uint32_t exception;
    __asm volatile("mrs %0, ipsr" : "=r"(exception));
    uint32_t address = (uint32_t)frame;
    /* With a stack pointer that left the RAM, reading the frame would lock the core up, and tell less. */
    bool readable = address % 4 == 0 && address - RP_RAM <= RP_RAM_SIZE - 4 * FRAME_WORDS;
    rp_scratch_write(RP_SCRATCH_FAULT_PC, readable ? frame[FRAME_PC] : 0);
    rp_scratch_write(RP_SCRATCH_FAULT_LR, readable ? frame[FRAME_LR] : 0);
    rp_scratch_write(RP_SCRATCH_FAULT, FAULT_MAGIC | (exception & EXCEPTION_MASK));
    rp_watchdog_reset();
}

__attribute__((naked)) void rp_unexpected(void) {
    __asm volatile("mrs r0, msp\n"
                   "bl record_fault");
}

static uint8_t reset_cause(bool first_boot) {
    uint32_t reason = rp_read(RP_WATCHDOG_REASON);
    if (reason != 0) {
        /* The boot ROM starts us by the watchdog too, after it has written a new image: then we have not run before. */
        return reason & RP_WATCHDOG_BY_TIMER && !first_boot ? FGFT_RESET_WATCHDOG : FGFT_RESET_SOFTWARE;
    }
    uint32_t chip = rp_read(CHIP_RESET);
    if (chip & HAD_POR) {
        return FGFT_RESET_POWER_ON;
    }
    return chip & HAD_PSM_RESTART ? FGFT_RESET_DEBUGGER : FGFT_RESET_PIN;
}

fgft_boot_record rp_boot_record(void) {
    /* The counter starts at 0 with the power. Two boots that drew the same bits still differ by it. */
    uint32_t boots = rp_scratch(RP_SCRATCH_BOOTS) + 1;
    rp_scratch_write(RP_SCRATCH_BOOTS, boots);
    uint32_t epoch = rp_random() ^ boots * 0x9e3779b9;

    fgft_boot_record record = {.epoch = epoch == 0 ? 1 : epoch, .reset_cause = reset_cause(boots == 1)};
    uint32_t fault = rp_scratch(RP_SCRATCH_FAULT);
    rp_scratch_write(RP_SCRATCH_FAULT, 0); /* or the next boot would tell it again */
    if ((fault & ~(uint32_t)EXCEPTION_MASK) == FAULT_MAGIC) {
        record.reset_cause = FGFT_RESET_FAULT;
        record.fault_exception = (uint8_t)(fault & EXCEPTION_MASK);
        record.fault_pc = rp_scratch(RP_SCRATCH_FAULT_PC);
        record.fault_lr = rp_scratch(RP_SCRATCH_FAULT_LR);
    }
    return record;
}
