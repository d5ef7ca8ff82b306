/* The registers that a save list names: copied, written back, compared. */
#ifndef FGFT_CHECKPOINT_H
#define FGFT_CHECKPOINT_H

#include "definition.h"

/* Copies all of them to `saved`. */
void fgft_checkpoint_save(const fgft_definition *definition, fgft_port_register *saved);

/* Writes back `count` entries from `first` on, all of one run. `saved` is the value of the first. */
void fgft_checkpoint_write_back(const fgft_definition *definition, uint8_t first, uint8_t count,
                                const fgft_port_register *saved);

/* Whether any register of the run that begins with `first` may differ from its saved value. False for runs that cannot be
   compared. */
bool fgft_checkpoint_differs(const fgft_definition *definition, uint8_t first, const fgft_port_register *saved);

/* The CRC-32 of the saved set as it is now. */
uint32_t fgft_checkpoint_digest(const fgft_definition *definition);

#endif
