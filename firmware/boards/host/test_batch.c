/* The ops of a frame: where it stops, what is no op, how much room their results have. */
#include <string.h>

#include "counter.h"
#include "frame.h"
#include "host.h"
#include "suites.h"

static const uint8_t byte[] = {0xa5, 0x5a};

static void a_frame_stops_at_the_first_op_that_fails(void) {
    host_open();
    host_frame(0);
    host_echo(byte, 1);
    host_digest(3);
    host_echo(byte, 1);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_UNDEFINED_PERIPHERAL);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.results_length, 1);
    EXPECT_EQUAL(host_result_8(answer, 0), 0xa5);
    EXPECT_EQUAL(answer.failure.peripheral, 3);
    EXPECT_EQUAL(answer.report.outcome, 0);
    EXPECT_EQUAL(answer.report.restored, 0);
}

static void an_op_code_that_does_not_exist_is_unknown(void) {
    static const uint8_t codes[] = {0x00,
                                    0x0e,
                                    0x0f,
                                    0x1d,
                                    0x3f,
                                    0xc0 | FGFT_OP_READ,
                                    0x40 | FGFT_OP_ECHO,
                                    0x40 | FGFT_OP_STATUS,
                                    0x80 | FGFT_OP_DEFINE,
                                    0x40 | FGFT_OP_DIGEST,
                                    0x40 | FGFT_OP_BEGIN,
                                    0x80 | FGFT_OP_COMMIT,
                                    0x40 | FGFT_OP_ROLLBACK,
                                    0x40 | FGFT_OP_SAVEPOINT,
                                    0x80 | FGFT_OP_RELEASE,
                                    0x40 | FGFT_OP_REVERT,
                                    0x80 | FGFT_OP_SNAPSHOT,
                                    0x40 | FGFT_OP_RESTORE,
                                    0x40 | FGFT_OP_DELAY,
                                    0x40 | FGFT_OP_TRANSFER,
                                    0x80 | FGFT_OP_QUERY,
                                    0xc0 | FGFT_OP_WATCH,
                                    0x40 | FGFT_OP_EVENTS};
    host_open();
    for (size_t i = 0; i < sizeof codes; i++) {
        host_frame(0);
        host_op(codes[i], 0);
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_UNKNOWN_OP);
        EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
    }
}

static void an_op_that_is_cut_short_is_malformed(void) {
    static const struct {
        uint8_t code, operands;
    } ops[] = {{FGFT_OP_ECHO, 1},         {FGFT_OP_STATUS, 2},       {FGFT_OP_DEFINE, 4},    {FGFT_OP_DIGEST, 1},
               {FGFT_OP_READ | 0x80, 4},  {FGFT_OP_WRITE | 0x80, 8}, {FGFT_OP_MASKED, 6},    {FGFT_OP_MASKED | 0x40, 8},
               {FGFT_OP_READ_BLOCK, 5},   {FGFT_OP_WRITE_BLOCK, 5},  {FGFT_OP_READ_FIFO, 5}, {FGFT_OP_WRITE_FIFO, 5},
               {FGFT_OP_POLL | 0x80, 16}, {FGFT_OP_DELAY, 4},        {FGFT_OP_SNAPSHOT, 1},  {FGFT_OP_RESTORE, 2},
               {FGFT_OP_TRANSFER, 6},     {FGFT_OP_QUERY, 6}};
    host_open();
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        for (uint8_t operands = 0; operands < ops[i].operands; operands++) {
            host_frame(0);
            host_op(ops[i].code, 0);
            for (uint8_t left = operands; left > 0; left--) host_byte(0);
            EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
        }
    }
}

static void counted_operands_that_are_cut_short_are_malformed(void) {
    static const uint8_t codes[] = {FGFT_OP_WRITE_BLOCK, FGFT_OP_WRITE_FIFO | 0x80, FGFT_OP_TRANSFER, FGFT_OP_QUERY};
    host_open();
    host_frame(0);
    host_op(FGFT_OP_ECHO, 0);
    host_byte(2);
    host_byte(0);
    EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    for (size_t i = 0; i < sizeof codes; i++) {
        host_frame(0);
        host_op(codes[i], 0);
        host_32(0x00000001);
        host_byte(2);
        host_byte(0);
        EXPECT_EQUAL(host_send().status, FGFT_STATUS_MALFORMED_OP);
    }
}

static void fewer_ops_than_the_frame_says_are_malformed(void) {
    host_open();
    host_frame(0);
    host_echo(byte, 1);
    host_32(0);
    host_frame_bytes()[9] = 2;
    host_seal();
    host_answer answer = host_repeat();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(answer.ran, 1);
}

