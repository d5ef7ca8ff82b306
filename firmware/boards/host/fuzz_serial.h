/* What must hold on a serial line, whatever is on it. */
#ifndef FUZZ_SERIAL_H
#define FUZZ_SERIAL_H

#include <stdint.h>

/* A fresh line. */
void fuzz_serial_begin(void);
/* Bytes that come from the line: what they hold is run. */
void fuzz_serial_line(const uint8_t *bytes, uint16_t length);
/* A packet that is sent, cut off after any of its bytes, and sent again. */
void fuzz_serial_packet(const uint8_t *bytes, uint16_t length);

#endif
