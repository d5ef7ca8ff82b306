/* The host's end of a serial line, for tests, vectors and fuzzing: bytes to the core's receiver and from its sender. */
#ifndef LINE_H
#define LINE_H

#include <stddef.h>
#include <stdint.h>

#include "port.h"
#include "serial.h"

/* What came out of a line: the packets, one behind the other, and how often something was dropped or asked for. */
enum { LINE_BYTES = 4096, LINE_PACKETS = 64 };
typedef struct {
    uint8_t bytes[LINE_BYTES];
    uint16_t lengths[LINE_PACKETS];
    size_t packets;
    size_t total; /* bytes of all packets */
    size_t dropped;
    size_t resyncs;
    uint32_t nonce; /* of the last one */
} line_output;

/* A fresh receiver gets these bytes; it has a buffer whenever a packet begins, exactly as long as it may be. */
line_output line_receive(const uint8_t *bytes, size_t count);

/* What a fresh sender makes of a packet: at most `count + 2 + count / 254` bytes. */
size_t line_encode(const uint8_t *packet, uint16_t count, uint8_t *encoded);

/* A resync request as it stands in its packet, before it is encoded. */
void line_put_resync(uint8_t request[FGFT_RESYNC_REQUEST_BYTES], uint32_t nonce);

#endif
