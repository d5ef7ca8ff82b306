/* The ops of one frame, run up to the first that fails. */
#ifndef FGFT_BATCH_H
#define FGFT_BATCH_H

#include <stdint.h>

typedef struct {
    const uint8_t *in; /* the next op */
    const uint8_t *in_end;
    uint8_t *out; /* the next result; up to out_end, what a failure needs lies behind that */
    uint8_t *out_end;
    uint8_t transaction; /* named by the frame, 0: none */
    uint8_t ran;         /* ops that ran to their end */
} fgft_batch;

/* Runs `count` ops. Returns the status of the frame; fgft_failed and fgft_rollback_report belong to it. */
uint8_t fgft_batch_run(fgft_batch *batch, uint8_t count);

#endif
