#include "counter.h"

void counter_define(void) {
    bus_behave(BUS_PLAIN, BUS_FIFO, 0, 0);
    host_definition(1);
    host_block(FGFT_BLOCK_READ | FGFT_BLOCK_FIFO, 2, BUS_PLAIN, 4, 0);
    host_define_now();
}
