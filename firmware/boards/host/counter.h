/* A FIFO that counts how often it is read: whether something has run, and how often. */
#ifndef COUNTER_H
#define COUNTER_H

#include "host.h"

static const host_ref counter = {1, 0, 0, 2};

/* Teaches the firmware that it is peripheral 1. */
void counter_define(void);

#endif
