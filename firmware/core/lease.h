/* How long the controller waits for a silent host while a transaction is open. */
#ifndef FGFT_LEASE_H
#define FGFT_LEASE_H

#include <stdint.h>

/* Brings the lease that the host asks for between the limits of the board, and returns it; both in milliseconds. */
uint16_t fgft_lease_grant(uint16_t asked);

/* The host was heard: the lease begins anew. */
void fgft_lease_renew(void);

#endif
