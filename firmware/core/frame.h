/* What ops may ask about the frames before them. */
#ifndef FGFT_FRAME_H
#define FGFT_FRAME_H

#include <stdint.h>

/* The answer to a frame of this session, NULL when it is not kept. */
const uint8_t *fgft_kept_answer(uint16_t sequence);

uint16_t fgft_next_sequence(void);

/* Where they stand in an answer. */
enum { FGFT_ANSWER_SEQUENCE = 6, FGFT_ANSWER_STATUS = 12 };

#endif
