#include "lease.h"

#include "fgft.h"
#include "port.h"
#include "transaction.h"

static fgft_port_lease granted;
static fgft_port_lease renewed; /* when */

uint16_t fgft_lease_grant(uint16_t asked) {
    uint16_t ms = asked;
    if (ms < FGFT_PORT_LEASE_MIN_MS) ms = FGFT_PORT_LEASE_MIN_MS;
    if (ms > FGFT_PORT_LEASE_MAX_MS) ms = FGFT_PORT_LEASE_MAX_MS;
    granted = fgft_port_lease_of(ms);
    return ms;
}

void fgft_lease_renew(void) {
    renewed = fgft_port_lease_now();
}

uint32_t fgft_check_lease(void) {
    if (!fgft_transactions_any_open()) return FGFT_IDLE;
    fgft_port_lease silent = (fgft_port_lease)(fgft_port_lease_now() - renewed);
    if (silent < granted) return (fgft_port_lease)(granted - silent);
    fgft_transactions_abandon(FGFT_END_LEASE_EXPIRED);
    return FGFT_IDLE;
}

void fgft_link_lost(void) {
    fgft_transactions_abandon(FGFT_END_LINK_LOST);
}
