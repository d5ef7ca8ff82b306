/* The language of the fuzzer's inputs, shared by the target and the maker of the seeds. */
#ifndef FUZZ_COMMANDS_H
#define FUZZ_COMMANDS_H

#include <stdint.h>

/* First byte of an input that is not a list of commands, but numbers for nesting.h. */
enum { FUZZ_NESTING = 0xff };

/* First byte of a command, modulo FUZZ_COMMANDS. What is not named here is a frame: u8 transaction, u16 length, ops. */
enum {
    FUZZ_FRAME,
    FUZZ_ANYTHING = 8, /* u16 length, bytes */
    FUZZ_SEALED,       /* the same, but length and CRC are put right */
    FUZZ_REPEAT,       /* u8 how many frames back */
    FUZZ_SILENCE,      /* u8 milliseconds */
    FUZZ_LINK_LOST,
    FUZZ_HELLO,     /* u16 session */
    FUZZ_MISBEHAVE, /* u8 block, u8 register, u8 behaviour, u8 bits, u8 after */
    FUZZ_INTERRUPT, /* u8 waits */
    FUZZ_FAIL,      /* u8 transfers that still work, u8 transfers that do not, u8 reason */
    FUZZ_SERIAL,    /* u16 length, bytes on a serial line */
    FUZZ_PACKET,    /* u16 length, bytes of a packet for one */
    FUZZ_RAISE,     /* u8 edges or levels, u8 bits */
    FUZZ_LOWER,     /* u8 levels */
    FUZZ_COMMANDS,
};

/* How many ops there seem to be in a body. */
uint8_t fuzz_count_ops(const uint8_t *body, uint16_t length);

#endif
