/* The registers that a save list names: copied, written back, compared. */
#ifndef FGFT_CHECKPOINT_H
#define FGFT_CHECKPOINT_H

#include "definition.h"

/* Copies all of them to `saved`. */
void fgft_checkpoint_save(const fgft_definition *definition, fgft_port_register *saved);

/* Writes back the first `count` entries of a run. */
void fgft_checkpoint_write_back(fgft_save *run, uint8_t count, const fgft_port_register *saved);

/* The bits in which any register of a run differs from its saved value; 0 for runs that cannot be compared. */
fgft_port_register fgft_checkpoint_differences(const fgft_save *run, const fgft_port_register *saved);

/* The CRC-32 of the saved set as it is now. */
uint32_t fgft_checkpoint_digest(const fgft_definition *definition);

#endif
