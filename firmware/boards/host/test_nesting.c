/* The model of nesting.c, given numbers of which each run makes the same. */
#include "nesting.h"
#include "suites.h"

static uint32_t state;
static uint32_t numbers_left;

/* The middle of a linear congruential generator. */
static uint8_t next_number(void) {
    state = state * 1664525 + 1013904223;
    return (uint8_t)(state >> 16);
}

static bool more_numbers(void) {
    return numbers_left-- > 0;
}

static void calls_nested_at_random_are_as_a_model_says(void) {
    for (state = 1; state < 20; state++) {
        uint32_t seed = state;
        numbers_left = 2000;
        nesting_run(next_number, more_numbers);
        state = seed;
    }
}

static const test tests[] = {
    TEST(calls_nested_at_random_are_as_a_model_says),
};

const suite nesting_suite = SUITE("nesting", tests);
