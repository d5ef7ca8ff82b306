/* Chips that take messages: the last one of each kind is kept, and sent again by a rollback. */
#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "host.h"
#include "suites.h"

enum {
    RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE,
    SLOT = FGFT_BLOCK_WRITE | FGFT_BLOCK_FIFO,
    ASKS = RW | FGFT_BLOCK_FIFO,
    SHADOW = FGFT_SAVE_SHADOW,
    OK = FGFT_STATUS_OK,
    BAD = FGFT_STATUS_MALFORMED_OP,
};

static host_ref slot(uint8_t block) {
    return (host_ref){1, block, 0, 0};
}

static void add_block(uint8_t flags, uint32_t base, uint16_t size) {
    host_block(flags, 0, base, size, 0xff);
    host_space(FGFT_SPACE_I2C);
}

/* A block for messages of the chip of commands. */
static void add_slot(uint8_t flags, uint16_t size) {
    add_block(flags, CHIP_COMMANDS, size);
}

/* The entries that hold a message, four bytes each. */
static void save_message(uint8_t block, const char *bytes, size_t size) {
    for (size_t offset = 0; offset < size; offset += 4) {
        uint8_t word[4] = {0};
        memcpy(word, bytes + offset, size - offset < 4 ? size - offset : 4);
        host_save(block, SHADOW, (uint16_t)offset, fgft_get32(word));
    }
}

/* Slots of 2, 3 and 6 bytes; the last comes first in the save list. Block 3 is for messages that are not kept. */
static void start(void) {
    host_open();
    host_definition(1);
    add_slot(SLOT, 2);
    add_slot(SLOT, 3);
    add_slot(ASKS, 6);
    add_slot(ASKS, 1);
    save_message(2, "initia", 6);
    save_message(0, "on", 2);
    save_message(1, "abc", 3);
    host_define_now();
}

static void send_to(uint8_t block, const char *message) {
    host_transfer(slot(block), (const uint8_t *)message, (uint8_t)strlen(message), 0);
}

static void now(uint8_t block, const char *message) {
    host_frame(0);
    send_to(block, message);
    host_ok();
}

static void expect_message(size_t index, const char *expected) {
    chips_message message = chips_message_at(index);
    EXPECT_EQUAL(message.count, strlen(expected));
    EXPECT(memcmp(message.bytes, expected, message.count) == 0);
}

static void a_message_goes_to_the_chip_as_it_is(void) {
    start();
    now(1, "xyz");
    now(2, "sixsix");
    EXPECT_EQUAL(chips_message_count(), 2);
    expect_message(0, "xyz");
    expect_message(1, "sixsix");
    EXPECT_EQUAL(chips_transfers(), 2);
}

static void a_message_may_ask_for_an_answer(void) {
    start();
    host_frame(0);
    host_transfer(slot(2), (const uint8_t *)"sixsix", 6, 2);
    host_answer answer = host_ok();
    EXPECT_EQUAL(answer.results[0], 'x');
    EXPECT_EQUAL(answer.results[1], 'i');
    host_frame(0);
    host_transfer(slot(0), (const uint8_t *)"xx", 2, 1);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
}

static void a_rollback_sends_the_messages_of_before_again(void) {
    start();
    now(0, "of");
    now(2, "before");
    now(2, "sixsix");
    host_frame(1);
    host_begin();
    send_to(0, "??");
    send_to(2, "??????");
    send_to(0, "!!");
    host_ok();
    EXPECT_EQUAL(chips_message_count(), 6);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, OK);
    EXPECT_EQUAL(host_result_8(answer, 0), 1);
    EXPECT_EQUAL(host_result_16(answer, 2), 4); /* save entries */
    EXPECT_EQUAL(chips_message_count(), 8);
    expect_message(6, "sixsix"); /* in the order of the save list, each as one transfer */
    expect_message(7, "of");
}

static void what_was_not_sent_before_is_the_initial_message(void) {
    start();
    host_frame(1);
    host_begin();
    send_to(2, "sixsix");
    host_ok();
    EXPECT_EQUAL(host_roll_back(1).status, OK);
    EXPECT_EQUAL(chips_message_count(), 2);
    expect_message(1, "initia");
}

