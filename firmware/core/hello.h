/* The op that opens a session, and the record that answers it. */
#ifndef FGFT_HELLO_H
#define FGFT_HELLO_H

#include "events.h"
#include "fgft.h"
#include "protocol.h"

enum {
    FGFT_HELLO_BYTES = 5, /* the op: code, required features, lease */
    FGFT_HELLO_FEATURES = FGFT_FEATURE_TRANSACTIONS | (FGFT_HAS_EVENTS ? FGFT_FEATURE_EVENTS : 0) |
                          (FGFT_PORT_SAVEPOINTS ? FGFT_FEATURE_SAVEPOINTS : 0) |
                          (FGFT_PORT_SNAPSHOTS ? FGFT_FEATURE_SNAPSHOTS : 0) |
                          (FGFT_PORT_JOURNAL ? FGFT_FEATURE_JOURNALS : 0),
};

/* Writes the record at `at` and returns where it ended. The session and the sequence number are those that end here. */
uint8_t *fgft_put_hello(uint8_t *at, const fgft_boot_record *boot, uint16_t session, uint16_t last_sequence,
                        uint16_t lease_ms);

#endif
