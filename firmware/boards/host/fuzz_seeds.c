/* Writes seeds for the fuzzer into a folder: short lives of a session, told with the host's words. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_commands.h"
#include "host.h"
#include "interrupts.h"
#include "test.h"

enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };

static FILE *seed;

/* The test client expects; here nothing is run. */
void expect(bool holds, const char *condition, const char *file, int line) {
    (void)holds, (void)condition, (void)file, (void)line;
}

void expect_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line) {
    (void)found, (void)expected, (void)what, (void)file, (void)line;
}

static void put(uint8_t byte) {
    if (fputc(byte, seed) == EOF) exit(EXIT_FAILURE);
}

/* The frame that was built, as a command. */
static void put_frame(uint8_t transaction) {
    size_t length = host_frame_length() - FGFT_SIZE_REQUEST_HEADER;
    put(FUZZ_FRAME);
    put(transaction);
    put((uint8_t)length);
    put((uint8_t)(length >> 8));
    for (size_t i = 0; i < length; i++) put(host_frame_bytes()[FGFT_SIZE_REQUEST_HEADER + i]);
}

static const host_ref aliased = {1, 0, 4, 2}, plain = {1, 1, 0, 2}, narrow = {1, 2, 1, 0}, shadowed = {1, 3, 0, 2},
                      fifo = {2, 0, 0, 2}, ones = {2, 1, 0, 2}, partial = {2, 2, 0, 2}, journaled = {3, 0, 4, 2},
                      journaled_bits = {3, 1, 4, 2}, last_journaled = {3, 0, 28, 2}, side_effects = {3, 2, 0, 2};

static void define(void) {
    host_frame(0);
    host_definition(1);
    host_block(RW, 2, BUS_ALIASED, 16, UINT32_MAX);
    host_block(RW, 2, BUS_PLAIN, 16, UINT32_MAX);
    host_block(RW, 0, BUS_PLAIN + 0x20, 4, 0xff);
    host_block(FGFT_BLOCK_WRITE, 2, BUS_ALIASED + 0x20, 4, UINT32_MAX);
    for (uint16_t i = 0; i < 4; i++) host_save(0, i == 3 ? FGFT_SAVE_VOLATILE : 0, (uint16_t)(4 * i), 0xffff);
    host_save(1, 0, 0, UINT32_MAX);
    host_save(2, 0, 1, 0x0f);
    host_save(3, FGFT_SAVE_SHADOW, 0, 0xff);
    host_step(FGFT_STEP_WRITE, 1, 4, 3, 1, 0);
    host_step(FGFT_STEP_SAVED, 0, 7, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 1, 4, 1, 1, 100000);
    host_step(FGFT_STEP_DELAY, 0, 0, 0, 0, 1000);
    host_define();
    host_definition(2);
    host_block(RW | FGFT_BLOCK_FIFO, 2, BUS_PLAIN + 0x40, 4, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_ONES, 2, BUS_ALIASED + 0x40, 4, 0xff);
    host_block(RW, 2, BUS_PARTIAL, 8, 0x0ff0);
    host_save(2, 0, 0, 0x0ff0);
    host_define();
    host_definition(3);
    host_block(RW | FGFT_BLOCK_JOURNAL, 2, BUS_PLAIN + BUS_BLOCK_SIZE - 32, 32, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_JOURNAL, 2, BUS_ALIASED + 0x80, 8, 0xff00);
    host_block(RW | FGFT_BLOCK_SIDE_EFFECTS, 2, BUS_PLAIN + 0xc0, 8, UINT32_MAX);
    host_define();
    put_frame(0);
}

static void add_writes(void) {
    static const uint32_t values[] = {1, 2, 3};
    host_write(aliased, 0x12345678);
    host_masked(plain, 0xff00, 0x5500);
    host_write(narrow, 0x77);
    host_write(shadowed, 0x99);
    host_masked(shadowed, 0xf, 0x3);
    host_write_block(plain, values, 3);
    host_write_fifo(fifo, values, 3);
    host_write(ones, 0x11);
    host_masked(partial, 0x0ff0, 0x0550);
    host_write_block(journaled, values, 3);
    host_masked(journaled_bits, 0xff00, 0x5500);
    host_write_fifo(last_journaled, values, 3);
}

static void add_reads(void) {
    host_read(aliased);
    host_read_block(plain, 3);
    host_read_fifo(fifo, 4);
    host_poll(partial, 0, 0, 1000);
    host_delay(1000);
    host_digest(1);
    host_status(1);
    host_echo((const uint8_t *)"abc", 3);
}

/* Chips of registers, one of commands with two slots, and one behind SPI. */
static const host_ref chip_byte = {4, 0, 4, 0}, chip_word = {4, 1, 2, 1}, setting = {4, 2, 0, 0},
                      asking = {4, 3, 0, 0}, raw = {4, 4, 0, 0}, spi_byte = {4, 5, 4, 0};

static void add_bus_block(uint8_t space, uint8_t flags, uint8_t width, uint32_t base, uint16_t size) {
    host_block(flags, width, base, size, width == 0 ? 0xff : 0xffff);
    host_space(space);
}

