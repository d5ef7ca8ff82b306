/* A nested call that ends well: what its caller must know to undo it. */
#ifndef FGFT_MERGE_H
#define FGFT_MERGE_H

#include <stdint.h>

/* Merges the records of the innermost nested call of a transaction into those of its caller, where that has some of the
   same peripherals; the others become the caller's with the end of the savepoint. Returns a status; if that is not
   `ok`, nothing has changed. */
uint8_t fgft_merge(uint8_t transaction);

#endif
