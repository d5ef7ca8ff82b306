/* Stands in for core/crc.c: bit by bit, so that it needs no table in RAM, which avr_boot.c has none of yet. */
#include "crc.h"

#include <stdbool.h>

uint32_t fgft_crc(uint32_t crc, const uint8_t *bytes, uint16_t count) {
    static const uint32_t POLYNOMIAL = 0xedb88320; /* 04c11db7, bits reversed */
    crc = ~crc;
    for (; count > 0; count--) {
        crc ^= *bytes++;
        for (uint8_t bit = 8; bit > 0; bit--) {
            bool carry = crc & 1;
            crc >>= 1;
            if (carry) crc ^= POLYNOMIAL;
        }
    }
    return ~crc;
}
