/*
 * The libFuzzer target: a hostile host, an impatient one, and a bus on which registers misbehave. The input is a list
 * of commands, most of them frames; for these the harness puts right what a fuzzer cannot guess (length, CRC, session,
 * sequence number, number of ops). Or it is what nesting.c makes calls of. After each command it checks what must
 * always hold; fuzz_invariants.c looks into every checkpoint and every restore.
 */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "bus.h"
#include "bytes.h"
#include "crc.h"
#include "definition.h"
#include "fgft.h"
#include "frame.h"
#include "fuzz_commands.h"
#include "fuzz_invariants.h"
#include "fuzz_serial.h"
#include "nesting.h"
#include "report.h"
#include "test.h"
#include "transaction.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input; zeros behind its end. */
static const uint8_t *input;
static size_t left;

static uint8_t next_byte(void) {
    if (left == 0) return 0;
    left--;
    return *input++;
}

static uint16_t next_16(void) {
    uint16_t low = next_byte();
    return (uint16_t)(low | next_byte() << 8);
}

/* The frames sent last, to be repeated, and the session as the host sees it. */
static struct {
    uint8_t bytes[FGFT_PORT_FRAME_MAX];
    uint16_t length;
} sent[FGFT_PORT_WINDOW];
static size_t sent_count;

static uint16_t session(void) {
    uint8_t state[8];
    fgft_resync_answer(state);
    return fgft_get16(state + 4);
}

static uint16_t next_sequence(void) {
    uint8_t state[8];
    fgft_resync_answer(state);
    return fgft_get16(state + 6);
}

static void check_answer(fgft_answer answer) {
    const uint8_t *bytes = answer.bytes;
    enum { SHORTEST = FGFT_SIZE_ANSWER_HEADER + FGFT_SIZE_CRC };
    must(answer.length >= SHORTEST && answer.length <= FGFT_PORT_FRAME_MAX, "an answer has a possible length");
    uint16_t checked = (uint16_t)(answer.length - FGFT_SIZE_CRC);
    must(bytes[0] == FGFT_FRAME_ANSWER_MAGIC && fgft_get16(bytes + 2) == answer.length, "an answer says its length");
    must(fgft_get32(bytes + checked) == fgft_crc(0, bytes, checked), "an answer ends with its CRC");
    must(bytes[FGFT_ANSWER_STATUS] <= FGFT_LIMIT_LAST_STATUS, "an answer has a known status");
}

static fgft_answer execute(const uint8_t *bytes, uint16_t length) {
    uint8_t *copy = malloc(length == 0 ? 1 : length); /* exactly as long, so that reading beyond it is noticed */
    if (copy == NULL) abort();
    memcpy(copy, bytes, length);
    fgft_answer answer = fgft_execute(copy, length);
    free(copy);
    check_answer(answer);
    return answer;
}

/* Sends the frame again: the same answer, and no register is touched. */
static void repeat(size_t back) {
    if (back >= sent_count || back >= FGFT_PORT_WINDOW) return;
    size_t index = (sent_count - 1 - back) % FGFT_PORT_WINDOW;
    fgft_answer first = execute(sent[index].bytes, sent[index].length);
    uint8_t copy[FGFT_PORT_FRAME_MAX];
    memcpy(copy, first.bytes, first.length);
    bus_clear_log();
    fgft_answer second = execute(sent[index].bytes, sent[index].length);
    must(bus_log_length() == 0, "a repeated frame touches no register");
    must(second.length == first.length && memcmp(second.bytes, copy, first.length) == 0,
         "a repeated frame gets the same answer");
}

static void seal(uint8_t *frame, uint16_t length) {
    fgft_put16(frame + 2, length);
    fgft_put32(frame + length - FGFT_SIZE_CRC, fgft_crc(0, frame, (uint16_t)(length - FGFT_SIZE_CRC)));
}

/* A frame that is right but for its ops; then the same frame again. */
static void send_frame(void) {
    uint8_t frame[FGFT_PORT_FRAME_MAX];
    enum { BODY_MAX = sizeof frame - FGFT_SIZE_REQUEST_HEADER - FGFT_SIZE_CRC };
    uint8_t transaction = next_byte() % 5;
    uint16_t body = next_16() % (BODY_MAX + 1);
    frame[0] = FGFT_FRAME_REQUEST_MAGIC;
    frame[1] = FGFT_FRAME_VERSION;
    fgft_put16(frame + 4, session());
    fgft_put16(frame + 6, next_sequence());
    frame[8] = transaction;
    for (uint16_t i = 0; i < body; i++) frame[FGFT_SIZE_REQUEST_HEADER + i] = next_byte();
    frame[9] = fuzz_count_ops(frame + FGFT_SIZE_REQUEST_HEADER, body);
    uint16_t length = (uint16_t)(FGFT_SIZE_REQUEST_HEADER + body + FGFT_SIZE_CRC);
    seal(frame, length);
    execute(frame, length);
    memcpy(sent[sent_count % FGFT_PORT_WINDOW].bytes, frame, length);
    sent[sent_count % FGFT_PORT_WINDOW].length = length;
    sent_count++;
    repeat(0);
}

