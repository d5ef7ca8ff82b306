/* The suites of unit tests, one file each. */
#ifndef SUITES_H
#define SUITES_H

#include "test.h"

extern const suite frame_suite, hello_suite, batch_suite, definition_suite, register_suite, transaction_suite,
    restore_suite, lease_suite, journal_suite, space_suite, chip_suite, bus_fault_suite, message_suite,
    savepoint_suite, merge_suite, nesting_suite, snapshot_suite, serial_suite, event_suite, event_end_suite;

#endif
