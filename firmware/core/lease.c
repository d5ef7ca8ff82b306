#include "lease.h"

#include "fgft.h"
#include "port.h"
#include "transaction.h"

static uint32_t granted_us;
static uint32_t renewed_us; /* when, on the port's clock */

uint16_t fgft_lease_grant(uint16_t asked) {
    uint16_t granted = asked;
    if (granted < FGFT_PORT_LEASE_MIN_MS) granted = FGFT_PORT_LEASE_MIN_MS;
    if (granted > FGFT_PORT_LEASE_MAX_MS) granted = FGFT_PORT_LEASE_MAX_MS;
    granted_us = granted * (uint32_t)1000;
    return granted;
}

void fgft_lease_renew(void) {
    renewed_us = fgft_port_now_us();
}

uint32_t fgft_check_lease(void) {
    if (!fgft_transactions_any_open()) return FGFT_IDLE;
    uint32_t silent_us = fgft_port_now_us() - renewed_us;
    if (silent_us < granted_us) return granted_us - silent_us;
    fgft_transactions_abandon(FGFT_END_LEASE_EXPIRED);
    return FGFT_IDLE;
}

void fgft_link_lost(void) {
    fgft_transactions_abandon(FGFT_END_LINK_LOST);
}
