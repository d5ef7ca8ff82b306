/*
 * The handlers of the ops. Each gets its fixed operands, checks everything, room for its result included, before it
 * touches the hardware, and returns a status. What it has put into the answer counts only if that is `ok`.
 */
#ifndef FGFT_OPS_H
#define FGFT_OPS_H

#include "batch.h"

typedef uint8_t fgft_op(fgft_batch *batch, const uint8_t *operands, uint8_t width);

fgft_op fgft_op_echo, fgft_op_status, fgft_op_define, fgft_op_digest;
fgft_op fgft_op_begin, fgft_op_commit, fgft_op_rollback;
fgft_op fgft_op_savepoint, fgft_op_release, fgft_op_revert;
fgft_op fgft_op_snapshot, fgft_op_restore;
fgft_op fgft_op_read, fgft_op_write, fgft_op_masked, fgft_op_poll, fgft_op_delay;
fgft_op fgft_op_read_block, fgft_op_write_block, fgft_op_read_fifo, fgft_op_write_fifo;
fgft_op fgft_op_transfer, fgft_op_query;
fgft_op fgft_op_watch, fgft_op_events;

/* Operands whose number stands in the operands before them. NULL when the frame ends too early. */
const uint8_t *fgft_take(fgft_batch *batch, uint16_t bytes);

/* Room for a result in the answer. NULL when there is not enough. */
uint8_t *fgft_result(fgft_batch *batch, uint16_t bytes);

#endif