static void define_chips(void) {
    define();
    host_frame(0);
    host_definition(4);
    add_bus_block(FGFT_SPACE_I2C, RW, 0, CHIP_BYTES | 1 << 10, 16);
    add_bus_block(FGFT_SPACE_I2C, RW, 1, CHIP_WORDS | 1 << 10 | 1 << 12 | 1 << 13, 8);
    add_bus_block(FGFT_SPACE_I2C, FGFT_BLOCK_WRITE | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 3);
    add_bus_block(FGFT_SPACE_I2C, RW | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 5);
    add_bus_block(FGFT_SPACE_I2C, RW | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 1);
    add_bus_block(FGFT_SPACE_SPI, RW, 0, CHIP_SELECT | 1 << 13 | 1 << 14, 16);
    host_save(0, 0, 4, 0xff);
    host_save(0, FGFT_SAVE_ZEROS, 5, 0x3c);
    host_save(1, 0, 2, 0x0ff0);
    host_save(2, FGFT_SAVE_SHADOW, 0, 0x030201);
    host_save(3, FGFT_SAVE_SHADOW, 0, 0x04030201);
    host_save(3, FGFT_SAVE_SHADOW, 4, 5);
    host_save(5, 0, 4, 0x0f);
    host_step(FGFT_STEP_SAVED, 3, 3, 0, 0, 0);
    host_step(FGFT_STEP_SAVED, 0, 3, 0, 0, 0);
    host_step(FGFT_STEP_POLL, 0, 4, 0, 0, 1000);
    host_define();
    put_frame(0);
}

static void chips(void) {
    static const uint32_t values[] = {1, 2, 3};
    define_chips();
    host_frame(1);
    host_begin();
    host_write(chip_byte, 0x5a);
    host_write_block(chip_byte, values, 3);
    host_masked(chip_word, 0x00ff, 0x0055);
    host_transfer(setting, (const uint8_t *)"abc", 3, 0);
    host_transfer(asking, (const uint8_t *)"defgh", 5, 2);
    host_transfer(raw, (const uint8_t *)"i", 1, 0);
    host_write_fifo(raw, values, 2);
    host_write(spi_byte, 7);
    host_read_block(spi_byte, 3);
    host_digest(4);
    put_frame(1);
}

static void roll_chips_back(void) {
    chips();
    host_frame(1);
    host_rollback();
    put_frame(1);
}

static void failing_chips(void) {
    define_chips();
    put(FUZZ_FAIL);
    put(8);
    put(1);
    put(1);
    host_frame(1);
    host_begin();
    host_transfer(setting, (const uint8_t *)"abc", 3, 0);
    host_transfer(asking, (const uint8_t *)"defgh", 5, 2);
    put_frame(1);
    put(FUZZ_FAIL);
    put(2);
    put(200);
    put(2);
    host_frame(2);
    host_begin();
    host_write(chip_byte, 1);
    host_rollback();
    put_frame(2);
}

static void nothing(void) {}

static void plain_ops(void) {
    define();
    host_frame(0);
    add_writes();
    add_reads();
    put_frame(0);
    put(FUZZ_REPEAT);
    put(1);
}

static void begin(void) {
    define();
    host_frame(1);
    host_begin();
    add_writes();
    put_frame(1);
}

static void commit(void) {
    begin();
    host_frame(1);
    add_reads();
    host_commit();
    put_frame(1);
}

static void rollback(void) {
    begin();
    host_frame(1);
    host_rollback();
    put_frame(1);
}

static void failure(void) {
    begin();
    host_frame(1);
    host_digest(9);
    put_frame(1);
}

static void irrevocable(void) {
    begin();
    host_frame(0);
    host_write(side_effects, 5);
    put_frame(0);
    host_frame(1);
    host_write(side_effects, 6);
    put_frame(1);
}

/* Two transactions take turns, so that their checkpoints stand between each other's in the arena. */
static void two(void) {
    define();
    host_frame(1);
    host_begin();
    host_write(aliased, 0x12345678);
    put_frame(1);
    host_frame(2);
    host_begin();
    host_masked(partial, 0xf0, 0);
    put_frame(2);
    host_frame(1);
    host_write(journaled, 1);
    put_frame(1);
    host_frame(1);
    host_rollback();
    put_frame(1);
    host_frame(2);
    host_rollback();
    put_frame(2);
}

static void busy(void) {
    begin();
    host_frame(2);
    host_begin();
    host_masked(partial, 0xf0, 0);
    put_frame(2);
}

static void nested(void) {
    begin();
    host_frame(1);
    host_savepoint();
    add_writes();
    host_savepoint();
    host_write(aliased, 1);
    host_release();
    put_frame(1);
    host_frame(1);
    host_revert();
    host_savepoint();
    host_write(journaled, 1);
    host_write(last_journaled, 1);
    host_release();
    host_savepoint();
    host_digest(9);
    put_frame(1);
    host_frame(1);
    host_revert();
    host_rollback();
    put_frame(1);
}

