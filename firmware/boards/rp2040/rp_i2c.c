/*
 * Transfers as an I2C master (RP2040 datasheet 4.3), polled and with time-outs. IC_TAR, IC_ENABLE and IC_INTR_MASK are
 * left as they were found.
 */
#include "fgft_port.h"
#include "rp_board.h"
#include "rp_bus.h"
#include "rp_registers.h"

/* Registers (4.3.17) */
enum {
    IC_CON = 0x00,
    IC_TAR = 0x04,
    IC_SAR = 0x08,
    IC_DATA_CMD = 0x10,
    IC_SS_SCL_HCNT = 0x14,
    IC_SS_SCL_LCNT = 0x18,
    IC_FS_SCL_HCNT = 0x1c,
    IC_FS_SCL_LCNT = 0x20,
    IC_INTR_MASK = 0x30,
    IC_RAW_INTR_STAT = 0x34,
    IC_RX_TL = 0x38,
    IC_TX_TL = 0x3c,
    IC_CLR_TX_ABRT = 0x54,
    IC_CLR_STOP_DET = 0x60,
    IC_CLR_START_DET = 0x64,
    IC_ENABLE = 0x6c,
    IC_STATUS = 0x70,
    IC_TXFLR = 0x74,
    IC_RXFLR = 0x78,
    IC_SDA_HOLD = 0x7c,
    IC_TX_ABRT_SOURCE = 0x80,
    IC_SLV_DATA_NACK_ONLY = 0x84,
    IC_DMA_CR = 0x88,
    IC_DMA_TDLR = 0x8c,
    IC_DMA_RDLR = 0x90,
    IC_SDA_SETUP = 0x94,
    IC_ACK_GENERAL_CALL = 0x98,
    IC_ENABLE_STATUS = 0x9c,
    IC_FS_SPKLEN = 0xa0,
};
enum { DATA_READ = 1 << 8, DATA_STOP = 1 << 9, DATA_RESTART = 1 << 10 };
enum { INTR_TX_ABRT = 1 << 6, INTR_STOP_DET = 1 << 9, INTR_START_DET = 1 << 10 };
enum { ENABLE = 1 << 0 };
enum { MASTER_ACTIVE = 1 << 5 };
/* RESETS (2.14.3): RESET, RESET_DONE, and the bit of I2C0, before that of I2C1 */
enum { RESET = 0x0, RESET_DONE = 0x8, RESET_I2C0 = 1 << 3 };
enum { ABRT_ADDRESS_NOACK = 1 << 0, ABRT_TXDATA_NOACK = 1 << 3, ABRT_LOST = 1 << 12 };
enum { FIFO_DEPTH = 16 };
/* A reason beside those of fgft_transfer: stuck, and no chip has seen as much as a START. */
enum { NOT_BEGUN = 0xff };

rp_patience rp_patience_now(void) {
    return (rp_patience){fgft_port_now_us()};
}

bool rp_patience_ended(const rp_patience *patience) {
    fgft_port_wait();
    return fgft_port_now_us() - patience->since >= RP_BUS_PATIENCE_US;
}

static bool becomes(uint32_t address, uint32_t mask, uint32_t wanted) {
    rp_patience patience = rp_patience_now();
    while ((rp_read(address) & mask) != wanted) {
        if (rp_patience_ended(&patience)) {
            return false;
        }
    }
    return true;
}

/* Disabled only when the transfer that was going on is over (4.3.10.3). */
static bool disable(uint32_t i2c) {
    rp_write(i2c + IC_ENABLE, 0);
    return becomes(i2c + IC_ENABLE_STATUS, ENABLE, 0);
}

/* The n-th byte of what is written. */
static uint8_t written(const fgft_transfer *transfer, uint32_t n) {
    return n < transfer->head_count ? transfer->head[n] : transfer->out[(n - transfer->head_count) ^ transfer->swap];
}

/* The n-th command for the FIFO: START and address come by themselves before the first (4.3.7). */
static uint32_t command(const fgft_transfer *transfer, uint32_t n, uint32_t writes, uint32_t total) {
    uint32_t stop = n == total - 1 ? DATA_STOP : 0;
    if (n < writes) {
        return written(transfer, n) | stop;
    }
    return DATA_READ | stop | (n == writes && writes > 0 ? DATA_RESTART : 0);
}

