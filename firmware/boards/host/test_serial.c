/* Frames on a serial line: the packets, what damage does to them, resync. */
#include <string.h>

#include "bytes.h"
#include "crc.h"
#include "frame.h"
#include "host.h"
#include "line.h"
#include "suites.h"

enum { LONGEST = FGFT_PORT_FRAME_MAX, ENCODED_MAX = LONGEST + 16, NONCE = 0x00c0ffee };

static uint8_t packet[LONGEST + 1];
static uint8_t encoded[2 * ENCODED_MAX];

/* The packet as it was, and no zero on the line but the last byte. */
static void expect_round_trip(uint16_t count) {
    size_t length = line_encode(packet, count, encoded);
    EXPECT(length <= count + 2U + count / 254U);
    EXPECT(memchr(encoded, 0, length) == encoded + length - 1);
    line_output output = line_receive(encoded, length);
    EXPECT_EQUAL(output.dropped, 0);
    EXPECT_EQUAL(output.packets, 1);
    EXPECT_EQUAL(output.total, count);
    EXPECT(memcmp(output.bytes, packet, count) == 0);
}

static void a_packet_of_any_length_comes_through(void) {
    for (uint16_t count = 1; count <= LONGEST; count++) {
        for (uint16_t i = 0; i < count; i++) packet[i] = (uint8_t)(i % 255 + 1);
        expect_round_trip(count);
    }
}

static void zeros_come_through_wherever_they_stand(void) {
    memset(packet, 0, LONGEST);
    for (uint16_t count = 1; count <= LONGEST; count++) expect_round_trip(count);
    for (uint16_t at = 0; at < LONGEST; at++) {
        memset(packet, 0x11, LONGEST);
        packet[at] = 0;
        expect_round_trip(LONGEST);
    }
}

static void packets_follow_each_other_and_empty_ones_are_ignored(void) {
    static const uint8_t line[] = {0, 0, 3, 1, 2, 0, 0, 1, 2, 9, 0, 0};
    static const uint8_t expected[] = {1, 2, 0, 9};
    line_output output = line_receive(line, sizeof line);
    EXPECT_EQUAL(output.dropped, 0);
    EXPECT_EQUAL(output.packets, 2);
    EXPECT_EQUAL(output.lengths[0], 2);
    EXPECT(memcmp(output.bytes, expected, sizeof expected) == 0);
}

static void a_packet_that_ends_in_a_run_is_dropped_and_the_next_one_is_not(void) {
    static const uint8_t line[] = {5, 1, 2, 0, 2, 7, 0};
    line_output output = line_receive(line, sizeof line);
    EXPECT_EQUAL(output.dropped, 1);
    EXPECT_EQUAL(output.packets, 1);
    EXPECT_EQUAL(output.bytes[0], 7);
}

static void a_packet_that_is_too_long_is_dropped_and_the_next_one_is_not(void) {
    memset(packet, 0x22, LONGEST + 1);
    size_t length = line_encode(packet, LONGEST + 1, encoded);
    length += line_encode(packet, LONGEST, encoded + length);
    line_output output = line_receive(encoded, length);
    EXPECT_EQUAL(output.dropped, 1);
    EXPECT_EQUAL(output.packets, 1);
    EXPECT_EQUAL(output.lengths[0], LONGEST);
}

static void a_packet_for_which_there_was_no_buffer_when_it_began_is_dropped(void) {
    static const uint8_t line[] = {3, 1, 2, 0, 2, 7, 0};
    fgft_serial_receiver receiver = {0};
    uint8_t buffer[LONGEST];
    for (size_t i = 0; i < 3; i++) EXPECT_EQUAL(fgft_serial_take(&receiver, line[i]), FGFT_SERIAL_NOTHING);
    receiver.buffer = buffer; /* too late: half of it has gone */
    EXPECT_EQUAL(fgft_serial_take(&receiver, line[3]), FGFT_SERIAL_DROPPED);
    for (size_t i = 4; i < 6; i++) EXPECT_EQUAL(fgft_serial_take(&receiver, line[i]), FGFT_SERIAL_NOTHING);
    EXPECT_EQUAL(fgft_serial_take(&receiver, line[6]), FGFT_SERIAL_FRAME);
    EXPECT(receiver.buffer == NULL);
    EXPECT_EQUAL(receiver.length, 1);
    EXPECT_EQUAL(buffer[0], 7);
}

static void begin_echo(void) {
    host_open();
    host_frame(0);
    host_echo((const uint8_t *)"ab", 2);
    host_frame_bytes()[9] = 1;
    host_32(0);
    host_seal();
}

static void a_frame_is_answered_as_on_any_link(void) {
    begin_echo();
    fgft_answer answer = fgft_serial_execute(host_frame_bytes(), (uint16_t)host_frame_length());
    EXPECT_EQUAL(answer.length, FGFT_SIZE_ANSWER_HEADER + 2 + FGFT_SIZE_CRC);
    EXPECT_EQUAL(answer.bytes[FGFT_ANSWER_STATUS], FGFT_STATUS_OK);
}

static void a_frame_that_is_damaged_gets_no_answer_and_does_not_run(void) {
    begin_echo();
    uint16_t length = (uint16_t)host_frame_length();
    for (uint16_t i = 0; i < length; i++) {
        host_frame_bytes()[i] ^= 0x10;
        EXPECT_EQUAL(fgft_serial_execute(host_frame_bytes(), length).length, 0);
        host_frame_bytes()[i] ^= 0x10;
    }
    EXPECT_EQUAL(fgft_serial_execute(host_frame_bytes(), 0).length, 0);
    EXPECT_EQUAL(fgft_next_sequence(), 1);
}

