/*
 * Frames: which of them run, and what is answered. A frame runs at most once, because its answer is kept and sent again
 * when the frame is repeated.
 */
#include "frame.h"

#include "batch.h"
#include "bytes.h"
#include "crc.h"
#include "events.h"
#include "fgft.h"
#include "hello.h"
#include "lease.h"
#include "report.h"
#include "transaction.h"

/* Where things stand in a request and in an answer. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 1,
    AT_LENGTH = 2,
    AT_SESSION = 4,
    AT_SEQUENCE = FGFT_ANSWER_SEQUENCE, /* in a request as well */
    AT_TRANSACTION = 8,
    AT_COUNT = 9,
    AT_EPOCH = 8,
    AT_STATUS = FGFT_ANSWER_STATUS,
    AT_RAN = 13,
};

enum { REFUSAL_BYTES = FGFT_SIZE_ANSWER_HEADER + FGFT_SIZE_FAILURE + FGFT_SIZE_ROLLBACK_REPORT + FGFT_SIZE_CRC };

static fgft_boot_record boot;
static uint16_t session;       /* 0: none yet */
static uint16_t last_sequence; /* that ran */

/* The last answers, in a ring; where the first byte is not the magic one, there is none. Refusals are not kept, but
   they too stay where they are until as many more have been made. */
static uint8_t kept[FGFT_PORT_WINDOW][FGFT_PORT_FRAME_MAX];
static uint8_t refusals[FGFT_PORT_WINDOW][REFUSAL_BYTES];
static uint8_t oldest_kept;
static uint8_t oldest_refusal;

static void forget_answers(void) {
    for (uint8_t i = 0; i < FGFT_PORT_WINDOW; i++) kept[i][AT_MAGIC] = 0;
}

/* The place of the oldest in a ring, for a new one. */
static uint8_t take_oldest(uint8_t *oldest) {
    uint8_t place = FGFT_PORT_WINDOW == 1 ? 0 : *oldest;
    *oldest = (uint8_t)(place + 1 == FGFT_PORT_WINDOW ? 0 : place + 1);
    return place;
}

static uint8_t *next_kept(void) {
    uint8_t *place = kept[take_oldest(&oldest_kept)];
    place[AT_MAGIC] = 0;
    return place;
}

void fgft_init(const fgft_boot_record *record) {
    boot = *record;
    session = 0;
    last_sequence = 0;
    fgft_transactions_forget(); /* the first hello forgets the rest */
    fgft_events_forget();
}

const uint8_t *fgft_kept_answer(uint16_t sequence) {
    for (uint8_t i = 0; i < FGFT_PORT_WINDOW; i++) {
        const uint8_t *answer = kept[i];
        if (answer[AT_MAGIC] == FGFT_FRAME_ANSWER_MAGIC && fgft_get16(answer + AT_SEQUENCE) == sequence) return answer;
    }
    return NULL;
}

uint16_t fgft_next_sequence(void) {
    return last_sequence == UINT16_MAX ? 1 : (uint16_t)(last_sequence + 1);
}

void fgft_resync_answer(uint8_t answer[8]) {
    fgft_put32(answer, boot.epoch);
    fgft_put16(answer + 4, session);
    fgft_put16(answer + 6, fgft_next_sequence());
}

/* Puts the header before the results, which end at `end`, and the CRC behind them. */
static fgft_answer seal(uint8_t *answer, uint8_t *end, uint16_t sequence, uint8_t status, uint8_t ran) {
    uint16_t length = (uint16_t)(end - answer + FGFT_SIZE_CRC);
    answer[AT_MAGIC] = FGFT_FRAME_ANSWER_MAGIC;
    answer[AT_VERSION] = FGFT_FRAME_VERSION;
    fgft_put16(answer + AT_LENGTH, length);
    fgft_put16(answer + AT_SESSION, session);
    fgft_put16(answer + AT_SEQUENCE, sequence);
    fgft_put32(answer + AT_EPOCH, boot.epoch);
    answer[AT_STATUS] = status;
    answer[AT_RAN] = ran;
    fgft_crc_put(answer, (uint16_t)(length - FGFT_SIZE_CRC));
    return (fgft_answer){answer, length};
}

/* A failed frame ends with the failure record and the rollback report. */
static fgft_answer seal_failure(uint8_t *answer, uint8_t *end, uint16_t sequence, uint8_t status, uint8_t ran) {
    return seal(answer, fgft_put_report(fgft_put_failure(end)), sequence, status, ran);
}

/* Answers a frame that does not run. */
static fgft_answer refuse(uint8_t status, uint16_t sequence, fgft_port_number expected, fgft_port_number found) {
    uint8_t *answer = refusals[take_oldest(&oldest_refusal)];
    fgft_failure_clear();
    fgft_fail(status, expected, found);
    fgft_report_begin(FGFT_ROLLBACK_NONE);
    return seal_failure(answer, answer + FGFT_SIZE_ANSWER_HEADER, sequence, status, 0);
}

static bool intact(const uint8_t *frame, uint16_t length) {
    enum { SHORTEST = FGFT_SIZE_REQUEST_HEADER + FGFT_SIZE_CRC };
    if (length < SHORTEST || length > FGFT_PORT_FRAME_MAX || frame[AT_MAGIC] != FGFT_FRAME_REQUEST_MAGIC) return false;
    uint16_t checked = (uint16_t)(length - FGFT_SIZE_CRC);
    return fgft_get16(frame + AT_LENGTH) == length && fgft_crc_holds(frame, checked);
}

