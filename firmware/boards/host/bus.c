#include "bus.h"

#include "chips.h"
#include "interrupts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 4, WORDS = BUS_BLOCK_SIZE / 4, LOG_MAX = 4096 };

typedef struct {
    uint32_t value;
    uint32_t bits;
    uint32_t after;
    bus_behaviour behaviour;
} reg;

static reg registers[BLOCKS][WORDS];
static bus_access log_entries[LOG_MAX];
static size_t log_length, stores;
static uint32_t now, clock_step, waits, interrupt_at;
static bool interrupt_armed, fault;

static const uint32_t bases[BLOCKS] = {BUS_ALIASED, BUS_PLAIN, BUS_PARTIAL, BUS_READ_ONLY};

/* An access that the allow-list should have stopped is the worst thing the firmware can do. */
static _Noreturn void trespass(const char *what, uint32_t address, uint8_t width) {
    fprintf(stderr, "trespass: %s of %d bytes at %08x\n", what, 1 << width, address);
    abort();
}

static reg *find(uint32_t address) {
    for (int block = 0; block < BLOCKS; block++) {
        if (address - bases[block] < BUS_BLOCK_SIZE) return &registers[block][(address - bases[block]) / 4];
    }
    return NULL;
}

static bool only_words(uint32_t address) {
    return address - BUS_PLAIN >= BUS_BLOCK_SIZE;
}

static void note(uint32_t address, uint8_t width, uint32_t value, bool write) {
    if (log_length < LOG_MAX) log_entries[log_length] = (bus_access){address, value, width, write};
    log_length++;
    stores += write;
}

void bus_reset(void) {
    memset(registers, 0, sizeof registers);
    bus_clear_log();
    now = clock_step = waits = 0;
    fault = interrupt_armed = false;
    chips_reset();
    interrupts_reset();
}

void bus_behave(uint32_t address, bus_behaviour behaviour, uint32_t bits, uint32_t after) {
    reg *r = find(address);
    r->behaviour = behaviour;
    r->bits = bits;
    r->after = after;
}

bus_behaviour bus_behaviour_of(uint32_t address) {
    return find(address)->behaviour;
}

uint32_t bus_peek(uint32_t address) {
    return find(address)->value;
}

void bus_poke(uint32_t address, uint32_t value) {
    find(address)->value = value;
}

void bus_clear_log(void) {
    log_length = stores = 0;
}

size_t bus_log_length(void) {
    return log_length;
}

size_t bus_stores(void) {
    return stores;
}

bus_access bus_logged(size_t index) {
    if (index >= log_length || index >= LOG_MAX) abort();
    return log_entries[index];
}

bus_access bus_stored(size_t index) {
    for (size_t i = 0;; i++) {
        if (bus_logged(i).write && index-- == 0) return bus_logged(i);
    }
}

/* The bits of the word that an access of this width means, shifted to where they are. */
static uint32_t lanes(uint32_t address, uint8_t width) {
    return UINT32_MAX >> (32 - (8 << width)) << (address % 4 * 8);
}

static uint32_t read_word(reg *r) {
    switch (r->behaviour) {
    case BUS_WRITE_ONLY: return 0xbadbad00;
    case BUS_FIFO: return ++r->value;
    case BUS_READY:
        if (r->after > 0) r->after--;
        return r->after > 0 ? r->value & ~r->bits : r->value | r->bits;
    case BUS_FAULTS: fault = true; return 0xfa017fa0;
    default: return r->value;
    }
}

static void write_word(reg *r, uint32_t value) {
    switch (r->behaviour) {
    case BUS_IGNORES: r->value = (r->value & r->bits) | (value & ~r->bits); break;
    case BUS_CLEARS: r->value &= ~value; break;
    case BUS_FAULTS: fault = true; break;
    default: r->value = value;
    }
}

uint32_t bus_read(uint32_t address, uint8_t width) {
    reg *r = find(address);
    if (r == NULL || address % (1U << width) || (width != 2 && only_words(address))) trespass("load", address, width);
    uint32_t mask = lanes(address, width);
    uint32_t value = (read_word(r) & mask) >> (address % 4 * 8);
    note(address, width, value, false);
    return value;
}

void bus_write(uint32_t address, uint8_t width, uint32_t value) {
    bool toggles = address - BUS_TOGGLE_OFFSET - BUS_ALIASED < BUS_BLOCK_SIZE;
    reg *r = find(toggles ? address - BUS_TOGGLE_OFFSET : address);
    if (r == NULL || address % (1U << width) || (width != 2 && only_words(address)) ||
        address - BUS_READ_ONLY < BUS_BLOCK_SIZE) {
        trespass("store", address, width);
    }
    note(address, width, value, true);
    uint32_t mask = lanes(address, width);
    uint32_t placed = value << (address % 4 * 8);
    if (toggles) {
        write_word(r, r->value ^ value);
    } else {
        write_word(r, (r->value & ~mask) | (placed & mask));
    }
    interrupts_stored((toggles ? address - BUS_TOGGLE_OFFSET : address) & ~3U);
}

bool bus_take_fault(void) {
    bool taken = fault;
    fault = false;
    return taken;
}

void bus_clock_step(uint32_t step) {
    clock_step = step;
}

void bus_pass(uint32_t us) {
    now += us;
}

uint32_t bus_now_us(void) {
    now += clock_step;
    return now;
}

void bus_interrupt_after(uint32_t after) {
    interrupt_armed = true;
    interrupt_at = waits + after;
}

bool bus_interrupted(void) {
    return interrupt_armed && waits >= interrupt_at;
}

uint32_t bus_waits(void) {
    return waits;
}

void bus_wait(void) {
    waits++;
}
