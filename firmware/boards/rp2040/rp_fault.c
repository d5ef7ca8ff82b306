/*
 * What led to this boot: faults and interrupts that nobody expected, the watchdog, the pin, power. A fault writes
 * itself down in memory that no boot clears and resets the chip; the next boot reads that, forgets it and tells the
 * host in its hello record.
 */
#include <stddef.h>

#include "crc.h"
#include "rp_board.h"
#include "rp_registers.h"
#include "rp_watchdog.h"

enum { EXCEPTION_MASK = 0x3f };

/* What one boot leaves to the next. RAM keeps it through every reset but that of the power, after which it holds
   anything. */
typedef struct {
    uint32_t magic;
    uint32_t boots;     /* since power-on, as far as we know */
    uint32_t exception; /* that ended the last one, 0: none */
    uint32_t pc;
    uint32_t lr;
    uint32_t crc; /* of all before it */
} legacy;

static const uint32_t LEGACY_MAGIC = 0xfa170001;
static legacy kept __attribute__((section(".noinit")));

static uint32_t kept_crc(void) {
    return fgft_crc(0, (const uint8_t *)&kept, offsetof(legacy, crc));
}

static void keep(legacy next) {
    kept = next;
    kept.magic = LEGACY_MAGIC;
    kept.crc = kept_crc();
}

/* Of a first boot, if it cannot be what we have kept. */
static legacy inherited(void) {
    return kept.magic == LEGACY_MAGIC && kept.crc == kept_crc() ? kept : (legacy){0};
}

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
    legacy next = inherited();
    next.exception = exception & EXCEPTION_MASK;
    next.pc = readable ? frame[FRAME_PC] : 0;
    next.lr = readable ? frame[FRAME_LR] : 0;
    keep(next);
    rp_watchdog_reset();
}

__attribute__((naked)) void rp_unexpected(void) {
    __asm volatile("mrs r0, msp\n"
                   "bl record_fault");
}

/* Stays through what the watchdog does, but neither through the RUN pin (4.7.4) nor through a boot ROM that starts a
   new image, which writes its own there (2.8.1.1). */
static const uint32_t WE_RAN = 0xfa170001;

static uint8_t reset_cause(void) {
    bool first_boot = rp_read(RP_WATCHDOG_SCRATCH4) != WE_RAN;
    rp_write(RP_WATCHDOG_SCRATCH4, WE_RAN);
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
    legacy last = inherited();
    uint32_t boots = last.boots + 1;
    keep((legacy){.boots = boots}); /* without the fault, or the next boot would tell it again */
    /* Two boots that drew the same bits still differ by their number. */
    uint32_t epoch = rp_random() ^ boots * 0x9e3779b9;
    fgft_boot_record record = {.epoch = epoch == 0 ? 1 : epoch, .reset_cause = reset_cause()};
    if (last.exception != 0) {
        record.reset_cause = FGFT_RESET_FAULT;
        record.fault_exception = (uint8_t)last.exception;
        record.fault_pc = last.pc;
        record.fault_lr = last.lr;
    }
    return record;
}
