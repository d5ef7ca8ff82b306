/* The ops that reach registers, and the ones that wait. */
#include "bytes.h"
#include "events.h"
#include "journal.h"
#include "message.h"
#include "ops.h"
#include "registers.h"
#include "report.h"
#include "wait.h"

/* What a `ref` names. */
typedef struct {
    fgft_definition *definition;
    const fgft_block *block;
    fgft_location location;
} place;

/* Finds it, and checks that `count` registers from there on may be reached. Returns a status. */
static uint8_t locate(const uint8_t *ref, uint8_t width, uint8_t access, uint8_t count, place *found) {
    uint16_t offset = fgft_get16(ref + 2);
    fgft_failed.peripheral = ref[0];
    fgft_failed.block = ref[1];
    fgft_failed.offset = offset;
    found->definition = fgft_definition_find(ref[0]);
    if (found->definition == NULL) return FGFT_STATUS_UNDEFINED_PERIPHERAL;
    uint8_t blocks = found->definition->blocks;
    if (ref[1] >= blocks) return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, blocks, ref[1]);
    found->block = fgft_blocks(found->definition) + ref[1];
    found->location = fgft_location_in(found->block, offset);
    if (fgft_width(found->block) != width) return FGFT_STATUS_ACCESS_DENIED;
    return fgft_check_access(found->block, access, offset, fgft_width_bytes(count, width));
}

/* Finds a register, or a fifo, and checks that `count` registers from there on may be reached. Returns a status. */
static uint8_t locate_registers(const uint8_t *ref, uint8_t width, uint8_t access, uint8_t count, place *found) {
    uint8_t status = locate(ref, width, access, count, found);
    if (status != FGFT_STATUS_OK) return status;
    return fgft_message_of(found->definition, found->block) == NULL ? FGFT_STATUS_OK : FGFT_STATUS_ACCESS_DENIED;
}

/* What must have happened before `count` registers from there on may change. Returns a status. */
static uint8_t before_change(const fgft_batch *batch, const place *at, uint8_t count) {
    fgft_change change = {
        .transaction = batch->transaction,
        .peripheral = fgft_failed.peripheral,
        .definition = at->definition,
        .block = at->block,
        .offset = fgft_failed.offset,
        .count = count,
    };
    return fgft_journal_before_change(&change);
}

/* The `fifo` forms of reading and writing stay at one register, however many values they move. */
static uint8_t registers_reached(uint8_t access, uint8_t count) {
    return access & FGFT_BLOCK_FIFO ? 1 : count;
}

static uint8_t stride(uint8_t access, uint8_t width) {
    return (uint8_t)(access & FGFT_BLOCK_FIFO ? 0 : fgft_width_bytes(1, width));
}

