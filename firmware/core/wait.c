#include "wait.h"

#include "bytes.h"

uint8_t fgft_get_time(const uint8_t *at, fgft_port_time *time) {
    uint32_t us = fgft_get32(at);
    *time = fgft_port_time_of(us);
    return us > FGFT_LIMIT_WAIT_MAX_US ? FGFT_STATUS_MALFORMED_OP : FGFT_STATUS_OK;
}

static bool give_up(fgft_patience patience) {
    fgft_port_wait();
    return patience == FGFT_WAIT_INTERRUPTIBLE && fgft_port_interrupted();
}

static bool passed(fgft_port_time since, fgft_port_time time) {
    return (fgft_port_time)(fgft_port_now() - since) >= time;
}

uint8_t fgft_delay(fgft_port_time time, fgft_patience patience) {
    fgft_port_time start = fgft_port_now();
    while (!passed(start, time)) {
        if (give_up(patience)) return FGFT_STATUS_INTERRUPTED;
    }
    return FGFT_STATUS_OK;
}

uint8_t fgft_poll(fgft_condition *condition, fgft_port_time time, fgft_patience patience) {
    fgft_port_time start = fgft_port_now();
    fgft_register_failed(); /* what an earlier access has caused is not this one's */
    for (;;) {
        /* The clock first: a value that was read after the time was up must still count. */
        bool late = passed(start, time);
        bool read = fgft_read(condition->at, &condition->last);
        if (!read || fgft_register_failed()) return FGFT_STATUS_BUS_FAULT;
        if ((condition->last & condition->mask) == condition->wanted) return FGFT_STATUS_OK;
        if (late) return FGFT_STATUS_POLL_TIMEOUT;
        if (give_up(patience)) return FGFT_STATUS_INTERRUPTED;
    }
}
