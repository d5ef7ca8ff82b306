/* Runs the suites that are named, or all, prints each test, and closes with a line that a machine can count. */
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "suites.h"

static bool failing;

void expect(bool holds, const char *condition, const char *file, int line) {
    if (holds) return;
    failing = true;
    printf("    %s:%d: not true: %s\n", file, line, condition);
}

void expect_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line) {
    if (found == expected) return;
    failing = true;
    printf("    %s:%d: %s is %" PRIu64 " (0x%" PRIx64 "), not %" PRIu64 " (0x%" PRIx64 ")\n", file, line, what, found,
           found, expected, expected);
}

static void print_sentence(const char *name) {
    for (; *name != '\0'; name++) putchar(*name == '_' ? ' ' : *name);
    putchar('\n');
}

static bool is_named(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) return true;
    }
    return count == 0;
}

int main(int count, char **arguments) {
    static const suite *const suites[] = {
        &frame_suite,       &hello_suite,     &batch_suite,   &definition_suite, &register_suite,
        &transaction_suite, &restore_suite,   &lease_suite,   &journal_suite,    &space_suite,
        &chip_suite,        &bus_fault_suite, &message_suite, &savepoint_suite,  &merge_suite,
        &nesting_suite,     &snapshot_suite,  &serial_suite,  &event_suite,      &event_end_suite,
    };
    int passed = 0;
    int failed = 0;
    for (size_t s = 0; s < sizeof suites / sizeof *suites; s++) {
        if (!is_named(suites[s]->name, count - 1, arguments + 1)) continue;
        printf("%s\n", suites[s]->name);
        for (size_t i = 0; i < suites[s]->count; i++) {
            failing = false;
            host_power_on();
            suites[s]->tests[i].run();
            printf("  %s ", failing ? "FAILED" : "ok");
            print_sentence(suites[s]->tests[i].name);
            if (failing) {
                failed++;
            } else {
                passed++;
            }
        }
    }
    printf("firmware: %d passed, %d failed\n", passed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
