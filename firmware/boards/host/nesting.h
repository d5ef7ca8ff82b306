/* Transactions with nested calls, at random, held against a model of them: for the fuzzer and for a unit test. */
#ifndef NESTING_H
#define NESTING_H

#include <stdbool.h>
#include <stdint.h>

/* Opens a session and does what the numbers say, until there are no more; 0 is as good as any other. */
void nesting_run(uint8_t (*next)(void), bool (*more)(void));

#endif
