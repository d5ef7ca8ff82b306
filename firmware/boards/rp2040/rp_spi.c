/* Transfers as an SPI master (RP2040 datasheet 4.4, PL022), byte by byte. Chip select is a GPIO of SIO, active low. */
#include "rp_board.h"
#include "rp_bus.h"
#include "rp_registers.h"

enum { SSPCR1 = 0x04, SSPDR = 0x08, SSPSR = 0x0c }; /* 4.4.4 */
enum { CR1_ENABLED = 1 << 1 };
enum { SR_RECEIVED = 1 << 2, SR_BUSY = 1 << 4 };
enum { GPIO_OUT_SET = 0x14, GPIO_OUT_CLR = 0x18 }; /* 2.3.1.7 */

/* One byte each way. False when none comes back. */
static bool exchange(uint32_t spi, uint8_t out, uint8_t *in) {
    rp_patience patience = rp_patience_now();
    rp_write(spi + SSPDR, out);
    while ((rp_read(spi + SSPSR) & SR_RECEIVED) == 0) {
        if (rp_patience_ended(&patience)) {
            return false;
        }
    }
    *in = (uint8_t)rp_read(spi + SSPDR);
    return true;
}

static bool run(uint32_t spi, const fgft_transfer *transfer) {
    uint8_t ignored;
    for (uint32_t i = 0; i < transfer->head_count; i++) {
        if (!exchange(spi, transfer->head[i], &ignored)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < transfer->out_count; i++) {
        if (!exchange(spi, transfer->out[i ^ transfer->swap], &ignored)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < transfer->in_count; i++) {
        if (!exchange(spi, 0, &transfer->in[i ^ transfer->swap])) {
            return false;
        }
    }
    return true;
}

/* Whether everything has left that a driver put into the block, with no chip selected by us. */
static bool is_idle(uint32_t spi) {
    rp_patience patience = rp_patience_now();
    while (rp_read(spi + SSPSR) & SR_BUSY) {
        if (rp_patience_ended(&patience)) {
            return false;
        }
    }
    return true;
}

uint8_t rp_spi_transfer(const fgft_transfer *transfer) {
    uint32_t spi = transfer->bus == 0 ? RP_SPI0 : RP_SPI1;
    /* A byte for a block that is not enabled would wait in it, and leave in the middle of a later transfer. */
    if ((rp_read(spi + SSPCR1) & CR1_ENABLED) == 0 || !is_idle(spi)) {
        return FGFT_BUS_STUCK;
    }
    while (rp_read(spi + SSPSR) & SR_RECEIVED) { /* what a driver left behind */
        (void)rp_read(spi + SSPDR);
    }
    rp_write(RP_SIO + GPIO_OUT_CLR, 1U << transfer->target);
    bool moved = run(spi, transfer);
    rp_write(RP_SIO + GPIO_OUT_SET, 1U << transfer->target);
    return moved ? FGFT_BUS_OK : FGFT_BUS_STUCK;
}
