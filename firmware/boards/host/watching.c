#include "watching.h"

#include "test.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

const host_ref watched_edges = {WATCHED, 0, 0, 2}, watched_levels = {WATCHED, 1, 0, 2},
               watched_change = {WATCHED, 2, 0, 2};

void watching_open(void) {
    host_open();
    host_definition(WATCHED);
    host_block(RW | FGFT_BLOCK_ONES, 2, INTERRUPTS_EDGES, 4, 0xff);
    host_block(FGFT_BLOCK_READ, 2, INTERRUPTS_LEVELS, 4, 0xff);
    host_block(RW, 2, CHANGED, 4, UINT32_MAX);
    host_save(2, 0, 0, UINT32_MAX);
    host_define_now();
}

void watching_watch(host_ref at, uint32_t mask) {
    host_frame(0);
    host_watch(at, mask);
    host_ok();
}

watching_events watching_take(uint8_t count) {
    host_frame(0);
    host_events(UINT8_MAX, count);
    host_answer answer = host_ok();
    watching_events taken = {(uint16_t)host_result_16(answer, 0), (uint8_t)host_result_8(answer, 2), {{0}}};
    EXPECT_EQUAL(taken.count, count);
    for (size_t i = 0; i < count && i < FGFT_PORT_EVENTS; i++) {
        size_t at = FGFT_SIZE_EVENTS_HEAD + i * FGFT_SIZE_EVENT;
        taken.events[i].peripheral = (uint8_t)host_result_8(answer, at);
        taken.events[i].transaction = (uint8_t)host_result_8(answer, at + 1);
        taken.events[i].number = (uint16_t)host_result_16(answer, at + 2);
        taken.events[i].what = host_result_32(answer, at + 4);
        taken.events[i].us = host_result_32(answer, at + 8);
    }
    return taken;
}
