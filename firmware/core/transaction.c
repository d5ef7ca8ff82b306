#include "transaction.h"

#include "arena.h"
#include "bytes.h"
#include "checkpoint.h"
#include "events.h"
#include "merge.h"
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

typedef struct {
    uint8_t number; /* 0: free */
    bool failed;    /* its innermost nested call has: only the end of that may come now */
} place;

static place places[FGFT_PORT_TRANSACTIONS];
static ending endings[ENDINGS]; /* a ring */
static uint8_t next_ending;
static fgft_transaction_history history;
static uint16_t savepoints; /* of all transactions */

static bool any_savepoint(void) {
    return FGFT_PORT_SAVEPOINTS && savepoints != 0;
}

static place *find(uint8_t number) {
    for (uint8_t i = 0; i < FGFT_PORT_TRANSACTIONS; i++) {
        if (places[i].number == number) return &places[i];
    }
    return NULL;
}

bool fgft_transaction_open(uint8_t number) {
    return number != 0 && find(number) != NULL;
}

uint8_t fgft_transaction_state(uint8_t number) {
    const place *found = number == 0 ? NULL : find(number);
    if (found == NULL) return FGFT_TRANSACTION_CLOSED;
    return FGFT_PORT_SAVEPOINTS && found->failed ? FGFT_TRANSACTION_FAILED : FGFT_TRANSACTION_OPEN;
}

uint8_t fgft_transaction_begin(uint8_t number) {
    if (find(number) != NULL) return FGFT_STATUS_TRANSACTION_OPEN;
    place *free = find(0);
    if (free == NULL) return FGFT_STATUS_TOO_MANY_TRANSACTIONS;
    *free = (place){.number = number};
    return FGFT_STATUS_OK;
}

static void end(uint8_t number, uint8_t reason) {
    find(number)->number = 0;
    endings[next_ending] = (ending){number, reason};
    if (++next_ending == ENDINGS) next_ending = 0;
    fgft_events_end(number, reason == FGFT_END_COMMITTED);
}

uint8_t fgft_transaction_end_reason(uint8_t number) {
    uint8_t reason = FGFT_END_NONE;
    uint8_t at = next_ending; /* the oldest */
    for (uint8_t left = ENDINGS; left > 0; left--) {
        if (endings[at].number == number) reason = endings[at].reason;
        if (++at == ENDINGS) at = 0;
    }
    return reason;
}

/* A peripheral is held for as long as there is a record of it: nested calls have records of their own. */
static void drop(fgft_record *record) {
    uint8_t peripheral = record->peripheral;
    fgft_arena_remove(record);
    if (FGFT_PORT_SAVEPOINTS && peripheral == 0) {
        savepoints--;
    } else if (!any_savepoint() || fgft_arena_of(peripheral) == NULL) {
        fgft_definition_find(peripheral)->holder = 0;
    }
}

void fgft_transaction_commit(uint8_t number) {
    fgft_record *record;
    while ((record = fgft_arena_newest(number)) != NULL) drop(record);
    history.committed = number;
    end(number, FGFT_END_COMMITTED);
}

/* Restores the records of a transaction, newest first, as far as its savepoint; NULL: all. */
static void restore_as_far_as(uint8_t number, const fgft_record *savepoint) {
    fgft_record *record;
    while ((record = fgft_arena_newest(number)) != savepoint) {
        if (!FGFT_PORT_SAVEPOINTS || record->peripheral != 0) fgft_restore(fgft_definition_find(record->peripheral), record);
        fgft_events_catch_up();
        drop(record);
    }
}

void fgft_transaction_roll_back(uint8_t number, uint8_t reason) {
    fgft_report_begin(FGFT_ROLLBACK_VERIFIED);
    restore_as_far_as(number, NULL);
    end(number, reason);
}

/* Restores the innermost nested call. If anything does not read back, its callers cannot go on from there either: all
   is rolled back, and the report is of all of it. Returns whether the transaction is still open. */
static bool restore_innermost(uint8_t number) {
    fgft_report_begin(FGFT_ROLLBACK_VERIFIED);
    restore_as_far_as(number, fgft_arena_savepoint(number));
    if (fgft_rollback_report.outcome == FGFT_ROLLBACK_VERIFIED) return true;
    restore_as_far_as(number, NULL);
    end(number, FGFT_END_OP_FAILED);
    return false;
}

