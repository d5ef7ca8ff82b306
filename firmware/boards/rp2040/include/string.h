/* What the core needs of a C library, and GCC of every program (rp_memory.c). */
#ifndef RP_STRING_H
#define RP_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *one, const void *other, size_t size);

#endif
