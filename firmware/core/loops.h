/*
 * The loops over single registers, which are the cost of a checkpoint and of a restore: registers in memory, of the
 * width FGFT_PORT_WIDTH. `saved` holds a value for each. loops.c has them in C, to be compiled with -O2; a board may
 * bring its own instead (port.md).
 */
#ifndef FGFT_LOOPS_H
#define FGFT_LOOPS_H

#include "definition.h"

/* Reads them into `saved`. */
void fgft_loop_save(const fgft_target *target, uint8_t count, fgft_port_register *saved);

/* Writes them, whole. */
void fgft_loop_write(const fgft_target *target, uint8_t count, const fgft_port_register *saved);

/* Brings the bits under each mask back, by a store of those that differ to the register's XOR alias. */
void fgft_loop_toggle(const fgft_target *target, uint8_t count, const fgft_port_register *saved,
                      fgft_port_address toggle);

/* Whether any of them differs under its mask. Need not read on behind the first that does. */
bool fgft_loop_differs(const fgft_target *target, uint8_t count, const fgft_port_register *saved);

#endif