/* A frame of which the fuzzer says every byte; perhaps with the right length and CRC. */
static void send_anything(bool sealed) {
    uint8_t frame[FGFT_PORT_FRAME_MAX + 16];
    uint16_t length = next_16() % (sizeof frame + 1);
    for (uint16_t i = 0; i < length; i++) frame[i] = next_byte();
    if (sealed && length >= FGFT_SIZE_CRC + 4) seal(frame, length);
    execute(frame, length);
}

/* The same for a serial line, encoded or to be encoded. */
static void send_serial(void (*use)(const uint8_t *bytes, uint16_t length)) {
    uint8_t bytes[FGFT_PORT_FRAME_MAX + 16];
    uint16_t length = next_16() % (sizeof bytes + 1);
    for (uint16_t i = 0; i < length; i++) bytes[i] = next_byte();
    use(bytes, length);
}

static void send_hello(uint16_t new_session) {
    uint8_t frame[FGFT_SIZE_REQUEST_HEADER + 5 + FGFT_SIZE_CRC] = {FGFT_FRAME_REQUEST_MAGIC, FGFT_FRAME_VERSION};
    fgft_put16(frame + 4, new_session);
    frame[9] = 1;
    frame[10] = FGFT_OP_HELLO;
    fgft_put16(frame + 11, FGFT_FEATURE_TRANSACTIONS);
    fgft_put16(frame + 13, 100);
    seal(frame, sizeof frame);
    execute(frame, sizeof frame);
    sent_count = 0;
}

/* Once and for all: of a register that was no memory for a while, nothing could be said later. */
static void misbehave(void) {
    static const uint32_t bases[] = {BUS_ALIASED, BUS_PLAIN, BUS_PARTIAL, BUS_READ_ONLY};
    uint32_t address = bases[next_byte() % 4] + next_byte() % (BUS_BLOCK_SIZE / 4) * 4U;
    bus_behaviour behaviour = (bus_behaviour)(next_byte() % (BUS_FAULTS + 1));
    uint32_t bits = next_byte() * 0x01010101U;
    uint32_t after = next_byte() % 8;
    if (bus_behaviour_of(address) == BUS_MEMORY) bus_behave(address, behaviour, bits, after);
}

static void fail_transfers(void) {
    uint32_t skip = next_byte();
    uint32_t count = next_byte();
    chips_fail(skip, count, (uint8_t)(FGFT_BUS_NO_ADDRESS + next_byte() % FGFT_BUS_ARBITRATION_LOST));
}

static void check_always(void) {
    check_neighbours();
    check_definitions();
    fgft_answer poke = fgft_poke();
    must(poke.length == 0 || poke.length == FGFT_SIZE_POKE, "a poke is a poke");
    if (!fgft_transactions_any_open()) {
        must(fgft_arena_free() == FGFT_PORT_ARENA_BYTES, "without a transaction the arena is empty");
        must(fgft_check_lease() == FGFT_IDLE, "without a transaction no lease runs");
    }
}

static void run_command(void) {
    switch (next_byte() % FUZZ_COMMANDS) {
    case FUZZ_ANYTHING: send_anything(false); break;
    case FUZZ_SEALED: send_anything(true); break;
    case FUZZ_REPEAT: repeat(next_byte() % FGFT_PORT_WINDOW); break;
    case FUZZ_SILENCE:
        bus_pass(next_byte() * 1000U);
        fgft_check_lease();
        break;
    case FUZZ_LINK_LOST:
        fgft_link_lost();
        must(!fgft_transactions_any_open(), "a lost link ends all transactions");
        break;
    case FUZZ_HELLO: send_hello(next_16()); break;
    case FUZZ_MISBEHAVE: misbehave(); break;
    case FUZZ_INTERRUPT: bus_interrupt_after(next_byte()); break;
    case FUZZ_FAIL: fail_transfers(); break;
    case FUZZ_SERIAL: send_serial(fuzz_serial_line); break;
    case FUZZ_PACKET: send_serial(fuzz_serial_packet); break;
    case FUZZ_RAISE: interrupts_raise(next_byte() % 2 ? INTERRUPTS_LEVELS : INTERRUPTS_EDGES, next_byte()); break;
    case FUZZ_LOWER: interrupts_lower(INTERRUPTS_LEVELS, next_byte()); break;
    default: send_frame();
    }
}

/* The test client expects. */
void expect(bool holds, const char *condition, const char *file, int line) {
    (void)file, (void)line;
    must(holds, condition);
}

void expect_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line) {
    (void)file, (void)line;
    must(found == expected, what);
}

static bool any_left(void) {
    return left > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input = data;
    left = size;
    if (size > 0 && *data == FUZZ_NESTING) {
        next_byte();
        nesting_run(next_byte, any_left);
        return 0;
    }
    sent_count = 0;
    fuzz_serial_begin();
    bus_reset();
    bus_clock_step(20000); /* so that no wait takes more than fifty rounds */
    begin_invariants();
    fgft_init(&(fgft_boot_record){.epoch = 1});
    send_hello(1);
    while (left > 0) {
        run_command();
        check_always();
    }
    fgft_link_lost();
    check_always();
    return 0;
}
