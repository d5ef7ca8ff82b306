#include "space.h"

#include "bytes.h"
#include "registers.h"
#include "report.h"

/* What is packed into the base of a block behind a bus (docs/protocol.md, Address spaces). */
enum {
    I2C_TARGET = 0x7f,
    I2C_BUS_SHIFT = 8,
    I2C_BUS_MASK = 3,
    I2C_ADDRESS_BYTES_SHIFT = 10,
    I2C_ADDRESS_BYTES_MASK = 3,
    I2C_WHOLE_REGISTERS = 1 << 13, /* one register address is one register, however wide */
    I2C_RESERVED = 1 << 7 | 1 << 14 | 1L << 15,
    /* The others of the 128 addresses are reserved (UM10204 3.1.12). */
    I2C_TARGET_MIN = 0x08,
    I2C_TARGET_MAX = 0x77,

    SPI_TARGET = 0x1f,
    SPI_BUS_SHIFT = 8,
    SPI_BUS_MASK = 1,
    SPI_READ_BIT = 1 << 13,   /* the first byte of a read has bit 7 set */
    SPI_MANY_BIT = 1 << 14,   /* the first byte of a transfer of more than one byte has bit 6 set */
    SPI_WRITE_BIT = 1L << 15, /* the first byte of a write has bit 7 set */
    SPI_RESERVED = 7 << 5 | 7 << 9,

    BIG_ENDIAN_BIT = 1 << 12,
    FIRST_SHIFT = 16,
};

static uint8_t fault;

enum { HAS_FAULTS = FGFT_HAS_BUSES || FGFT_PORT_BUS_FAULTS };

/* How far apart the addresses of two registers are, as a shift of their offsets. */
static uint8_t scale(const fgft_block *block) {
    bool whole = block->space == FGFT_SPACE_I2C && (block->base & I2C_WHOLE_REGISTERS) != 0;
    return whole ? fgft_width(block) : 0;
}

fgft_location fgft_location_in(const fgft_block *block, uint16_t offset) {
    uint8_t space = FGFT_HAS_BUSES ? block->space : FGFT_SPACE_MMIO;
    fgft_port_address address = (fgft_port_address)(block->base + offset);
    if (space != FGFT_SPACE_MMIO) {
        address = (fgft_port_address)(block->base + ((uint32_t)(offset >> scale(block)) << FIRST_SHIFT));
    }
    return (fgft_location){address, space, fgft_width(block)};
}

uint16_t fgft_offset_in(const fgft_block *block, fgft_port_address address) {
    fgft_port_address distance = (fgft_port_address)(address - block->base);
    if (!FGFT_HAS_BUSES || block->space == FGFT_SPACE_MMIO) return (uint16_t)distance;
    return (uint16_t)((uint32_t)distance >> FIRST_SHIFT << scale(block));
}

static uint8_t check_i2c(const fgft_block *block) {
    uint32_t base = block->base;
    uint32_t bytes = base >> I2C_ADDRESS_BYTES_SHIFT & I2C_ADDRESS_BYTES_MASK;
    /* Bytes to a chip that has no register addresses are a message: they go to one place, however many they are. */
    bool message = bytes == 0 && (block->flags & FGFT_BLOCK_FIFO) != 0 && fgft_width(block) == 0;
    uint32_t end = (base >> FIRST_SHIFT) + (message ? 1 : (uint32_t)block->size >> scale(block));
    if (bytes == I2C_ADDRESS_BYTES_MASK || (base & I2C_RESERVED) || end > 1UL << 8 * bytes) {
        return FGFT_STATUS_MALFORMED_OP;
    }
    bool target = (base & I2C_TARGET) >= I2C_TARGET_MIN && (base & I2C_TARGET) <= I2C_TARGET_MAX;
    bool bus = (base >> I2C_BUS_SHIFT & I2C_BUS_MASK) < FGFT_PORT_I2C_BUSES;
    return target && bus ? FGFT_STATUS_OK : FGFT_STATUS_NOT_ALLOWED;
}

static uint8_t check_spi(const fgft_block *block) {
    uint32_t base = block->base;
    uint32_t end = (base >> FIRST_SHIFT) + block->size;
    uint32_t limit = base & SPI_MANY_BIT ? 1 << 6 : base & (SPI_READ_BIT | SPI_WRITE_BIT) ? 1 << 7 : 1 << 8;
    if ((base & SPI_RESERVED) || end > limit) return FGFT_STATUS_MALFORMED_OP;
    bool target = (FGFT_PORT_CHIP_SELECTS >> (base & SPI_TARGET) & 1) != 0;
    bool bus = (base >> SPI_BUS_SHIFT & SPI_BUS_MASK) < FGFT_PORT_SPI_BUSES;
    return target && bus ? FGFT_STATUS_OK : FGFT_STATUS_NOT_ALLOWED;
}

uint8_t fgft_check_bus_block(const fgft_block *block) {
    if (!FGFT_HAS_BUSES) return FGFT_STATUS_NOT_ALLOWED;
    if (block->space == FGFT_SPACE_I2C) return check_i2c(block);
    return block->space == FGFT_SPACE_SPI ? check_spi(block) : FGFT_STATUS_NOT_ALLOWED;
}

