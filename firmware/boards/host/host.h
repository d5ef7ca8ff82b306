/*
 * The other end of the link, for tests: builds frames and definitions, sends them, and takes answers apart.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "fgft.h"
#include "report.h"

enum { HOST_EPOCH = 0x11223344, HOST_SESSION = 0x5e55 };

/* Bus and firmware as at boot, no session. */
void host_power_on(void);

/* A named register: what a `ref` holds, and the width of the access. */
typedef struct {
    uint8_t peripheral;
    uint8_t block;
    uint16_t offset;
    uint8_t width; /* log2 of its bytes */
} host_ref;

typedef struct {
    uint16_t session;
    uint16_t sequence;
    uint32_t epoch;
    uint8_t status;
    uint8_t ran;
    const uint8_t *results;
    size_t results_length;
    fgft_failure failure; /* the last two only if the status is not `ok` */
    struct {
        uint8_t outcome;
        uint8_t count;
        uint16_t restored;
        struct {
            uint8_t peripheral;
            uint8_t index;
            uint32_t expected;
            uint32_t found;
        } mismatches[FGFT_PORT_MISMATCHES];
    } report;
    const uint8_t *bytes;
    size_t length;
} host_answer;

/* A frame is begun, filled with ops, and sent. It gets the next sequence number of the session. */
void host_frame(uint8_t transaction);
void host_byte(uint8_t byte);
void host_16(uint16_t value);
void host_32(uint32_t value);

/* An op of which the test gives the operands itself, byte by byte. */
void host_op(uint8_t code, size_t result_length);

void host_echo(const uint8_t *bytes, uint8_t count);
void host_status(uint16_t sequence);
void host_digest(uint8_t peripheral);
void host_begin(void);
void host_commit(void);
void host_rollback(void);
void host_savepoint(void);
void host_release(void);
void host_revert(void);
void host_snapshot(uint8_t peripheral, uint8_t entries);
void host_restore(uint8_t peripheral, const uint8_t *record); /* as a snapshot's result */
void host_read(host_ref at);
void host_write(host_ref at, uint32_t value);
void host_masked(host_ref at, uint32_t mask, uint32_t value);
void host_read_block(host_ref at, uint8_t count);
void host_read_fifo(host_ref at, uint8_t count);
void host_write_block(host_ref at, const uint32_t *values, uint8_t count);
void host_write_fifo(host_ref at, const uint32_t *values, uint8_t count);
void host_poll(host_ref at, uint32_t mask, uint32_t value, uint32_t us);
void host_delay(uint32_t us);
void host_transfer(host_ref at, const uint8_t *bytes, uint8_t count, uint8_t count_to_read);
void host_query(host_ref at, const uint8_t *bytes, uint8_t count, uint8_t count_to_read);

void host_watch(host_ref at, uint32_t mask);
void host_events(uint8_t most, uint8_t given); /* of which so many are expected */

/* What a snapshot of so many save entries answers: u8 count, values, a bit for each. */
size_t host_snapshot_bytes(uint8_t entries);

/* Sends the frame; the next one gets the next sequence number if this one ran. */
host_answer host_send(void);

/* Sends the frame, which must run to its end. */
host_answer host_ok(void);

/* Of an answer to a frame that did not run: this status, and nothing else told, but what some of them compare. */
void host_expect_refusal(host_answer answer, uint8_t status);

/* Sends a frame that rolls a transaction back. */
host_answer host_roll_back(uint8_t transaction);

/* Rolls transaction 1 back, which must bring so many registers back; the bus's log is of that alone. */
void host_expect_verified(uint16_t restored);

/* The frame that was sent last, to be sent again or to be damaged. `host_seal` puts length and CRC right. */
uint8_t *host_frame_bytes(void);
size_t host_frame_length(void);
void host_seal(void);
host_answer host_repeat(void);

/* Sequence number of the next frame, and session; may be set. */
extern uint16_t host_next_sequence;
extern uint16_t host_session;

host_answer host_hello(uint16_t session, uint16_t features, uint16_t lease_ms);

/* Power on and hello: what most tests begin with. The lease is 100 ms. */
void host_open(void);

/* A definition is begun, filled, and added to the frame. */
void host_definition(uint8_t number);
void host_block(uint8_t flags, uint8_t width, uint32_t base, uint16_t size, uint32_t mask);
/* Puts the block that was added last into another address space. */
void host_space(uint8_t space);
void host_save(uint8_t block, uint8_t flags, uint16_t offset, uint32_t mask);
void host_step(uint8_t kind, uint8_t block, uint16_t offset, uint32_t mask, uint32_t value, uint32_t us);
void host_define(void);

/* Begins a frame with just this definition, sends it, and expects `ok`. */
void host_define_now(void);
host_answer host_try_define(void);

/* Results, little-endian. */
uint32_t host_result_8(host_answer answer, size_t at);
uint32_t host_result_16(host_answer answer, size_t at);
uint32_t host_result_32(host_answer answer, size_t at);

#endif