/* Keeps both FIFOs moving until everything has been sent and received. FGFT_BUS_..., or NOT_BEGUN. */
static uint8_t run(uint32_t i2c, const fgft_transfer *transfer) {
    uint32_t writes = (uint32_t)transfer->head_count + transfer->out_count;
    uint32_t total = writes + transfer->in_count;
    uint32_t sent = 0;
    uint32_t received = 0;
    uint32_t waiting = 0; /* commands in the FIFO */
    rp_patience patience = rp_patience_now();
    for (;;) {
        uint32_t events = rp_read(i2c + IC_RAW_INTR_STAT);
        /* A STOP may be that of another master, before ours has begun (IC_CON.STOP_DET_IF_MASTER_ACTIVE is 0). */
        bool done = (events & INTR_STOP_DET) != 0 && sent == total && rp_read(i2c + IC_TXFLR) == 0 &&
                    (rp_read(i2c + IC_STATUS) & MASTER_ACTIVE) == 0;
        if ((done || (events & INTR_TX_ABRT) != 0) && rp_read(i2c + IC_RXFLR) == 0) {
            break;
        }
        bool moved = rp_read(i2c + IC_TXFLR) != waiting;
        /* No more reads under way than there is room for. */
        while (sent < total && (sent < writes || sent - writes - received < FIFO_DEPTH) &&
               rp_read(i2c + IC_TXFLR) < FIFO_DEPTH && (rp_read(i2c + IC_RAW_INTR_STAT) & INTR_TX_ABRT) == 0) {
            rp_write(i2c + IC_DATA_CMD, command(transfer, sent++, writes, total));
            moved = true;
        }
        while (rp_read(i2c + IC_RXFLR) > 0 && received < transfer->in_count) {
            transfer->in[received++ ^ transfer->swap] = (uint8_t)rp_read(i2c + IC_DATA_CMD);
            moved = true;
        }
        waiting = rp_read(i2c + IC_TXFLR);
        if (moved) {
            patience = rp_patience_now();
        } else if (rp_patience_ended(&patience)) {
            bool begun = sent != rp_read(i2c + IC_TXFLR) || (rp_read(i2c + IC_RAW_INTR_STAT) & INTR_START_DET) != 0;
            return begun ? FGFT_BUS_STUCK : NOT_BEGUN;
        }
    }
    if ((rp_read(i2c + IC_RAW_INTR_STAT) & INTR_TX_ABRT) == 0) {
        return FGFT_BUS_OK;
    }
    uint32_t source = rp_read(i2c + IC_TX_ABRT_SOURCE);
    if (source & ABRT_LOST) {
        return FGFT_BUS_ARBITRATION_LOST;
    }
    if (source & ABRT_ADDRESS_NOACK) {
        return FGFT_BUS_NO_ADDRESS;
    }
    return source & ABRT_TXDATA_NOACK ? FGFT_BUS_NO_DATA : FGFT_BUS_STUCK;
}

static void forget_events(uint32_t i2c) {
    (void)rp_read(i2c + IC_CLR_TX_ABRT); /* reading clears; without that the FIFO stays flushed */
    (void)rp_read(i2c + IC_CLR_STOP_DET);
    (void)rp_read(i2c + IC_CLR_START_DET);
}

static uint8_t attempt(uint32_t i2c, const fgft_transfer *transfer) {
    if (!disable(i2c)) { /* IC_TAR takes no write before (4.3.10.2) */
        return NOT_BEGUN;
    }
    rp_write(i2c + IC_INTR_MASK, 0);
    rp_write(i2c + IC_TAR, transfer->target);
    rp_write(i2c + IC_ENABLE, ENABLE);
    forget_events(i2c);
    return run(i2c, transfer);
}

/*
 * A block that waits for a bus that does not move on cannot be disabled, takes no settings (4.3.10.3), and would go on
 * with what it waits for at any time. Only a reset ends that. What a transfer sets itself is left out.
 */
static void reset(uint32_t i2c, uint8_t bus) {
    static const uint8_t settings[] = {
        IC_CON,       IC_SAR,   IC_SS_SCL_HCNT, IC_SS_SCL_LCNT, IC_FS_SCL_HCNT,        IC_FS_SCL_LCNT,
        IC_FS_SPKLEN, IC_RX_TL, IC_TX_TL,       IC_SDA_HOLD,    IC_SLV_DATA_NACK_ONLY, IC_DMA_CR,
        IC_DMA_TDLR,  IC_DMA_RDLR, IC_SDA_SETUP, IC_ACK_GENERAL_CALL,
    };
    uint32_t values[sizeof settings];
    uint32_t bit = (uint32_t)RESET_I2C0 << bus;
    if (rp_read(RP_RESETS + RESET) & bit) {
        return; /* the host holds it there */
    }
    for (uint32_t n = 0; n < sizeof settings; n++) {
        values[n] = rp_read(i2c + settings[n]);
    }
    rp_write(RP_RESETS + RESET + RP_SET_ALIAS, bit);
    rp_write(RP_RESETS + RESET + RP_CLEAR_ALIAS, bit);
    becomes(RP_RESETS + RESET_DONE, bit, bit);
    for (uint32_t n = 0; n < sizeof settings; n++) {
        rp_write(i2c + settings[n], values[n]);
    }
}

uint8_t rp_i2c_transfer(const fgft_transfer *transfer) {
    uint32_t i2c = transfer->bus == 0 ? RP_I2C0 : RP_I2C1;
    uint32_t enabled = rp_read(i2c + IC_ENABLE);
    uint32_t target = rp_read(i2c + IC_TAR);
    uint32_t interrupts = rp_read(i2c + IC_INTR_MASK);
    uint8_t reason = attempt(i2c, transfer);
    if (reason == NOT_BEGUN) {
        reset(i2c, transfer->bus);
        if (rp_i2c_clear_bus(transfer->bus)) {
            reason = attempt(i2c, transfer); /* the first time that a chip sees it */
        }
    }
    if (reason == FGFT_BUS_STUCK || reason == NOT_BEGUN) {
        reset(i2c, transfer->bus);
        rp_i2c_clear_bus(transfer->bus);
        reason = FGFT_BUS_STUCK;
    }
    forget_events(i2c);
    disable(i2c);
    rp_write(i2c + IC_TAR, target);
    rp_write(i2c + IC_INTR_MASK, interrupts);
    rp_write(i2c + IC_ENABLE, enabled & ENABLE);
    return reason;
}