static void a_slot_that_was_sent_to_before_is_sent_to_by_every_rollback(void) {
    start();
    now(1, "xyz");
    host_frame(1);
    host_begin();
    send_to(3, "reset");
    host_ok();
    EXPECT_EQUAL(host_roll_back(1).status, OK);
    EXPECT_EQUAL(chips_message_count(), 3);
    expect_message(2, "xyz");
}

static void a_rolled_back_slot_holds_the_message_of_before(void) {
    start();
    now(1, "xyz");
    for (int i = 0; i < 2; i++) {
        host_frame(1);
        host_begin();
        if (i == 0) send_to(1, "???");
        if (i == 1) send_to(3, "?");
        host_ok();
        EXPECT_EQUAL(host_roll_back(1).status, OK);
        expect_message(chips_message_count() - 1, "xyz");
    }
}

static void messages_of_every_length_are_kept(void) {
    static const char text[] = "all's well that ends well";
    for (uint16_t size = 1; size < sizeof text; size++) {
        host_open();
        host_definition(1);
        add_slot(SLOT, size);
        save_message(0, text, size);
        host_define_now();
        uint8_t changed[sizeof text];
        for (size_t i = 0; i < sizeof text; i++) changed[i] = (uint8_t)~text[i];
        host_frame(1);
        host_begin();
        host_transfer(slot(0), changed, (uint8_t)size, 0);
        host_ok();
        EXPECT_EQUAL(host_roll_back(1).status, OK);
        EXPECT_EQUAL(chips_message_count(), 2);
        chips_message message = chips_message_at(1);
        EXPECT_EQUAL(message.count, size);
        EXPECT(memcmp(message.bytes, text, size) == 0);
    }
}

static void a_message_has_the_length_of_its_slot(void) {
    static const struct {
        uint16_t offset, end;
        uint8_t count, count_to_read;
    } refused[] = {{0, 5, 5, 0}, {0, 7, 7, 0}, {1, 6, 5, 0}, {0, 0, 0, 2}, {5, 11, 6, 0}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        start();
        host_frame(0);
        host_transfer((host_ref){1, 2, refused[i].offset, 0}, (const uint8_t *)"0123456", refused[i].count,
                      refused[i].count_to_read);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_OUT_OF_BOUNDS);
        EXPECT_EQUAL(answer.failure.expected, 6);
        EXPECT_EQUAL(answer.failure.found, refused[i].end);
        EXPECT_EQUAL(chips_transfers(), 0);
    }
}

static void only_transfer_reaches_a_slot(void) {
    for (int op = 0; op < 6; op++) {
        start();
        host_frame(0);
        if (op == 0) host_write_fifo(slot(2), (const uint32_t[]){1, 2, 3, 4, 5, 6}, 6);
        if (op == 1) host_read_fifo(slot(2), 1);
        if (op == 2) host_write(slot(2), 1);
        if (op == 3) host_read(slot(2));
        if (op == 4) host_masked(slot(2), 0xff, 1);
        if (op == 5) host_poll(slot(2), 0, 0, 0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_ACCESS_DENIED);
        EXPECT_EQUAL(chips_transfers(), 0);
    }
}

static void a_block_without_save_entries_takes_any_message(void) {
    start();
    now(3, "x");
    now(3, "twenty-two bytes of it");
    host_frame(0);
    host_write_fifo(slot(3), (const uint32_t[]){1, 2}, 2);
    host_ok();
    EXPECT_EQUAL(chips_message_count(), 3);
}

static void a_message_that_did_not_arrive_is_followed_by_the_one_of_before(void) {
    for (int sent_before = 0; sent_before < 2; sent_before++) {
        start();
        if (sent_before) now(1, "xyz");
        size_t before = chips_message_count();
        chips_fail(0, 1, FGFT_BUS_NO_DATA);
        host_frame(1);
        host_begin();
        send_to(1, "???");
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_BUS_FAULT);
        EXPECT_EQUAL(answer.failure.found, FGFT_BUS_NO_DATA);
        EXPECT_EQUAL(answer.report.outcome, 1);
        EXPECT_EQUAL(chips_message_count(), before + 1);
        expect_message(before, sent_before ? "xyz" : "abc");
    }
}

/* Outside of a transaction nothing brings it back; the next rollback does. */
static void a_message_that_did_not_arrive_is_not_kept(void) {
    start();
    now(1, "xyz");
    chips_fail(0, 1, FGFT_BUS_NO_DATA);
    host_frame(0);
    send_to(1, "???");
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_BUS_FAULT);
    host_frame(1);
    host_begin();
    send_to(1, "!!!");
    host_ok();
    EXPECT_EQUAL(host_roll_back(1).status, OK);
    expect_message(chips_message_count() - 1, "xyz");
}

