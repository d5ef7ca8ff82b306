/*
 * What an answer says about a failure: the failure record, and the report of the rollback that the failure caused. One
 * frame runs at a time and one rollback, so there is one of each.
 */
#ifndef FGFT_REPORT_H
#define FGFT_REPORT_H

#include <stdint.h>

#include "port.h"

typedef struct {
    uint8_t peripheral; /* FGFT_LIMIT_NO_PERIPHERAL: none */
    uint8_t block;
    uint16_t offset;
    fgft_port_number expected; /* docs/protocol.md says what these two hold for each status */
    fgft_port_number found;
} fgft_failure;

/* The op that runs says here where it is, before it checks anything. */
extern fgft_failure fgft_failed;

/* No op runs: no peripheral, all else 0. */
void fgft_failure_clear(void);

/* Fills in what was expected and what was found; returns the status, so that a check can end with it. */
uint8_t fgft_fail(uint8_t status, fgft_port_number expected, fgft_port_number found);

/* Outcomes of a rollback. */
enum {
    FGFT_ROLLBACK_NONE = 0,
    FGFT_ROLLBACK_VERIFIED = 1,
    FGFT_ROLLBACK_MISMATCH = 2,
};

typedef struct {
    uint8_t outcome;
    uint8_t named;       /* mismatches that had room below */
    uint16_t restored;   /* registers written back */
    uint16_t mismatched; /* all that went wrong: registers, named below or not, poll steps, buses */
    fgft_failure first;  /* the first thing that went wrong */
    uint8_t mismatches[FGFT_PORT_MISMATCHES * FGFT_SIZE_MISMATCH];
} fgft_report;

extern fgft_report fgft_rollback_report;

/* The report of a rollback that begins, or of none (outcome FGFT_ROLLBACK_NONE). */
void fgft_report_begin(uint8_t outcome);

/* Notes that the restore went wrong at this place. */
void fgft_report_trouble(const fgft_failure *trouble);

/* Notes that entry `index` of a save list did not read back, or of a journal, which counts on from there. */
void fgft_report_mismatch(uint8_t index, const fgft_failure *mismatch);

/* Both write at `at` and return where they ended. */
uint8_t *fgft_put_failure(uint8_t *at);
uint8_t *fgft_put_report(uint8_t *at);

#endif