static void bytes_after_the_last_op_are_malformed(void) {
    host_open();
    host_frame(0);
    host_echo(byte, 1);
    host_byte(0);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_MALFORMED_OP);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.failure.peripheral, FGFT_LIMIT_NO_PERIPHERAL);
}

/* What results may take up, so that a failure can still be told. */
enum { ROOM = FGFT_PORT_FRAME_MAX - FGFT_SIZE_ANSWER_HEADER - FGFT_ANSWER_RESERVE };

static void results_may_fill_the_answer_up_to_what_a_failure_needs(void) {
    host_open();
    counter_define();
    host_frame(0);
    for (size_t left = ROOM / 4; left > 0;) {
        uint8_t count = (uint8_t)(left < 50 ? left : 50);
        host_read_fifo(counter, count);
        left -= count;
    }
    host_echo(byte, ROOM % 4);
    EXPECT_EQUAL(host_send().results_length, ROOM);
}

static void a_result_that_does_not_fit_is_refused_before_the_hardware_is_touched(void) {
    host_open();
    counter_define();
    host_frame(0);
    host_read_fifo(counter, 100);
    host_read_fifo(counter, 100);
    host_answer answer = host_send();
    EXPECT_EQUAL(answer.status, FGFT_STATUS_ANSWER_TOO_LONG);
    EXPECT_EQUAL(answer.ran, 1);
    EXPECT_EQUAL(answer.results_length, 400);
    EXPECT_EQUAL(answer.failure.expected, ROOM - 400);
    EXPECT_EQUAL(answer.failure.found, 400);
    EXPECT_EQUAL(bus_peek(BUS_PLAIN), 100);
}

/* Peripheral 2: a register that a checkpoint reads, and a chip's raw bytes. */
static void add_definition(void) {
    enum { RW = FGFT_BLOCK_READ | FGFT_BLOCK_WRITE };
    host_definition(2);
    host_block(RW, 2, BUS_ALIASED, 4, UINT32_MAX);
    host_block(RW | FGFT_BLOCK_FIFO, 0, CHIP_COMMANDS, 1, 0xff);
    host_space(FGFT_SPACE_I2C);
    host_save(0, 0, 0, UINT32_MAX);
}

static void every_op_with_a_result_asks_for_room_first(void) {
    static const uint8_t zeros[255];
    static const host_ref plain = {2, 0, 0, 2}, raw = {2, 1, 0, 0};
    enum { REVERT = 12 };
    host_open();
    add_definition();
    host_define_now();
    for (int op = 0; op <= REVERT; op++) {
        host_frame((uint8_t)(op + 1));
        host_begin();
        if (op == REVERT) host_savepoint();
        host_echo(zeros, ROOM - 1 - 200);
        host_echo(zeros, 200);
        switch (op) {
        case 0: host_echo(zeros, 2); break;
        case 1: host_status(0); break;
        case 2: host_define(); break;
        case 3: host_digest(2); break;
        case 4: host_read(plain); break;
        case 5: host_read_block(plain, 1); break;
        case 6: host_read_fifo(plain, 1); break;
        case 7: host_poll(plain, 0, 0, 0); break;
        case 8: host_rollback(); break;
        case 9: host_transfer(raw, NULL, 0, 2); break;
        case 10: host_transfer(raw, zeros, 1, 2); break;
        case 11: host_query(raw, zeros, 1, 2); break;
        default: host_revert(); break;
        }
        bus_clear_log();
        host_answer answer = host_send();
        EXPECT_EQUAL(answer.status, FGFT_STATUS_ANSWER_TOO_LONG);
        EXPECT_EQUAL(answer.ran, op == REVERT ? 4 : 3);
        EXPECT_EQUAL(bus_log_length(), 0);
        EXPECT_EQUAL(chips_transfers(), 0);
    }
    host_frame(REVERT + 1); /* the nested call failed by that, but it was not ended */
    host_revert();
    host_ok();
}

static const test tests[] = {
    TEST(a_frame_stops_at_the_first_op_that_fails),
    TEST(an_op_code_that_does_not_exist_is_unknown),
    TEST(an_op_that_is_cut_short_is_malformed),
    TEST(counted_operands_that_are_cut_short_are_malformed),
    TEST(fewer_ops_than_the_frame_says_are_malformed),
    TEST(bytes_after_the_last_op_are_malformed),
    TEST(results_may_fill_the_answer_up_to_what_a_failure_needs),
    TEST(a_result_that_does_not_fit_is_refused_before_the_hardware_is_touched),
    TEST(every_op_with_a_result_asks_for_room_first),
};

const suite batch_suite = SUITE("batch", tests);