static void a_restore_that_the_bus_refuses_is_a_mismatch(void) {
    start();
    now(0, "of");
    now(1, "xyz");
    host_frame(1);
    host_begin();
    send_to(0, "??");
    send_to(1, "???");
    host_ok();
    chips_fail(0, 1, FGFT_BUS_NO_ADDRESS);
    host_answer answer = host_roll_back(1);
    EXPECT_EQUAL(answer.status, FGFT_STATUS_RESTORE_MISMATCH);
    EXPECT_EQUAL(answer.failure.found, FGFT_BUS_NO_ADDRESS);
    EXPECT_EQUAL(answer.report.outcome, 2);
    expect_message(chips_message_count() - 1, "xyz"); /* it goes on with the next */
}

static void the_digest_covers_the_messages(void) {
    start();
    now(1, "xyz");
    now(2, "sixsix");
    uint8_t expected[16] = "sixsix\0\0on\0\0xyz";
    host_frame(0);
    host_digest(1);
    EXPECT_EQUAL(host_result_32(host_send(), 0), fgft_crc(0, expected, sizeof expected));
}

/* They have the same place in the chip: only the block tells them apart. */
static void a_slot_is_not_taken_for_a_register(void) {
    host_open();
    host_definition(1);
    add_block(SLOT, CHIP_PORT, 1);
    add_block(FGFT_BLOCK_WRITE, CHIP_PORT, 1);
    add_block(SLOT, CHIP_PORT, 1);
    save_message(0, "a", 1);
    host_save(1, SHADOW, 0, 0xff);
    save_message(2, "c", 1);
    host_define_now();
    host_frame(0);
    host_write((host_ref){1, 1, 0, 0}, 'b');
    host_digest(1);
    EXPECT_EQUAL(host_result_32(host_send(), 0), fgft_crc(0, (const uint8_t *)"a\0\0\0b\0\0\0c\0\0", 12));
    now(2, "d");
    host_frame(1);
    host_begin();
    host_masked((host_ref){1, 1, 0, 0}, 0x0f, 0x0f);
    host_ok();
    EXPECT_EQUAL(chip(CHIP_PORT)[0], 'b' | 0x0f);
    uint32_t before = chips_transfers();
    EXPECT_EQUAL(host_roll_back(1).status, OK);
    EXPECT_EQUAL(chips_transfers() - before, 2);
    EXPECT_EQUAL(chip(CHIP_PORT)[0], 'd');
}

static void a_chip_behind_spi_takes_messages_too(void) {
    host_open();
    host_definition(1);
    host_block(SLOT, 0, CHIP_SELECT, 3, 0xff);
    host_space(FGFT_SPACE_SPI);
    save_message(0, "\x44\x01\x02", 3); /* from register 4 on */
    host_define_now();
    host_frame(1);
    host_begin();
    host_transfer(slot(0), (const uint8_t *)"\x44\x33\x44", 3, 0);
    host_ok();
    EXPECT_EQUAL(chip(CHIP_SELECT)[5], 0x44);
    EXPECT_EQUAL(host_roll_back(1).status, OK);
    EXPECT_EQUAL(chip(CHIP_SELECT)[4], 1);
    EXPECT_EQUAL(chip(CHIP_SELECT)[5], 2);
}

