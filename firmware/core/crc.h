/* CRC-32/ISO-HDLC, the one of Ethernet and zlib. */
#ifndef FGFT_CRC_H
#define FGFT_CRC_H

#include <stdbool.h>
#include <stdint.h>

/* The CRC of `count` bytes that follow bytes whose CRC is `crc` (0 for none). */
uint32_t fgft_crc(uint32_t crc, const uint8_t *bytes, uint16_t count);

/* Puts the CRC of `count` bytes behind them, or looks whether it is there. */
void fgft_crc_put(uint8_t *bytes, uint16_t count);
bool fgft_crc_holds(const uint8_t *bytes, uint16_t count);

#endif
