#include "transaction.h"

#include "arena.h"
#include "bytes.h"
#include "checkpoint.h"
#include "report.h"
#include "restore.h"
#include "space.h"

/* A host asks how a transaction ended when a frame that was already on its way is refused. So no more endings are asked
   for than there can be frames on their way and transactions that end together. */
enum { ENDINGS = FGFT_PORT_WINDOW + FGFT_PORT_TRANSACTIONS };

typedef struct {
    uint8_t number;
    uint8_t reason;
} ending;

static uint8_t open_numbers[FGFT_PORT_TRANSACTIONS]; /* 0: free */
static ending endings[ENDINGS];                      /* a ring */
static uint8_t next_ending;
static fgft_transaction_history history;

static uint8_t *find(uint8_t number) {
    for (uint8_t i = 0; i < FGFT_PORT_TRANSACTIONS; i++) {
        if (open_numbers[i] == number) return &open_numbers[i];
    }
    return NULL;
}

bool fgft_transaction_open(uint8_t number) {
    return number != 0 && find(number) != NULL;
}

uint8_t fgft_transaction_begin(uint8_t number) {
    if (find(number) != NULL) return FGFT_STATUS_TRANSACTION_OPEN;
    uint8_t *place = find(0);
    if (place == NULL) return FGFT_STATUS_TOO_MANY_TRANSACTIONS;
    *place = number;
    return FGFT_STATUS_OK;
}

static void end(uint8_t number, uint8_t reason) {
    *find(number) = 0;
    endings[next_ending] = (ending){number, reason};
    if (++next_ending == ENDINGS) next_ending = 0;
}

uint8_t fgft_transaction_end_reason(uint8_t number) {
    uint8_t reason = FGFT_END_NONE;
    for (uint8_t i = 0; i < ENDINGS; i++) {
        const ending *from_oldest = &endings[(next_ending + i) % ENDINGS];
        if (from_oldest->number == number) reason = from_oldest->reason;
    }
    return reason;
}

static void release(fgft_record *record, fgft_definition *definition) {
    definition->holder = 0;
    fgft_arena_remove(record);
}

void fgft_transaction_commit(uint8_t number) {
    fgft_record *record;
    while ((record = fgft_arena_newest(number)) != NULL) {
        release(record, fgft_definition_find(record->peripheral));
    }
    history.committed = number;
    end(number, FGFT_END_COMMITTED);
}

void fgft_transaction_roll_back(uint8_t number, uint8_t reason) {
    fgft_record *record;
    fgft_report_begin(FGFT_ROLLBACK_VERIFIED);
    while ((record = fgft_arena_newest(number)) != NULL) {
        fgft_definition *definition = fgft_definition_find(record->peripheral);
        fgft_restore(definition, record);
        release(record, definition);
    }
    end(number, reason);
}

uint8_t fgft_transaction_before_change(uint8_t number, uint8_t peripheral, fgft_definition *definition) {
    if (definition->holder == number) return FGFT_STATUS_OK;
    if (definition->holder != 0) return fgft_fail(FGFT_STATUS_PERIPHERAL_BUSY, 0, definition->holder);
    uint16_t needed = fgft_record_bytes(definition->saves);
    uint16_t left = fgft_arena_free();
    if (needed > left) return fgft_fail(FGFT_STATUS_ARENA_FULL, left, needed);
    fgft_record *record = fgft_arena_add(number, peripheral, definition->saves);
    fgft_checkpoint_save(definition, record->saved);
    definition->holder = number;
    uint8_t fault = fgft_take_fault();
    /* A checkpoint that is not whole must never be restored. */
    if (fault != FGFT_FAULT_NONE) release(record, definition);
    return fgft_fault_status(fault);
}

void fgft_transaction_release(uint8_t peripheral, fgft_definition *definition) {
    release(fgft_arena_of(peripheral), definition);
}

void fgft_transactions_abandon(uint8_t reason) {
    for (uint8_t i = 0; i < FGFT_PORT_TRANSACTIONS; i++) {
        if (open_numbers[i] == 0) continue;
        fgft_transaction_roll_back(open_numbers[i], reason);
        history.abandoned++;
        history.reason = reason;
        history.restored = (uint16_t)(history.restored + fgft_rollback_report.restored);
        history.mismatched = (uint16_t)(history.mismatched + fgft_rollback_report.mismatched);
    }
}

bool fgft_transactions_any_open(void) {
    for (uint8_t i = 0; i < FGFT_PORT_TRANSACTIONS; i++) {
        if (open_numbers[i] != 0) return true;
    }
    return false;
}

const fgft_transaction_history *fgft_transactions_past(void) {
    return &history;
}

void fgft_transactions_forget(void) {
    memset(open_numbers, 0, sizeof open_numbers);
    fgft_arena_clear();
    memset(endings, 0, sizeof endings);
    memset(&history, 0, sizeof history);
}
