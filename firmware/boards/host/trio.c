#include "trio.h"

#include "test.h"

uint32_t trio_base(uint8_t number) {
    return BUS_PLAIN + 0x40U * number;
}

host_ref trio_at(uint8_t number, uint16_t index) {
    return (host_ref){number, 0, (uint16_t)(4 * index), 2};
}

void trio_open(void) {
    host_open();
    for (uint8_t number = 1; number <= TRIO_JOURNALED; number++) {
        bool journal = number == TRIO_JOURNALED;
        uint8_t flags = journal ? TRIO_RW | FGFT_BLOCK_JOURNAL : TRIO_RW;
        host_definition(number);
        host_block(flags, 2, trio_base(number), journal ? 32 : 16, UINT32_MAX);
        for (uint16_t i = 0; i < 4 && !journal; i++) host_save(0, 0, (uint16_t)(4 * i), UINT32_MAX);
        host_define_now();
        for (uint16_t i = 0; i < 8; i++) bus_poke(trio_base(number) + 4U * i, 0x100U * number + i);
    }
}

void trio_expect_untouched(uint8_t number) {
    for (uint32_t i = 0; i < 8; i++) EXPECT_EQUAL(bus_peek(trio_base(number) + 4 * i), 0x100U * number + i);
}
