/* What must hold whatever a host sends. */
#ifndef FUZZ_INVARIANTS_H
#define FUZZ_INVARIANTS_H

#include <stdbool.h>

/* Stops the program, so that the fuzzer keeps the input. */
void must(bool holds, const char *what);

/* To be called when the bus has been reset. */
void begin_invariants(void);

/* The bits that the allow-list gives to nobody have never changed. */
void check_neighbours(void);

/* The store holds whole definitions without gaps, and only open transactions hold peripherals. */
void check_definitions(void);

#endif
