/* The four functions that GCC expects of every environment, by words where both sides allow it: Cortex-M0+ has no
   unaligned access. */
#include <stdint.h>
#include <string.h>

enum { WORD = 4 };

static int words_match(const void *one, const void *other) {
    return (((uintptr_t)one | (uintptr_t)other) % WORD) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (words_match(to, from)) {
        for (; size >= WORD; size -= WORD, out += WORD, in += WORD) {
            *(uint32_t *)(void *)out = *(const uint32_t *)(const void *)in;
        }
    }
    while (size-- > 0) {
        *out++ = *in++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)to - (uintptr_t)from >= size) {
        return memcpy(to, from, size); /* to before from, or apart: memcpy walks upwards */
    }
    while (size-- > 0) {
        out[size] = in[size];
    }
    return to;
}

void *memset(void *to, int value, size_t size) {
    uint8_t *out = to;
    uint8_t byte = (uint8_t)value;
    if (words_match(to, 0)) {
        uint32_t word = byte * 0x01010101U;
        for (; size >= WORD; size -= WORD, out += WORD) {
            *(uint32_t *)(void *)out = word;
        }
    }
    while (size-- > 0) {
        *out++ = byte;
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t size) {
    const uint8_t *a = one;
    const uint8_t *b = other;
    for (; size > 0; size--, a++, b++) {
        if (*a != *b) {
            return *a - *b;
        }
    }
    return 0;
}