/* A register of the nested call does not read back when an op of it fails: the transaction ends there and then. */
static void failure_that_ends_all(void) {
    begin();
    host_frame(1);
    host_savepoint();
    host_write(aliased, 1);
    put_frame(1);
    put(FUZZ_MISBEHAVE);
    put(0);
    put(1);
    put(BUS_IGNORES);
    put(0xff);
    put(0);
    host_frame(1);
    host_digest(9);
    put_frame(1);
    host_frame(2); /* in the place of the one before */
    host_begin();
    host_write(plain, 2);
    host_commit();
    put_frame(2);
}

static void restored(void) {
    uint8_t record[1 + 4 * 7 + 1] = {7};
    define_chips();
    host_frame(0);
    host_snapshot(1, 7);
    host_restore(1, record);
    record[29] = 0x7f;
    host_restore(4, record);
    host_query(raw, (const uint8_t *)"ab", 2, 2);
    put_frame(0);
}

/* What nesting.c begins with: a transaction, and calls in it, each with a write. */
static void nesting(void) {
    put(FUZZ_NESTING);
    for (uint8_t i = 0; i < 200; i++) {
        static const uint8_t actions[] = {0, 12, 1, 13, 2, 14, 3, 15, 5, 16, 1, 17, 7, 5, 6};
        put(1 + i / 15 % 3);
        put(1);
        put(actions[i % 15]);
        put(i);
        if (actions[i % 15] > 9) put(i), put(i);
        if (actions[i % 15] == 6) put(1);
    }
}

static void silence(void) {
    begin();
    put(FUZZ_SILENCE);
    put(200);
}

static void lost(void) {
    begin();
    put(FUZZ_LINK_LOST);
}

static void hello(void) {
    begin();
    put(FUZZ_HELLO);
    put(7);
    put(0);
    define();
}

static void misbehaviour(void) {
    begin();
    for (uint8_t kind = 1; kind <= BUS_FAULTS; kind++) {
        put(FUZZ_MISBEHAVE);
        put(kind % 2);
        put(kind % 4);
        put(kind);
        put(0x0f);
        put(2);
    }
    put(FUZZ_INTERRUPT);
    put(3);
    host_frame(1);
    host_rollback();
    put_frame(1);
}

/* A frame as it stands in a packet, and a resync request and half a packet as they stand on the line. */
static void serial(void) {
    static const uint8_t line[] = {3, 1, 2, 0, 0x0a, 0xf5, 1, 1, 1, 1, 0xb5, 0x24, 0x94, 0x91, 0, 9, 1, 2};
    begin();
    put(FUZZ_SERIAL);
    put(sizeof line);
    put(0);
    for (size_t i = 0; i < sizeof line; i++) put(line[i]);
    put(FUZZ_PACKET);
    put((uint8_t)host_frame_length());
    put((uint8_t)(host_frame_length() >> 8));
    for (size_t i = 0; i < host_frame_length(); i++) put(host_frame_bytes()[i]);
}

static void watched(void) {
    static const host_ref edges = {4, 0, 0, 2}, levels = {4, 1, 0, 2}, changed = {4, 2, 0, 2};
    host_frame(0);
    host_definition(4);
    host_block(RW | FGFT_BLOCK_ONES, 2, INTERRUPTS_EDGES, 4, 0xff);
    host_block(FGFT_BLOCK_READ, 2, INTERRUPTS_LEVELS, 4, 0xff);
    host_block(RW, 2, BUS_ALIASED + 0x90, 4, UINT32_MAX);
    host_save(2, 0, 0, UINT32_MAX);
    host_define();
    host_watch(edges, 0x0f);
    host_watch(levels, 0xf0);
    put_frame(0);
    host_frame(1);
    host_begin();
    host_write(changed, 7);
    put_frame(1);
    for (uint8_t i = 0; i <= FGFT_PORT_EVENTS; i++) {
        put(FUZZ_RAISE);
        put(i % 2);
        put(0x11);
    }
    host_frame(0);
    host_events(3, 3);
    put_frame(0);
    put(FUZZ_LOWER);
    put(0x10);
    host_frame(1);
    host_events(3, 3);
    host_rollback();
    put_frame(1);
    host_frame(0);
    host_events(UINT8_MAX, 0);
    host_watch(levels, 0);
    put_frame(0);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*tell)(void);
    } seeds[] = {{"nothing", nothing},     {"define", define},
                 {"plain-ops", plain_ops}, {"begin", begin},
                 {"commit", commit},       {"rollback", rollback},
                 {"failure", failure},     {"two", two},
                 {"busy", busy},           {"irrevocable", irrevocable},
                 {"silence", silence},     {"lost", lost},
                 {"hello", hello},         {"misbehaviour", misbehaviour},
                 {"chips", chips},         {"roll-chips-back", roll_chips_back},
                 {"failing-chips", failing_chips},
                 {"nested", nested},       {"restored", restored},
                 {"nesting", nesting},     {"failure-that-ends-all", failure_that_ends_all},
                 {"serial", serial},       {"watched", watched}};
    if (count != 2) return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", arguments[1], seeds[i].name);
        seed = fopen(path, "wb");
        if (seed == NULL) return EXIT_FAILURE;
        seeds[i].tell();
        if (fclose(seed) != 0) return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
