#include "chips.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE_MAX = 1100, MESSAGES_MAX = 64 };

static uint8_t bytes[256], words[8], port[1], memory[CHIP_MEMORY_SIZE], spi[64];
static chips_message messages[MESSAGES_MAX];
static size_t message_count;
static uint32_t transfers, fail_from, fail_count;
static uint8_t fail_reason;

void chips_reset(void) {
    memset(bytes, 0, sizeof bytes);
    memset(words, 0, sizeof words);
    memset(port, 0, sizeof port);
    memset(memory, 0, sizeof memory);
    memset(spi, 0, sizeof spi);
    message_count = 0;
    transfers = fail_from = fail_count = 0;
}

uint8_t *chip(uint8_t target) {
    switch (target) {
    case CHIP_BYTES: return bytes;
    case CHIP_WORDS: return words;
    case CHIP_PORT: return port;
    case CHIP_MEMORY: return memory;
    default: return target == CHIP_SELECT ? spi : NULL;
    }
}

size_t chips_message_count(void) {
    return message_count;
}

chips_message chips_message_at(size_t index) {
    if (index >= message_count) abort();
    return messages[index % MESSAGES_MAX];
}

/* Answers with the last message, reversed. */
static void tell(const uint8_t *out, size_t count, uint8_t *in, size_t in_count) {
    if (count > 0) {
        chips_message *message = &messages[message_count++ % MESSAGES_MAX];
        message->count = count < sizeof message->bytes ? count : sizeof message->bytes;
        memcpy(message->bytes, out, message->count);
    }
    const chips_message *last = message_count == 0 ? NULL : &messages[(message_count - 1) % MESSAGES_MAX];
    for (size_t i = 0; i < in_count; i++) {
        in[i] = last != NULL && i < last->count ? last->bytes[last->count - 1 - i] : 0xff;
    }
}

void chips_fail(uint32_t skip, uint32_t count, uint8_t reason) {
    fail_from = transfers + skip;
    fail_count = count;
    fail_reason = reason;
}

uint32_t chips_transfers(void) {
    return transfers;
}

/* Registers of a chip: written, then read, from a place on, around its end. */
static void move(uint8_t *registers, size_t size, size_t at, const uint8_t *out, size_t out_count, uint8_t *in,
                 size_t in_count) {
    for (size_t i = 0; i < out_count; i++) registers[(at + i) % size] = out[i];
    for (size_t i = 0; i < in_count; i++) in[i] = registers[(at + i) % size];
}

/* What goes over the wire, `out` first. Returns FGFT_BUS_... */
static uint8_t i2c(uint8_t bus, uint8_t target, const uint8_t *out, size_t count, uint8_t *in, size_t in_count) {
    if (bus == 1 && target == CHIP_MEMORY) {
        if (count < 2) return FGFT_BUS_NO_DATA;
        move(memory, sizeof memory, (size_t)(out[0] << 8 | out[1]), out + 2, count - 2, in, in_count);
    } else if (bus == 0 && target == CHIP_BYTES) {
        if (count < 1) return FGFT_BUS_NO_DATA;
        move(bytes, sizeof bytes, out[0], out + 1, count - 1, in, in_count);
    } else if (bus == 0 && target == CHIP_WORDS) {
        if (count < 1 || out[0] >= sizeof words / 2) return FGFT_BUS_NO_DATA;
        move(words + 2 * out[0], 2, 0, out + 1, count - 1, in, in_count);
    } else if (bus == 0 && target == CHIP_PORT) {
        for (size_t i = 0; i < count; i++) port[0] = out[i];
        memset(in, port[0], in_count);
    } else if (bus == 0 && target == CHIP_COMMANDS) {
        tell(out, count, in, in_count);
    } else {
        return FGFT_BUS_NO_ADDRESS;
    }
    return FGFT_BUS_OK;
}

static void spi_transfer(uint8_t target, const uint8_t *out, size_t count, uint8_t *in, size_t in_count) {
    memset(in, 0xff, in_count); /* nobody drives the line */
    if (target != CHIP_SELECT || count == 0) return;
    bool reads = (out[0] & 0x80) != 0;
    bool many = (out[0] & 0x40) != 0;
    size_t at = out[0] & 0x3f;
    for (size_t i = 1; i < count && !reads; i++) spi[many ? (at + i - 1) % sizeof spi : at] = out[i];
    for (size_t i = 0; i < in_count && reads; i++) in[i] = spi[many ? (at + i) % sizeof spi : at];
}

uint8_t chips_transfer(const fgft_transfer *transfer) {
    static uint8_t out[WIRE_MAX], in[WIRE_MAX];
    uint32_t number = transfers++;
    size_t count = 0;
    if ((size_t)transfer->head_count + transfer->out_count > WIRE_MAX || transfer->in_count > WIRE_MAX) abort();
    for (uint8_t i = 0; i < transfer->head_count; i++) out[count++] = transfer->head[i];
    for (uint16_t i = 0; i < transfer->out_count; i++) out[count++] = transfer->out[i ^ transfer->swap];
    if (number - fail_from < fail_count) return fail_reason;
    uint8_t reason = FGFT_BUS_OK;
    if (transfer->space == FGFT_SPACE_I2C) {
        reason = i2c(transfer->bus, transfer->target, out, count, in, transfer->in_count);
    } else {
        spi_transfer(transfer->target, out, count, in, transfer->in_count);
    }
    for (uint16_t i = 0; i < transfer->in_count && reason == FGFT_BUS_OK; i++) transfer->in[i ^ transfer->swap] = in[i];
    return reason;
}