uint8_t fgft_savepoint_begin(uint8_t number) {
    uint16_t needed = fgft_record_bytes(0);
    uint16_t left = fgft_arena_free();
    if (needed > left) return fgft_fail(FGFT_STATUS_ARENA_FULL, left, needed);
    fgft_arena_add(number, 0, 0);
    savepoints++;
    return FGFT_STATUS_OK;
}

uint8_t fgft_savepoint_release(uint8_t number) {
    if (fgft_arena_savepoint(number) == NULL) return FGFT_STATUS_NO_TRANSACTION;
    uint8_t status = fgft_merge(number);
    if (status == FGFT_STATUS_OK) drop(fgft_arena_savepoint(number));
    return status;
}

uint8_t fgft_savepoint_revert(uint8_t number) {
    if (fgft_arena_savepoint(number) == NULL) return FGFT_STATUS_NO_TRANSACTION;
    place *open = find(number);
    if (open->failed || restore_innermost(number)) {
        open->failed = false;
        drop(fgft_arena_savepoint(number));
    }
    return FGFT_STATUS_OK;
}

void fgft_transaction_op_failed(uint8_t number) {
    place *open = find(number); /* now, because the restore may end the transaction */
    if (!any_savepoint() || fgft_arena_savepoint(number) == NULL) {
        fgft_transaction_roll_back(number, FGFT_END_OP_FAILED);
    } else if (!open->failed) {
        open->failed = restore_innermost(number);
    }
}

/* Whether the innermost call of a transaction that holds a peripheral has a checkpoint of its own. */
static bool innermost_has(uint8_t number, uint8_t peripheral) {
    const fgft_record *savepoint = fgft_arena_savepoint(number);
    return savepoint == NULL || fgft_arena_of(peripheral) > savepoint;
}

bool fgft_transaction_has(uint8_t number, uint8_t peripheral, const fgft_definition *definition) {
    return definition->holder == number && (!any_savepoint() || innermost_has(number, peripheral));
}

uint8_t fgft_transaction_before_change(uint8_t number, uint8_t peripheral, fgft_definition *definition) {
    if (definition->holder == number) {
        /* Outside of transactions, too: the holder is 0 as the number is, and that has no savepoint. */
        if (!any_savepoint() || innermost_has(number, peripheral)) return FGFT_STATUS_OK;
    } else if (definition->holder != 0) {
        return fgft_fail(FGFT_STATUS_PERIPHERAL_BUSY, 0, definition->holder);
    }
    uint16_t needed = fgft_record_bytes(definition->saves);
    uint16_t left = fgft_arena_free();
    if (needed > left) return fgft_fail(FGFT_STATUS_ARENA_FULL, left, needed);
    fgft_record *record = fgft_arena_add(number, peripheral, definition->saves);
    fgft_checkpoint_save(definition, record->saved);
    definition->holder = number;
    uint8_t fault = fgft_take_fault();
    /* A checkpoint that is not whole must never be restored. */
    if (fault != FGFT_FAULT_NONE) drop(record);
    return fgft_fault_status(fault);
}

void fgft_transaction_release(uint8_t peripheral) {
    drop(fgft_arena_of(peripheral));
}

void fgft_transactions_abandon(uint8_t reason) {
    for (uint8_t i = 0; i < FGFT_PORT_TRANSACTIONS; i++) {
        if (places[i].number == 0) continue;
        fgft_transaction_roll_back(places[i].number, reason);
        history.abandoned++;
        history.reason = reason;
        history.restored = (uint16_t)(history.restored + fgft_rollback_report.restored);
        history.mismatched = (uint16_t)(history.mismatched + fgft_rollback_report.mismatched);
    }
}

bool fgft_transactions_any_open(void) {
    for (uint8_t i = 0; i < FGFT_PORT_TRANSACTIONS; i++) {
        if (places[i].number != 0) return true;
    }
    return false;
}

const fgft_transaction_history *fgft_transactions_past(void) {
    return &history;
}

void fgft_transactions_forget(void) {
    memset(places, 0, sizeof places);
    savepoints = 0;
    fgft_arena_clear();
    memset(endings, 0, sizeof endings);
    memset(&history, 0, sizeof history);
}
