#include "nesting.h"

#include <string.h>

#include "arena.h"
#include "host.h"
#include "test.h"

/* Peripherals 1 to 4 have eight registers each: saved, in a journal, half and half, shadows. */
enum {
    PERIPHERALS = 4,
    EACH = 8,
    REGISTERS = PERIPHERALS * EACH,
    RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE,
    JOURNAL = RW | FGFT_BLOCK_JOURNAL,
    HIDDEN = FGFT_BLOCK_WRITE,
    LEVELS = FGFT_PORT_ARENA_BYTES / 4 + 1,
};

/* What one call has changed, and what was there before. */
typedef struct {
    bool changed[REGISTERS];
    uint32_t before[REGISTERS];
} level;

typedef struct {
    bool open;
    bool failed;
    uint8_t depth;
    level levels[LEVELS];
} transaction;

static transaction transactions[FGFT_PORT_TRANSACTIONS + 1]; /* the first is none */
static uint32_t now[REGISTERS];
static uint8_t record[PERIPHERALS + 1][1 + 4 * EACH + 1];
static uint32_t recorded[REGISTERS];

static uint32_t address_of(uint8_t index) {
    return (index < EACH ? BUS_ALIASED : BUS_PLAIN) + 4U * index;
}

static host_ref ref_of(uint8_t index) {
    uint8_t number = index / EACH;
    uint8_t within = index % EACH;
    bool second = number == 2 && within >= EACH / 2;
    return (host_ref){(uint8_t)(number + 1), second, (uint16_t)(4 * (second ? within - EACH / 2 : within)), 2};
}

static void define(void) {
    static const uint8_t flags[PERIPHERALS] = {RW, JOURNAL, RW, HIDDEN};
    static const uint8_t saves[PERIPHERALS] = {EACH, 0, EACH / 2, EACH};
    for (uint8_t i = 0; i < PERIPHERALS; i++) {
        host_definition((uint8_t)(i + 1));
        host_block(flags[i], 2, address_of((uint8_t)(i * EACH)), i == 2 ? 2 * EACH : 4 * EACH, UINT32_MAX);
        if (i == 2) host_block(JOURNAL, 2, address_of(2 * EACH + EACH / 2), 2 * EACH, UINT32_MAX);
        for (uint16_t n = 0; n < saves[i]; n++) {
            host_save(0, i == 3 ? FGFT_SAVE_SHADOW : 0, (uint16_t)(4 * n), UINT32_MAX);
        }
        host_define_now();
        record[i + 1][0] = saves[i];
    }
}

static void undo(transaction *of) {
    level *innermost = &of->levels[of->depth];
    for (uint8_t i = 0; i < REGISTERS; i++) {
        if (innermost->changed[i]) now[i] = innermost->before[i];
    }
    memset(innermost, 0, sizeof *innermost);
}

static void undo_all(transaction *of) {
    for (undo(of); of->depth > 0; undo(of)) of->depth--;
    of->open = false;
}

/* What the innermost call has changed is its caller's; outside of all, it is for good. */
static void hand_over(transaction *of) {
    level *innermost = &of->levels[of->depth];
    level *caller = of->depth == 0 ? NULL : innermost - 1;
    for (uint8_t i = 0; i < REGISTERS && caller != NULL; i++) {
        if (!innermost->changed[i] || caller->changed[i]) continue;
        caller->changed[i] = true;
        caller->before[i] = innermost->before[i];
    }
    memset(innermost, 0, sizeof *innermost);
}

static void change(transaction *of, uint8_t index, uint32_t value) {
    level *innermost = &of->levels[of->depth];
    if (of->open && !innermost->changed[index]) {
        innermost->changed[index] = true;
        innermost->before[index] = now[index];
    }
    now[index] = value;
}

static void check_registers(void) {
    for (uint8_t i = 0; i < REGISTERS; i++) EXPECT_EQUAL(bus_peek(address_of(i)), now[i]);
    for (uint8_t i = 1; i <= FGFT_PORT_TRANSACTIONS; i++) {
        if (transactions[i].open) return;
    }
    EXPECT_EQUAL(fgft_arena_free(), FGFT_PORT_ARENA_BYTES);
}

static void check_failure(transaction *of, bool ends, host_answer answer) {
    EXPECT_EQUAL(answer.status == FGFT_STATUS_SAVEPOINT_FAILED, of->open && of->failed && !ends);
    if (of->open && !of->failed) {
        EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_VERIFIED);
        of->failed = of->depth > 0;
        undo(of);
        of->open = of->depth > 0;
    } else {
        EXPECT_EQUAL(answer.report.outcome, FGFT_ROLLBACK_NONE);
    }
}

