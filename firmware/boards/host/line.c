#include "line.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crc.h"

line_output line_receive(const uint8_t *bytes, size_t count) {
    line_output output = {0};
    fgft_serial_receiver receiver = {0};
    uint8_t *buffer = malloc(FGFT_PORT_FRAME_MAX); /* from the heap, so that writing beyond it is noticed */
    if (buffer == NULL) abort();
    for (size_t i = 0; i < count; i++) {
        receiver.buffer = buffer;
        switch (fgft_serial_take(&receiver, bytes[i])) {
        case FGFT_SERIAL_NOTHING: break;
        case FGFT_SERIAL_FRAME:
            if (output.packets == LINE_PACKETS || output.total + receiver.length > LINE_BYTES) abort();
            memcpy(output.bytes + output.total, buffer, receiver.length);
            output.lengths[output.packets++] = receiver.length;
            output.total += receiver.length;
            break;
        case FGFT_SERIAL_RESYNC:
            output.resyncs++;
            output.nonce = receiver.nonce;
            break;
        case FGFT_SERIAL_DROPPED: output.dropped++; break;
        }
    }
    free(buffer);
    return output;
}

size_t line_encode(const uint8_t *packet, uint16_t count, uint8_t *encoded) {
    fgft_serial_sender sender = {0};
    size_t length = 0;
    fgft_serial_send(&sender, packet, count);
    while (fgft_serial_next(&sender, encoded + length)) length++;
    return length;
}

void line_put_resync(uint8_t request[FGFT_RESYNC_REQUEST_BYTES], uint32_t nonce) {
    request[0] = FGFT_RESYNC_REQUEST_MAGIC;
    fgft_put32(request + 1, nonce);
    fgft_put32(request + 5, fgft_crc(0, request, 5));
}
