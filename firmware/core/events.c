/*
 * An event is noted by the interrupt handler, at the moment of the interrupt: what, when, and which transaction holds the
 * peripheral. The main loop takes events out, and says what became of them when a transaction ends. The handler is the
 * only one who appends to the ring, the main loop the only one who removes; what both change otherwise, the main loop
 * changes with interrupts off.
 *
 * Interrupts of edges are cleared by the handler. Those of levels stay until the host has done something about them: they
 * are told once, their line is off meanwhile, and looked at again when the host has the event and may have acted on it.
 */
#include "events.h"

#include "bytes.h"
#include "report.h"

/* Arrays have one element at least; on a board without events nothing refers to them. */
enum {
    RING = FGFT_HAS_EVENTS ? FGFT_PORT_EVENTS : 1,
    WATCHES = FGFT_HAS_EVENTS ? (FGFT_PORT_EVENTS + 1) / 2 : 1,
    LINES = 32,
};

typedef struct {
    uint32_t us;
    fgft_port_register what; /* 0: it belonged to a transaction that was rolled back */
    uint16_t number;
    uint8_t peripheral;
    uint8_t transaction;
} event;

typedef struct {
    fgft_port_address address;
    fgft_port_register mask; /* 0: this place is free */
    fgft_port_register told; /* levels that the host has been told of, and has not yet seen to */
    uint32_t told_us;
    uint8_t told_until; /* they are in no event behind this one; a count of `appended` */
    uint8_t peripheral;
    uint8_t width;
    uint8_t line;
} watch;

/* Volatile, so that an event is whole when it is counted, and read before it is counted out. */
static volatile event ring[RING];
static volatile uint8_t appended, removed; /* running counts; their difference is what waits */
static volatile uint16_t raised;           /* events since the session began, lost ones included */
static watch watches[WATCHES];
static volatile uint32_t lines;            /* that may interrupt, one bit each */
static volatile bool any_off;              /* a line that is watched may not, because its interrupt stays */
static volatile bool overrun;              /* a line was turned off because the ring was full */
static bool served;                        /* the host has run something since it has last got an event */
static bool poked;                         /* since the host has last looked */
static uint32_t poked_us;

static bool is_full(void) {
    return (uint8_t)(appended - removed) == RING;
}

static void append(uint8_t peripheral, fgft_port_register what) {
    const fgft_definition *definition = fgft_definition_find(peripheral);
    uint16_t number = raised;
    raised = (uint16_t)(number + 1);
    if (is_full()) return; /* the gap in the numbers tells */
    ring[appended % RING] = (event){
        .us = fgft_port_now_us(),
        .what = what,
        .number = number,
        .peripheral = peripheral,
        .transaction = definition == NULL ? 0 : definition->holder,
    };
    appended = (uint8_t)(appended + 1);
}

static fgft_port_register pending(const watch *each, fgft_port_register mask) {
    return (fgft_port_register)(fgft_port_event_pending(each->address, each->width) & mask);
}

/* Notes what is new at a watched register. Returns whether anything is. */
static bool note(watch *each) {
    fgft_port_register what = pending(each, (fgft_port_register)(each->mask & ~each->told));
    if (what == 0) return false;
    fgft_port_register edges = fgft_port_event_clear(each->address, each->width, what);
    fgft_port_register levels = (fgft_port_register)(what & ~edges);
    append(each->peripheral, what);
    if (levels != 0) {
        each->told = (fgft_port_register)(each->told | levels);
        each->told_until = appended;
        each->told_us = fgft_port_now_us();
    }
    return true;
}

bool fgft_interrupt(uint8_t line) {
    bool any = false;
    bool stays = false;
    if (!FGFT_HAS_EVENTS) return false;
    for (watch *each = watches; each < watches + WATCHES; each++) {
        if (each->mask == 0 || each->line != line) continue;
        if (note(each)) any = true;
        if (each->told != 0) stays = true;
    }
    /* What is left is watched by nobody, or has been told: it would interrupt for ever. And while there is no room, a pin
       that moves all the time must not keep the main loop from making some. */
    if (is_full()) overrun = true;
    if (!any || stays || is_full()) {
        lines &= ~((uint32_t)1 << line);
        any_off = true;
        fgft_port_event_arm(lines);
    }
    return any;
}

void fgft_events_catch_up(void) {
    if (!FGFT_HAS_EVENTS || !any_off) return;
    fgft_port_interrupts_off();
    for (watch *each = watches; each < watches + WATCHES; each++) {
        if (each->mask != 0 && (lines >> each->line & 1) == 0) note(each);
    }
    fgft_port_interrupts_on();
}