/* The frame that holds one op. Returns whether that ran. */
static bool runs(transaction *of, bool ends) {
    host_answer answer = host_send();
    if (answer.status != FGFT_STATUS_OK) check_failure(of, ends, answer);
    return answer.status == FGFT_STATUS_OK;
}

static void do_write(transaction *of, uint8_t first, uint8_t count, uint32_t value) {
    uint32_t values[EACH] = {value, value + 1, value + 2, value + 3};
    host_write_block(ref_of(first), values, count);
    if (!runs(of, false)) return;
    for (uint8_t i = 0; i < count; i++) change(of, (uint8_t)(first + i), values[i]);
}

static void do_snapshot(transaction *of, uint8_t peripheral) {
    uint8_t saves = record[peripheral][0];
    host_snapshot(peripheral, saves);
    host_answer answer = host_send();
    if (answer.status != FGFT_STATUS_OK) {
        check_failure(of, false, answer);
        return;
    }
    memcpy(record[peripheral], answer.results, host_snapshot_bytes(saves));
    memcpy(recorded + (peripheral - 1) * EACH, now + (peripheral - 1) * EACH, EACH * sizeof *now);
}

static void do_restore(transaction *of, uint8_t peripheral) {
    host_restore(peripheral, record[peripheral]);
    if (!runs(of, false)) return;
    EXPECT(!of->open);
    uint8_t first = (uint8_t)((peripheral - 1) * EACH);
    for (uint8_t i = first; i < first + record[peripheral][0]; i++) now[i] = recorded[i];
}

static void do_begin(transaction *of) {
    bool opens = !of->open;
    host_begin();
    if (!runs(of, false)) return;
    EXPECT(opens);
    *of = (transaction){.open = true};
}

static void do_savepoint(transaction *of) {
    host_savepoint();
    if (runs(of, false)) of->depth++;
}

static void do_release(transaction *of) {
    host_release();
    if (!runs(of, false)) return;
    EXPECT(of->depth > 0);
    hand_over(of);
    of->depth--;
}

static void do_revert(transaction *of) {
    host_revert();
    if (!runs(of, true)) return;
    EXPECT(of->depth > 0);
    undo(of);
    of->failed = false;
    of->depth--;
}

static void do_end(transaction *of, bool commits) {
    if (commits) {
        host_commit();
    } else {
        host_rollback();
    }
    if (!runs(of, !commits)) return;
    if (!commits) undo_all(of);
    *of = (transaction){0};
}

/* Mostly what makes sense, so that calls nest deeply before one of them fails. */
static void step(uint8_t (*next)(void)) {
    uint8_t number = next() % (FGFT_PORT_TRANSACTIONS + 1);
    transaction *of = &transactions[number];
    bool wild = next() % 32 == 0;
    uint8_t what = next() % 20;
    uint8_t index = next() % REGISTERS;
    if (!wild && number != 0 && !of->open) what = 0;
    if (!wild && of->open && what == 0) what = 1;
    if (!wild && of->depth == 0 && what >= 3 && what <= 5) what = 1;
    if (!wild && number != 0 && index / EACH > number) index = (uint8_t)(number * EACH + index % EACH);
    if (!wild && of->failed) what = 5;
    host_frame(number);
    switch (what) {
    case 0: do_begin(of); break;
    case 1:
    case 2: do_savepoint(of); break;
    case 3:
    case 4: do_release(of); break;
    case 5: do_revert(of); break;
    case 6: do_end(of, next() % 2 == 0); break;
    case 7:
        host_digest(99);
        EXPECT(!runs(of, false));
        break;
    case 8: do_snapshot(of, (uint8_t)(index / EACH + 1)); break;
    case 9: do_restore(of, (uint8_t)(index / EACH + 1)); break;
    default: {
        uint8_t left = (uint8_t)(EACH / 2 - index % (EACH / 2)); /* to the end of the block, or the middle of it */
        uint8_t count = (uint8_t)(1 + next() % 4);
        do_write(of, index, count < left ? count : left, next() * 0x01010101U);
    }
    }
    check_registers();
}

void nesting_run(uint8_t (*next)(void), bool (*more)(void)) {
    memset(transactions, 0, sizeof transactions);
    memset(now, 0, sizeof now);
    memset(record, 0, sizeof record);
    memset(recorded, 0, sizeof recorded);
    host_open();
    define();
    while (more()) step(next);
    fgft_link_lost();
    for (uint8_t i = 1; i <= FGFT_PORT_TRANSACTIONS; i++) {
        if (transactions[i].open) undo_all(&transactions[i]);
    }
    check_registers();
}
