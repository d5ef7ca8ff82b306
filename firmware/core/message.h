/*
 * Chips that take messages rather than registers (docs/protocol.md, Messages). A slot is a `fifo` block behind a bus,
 * as long as its messages; the save entries of it are one run and hold the last message, four bytes each.
 */
#ifndef FGFT_MESSAGE_H
#define FGFT_MESSAGE_H

#include "definition.h"

/* Whether a block could be a slot: it is one if the save list keeps its message. */
bool fgft_message_possible(const fgft_block *block);

/* How many bytes of the message in the last of `count` save entries stand behind that entry; 0 where no message is
   cut. */
uint16_t fgft_message_missing(const fgft_definition *definition, uint8_t count);

/* Drafts save entry `index` from its bytes in a `define` op. Returns a status. */
uint8_t fgft_message_draft(const fgft_definition *draft, uint8_t index, const uint8_t *at);

/* The first save entry of a block that is a slot, NULL for any other block. */
fgft_save *fgft_message_of(const fgft_definition *definition, const fgft_block *block);

/* A message was sent to a slot. If the bus failed, the chip may have got a part of it: the slot keeps the message of
   before, but from now on a restore sends it. */
void fgft_message_keep(fgft_save *message, const uint8_t *bytes, uint8_t count, bool arrived);

/* Sends the message that begins with save entry `first` as it was saved, if anything has been sent to its slot. */
void fgft_message_write_back(const fgft_definition *definition, uint8_t first, const fgft_port_register *saved);

#endif