static uint8_t read_registers(fgft_batch *batch, const uint8_t *ref, uint8_t width, uint8_t access, uint8_t count) {
    place at;
    uint8_t status = locate_registers(ref, width, access | FGFT_BLOCK_READ, registers_reached(access, count), &at);
    if (status != FGFT_STATUS_OK) return status;
    uint8_t *result = fgft_result(batch, fgft_width_bytes(count, width));
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    if (FGFT_HAS_BUSES && at.location.space != FGFT_SPACE_MMIO) {
        if (count > 0) fgft_bus_read(at.location, result, fgft_width_bytes(count, width));
        return FGFT_STATUS_OK; /* or what fgft_take_fault says */
    }
    for (; count > 0; count--) {
        fgft_put_register(result, width, fgft_port_read(at.location.address, width));
        at.location.address = (fgft_port_address)(at.location.address + stride(access, width));
        result += fgft_width_bytes(1, width);
    }
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_read(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    return read_registers(batch, operands, width, 0, 1);
}

uint8_t fgft_op_read_block(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    return read_registers(batch, operands, width, 0, operands[4]);
}

uint8_t fgft_op_read_fifo(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    return read_registers(batch, operands, width, FGFT_BLOCK_FIFO, operands[4]);
}

/* One burst, which arrives as a whole or fails. */
static void write_behind_bus(const place *at, uint8_t access, const uint8_t *values, uint8_t count) {
    uint8_t width = at->location.width;
    if (count == 0) return;
    bool arrived = fgft_bus_write(at->location, values, fgft_width_bytes(count, width));
    uint16_t offset = fgft_failed.offset;
    for (; count > 0; count--) {
        fgft_save *shadow = fgft_shadow(at->definition, fgft_location_in(at->block, offset));
        if (shadow != NULL) fgft_shadow_keep(shadow, fgft_get_register(values, width), arrived);
        offset = (uint16_t)(offset + stride(access, width));
        values += fgft_width_bytes(1, width);
    }
}

static uint8_t write_registers(const fgft_batch *batch, const uint8_t *ref, uint8_t width, uint8_t access,
                               const uint8_t *values, uint8_t count) {
    place at;
    uint8_t status = locate_registers(ref, width, access | FGFT_BLOCK_WRITE, registers_reached(access, count), &at);
    if (status != FGFT_STATUS_OK) return status;
    fgft_port_register changed = fgft_full_mask(width);
    if (at.block->flags & FGFT_BLOCK_ONES) {
        changed = 0;
        for (uint8_t i = 0; i < count; i++) changed |= fgft_get_register(values + fgft_width_bytes(i, width), width);
    }
    status = fgft_check_bits(at.block, changed);
    if (status == FGFT_STATUS_OK) status = before_change(batch, &at, registers_reached(access, count));
    if (status != FGFT_STATUS_OK) return status;
    if (FGFT_HAS_BUSES && at.location.space != FGFT_SPACE_MMIO) {
        write_behind_bus(&at, access, values, count);
        return FGFT_STATUS_OK;
    }
    for (; count > 0; count--) {
        fgft_register_write(at.definition, at.location, fgft_get_register(values, width));
        at.location.address = (fgft_port_address)(at.location.address + stride(access, width));
        values += fgft_width_bytes(1, width);
    }
    return FGFT_STATUS_OK;
}

uint8_t fgft_op_write(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    return write_registers(batch, operands, width, 0, operands + 4, 1);
}

static uint8_t write_many(fgft_batch *batch, const uint8_t *operands, uint8_t width, uint8_t access) {
    uint8_t count = operands[4];
    const uint8_t *values = fgft_take(batch, fgft_width_bytes(count, width));
    if (values == NULL) return FGFT_STATUS_MALFORMED_OP;
    return write_registers(batch, operands, width, access, values, count);
}

uint8_t fgft_op_write_block(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    return write_many(batch, operands, width, 0);
}

uint8_t fgft_op_write_fifo(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    return write_many(batch, operands, width, FGFT_BLOCK_FIFO);
}

uint8_t fgft_op_masked(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    place at;
    fgft_port_register mask = fgft_get_register(operands + 4, width);
    fgft_port_register value = fgft_get_register(operands + 4 + fgft_width_bytes(1, width), width);
    uint8_t status = locate(operands, width, FGFT_BLOCK_WRITE, 1, &at);
    if (status == FGFT_STATUS_OK) status = fgft_check_bits(at.block, mask);
    if (status != FGFT_STATUS_OK) return status;
    if (!fgft_keeps_rest(at.block, mask) && fgft_shadow(at.definition, at.location) == NULL) {
        return FGFT_STATUS_ACCESS_DENIED;
    }
    status = before_change(batch, &at, 1);
    if (status == FGFT_STATUS_OK) fgft_register_change(at.definition, at.block, fgft_failed.offset, mask, value);
    return status;
}

uint8_t fgft_op_poll(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    place at;
    uint8_t bytes = (uint8_t)fgft_width_bytes(1, width);
    fgft_port_time time;
    uint8_t status = fgft_get_time(operands + 4 + 2 * bytes, &time);
    if (status == FGFT_STATUS_OK) status = locate(operands, width, FGFT_BLOCK_READ, 1, &at);
    if (status != FGFT_STATUS_OK) return status;
    uint8_t *result = fgft_result(batch, bytes);
    if (result == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    fgft_condition condition;
    condition.at = at.location;
    condition.mask = fgft_get_register(operands + 4, width);
    condition.wanted = fgft_get_register(operands + 4 + bytes, width);
    status = fgft_poll(&condition, time, FGFT_WAIT_INTERRUPTIBLE);
    fgft_put_register(result, width, condition.last);
    if (status == FGFT_STATUS_POLL_TIMEOUT) {
        fgft_fail(status, condition.wanted, condition.last & condition.mask);
    }
    return status == FGFT_STATUS_BUS_FAULT ? FGFT_STATUS_OK /* or what fgft_take_fault says */ : status;
}

static uint8_t exchange(fgft_batch *batch, const uint8_t *operands, bool changes) {
    place at;
    uint8_t out_count = operands[4];
    const uint8_t *out = fgft_take(batch, out_count);
    const uint8_t *in_count = out == NULL ? NULL : fgft_take(batch, 1);
    if (in_count == NULL || (out_count == 0 && *in_count == 0)) return FGFT_STATUS_MALFORMED_OP;
    uint8_t access = (uint8_t)((out_count > 0 ? FGFT_BLOCK_WRITE : 0) | (*in_count > 0 ? FGFT_BLOCK_READ : 0));
    uint8_t status = locate(operands, 0, access | FGFT_BLOCK_FIFO, 1, &at);
    if (status != FGFT_STATUS_OK) return status;
    /* A fifo only: raw bytes reach any register of the chip, and the blocks of registers own some of them. */
    bool raw = at.location.space != FGFT_SPACE_MMIO && (at.block->flags & FGFT_BLOCK_FIFO) != 0;
    fgft_save *message = fgft_message_of(at.definition, at.block);
    /* What is kept is a change. */
    if (!raw || (message != NULL && !changes)) return FGFT_STATUS_ACCESS_DENIED;
    uint16_t end = (uint16_t)(fgft_failed.offset + out_count);
    if (message != NULL && (fgft_failed.offset != 0 || end != at.block->size)) {
        return fgft_fail(FGFT_STATUS_OUT_OF_BOUNDS, at.block->size, end);
    }
    uint8_t *in = fgft_result(batch, *in_count);
    if (in == NULL) return FGFT_STATUS_ANSWER_TOO_LONG;
    if (changes) status = before_change(batch, &at, 1);
    if (status != FGFT_STATUS_OK) return status;
    bool arrived = fgft_bus_exchange(at.block, out, out_count, in, *in_count);
    if (message != NULL) fgft_message_keep(message, out, out_count, arrived);
    return FGFT_STATUS_OK; /* or what fgft_take_fault says */
}

uint8_t fgft_op_transfer(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    return exchange(batch, operands, true);
}

uint8_t fgft_op_query(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)width;
    return exchange(batch, operands, false);
}

uint8_t fgft_op_watch(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)batch;
    place at;
    fgft_port_register mask = fgft_get_register(operands + 4, width);
    uint8_t status = locate(operands, width, FGFT_BLOCK_READ, 1, &at);
    if (status == FGFT_STATUS_OK) status = fgft_check_bits(at.block, mask);
    if (status != FGFT_STATUS_OK) return status;
    /* The interrupt handler can wait for no bus, and must not take away what a read would take. */
    if (at.location.space != FGFT_SPACE_MMIO || (at.block->flags & (FGFT_BLOCK_FIFO | FGFT_BLOCK_SIDE_EFFECTS))) {
        return FGFT_STATUS_ACCESS_DENIED;
    }
    return fgft_watch(operands[0], at.location.address, width, mask);
}

uint8_t fgft_op_delay(fgft_batch *batch, const uint8_t *operands, uint8_t width) {
    (void)batch, (void)width;
    fgft_port_time time;
    uint8_t status = fgft_get_time(operands, &time);
    return status == FGFT_STATUS_OK ? fgft_delay(time, FGFT_WAIT_INTERRUPTIBLE) : status;
}
