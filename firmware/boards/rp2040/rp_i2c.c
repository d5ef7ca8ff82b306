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
    IC_TAR = 0x04,
    IC_DATA_CMD = 0x10,
    IC_INTR_MASK = 0x30,
    IC_RAW_INTR_STAT = 0x34,
    IC_CLR_TX_ABRT = 0x54,
    IC_CLR_STOP_DET = 0x60,
    IC_ENABLE = 0x6c,
    IC_TXFLR = 0x74,
    IC_RXFLR = 0x78,
    IC_TX_ABRT_SOURCE = 0x80,
    IC_ENABLE_STATUS = 0x9c,
};
enum { DATA_READ = 1 << 8, DATA_STOP = 1 << 9, DATA_RESTART = 1 << 10 };
enum { INTR_TX_ABRT = 1 << 6, INTR_STOP_DET = 1 << 9 };
enum { ENABLE = 1 << 0, ENABLE_ABORT = 1 << 1 };
enum { ABRT_ADDRESS_NOACK = 1 << 0, ABRT_TXDATA_NOACK = 1 << 3, ABRT_LOST = 1 << 12 };
enum { FIFO_DEPTH = 16 };

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

/* Keeps both FIFOs moving until everything has been sent and received. */
static uint8_t run(uint32_t i2c, const fgft_transfer *transfer) {
    uint32_t writes = (uint32_t)transfer->head_count + transfer->out_count;
    uint32_t total = writes + transfer->in_count;
    uint32_t sent = 0;
    uint32_t received = 0;
    uint32_t waiting = 0; /* commands in the FIFO */
    rp_patience patience = rp_patience_now();
    while ((rp_read(i2c + IC_RAW_INTR_STAT) & (INTR_STOP_DET | INTR_TX_ABRT)) == 0 || rp_read(i2c + IC_RXFLR) > 0) {
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
            return FGFT_BUS_STUCK;
        }
    }
    if ((rp_read(i2c + IC_RAW_INTR_STAT) & INTR_TX_ABRT) == 0) {
        return FGFT_BUS_OK;
    }
    uint32_t source = rp_read(i2c + IC_TX_ABRT_SOURCE);
    if (source & ABRT_LOST) {
        return FGFT_BUS_LOST;
    }
    if (source & ABRT_ADDRESS_NOACK) {
        return FGFT_BUS_NO_ADDRESS;
    }
    return source & ABRT_TXDATA_NOACK ? FGFT_BUS_NO_DATA : FGFT_BUS_STUCK;
}

static void forget_events(uint32_t i2c) {
    (void)rp_read(i2c + IC_CLR_TX_ABRT); /* reading clears; without that the FIFO stays flushed */
    (void)rp_read(i2c + IC_CLR_STOP_DET);
}

/* Gives a transfer up that does not end (4.3.10.4), and frees the bus if a chip holds it. */
static void give_up(uint32_t i2c, uint8_t bus) {
    rp_write(i2c + IC_ENABLE, ENABLE | ENABLE_ABORT);
    becomes(i2c + IC_ENABLE, ENABLE_ABORT, 0);
    rp_i2c_clear_bus(bus);
}

uint8_t rp_i2c_transfer(const fgft_transfer *transfer) {
    uint32_t i2c = transfer->bus == 0 ? RP_I2C0 : RP_I2C1;
    uint32_t enabled = rp_read(i2c + IC_ENABLE);
    uint32_t target = rp_read(i2c + IC_TAR);
    uint32_t interrupts = rp_read(i2c + IC_INTR_MASK);
    uint8_t reason = FGFT_BUS_STUCK;
    if (disable(i2c)) { /* IC_TAR takes no write before (4.3.10.2) */
        rp_write(i2c + IC_INTR_MASK, 0);
        rp_write(i2c + IC_TAR, transfer->target);
        rp_write(i2c + IC_ENABLE, ENABLE);
        forget_events(i2c);
        reason = run(i2c, transfer);
    }
    if (reason == FGFT_BUS_STUCK) {
        give_up(i2c, transfer->bus);
    }
    forget_events(i2c);
    disable(i2c);
    rp_write(i2c + IC_TAR, target);
    rp_write(i2c + IC_INTR_MASK, interrupts);
    rp_write(i2c + IC_ENABLE, enabled & ENABLE);
    return reason;
}
