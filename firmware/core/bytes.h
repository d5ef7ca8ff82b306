/*
 * Little-endian numbers in byte strings, at any alignment, and the functions of string.h that the core uses. They are
 * declared here (as C11 7.1.4 allows) because a freestanding tool chain may come without that header. Where the compiler
 * does not inline the first four, it calls what bytes.c has of them: one of each.
 */
#ifndef FGFT_BYTES_H
#define FGFT_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);

static inline uint16_t fgft_get16(const uint8_t *at) {
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t fgft_get32(const uint8_t *at) {
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | fgft_get16(at);
}

static inline void fgft_put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void fgft_put32(uint8_t *at, uint32_t value) {
    fgft_put16(at, (uint16_t)value);
    fgft_put16(at + 2, (uint16_t)(value >> 16));
}

/* How many bytes so many registers have; on a chip that knows no other, the compiler sees that it is one each. */
static inline uint16_t fgft_width_bytes(uint8_t count, uint8_t width) {
    return sizeof(fgft_port_register) == 1 ? count : (uint16_t)(count << width);
}

/* A register's value, `1 << width` bytes of it. */
static inline fgft_port_register fgft_get_register(const uint8_t *at, uint8_t width) {
    if (sizeof(fgft_port_register) == 1 || width == 0) return *at;
    return (fgft_port_register)(width == 1 ? fgft_get16(at) : fgft_get32(at));
}

/* The same from the four bytes that it has in a definition or a record. */
static inline fgft_port_register fgft_get_value(const uint8_t *at) {
    return sizeof(fgft_port_register) == 1 ? *at : (fgft_port_register)fgft_get32(at);
}

static inline void fgft_put_register(uint8_t *at, uint8_t width, fgft_port_register value) {
    for (uint8_t left = (uint8_t)fgft_width_bytes(1, width); left > 0; left--) {
        *at++ = (uint8_t)value;
        value = (fgft_port_register)((uint32_t)value >> 8);
    }
}

#endif
