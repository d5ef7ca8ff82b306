#include "crc.h"

#include "bytes.h"

/* The remainders of the sixteen nibbles for the polynomial 04c11db7, bits reversed. A table for whole bytes would be
   twice as fast and sixteen times as large, an eighth of the flash of the smallest board. */
static const uint32_t remainders[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t fgft_crc(uint32_t crc, const uint8_t *bytes, uint16_t count) {
    crc = ~crc;
    for (; count > 0; count--) {
        crc ^= *bytes++;
        crc = crc >> 4 ^ remainders[crc & 15];
        crc = crc >> 4 ^ remainders[crc & 15];
    }
    return ~crc;
}

void fgft_crc_put(uint8_t *bytes, uint16_t count) {
    fgft_put32(bytes + count, fgft_crc(0, bytes, count));
}

bool fgft_crc_holds(const uint8_t *bytes, uint16_t count) {
    return fgft_crc(0, bytes, count) == fgft_get32(bytes + count);
}