/* Blocks 0 and 1 are for messages of 6 and of 4 bytes. */
static void the_entries_of_a_message_are_complete_and_in_order(void) {
    typedef struct {
        uint8_t block, flags;
        uint16_t offset;
        uint32_t bytes;
    } entry;
    static const struct {
        uint8_t status, count;
        entry entries[4];
    } lists[] = {
        {OK, 2, {{0, SHADOW, 0, UINT32_MAX}, {0, SHADOW, 4, 0xffff}}},
        {OK, 3, {{1, SHADOW, 0, 0}, {0, SHADOW, 0, 0}, {0, SHADOW, 4, 0}}},
        {OK, 3, {{0, SHADOW, 0, 0}, {0, SHADOW, 4, 0}, {2, 0, 0, 0xff}}},
        {BAD, 1, {{0, SHADOW, 0, 0}}},                                               /* cut short by the end */
        {BAD, 2, {{0, SHADOW, 0, 0}, {1, SHADOW, 0, 0}}},                            /* by another message */
        {BAD, 3, {{0, SHADOW, 0, 0}, {2, 0, 0, 0xff}, {0, SHADOW, 4, 0}}},           /* by a register */
        {BAD, 1, {{0, SHADOW, 4, 0}}},                                               /* without its beginning */
        {BAD, 2, {{0, SHADOW, 4, 0}, {0, SHADOW, 0, 0}}},                            /* in the wrong order */
        {BAD, 3, {{0, SHADOW, 0, 0}, {0, SHADOW, 0, 0}, {0, SHADOW, 4, 0}}},         /* twice the same */
        {BAD, 2, {{0, SHADOW, 0, 0}, {0, SHADOW, 3, 0}}},                            /* not by four */
        {BAD, 3, {{0, SHADOW, 0, 0}, {0, SHADOW, 4, 0}, {0, SHADOW, 8, 0}}},         /* beyond the end */
        {BAD, 2, {{1, SHADOW, 0, 0}, {1, SHADOW, 0, 0}}},                            /* two of one slot */
        {BAD, 2, {{0, SHADOW, 0, 0}, {0, SHADOW, 4, 0x10000}}},                      /* a byte behind the end */
        {BAD, 1, {{1, SHADOW | FGFT_SAVE_VOLATILE, 0, 0}}},
        {BAD, 1, {{1, SHADOW | FGFT_SAVE_ZEROS, 0, 0}}},
        {FGFT_STATUS_ACCESS_DENIED, 1, {{1, 0, 0, 0xff}}},                           /* no register either */
        {FGFT_STATUS_OUT_OF_BOUNDS, 1, {{4, SHADOW, 0, 0}}},                         /* no such block */
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        host_open();
        host_definition(1);
        add_slot(ASKS, 6);
        add_slot(ASKS, 4);
        add_block(RW, CHIP_BYTES | 1 << 10, 1);
        for (uint8_t n = 0; n < lists[i].count; n++) {
            const entry *each = &lists[i].entries[n];
            host_save(each->block, each->flags, each->offset, each->bytes);
        }
        EXPECT_EQUAL(host_try_define().status, lists[i].status);
    }
}

static void a_slot_is_made_of_bytes_that_can_be_written(void) {
    static const struct {
        uint8_t flags, width, size, status;
    } blocks[] = {
        {SLOT, 0, 4, OK},
        {FGFT_BLOCK_READ | FGFT_BLOCK_FIFO, 0, 4, FGFT_STATUS_ACCESS_DENIED},
        {SLOT | FGFT_BLOCK_ONES, 0, 4, BAD},
        {ASKS | FGFT_BLOCK_SIDE_EFFECTS, 0, 4, BAD},
        {SLOT, 1, 4, BAD},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        host_open();
        host_definition(1);
        host_block(blocks[i].flags, blocks[i].width, CHIP_BYTES | 1 << 10, blocks[i].size, 0xff);
        host_space(FGFT_SPACE_I2C);
        save_message(0, "1234", 4);
        EXPECT_EQUAL(host_try_define().status, blocks[i].status);
    }
}

/* Only a message takes no register address, however long it is. */
static void the_length_of_a_message_is_no_register_address(void) {
    static const struct {
        uint8_t flags, width;
        uint32_t base;
        uint16_t size;
        uint8_t status;
    } blocks[] = {
        {SLOT, 0, CHIP_COMMANDS, 300, OK},
        {SLOT, 1, CHIP_COMMANDS, 4, BAD},
        {FGFT_BLOCK_WRITE, 0, CHIP_COMMANDS, 2, BAD},
        {SLOT, 0, CHIP_COMMANDS | 1 << 16, 1, BAD},
        {SLOT, 0, CHIP_COMMANDS | 1 << 10, 256, OK},
        {SLOT, 0, CHIP_COMMANDS | 1 << 10, 257, BAD},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        host_open();
        host_definition(1);
        host_block(blocks[i].flags, blocks[i].width, blocks[i].base, blocks[i].size, 0xff);
        host_space(FGFT_SPACE_I2C);
        EXPECT_EQUAL(host_try_define().status, blocks[i].status);
    }
}

