/* Bringing a peripheral back to its checkpoint. */
#ifndef FGFT_RESTORE_H
#define FGFT_RESTORE_H

#include "arena.h"
#include "definition.h"

/* Runs the restore steps of the peripheral that the record belongs to, writes its journal back, reads all of it, and
   adds to the rollback report. */
void fgft_restore(const fgft_definition *definition, const fgft_record *record);

#endif
