/* Numbers that tell one board from another and one boot from the next. */
#include "rp_board.h"
#include "rp_registers.h"

/* One bit of the ring oscillator (RP2040 datasheet 2.17.5), unbiased the way von Neumann did it: of two samples that
   differ, the first. An oscillator that stands still, as in an emulator, gives what it has. */
static uint32_t random_bit(void) {
    enum { RANDOMBIT = RP_ROSC + 0x1c, TRIES = 16, SPACING = 8 };
    uint32_t first = 0;
    for (int i = 0; i < TRIES; i++) {
        uint32_t sample[2];
        for (int k = 0; k < 2; k++) {
            /* Samples in a row are alike: let the oscillator drift against our clock. */
            for (int wait = 0; wait < SPACING + k; wait++) {
                __asm volatile("nop");
            }
            sample[k] = rp_read(RANDOMBIT) & 1;
        }
        first = sample[0];
        if (first != sample[1]) {
            break;
        }
    }
    return first;
}

uint32_t rp_random(void) {
    uint32_t value = 0;
    for (int i = 0; i < 32; i++) {
        value = value << 1 | random_bit();
    }
    return value;
}

/* The flash answers command 4Bh, after four dummy bytes, with 64 bits of its own (every W25Q and its look-alikes). */
enum { READ_UNIQUE_ID = 0x4b, DUMMY_BYTES = 4, COMMAND_BYTES = 1 + DUMMY_BYTES + RP_UNIQUE_ID_BYTES };

/* While the SSI talks to the flash by itself there is no XIP, hence nothing to execute but this, from RAM. boot2 set
   the flash to plain reads, so there is no continuous mode to leave, and nothing in the cache becomes stale. */
__attribute__((section(".ramfunc"), noinline, long_call)) static void talk_to_flash(uint8_t id[RP_UNIQUE_ID_BYTES]) {
    enum { CTRLR0 = RP_XIP_SSI + 0x00, SSIENR = RP_XIP_SSI + 0x08, SER = RP_XIP_SSI + 0x10 };
    enum { SR = RP_XIP_SSI + 0x28, DR0 = RP_XIP_SSI + 0x60 };
    enum { BYTES_BOTH_WAYS = 7 << 16, SR_RECEIVED = 1 << 3, PATIENCE = 10000 };
    enum { SS_CTRL = RP_IO_QSPI + 0x0c, OUTOVER_MASK = 3 << 8, OUTOVER_LOW = 2 << 8 };

    uint32_t format = rp_read(CTRLR0);
    uint32_t select = rp_read(SS_CTRL);
    rp_write(SSIENR, 0);
    rp_write(CTRLR0, BYTES_BOTH_WAYS);
    rp_write(SER, 1); /* as for XIP; nothing is sent while no slave is selected */
    rp_write(SSIENR, 1);
    /* The SSI raises the chip select whenever its FIFO runs empty (4.10): hold it down at the pin. */
    rp_write(SS_CTRL, (select & ~(uint32_t)OUTOVER_MASK) | OUTOVER_LOW);
    for (int i = 0; i < COMMAND_BYTES; i++) { /* less than the FIFO holds (16) */
        rp_write(DR0, i == 0 ? READ_UNIQUE_ID : 0);
    }
    int patience = PATIENCE; /* the serial number may be wrong, but the board starts */
    for (int i = 0; i < COMMAND_BYTES; i++) {
        while ((rp_read(SR) & SR_RECEIVED) == 0 && patience > 0) {
            patience--;
        }
        uint32_t byte = rp_read(DR0);
        if (i > DUMMY_BYTES) {
            id[i - DUMMY_BYTES - 1] = (uint8_t)byte;
        }
    }
    rp_write(SS_CTRL, select);
    rp_write(SSIENR, 0);
    rp_write(CTRLR0, format);
    rp_write(SSIENR, 1);
}

void rp_unique_id(uint8_t id[RP_UNIQUE_ID_BYTES]) {
    rp_interrupts_off();
    talk_to_flash(id);
    rp_interrupts_on();
}