/* A line on which a resync request was sent behind other bytes. */
static line_output resync_behind(const uint8_t *bytes, size_t count) {
    uint8_t request[FGFT_RESYNC_REQUEST_BYTES];
    line_put_resync(request, NONCE);
    memcpy(encoded, bytes, count);
    encoded[count] = 0;
    size_t length = count + 1 + line_encode(request, sizeof request, encoded + count + 1);
    return line_receive(encoded, length);
}

static void a_resync_is_noticed_behind_whatever_was_on_the_line(void) {
    static const uint8_t half[] = {200, 1, 2, 3};
    line_output output = resync_behind(half, 0);
    EXPECT_EQUAL(output.resyncs, 1);
    EXPECT_EQUAL(output.nonce, NONCE);
    EXPECT_EQUAL(output.dropped, 0);
    output = resync_behind(half, sizeof half);
    EXPECT_EQUAL(output.resyncs, 1);
    EXPECT_EQUAL(output.packets, 0);
    EXPECT_EQUAL(output.dropped, 1);
}

static void a_resync_needs_no_buffer(void) {
    uint8_t request[FGFT_RESYNC_REQUEST_BYTES];
    fgft_serial_receiver receiver = {0};
    line_put_resync(request, NONCE);
    size_t length = line_encode(request, sizeof request, encoded);
    for (size_t i = 0; i + 1 < length; i++) EXPECT_EQUAL(fgft_serial_take(&receiver, encoded[i]), FGFT_SERIAL_NOTHING);
    EXPECT_EQUAL(fgft_serial_take(&receiver, 0), FGFT_SERIAL_RESYNC);
    EXPECT_EQUAL(receiver.nonce, NONCE);
}

static void a_resync_that_is_damaged_or_of_another_length_is_dropped(void) {
    uint8_t request[FGFT_RESYNC_REQUEST_BYTES + 1] = {0};
    line_put_resync(request, NONCE);
    for (size_t i = 0; i < FGFT_RESYNC_REQUEST_BYTES; i++) {
        request[i] ^= 0x08;
        line_output output = line_receive(encoded, line_encode(request, FGFT_RESYNC_REQUEST_BYTES, encoded));
        EXPECT_EQUAL(output.resyncs, 0);
        EXPECT_EQUAL(output.dropped + output.packets, 1);
        request[i] ^= 0x08;
    }
    line_output shorter = line_receive(encoded, line_encode(request, FGFT_RESYNC_REQUEST_BYTES - 1, encoded));
    line_output longer = line_receive(encoded, line_encode(request, sizeof request, encoded));
    EXPECT_EQUAL(shorter.dropped, 1);
    EXPECT_EQUAL(longer.dropped, 1);
}

static void the_answer_to_a_resync_tells_nonce_epoch_session_and_next_sequence_number(void) {
    begin_echo();
    fgft_serial_execute(host_frame_bytes(), (uint16_t)host_frame_length());
    uint8_t answer[FGFT_RESYNC_ANSWER_BYTES];
    fgft_serial_resync_answer(answer, NONCE);
    EXPECT_EQUAL(answer[0], FGFT_RESYNC_ANSWER_MAGIC);
    EXPECT_EQUAL(fgft_get32(answer + 1), NONCE);
    EXPECT_EQUAL(fgft_get32(answer + 5), HOST_EPOCH);
    EXPECT_EQUAL(fgft_get16(answer + 9), HOST_SESSION);
    EXPECT_EQUAL(fgft_get16(answer + 11), 2);
    EXPECT_EQUAL(fgft_get32(answer + 13), fgft_crc(0, answer, 13));
}

static void a_packet_that_is_cut_off_ends_with_a_zero_and_the_next_one_is_whole(void) {
    static const uint8_t first[] = {1, 2, 0, 3, 4, 5}, second[] = {6, 0, 7};
    enum { WHOLE = sizeof first + 2 };
    for (size_t sent = 0; sent <= WHOLE; sent++) {
        fgft_serial_sender sender = {0};
        size_t length = 0;
        fgft_serial_send(&sender, first, sizeof first);
        while (length < sent) EXPECT(fgft_serial_next(&sender, encoded + length++));
        fgft_serial_send(&sender, second, sizeof second);
        while (fgft_serial_next(&sender, encoded + length)) length++;
        line_output output = line_receive(encoded, length);
        size_t last = output.packets - 1;
        EXPECT_EQUAL(output.lengths[last], sizeof second);
        EXPECT(memcmp(output.bytes + output.total - sizeof second, second, sizeof second) == 0);
    }
}

static const test tests[] = {
    TEST(a_packet_of_any_length_comes_through),
    TEST(zeros_come_through_wherever_they_stand),
    TEST(packets_follow_each_other_and_empty_ones_are_ignored),
    TEST(a_packet_that_ends_in_a_run_is_dropped_and_the_next_one_is_not),
    TEST(a_packet_that_is_too_long_is_dropped_and_the_next_one_is_not),
    TEST(a_packet_for_which_there_was_no_buffer_when_it_began_is_dropped),
    TEST(a_frame_is_answered_as_on_any_link),
    TEST(a_frame_that_is_damaged_gets_no_answer_and_does_not_run),
    TEST(a_resync_is_noticed_behind_whatever_was_on_the_line),
    TEST(a_resync_needs_no_buffer),
    TEST(a_resync_that_is_damaged_or_of_another_length_is_dropped),
    TEST(the_answer_to_a_resync_tells_nonce_epoch_session_and_next_sequence_number),
    TEST(a_packet_that_is_cut_off_ends_with_a_zero_and_the_next_one_is_whole),
};

const suite serial_suite = SUITE("serial", tests);