/* Lines are on that are watched, and no others. */
static void arm(void) {
    uint32_t watched = 0;
    for (const watch *each = watches; each < watches + WATCHES; each++) {
        if (each->mask != 0) watched |= (uint32_t)1 << each->line;
    }
    lines = watched;
    any_off = false;
    fgft_port_event_arm(watched);
}

static watch *find(uint8_t peripheral, fgft_port_address address) {
    watch *free = NULL;
    for (watch *each = watches; each < watches + WATCHES; each++) {
        if (each->mask == 0) {
            free = each;
        } else if (each->peripheral == peripheral && each->address == address) {
            return each;
        }
    }
    return free;
}

uint8_t fgft_watch(uint8_t peripheral, fgft_port_address address, uint8_t width, fgft_port_register mask) {
    uint8_t line = fgft_port_event_line(address, mask);
    if (line >= LINES && mask != 0) return FGFT_STATUS_NOT_ALLOWED;
    watch *place = find(peripheral, address);
    if (place == NULL) return mask == 0 ? FGFT_STATUS_OK : fgft_fail(FGFT_STATUS_WATCHES_FULL, WATCHES, 0);
    fgft_port_interrupts_off();
    /* What was latched before anybody watched is no event of his. */
    fgft_port_event_clear(address, width, (fgft_port_register)(mask & ~place->mask));
    *place = (watch){.address = address, .mask = mask, .peripheral = peripheral, .width = width, .line = line};
    arm();
    fgft_port_interrupts_on();
    return FGFT_STATUS_OK;
}

void fgft_events_unwatch(uint8_t peripheral) {
    if (!FGFT_HAS_EVENTS) return;
    for (watch *each = watches; each < watches + WATCHES; each++) {
        if (each->peripheral == peripheral) each->mask = 0;
    }
}

void fgft_events_forget(void) {
    if (!FGFT_HAS_EVENTS) return;
    fgft_port_interrupts_off();
    memset(watches, 0, sizeof watches);
    arm();
    removed = appended;
    raised = 0;
    overrun = false;
    poked = false;
    fgft_port_interrupts_on();
}

void fgft_events_end(uint8_t transaction, bool committed) {
    if (!FGFT_HAS_EVENTS) return;
    /* What is appended meanwhile is of no transaction that has ended. */
    for (uint8_t i = removed; i != appended; i = (uint8_t)(i + 1)) {
        volatile event *each = &ring[i % RING];
        if (each->transaction != transaction) continue;
        each->transaction = 0;
        if (!committed) each->what = 0;
    }
}

void fgft_events_served(void) {
    if (FGFT_HAS_EVENTS) served = true;
}

/* Levels of which the host has the event are looked at again when it may have acted on it, or for good measure after a
   while. So is a line that was turned off, when there is room: an interrupt that stays must not keep back the others of
   its line. */
static void look_again(void) {
    if (!any_off || is_full()) return; /* where a level was told, its line is off */
    uint32_t now = fgft_port_now_us();
    bool left = false;
    fgft_port_interrupts_off();
    for (watch *each = watches; each < watches + WATCHES; each++) {
        if (each->mask != 0 && pending(each, (fgft_port_register)(each->mask & ~each->told)) != 0) left = true;
        if (each->told == 0) continue;
        bool has = (int8_t)(removed - each->told_until) >= 0;
        bool due = has && (served || now - each->told_us >= FGFT_LIMIT_POKE_AGAIN_US);
        each->told = due ? 0 : pending(each, each->told); /* what has gone may come back */
    }
    /* A register tells that there were edges, not how many: one that could not be noted counts as lost. */
    if (overrun && left) raised = (uint16_t)(raised + 1);
    overrun = false;
    arm();
    fgft_port_interrupts_on();
}

uint8_t fgft_events_count(void) {
    look_again();
    return (uint8_t)(appended - removed);
}

uint16_t fgft_events_next(void) {
    fgft_port_interrupts_off();
    uint16_t next = removed == appended ? raised : ring[removed % RING].number;
    fgft_port_interrupts_on();
    return next;
}

void fgft_events_take(uint8_t *at, uint8_t count) {
    if (count > 0) served = false;
    for (; count > 0; count--, at += FGFT_SIZE_EVENT) {
        const volatile event *oldest = &ring[removed % RING];
        at[0] = oldest->peripheral;
        at[1] = oldest->transaction;
        fgft_put16(at + 2, oldest->number);
        fgft_put32(at + 4, oldest->what);
        fgft_put32(at + 8, oldest->us);
        removed = (uint8_t)(removed + 1);
    }
    poked = false;
}

bool fgft_events_poke_due(void) {
    if (!FGFT_HAS_EVENTS) return false;
    look_again();
    uint32_t now = fgft_port_now_us();
    if (appended == removed || (poked && now - poked_us < FGFT_LIMIT_POKE_AGAIN_US)) return false;
    poked = true;
    poked_us = now;
    return true;
}
