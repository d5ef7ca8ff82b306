/* Open transactions: what they hold, how they end, and what is remembered of that. */
#ifndef FGFT_TRANSACTION_H
#define FGFT_TRANSACTION_H

#include "definition.h"

bool fgft_transaction_open(uint8_t number);

/* The same, and whether an op of its innermost nested call has failed: that was restored then, and nothing of it runs
   any more. */
enum { FGFT_TRANSACTION_CLOSED, FGFT_TRANSACTION_OPEN, FGFT_TRANSACTION_FAILED };
uint8_t fgft_transaction_state(uint8_t number);

/* Returns a status. */
uint8_t fgft_transaction_begin(uint8_t number);

/* Drops the checkpoints of an open transaction and ends it. */
void fgft_transaction_commit(uint8_t number);

/* Restores what an open transaction changed and ends it. fgft_rollback_report tells how that went. */
void fgft_transaction_roll_back(uint8_t number, uint8_t reason);

/* Begins a nested call of an open transaction. Returns a status. */
uint8_t fgft_savepoint_begin(uint8_t number);

/* Ends the innermost nested call well: what it changed is now its caller's. Returns a status; if that is not `ok`,
   nothing has changed. */
uint8_t fgft_savepoint_release(uint8_t number);

/* Restores what the innermost nested call changed, and ends it; if that does not read back, the whole transaction.
   Returns a status; fgft_rollback_report tells how it went. */
uint8_t fgft_savepoint_revert(uint8_t number);

/* An op of an open transaction has failed: restores what its innermost call changed; if that does not read back, or is
   the transaction's own call, all of it. */
void fgft_transaction_op_failed(uint8_t number);

/* Whether the innermost call of a transaction has a checkpoint of the peripheral. */
bool fgft_transaction_has(uint8_t number, uint8_t peripheral, const fgft_definition *definition);

/* How the transaction that had this number last has ended, FGFT_END_NONE when that is not known (any more). */
uint8_t fgft_transaction_end_reason(uint8_t number);

/* To be called before an op of a transaction (0: none) changes the peripheral: takes the checkpoint if this is the
   innermost call's first change to it. Returns a status; unless that is `ok`, nothing may be changed. */
uint8_t fgft_transaction_before_change(uint8_t number, uint8_t peripheral, fgft_definition *definition);

/* Takes back the latest checkpoint of a peripheral, of which nothing has been used. */
void fgft_transaction_release(uint8_t peripheral);

/* Rolls back every open transaction although the host has not asked for it. */
void fgft_transactions_abandon(uint8_t reason);

bool fgft_transactions_any_open(void);

/* What happened since fgft_transactions_forget that the next session wants to know. */
typedef struct {
    uint8_t abandoned;   /* transactions */
    uint8_t reason;      /* FGFT_END_... of those */
    uint16_t restored;   /* registers, by that */
    uint16_t mismatched; /* and what went wrong in it, as fgft_report counts it */
    uint8_t committed;   /* the transaction committed last, 0: none */
} fgft_transaction_history;

const fgft_transaction_history *fgft_transactions_past(void);

/* Begins anew: none is open, nothing is remembered. What is still open is dropped, not rolled back. */
void fgft_transactions_forget(void);

#endif
