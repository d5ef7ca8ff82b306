#include "wait.h"

static bool give_up(fgft_patience patience) {
    fgft_port_wait();
    return patience == FGFT_WAIT_INTERRUPTIBLE && fgft_port_interrupted();
}

uint8_t fgft_delay(uint32_t us, fgft_patience patience) {
    uint32_t start = fgft_port_now_us();
    while (fgft_port_now_us() - start < us) {
        if (give_up(patience)) return FGFT_STATUS_INTERRUPTED;
    }
    return FGFT_STATUS_OK;
}

uint8_t fgft_poll(fgft_condition *condition, uint32_t us, fgft_patience patience) {
    uint32_t start = fgft_port_now_us();
    fgft_register_failed(); /* what an earlier access has caused is not this one's */
    for (;;) {
        /* The clock first: a value that was read after the time was up must still count. */
        bool late = fgft_port_now_us() - start >= us;
        bool read = fgft_read(condition->at, &condition->last);
        if (!read || fgft_register_failed()) return FGFT_STATUS_BUS_FAULT;
        if ((condition->last & condition->mask) == condition->wanted) return FGFT_STATUS_OK;
        if (late) return FGFT_STATUS_POLL_TIMEOUT;
        if (give_up(patience)) return FGFT_STATUS_INTERRUPTED;
    }
}
