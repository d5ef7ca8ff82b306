#include "fuzz_serial.h"

#include <string.h>

#include "bytes.h"
#include "fuzz_invariants.h"
#include "line.h"

enum { LONGEST = FGFT_PORT_FRAME_MAX, ENCODED_MAX = LONGEST + LONGEST / 254 + 3 };

/* One receiver for all lines, as on a board: what one leaves behind, the next one meets. */
static fgft_serial_receiver receiver;
static uint8_t buffer[LONGEST];

void fuzz_serial_begin(void) {
    receiver = (fgft_serial_receiver){0};
}

static void answer_resync(void) {
    uint8_t answer[FGFT_RESYNC_ANSWER_BYTES];
    fgft_serial_resync_answer(answer, receiver.nonce);
    must(fgft_get32(answer + 1) == receiver.nonce, "a resync answer repeats the nonce");
}

void fuzz_serial_line(const uint8_t *bytes, uint16_t length) {
    for (uint16_t i = 0; i < length; i++) {
        receiver.buffer = bytes[i] & 1 ? buffer : NULL;
        fgft_serial_event event = fgft_serial_take(&receiver, bytes[i]);
        must(event == FGFT_SERIAL_NOTHING || bytes[i] == 0, "nothing but a zero ends a packet");
        if (event == FGFT_SERIAL_RESYNC) answer_resync();
        if (event != FGFT_SERIAL_FRAME) continue;
        must(receiver.length > 0 && receiver.length <= LONGEST, "a packet fits into its buffer");
        fgft_serial_execute(buffer, receiver.length);
    }
}

void fuzz_serial_packet(const uint8_t *bytes, uint16_t length) {
    static uint8_t line[2 * ENCODED_MAX];
    if (length == 0 || length > LONGEST) return;
    size_t whole = line_encode(bytes, length, line);
    must(whole <= length + 2U + length / 254U, "a packet grows by as little as COBS promises");
    must(memchr(line, 0, whole) == line + whole - 1, "there is one zero on the line, at the end of the packet");
    size_t cut = line[0] % whole;
    fgft_serial_sender sender = {0};
    fgft_serial_send(&sender, bytes, length);
    for (size_t i = 0; i < cut; i++) fgft_serial_next(&sender, line + i);
    fgft_serial_send(&sender, bytes, length);
    size_t end = cut;
    while (fgft_serial_next(&sender, line + end)) end++;
    line_output output = line_receive(line, end);
    if (bytes[0] == FGFT_RESYNC_REQUEST_MAGIC) return; /* is no frame */
    must(output.packets > 0 && output.lengths[output.packets - 1] == length &&
             memcmp(output.bytes + output.total - length, bytes, length) == 0,
         "a packet comes through behind one that was cut off");
}