/* A frame of another session: it may open that session, and nothing else. */
static fgft_answer greet(const uint8_t *frame, uint16_t length) {
    const uint8_t *op = frame + FGFT_SIZE_REQUEST_HEADER;
    uint16_t sequence = fgft_get16(frame + AT_SEQUENCE);
    uint16_t asked_session = fgft_get16(frame + AT_SESSION);
    if (frame[AT_COUNT] == 0 || *op != FGFT_OP_HELLO) {
        return refuse(FGFT_STATUS_NO_SESSION, sequence, session, asked_session);
    }
    bool alone = frame[AT_COUNT] == 1 && length == FGFT_SIZE_REQUEST_HEADER + FGFT_HELLO_BYTES + FGFT_SIZE_CRC;
    if (!alone || asked_session == 0 || sequence != 0 || frame[AT_TRANSACTION] != 0) {
        return refuse(FGFT_STATUS_MALFORMED_OP, sequence, 0, 0);
    }
    uint16_t required = fgft_get16(op + 1);
    if (required & ~(uint16_t)FGFT_HELLO_FEATURES) {
        return refuse(FGFT_STATUS_UNSUPPORTED_FEATURE, sequence, FGFT_HELLO_FEATURES, required);
    }
    fgft_transactions_abandon(FGFT_END_NEW_SESSION);
    forget_answers();
    uint8_t *answer = next_kept();
    uint8_t *results = answer + FGFT_SIZE_ANSWER_HEADER;
    uint8_t *end = fgft_put_hello(results, &boot, session, last_sequence, fgft_lease_grant(fgft_get16(op + 3)));
    fgft_transactions_forget();
    fgft_events_forget(); /* before the definitions: interrupts look at them */
    fgft_definitions_clear();
    session = asked_session;
    last_sequence = 0;
    return seal(answer, end, sequence, FGFT_STATUS_OK, 1);
}

static fgft_answer run(const uint8_t *frame, uint16_t length, uint16_t sequence) {
    uint8_t *answer = next_kept();
    fgft_batch batch;
    if (frame[AT_COUNT] != 1 || frame[FGFT_SIZE_REQUEST_HEADER] != FGFT_OP_EVENTS) fgft_events_served();
    batch.in = frame + FGFT_SIZE_REQUEST_HEADER;
    batch.in_end = frame + length - FGFT_SIZE_CRC;
    batch.out = answer + FGFT_SIZE_ANSWER_HEADER;
    batch.out_end = answer + FGFT_PORT_FRAME_MAX - FGFT_ANSWER_RESERVE;
    batch.transaction = frame[AT_TRANSACTION];
    last_sequence = sequence;
    uint8_t status = fgft_batch_run(&batch, frame[AT_COUNT]);
    if (status != FGFT_STATUS_OK) return seal_failure(answer, batch.out, sequence, status, batch.ran);
    return seal(answer, batch.out, sequence, status, batch.ran);
}

/* A frame of the session: an old one, the next one, or one that came too early. */
static fgft_answer take(const uint8_t *frame, uint16_t length) {
    uint16_t sequence = fgft_get16(frame + AT_SEQUENCE);
    const uint8_t *answer = fgft_kept_answer(sequence);
    if (answer != NULL) return (fgft_answer){answer, fgft_get16(answer + AT_LENGTH)};
    uint16_t next = fgft_next_sequence();
    return sequence == next ? run(frame, length, sequence) : refuse(FGFT_STATUS_SEQUENCE_GAP, sequence, next, sequence);
}

fgft_answer fgft_execute(const uint8_t *frame, uint16_t length) {
    if (!intact(frame, length)) return refuse(FGFT_STATUS_BAD_FRAME, 0, 0, 0);
    if (frame[AT_VERSION] != FGFT_FRAME_VERSION) {
        return refuse(FGFT_STATUS_BAD_VERSION, fgft_get16(frame + AT_SEQUENCE), FGFT_FRAME_VERSION, frame[AT_VERSION]);
    }
    uint16_t of_session = fgft_get16(frame + AT_SESSION);
    if (of_session == 0 || of_session != session) return greet(frame, length);
    fgft_answer answer = take(frame, length);
    /* Not before the frame has run: a long delay on the host's behalf is not the host's silence. */
    fgft_lease_renew();
    return answer;
}

fgft_answer fgft_refuse_busy(const uint8_t *frame, uint16_t length) {
    if (!intact(frame, length)) return (fgft_answer){frame, 0};
    return refuse(FGFT_STATUS_BOARD_BUSY, fgft_get16(frame + AT_SEQUENCE), 0, 0);
}

fgft_answer fgft_poke(void) {
    static uint8_t poke[FGFT_SIZE_POKE];
    if (!fgft_events_poke_due()) return (fgft_answer){poke, 0};
    poke[AT_MAGIC] = FGFT_FRAME_POKE_MAGIC;
    poke[AT_VERSION] = FGFT_FRAME_VERSION;
    fgft_put16(poke + AT_LENGTH, sizeof poke);
    fgft_put16(poke + AT_SESSION, session);
    fgft_crc_put(poke, sizeof poke - FGFT_SIZE_CRC);
    return (fgft_answer){poke, sizeof poke};
}
