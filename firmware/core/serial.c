/*
 * Consistent overhead byte stuffing (S. Cheshire, M. Baker, IEEE/ACM Transactions on Networking 7(2), 1999): a packet
 * is cut behind each of its zeros and, where there is none for so long, after 254 bytes. Each piece is sent as its
 * length + 1 and its bytes without the zero, so that a zero on the line ends a packet, and nothing else does.
 */
#include "serial.h"

#include "bytes.h"
#include "crc.h"
#include "frame.h"

enum { RUN_MAX = 254, CODE_MAX = RUN_MAX + 1 };
_Static_assert(FGFT_PORT_FRAME_MAX < UINT16_MAX, "one more byte than a frame must be countable");

/* The first byte of a packet says where it goes. What does not fit is only counted. */
static void put(fgft_serial_receiver *receiver, uint8_t byte) {
    if (receiver->count == 0) {
        bool resync = byte == FGFT_RESYNC_REQUEST_MAGIC;
        receiver->packet = resync ? receiver->request : receiver->buffer;
        receiver->room = resync ? FGFT_RESYNC_REQUEST_BYTES : receiver->buffer != NULL ? FGFT_PORT_FRAME_MAX : 0;
    }
    if (receiver->count < receiver->room) receiver->packet[receiver->count] = byte;
    if (receiver->count <= receiver->room) receiver->count++;
}

static fgft_serial_event finish(fgft_serial_receiver *receiver) {
    if (receiver->run > 0 || receiver->count == 0 || receiver->count > receiver->room) return FGFT_SERIAL_DROPPED;
    if (receiver->packet != receiver->request) {
        receiver->length = receiver->count;
        receiver->buffer = NULL;
        return FGFT_SERIAL_FRAME;
    }
    enum { AT_NONCE = 1, AT_CRC = FGFT_RESYNC_REQUEST_BYTES - FGFT_SIZE_CRC };
    const uint8_t *request = receiver->request;
    if (receiver->count != FGFT_RESYNC_REQUEST_BYTES) return FGFT_SERIAL_DROPPED;
    if (!fgft_crc_holds(request, AT_CRC)) return FGFT_SERIAL_DROPPED;
    receiver->nonce = fgft_get32(request + AT_NONCE);
    return FGFT_SERIAL_RESYNC;
}

fgft_serial_event fgft_serial_take(fgft_serial_receiver *receiver, uint8_t byte) {
    if (byte == 0) {
        bool empty = receiver->count == 0 && receiver->run == 0 && !receiver->zero;
        fgft_serial_event event = empty ? FGFT_SERIAL_NOTHING : finish(receiver);
        receiver->count = 0;
        receiver->run = 0;
        receiver->zero = false;
        return event;
    }
    if (receiver->run > 0) {
        put(receiver, byte);
        receiver->run--;
    } else {
        if (receiver->zero) put(receiver, 0);
        receiver->run = (uint8_t)(byte - 1);
        receiver->zero = byte != CODE_MAX;
    }
    return FGFT_SERIAL_NOTHING;
}

/* What was sent last, where no byte of a run is to be sent next. */
enum { IDLE, CUT, NOTHING, RUN_BEFORE_ZERO, FULL_RUN };

void fgft_serial_send(fgft_serial_sender *sender, const uint8_t *bytes, uint16_t length) {
    sender->bytes = bytes;
    sender->left = length;
    sender->run = 0;
    sender->stage = sender->stage == IDLE ? NOTHING : CUT;
}

/* The zero behind a run was told by its code; the end of the packet counts as one. */
static uint8_t code(fgft_serial_sender *sender) {
    if (sender->stage == RUN_BEFORE_ZERO) {
        sender->bytes++;
        sender->left--;
    }
    uint8_t run = 0;
    while (run < RUN_MAX && run < sender->left && sender->bytes[run] != 0) run++;
    sender->run = run;
    sender->stage = run == RUN_MAX ? FULL_RUN : RUN_BEFORE_ZERO;
    return (uint8_t)(run + 1);
}

bool fgft_serial_next(fgft_serial_sender *sender, uint8_t *byte) {
    *byte = 0;
    if (sender->stage == IDLE) return false;
    if (sender->run > 0) {
        *byte = *sender->bytes++;
        sender->left--;
        sender->run--;
    } else if (sender->stage == CUT) {
        sender->stage = NOTHING;
    } else if (sender->left == 0 && sender->stage != NOTHING) {
        sender->stage = IDLE;
    } else {
        *byte = code(sender);
    }
    return true;
}

fgft_answer fgft_serial_execute(const uint8_t *frame, uint16_t length) {
    fgft_answer answer = fgft_execute(frame, length);
    if (answer.bytes[FGFT_ANSWER_STATUS] == FGFT_STATUS_BAD_FRAME) answer.length = 0;
    return answer;
}

void fgft_serial_resync_answer(uint8_t answer[FGFT_RESYNC_ANSWER_BYTES], uint32_t nonce) {
    enum { AT_NONCE = 1, AT_STATE = 5, AT_CRC = FGFT_RESYNC_ANSWER_BYTES - FGFT_SIZE_CRC };
    answer[0] = FGFT_RESYNC_ANSWER_MAGIC;
    fgft_put32(answer + AT_NONCE, nonce);
    fgft_resync_answer(answer + AT_STATE);
    fgft_crc_put(answer, AT_CRC);
}