/* Where a transfer goes, with nothing to be sent yet. */
static fgft_transfer transfer_to(uint8_t space, uint32_t base) {
    bool i2c = space == FGFT_SPACE_I2C;
    return (fgft_transfer){
        .space = space,
        .bus = (uint8_t)(i2c ? base >> I2C_BUS_SHIFT & I2C_BUS_MASK : base >> SPI_BUS_SHIFT & SPI_BUS_MASK),
        .target = (uint8_t)(base & (i2c ? I2C_TARGET : SPI_TARGET)),
    };
}

static bool run(const fgft_transfer *transfer) {
    if (!FGFT_HAS_BUSES || fault == FGFT_BUS_STUCK) return false;
    uint8_t reason = fgft_port_bus_transfer(transfer);
    if (fault == FGFT_FAULT_NONE || reason == FGFT_BUS_STUCK) fault = reason;
    return reason == FGFT_BUS_OK;
}

static void put_i2c_address(fgft_transfer *transfer, uint32_t base) {
    uint16_t address = (uint16_t)(base >> FIRST_SHIFT);
    transfer->head_count = base >> I2C_ADDRESS_BYTES_SHIFT & I2C_ADDRESS_BYTES_MASK;
    transfer->head[0] = (uint8_t)(transfer->head_count == 2 ? address >> 8 : address);
    transfer->head[1] = (uint8_t)address;
}

static void put_spi_address(fgft_transfer *transfer, uint32_t base) {
    uint32_t direction = transfer->in_count > 0 ? SPI_READ_BIT : SPI_WRITE_BIT;
    uint8_t first = (uint8_t)(base >> FIRST_SHIFT);
    if (base & direction) first |= 1 << 7;
    if ((base & SPI_MANY_BIT) && transfer->in_count + transfer->out_count > 1) first |= 1 << 6;
    transfer->head_count = 1;
    transfer->head[0] = first;
}

static bool run_at(fgft_location at, fgft_transfer transfer) {
    if (at.address & BIG_ENDIAN_BIT) transfer.swap = (uint8_t)((1 << at.width) - 1);
    if (at.space == FGFT_SPACE_I2C) {
        put_i2c_address(&transfer, at.address);
    } else {
        put_spi_address(&transfer, at.address);
    }
    return run(&transfer);
}

bool fgft_bus_read(fgft_location at, uint8_t *in, uint16_t bytes) {
    fgft_transfer transfer = transfer_to(at.space, at.address);
    transfer.in = in;
    transfer.in_count = bytes;
    return run_at(at, transfer);
}

bool fgft_bus_write(fgft_location at, const uint8_t *out, uint16_t bytes) {
    fgft_transfer transfer = transfer_to(at.space, at.address);
    transfer.out = out;
    transfer.out_count = bytes;
    return run_at(at, transfer);
}

bool fgft_bus_exchange(const fgft_block *block, const uint8_t *out, uint8_t out_count, uint8_t *in, uint8_t in_count) {
    fgft_transfer transfer = transfer_to(block->space, block->base);
    transfer.out = out;
    transfer.out_count = out_count;
    transfer.in = in;
    transfer.in_count = in_count;
    return run(&transfer);
}

bool fgft_read(fgft_location at, fgft_port_register *value) {
    if (!FGFT_HAS_BUSES || at.space == FGFT_SPACE_MMIO) {
        *value = fgft_port_read(at.address, at.width);
        return true;
    }
    uint8_t bytes[4] = {0};
    bool read = fgft_bus_read(at, bytes, (uint16_t)(1 << at.width));
    *value = read ? fgft_get_register(bytes, at.width) : 0;
    return read;
}

bool fgft_write(fgft_location at, fgft_port_register value) {
    if (!FGFT_HAS_BUSES || at.space == FGFT_SPACE_MMIO) {
        fgft_port_write(at.address, at.width, value);
        return true;
    }
    uint8_t bytes[4];
    fgft_put_register(bytes, at.width, value);
    return fgft_bus_write(at, bytes, (uint16_t)(1 << at.width));
}

bool fgft_register_failed(void) {
    bool failed = FGFT_PORT_BUS_FAULTS && fgft_port_bus_fault();
    if (failed && fault != FGFT_BUS_STUCK) fault = FGFT_FAULT_MMIO;
    return failed;
}

uint8_t fgft_take_fault(void) {
    if (!HAS_FAULTS) return FGFT_FAULT_NONE;
    fgft_register_failed();
    uint8_t taken = fault;
    fault = FGFT_FAULT_NONE;
    return taken;
}

uint8_t fgft_fault_status(uint8_t taken) {
    if (taken == FGFT_FAULT_NONE) return FGFT_STATUS_OK;
    return fgft_fail(FGFT_STATUS_BUS_FAULT, 0, taken == FGFT_FAULT_MMIO ? 0 : taken);
}