static void a_failed_definition_names_the_entry(void) {
    host_open();
    host_definition(1);
    add_slot(SLOT, 1);
    add_slot(SLOT, 8);
    save_message(0, "a", 1);
    host_save(1, SHADOW, 4, 0);
    host_answer answer = host_try_define();
    EXPECT_EQUAL(answer.status, BAD);
    EXPECT_EQUAL(answer.failure.block, 1);
    EXPECT_EQUAL(answer.failure.offset, 4);
}

/* Entries: 2 of one message, 1 of another, and a register. */
static void no_step_cuts_a_message(void) {
    for (uint8_t first = 0; first <= 5; first++) {
        for (uint8_t count = 0; first + count <= 5; count++) {
            host_open();
            host_definition(1);
            add_slot(SLOT, 12);
            add_slot(SLOT, 1);
            add_block(RW, CHIP_BYTES | 1 << 10, 1);
            save_message(0, "twelve bytes", 12);
            save_message(1, "x", 1);
            host_save(2, 0, 0, 0xff);
            host_step(FGFT_STEP_SAVED, first, count, 0, 0, 0);
            uint8_t end = (uint8_t)(first + count);
            bool cuts = first == 1 || first == 2 || end == 1 || end == 2;
            EXPECT_EQUAL(host_try_define().status, cuts ? BAD : OK);
        }
    }
}

static void steps_say_when_a_message_is_sent(void) {
    host_open();
    host_definition(1);
    add_slot(SLOT, 5);
    add_slot(SLOT, 2);
    save_message(0, "first", 5);
    save_message(1, "2.", 2);
    host_step(FGFT_STEP_SAVED, 2, 1, 0, 0, 0);
    host_step(FGFT_STEP_DELAY, 0, 0, 0, 0, 10);
    host_step(FGFT_STEP_SAVED, 0, 2, 0, 0, 0);
    bus_clock_step(1);
    host_define_now();
    host_frame(1);
    host_begin();
    send_to(0, "?????");
    send_to(1, "??");
    host_ok();
    EXPECT_EQUAL(host_roll_back(1).status, OK);
    expect_message(2, "2.");
    expect_message(3, "first");
}

static void a_revert_sends_the_message_of_the_caller_again(void) {
    start();
    host_frame(1);
    host_begin();
    host_savepoint();
    send_to(0, "??");
    host_revert();
    host_ok();
    EXPECT_EQUAL(chips_message_count(), 2);
    expect_message(1, "on");
    host_frame(1);
    send_to(0, "11");
    host_savepoint();
    send_to(0, "22");
    host_savepoint();
    send_to(0, "33");
    host_ok();
    host_frame(1);
    host_revert();
    host_ok();
    EXPECT_EQUAL(chips_message_count(), 6);
    expect_message(5, "22");
    host_frame(1);
    host_release();
    host_rollback();
    host_ok();
    EXPECT_EQUAL(chips_message_count(), 7);
    expect_message(6, "on");
}

static const test tests[] = {
    TEST(a_message_goes_to_the_chip_as_it_is),
    TEST(a_message_may_ask_for_an_answer),
    TEST(a_rollback_sends_the_messages_of_before_again),
    TEST(what_was_not_sent_before_is_the_initial_message),
    TEST(a_slot_that_was_sent_to_before_is_sent_to_by_every_rollback),
    TEST(a_rolled_back_slot_holds_the_message_of_before),
    TEST(messages_of_every_length_are_kept),
    TEST(a_message_has_the_length_of_its_slot),
    TEST(only_transfer_reaches_a_slot),
    TEST(a_block_without_save_entries_takes_any_message),
    TEST(a_message_that_did_not_arrive_is_followed_by_the_one_of_before),
    TEST(a_message_that_did_not_arrive_is_not_kept),
    TEST(a_restore_that_the_bus_refuses_is_a_mismatch),
    TEST(the_digest_covers_the_messages),
    TEST(a_slot_is_not_taken_for_a_register),
    TEST(a_chip_behind_spi_takes_messages_too),
    TEST(the_entries_of_a_message_are_complete_and_in_order),
    TEST(a_slot_is_made_of_bytes_that_can_be_written),
    TEST(the_length_of_a_message_is_no_register_address),
    TEST(a_failed_definition_names_the_entry),
    TEST(no_step_cuts_a_message),
    TEST(steps_say_when_a_message_is_sent),
    TEST(a_revert_sends_the_message_of_the_caller_again),
};

const suite message_suite = SUITE("messages", tests);
