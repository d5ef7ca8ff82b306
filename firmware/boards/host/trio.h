/* Three peripherals for tests of nested calls: 1 and 2 save four registers each, 3 has a journal of eight. */
#ifndef TRIO_H
#define TRIO_H

#include "host.h"

enum { TRIO_JOURNALED = 3, TRIO_RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

/* Power on, hello, and the definitions; register `i` of peripheral `n` holds n * 0x100 + i. */
void trio_open(void);

uint32_t trio_base(uint8_t number);
host_ref trio_at(uint8_t number, uint16_t index);

/* The registers of a peripheral hold what they held at first. */
void trio_expect_untouched(uint8_t number);

#endif
