/*
 * Replays test/firmware/vectors.json and serial-vectors.json, in the text form that vectors-to-text.ts makes of them:
 * what the firmware answers must be what the vectors say, byte for byte.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "bytes.h"
#include "fgft.h"
#include "line.h"
#include "port.h"

enum { LINE_MAX_LENGTH = 16384 };

static FILE *text;
static int line_number;
static char line[LINE_MAX_LENGTH];
static uint32_t epoch;

static _Noreturn void stop(const char *what) {
    fprintf(stderr, "line %d: %s: %s\n", line_number, what, line);
    exit(EXIT_FAILURE);
}

/* The words behind the first, one at a time. */
static const char *next_word(void) {
    const char *word = strtok(NULL, " ");
    if (word == NULL) stop("a word is missing");
    return word;
}

static uint32_t next_number(void) {
    char *end;
    errno = 0;
    unsigned long number = strtoul(next_word(), &end, 0);
    if (errno != 0 || *end != '\0' || number > UINT32_MAX) stop("not a number");
    return (uint32_t)number;
}

static bus_behaviour next_behaviour(void) {
    static const char *const names[] = {
        [BUS_MEMORY] = "memory", [BUS_IGNORES] = "ignores", [BUS_CLEARS] = "clears", [BUS_WRITE_ONLY] = "write-only",
        [BUS_FIFO] = "fifo",     [BUS_READY] = "ready",     [BUS_FAULTS] = "faults",
    };
    const char *word = next_word();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(word, names[i]) == 0) return (bus_behaviour)i;
    }
    stop("no such behaviour");
}

static uint16_t next_bytes(uint8_t *bytes, size_t most) {
    const char *digits = next_word();
    if (strcmp(digits, "-") == 0) return 0;
    size_t count = strlen(digits) / 2;
    if (strlen(digits) % 2 != 0 || count > most) stop("not so many bytes");
    for (size_t i = 0; i < count; i++) {
        unsigned int byte;
        if (sscanf(digits + 2 * i, "%2x", &byte) != 1) stop("not hexadecimal");
        bytes[i] = (uint8_t)byte;
    }
    return (uint16_t)count;
}

static void print_bytes(const char *what, const uint8_t *bytes, size_t count) {
    printf("    %s ", what);
    for (size_t i = 0; i < count; i++) printf("%02x", bytes[i]);
    putchar('\n');
}

static bool told(bool same, const char *name) {
    printf("  %s %s\n", same ? "ok" : "FAILED", name);
    return same;
}

/* exchange <request> <answer> <name…>, or elsewhere, over another link than that of the session */
static bool exchange(fgft_answer (*take)(const uint8_t *, uint16_t)) {
    static uint8_t request[2 * FGFT_PORT_FRAME_MAX], expected[FGFT_PORT_FRAME_MAX];
    uint16_t request_length = next_bytes(request, sizeof request);
    uint16_t expected_length = next_bytes(expected, sizeof expected);
    const char *name = strtok(NULL, "");
    uint8_t *copy = malloc(request_length); /* exactly as long, so that reading beyond it is noticed */
    if (copy == NULL) stop("no memory");
    memcpy(copy, request, request_length);
    fgft_answer answer = take(copy, request_length);
    free(copy);
    bool same = told(answer.length == expected_length && memcmp(answer.bytes, expected, expected_length) == 0, name);
    if (!same) {
        print_bytes("request ", request, request_length);
        print_bytes("expected", expected, expected_length);
        print_bytes("found   ", answer.bytes, answer.length);
    }
    return same;
}

/* encode <packet> <line> <name…> */
static bool encode(void) {
    static uint8_t packet[FGFT_PORT_FRAME_MAX], expected[2 * FGFT_PORT_FRAME_MAX], found[2 * FGFT_PORT_FRAME_MAX];
    uint16_t length = next_bytes(packet, sizeof packet);
    uint16_t expected_length = next_bytes(expected, sizeof expected);
    size_t found_length = line_encode(packet, length, found);
    line_output output = line_receive(expected, expected_length);
    bool made = found_length == expected_length && memcmp(found, expected, found_length) == 0;
    bool taken = output.packets == 1 && output.total == length && memcmp(output.bytes, packet, length) == 0;
    return told(made && taken, strtok(NULL, ""));
}

/* receive <line> <dropped> <packets> <packet>… <name…> */
static bool receive(void) {
    static uint8_t bytes[LINE_BYTES], packet[FGFT_PORT_FRAME_MAX];
    uint16_t length = next_bytes(bytes, sizeof bytes);
    line_output output = line_receive(bytes, length);
    bool same = output.dropped == next_number();
    uint32_t packets = next_number();
    same = same && output.packets == packets;
    const uint8_t *found = output.bytes;
    for (uint32_t i = 0; i < packets; i++) {
        uint16_t expected = next_bytes(packet, sizeof packet);
        same = same && output.lengths[i] == expected && memcmp(found, packet, expected) == 0;
        found += expected;
    }
    return told(same, strtok(NULL, ""));
}

/* resync <frame run before, or -> <line> <line of the answer> <name…> */
static bool resync(void) {
    static uint8_t before[FGFT_PORT_FRAME_MAX], request[64], expected[64], found[64];
    uint8_t answer[FGFT_RESYNC_ANSWER_BYTES];
    uint16_t before_length = next_bytes(before, sizeof before);
    uint16_t request_length = next_bytes(request, sizeof request);
    uint16_t expected_length = next_bytes(expected, sizeof expected);
    fgft_init(&(fgft_boot_record){.epoch = epoch});
    if (before_length > 0) fgft_serial_execute(before, before_length);
    line_output output = line_receive(request, request_length);
    fgft_serial_resync_answer(answer, output.nonce);
    bool asked = output.resyncs == 1 && output.dropped == 0;
    bool same = asked && line_encode(answer, sizeof answer, found) == expected_length;
    return told(same && memcmp(found, expected, expected_length) == 0, strtok(NULL, ""));
}

static bool register_holds(uint32_t address, uint32_t expected) {
    uint32_t found = bus_peek(address);
    if (found != expected)
        printf("  FAILED %08" PRIx32 " holds %08" PRIx32 ", not %08" PRIx32 "\n", address, found, expected);
    return found == expected;
}

static void begin_conversation(void) {
    bus_reset();
    fgft_init(&(fgft_boot_record){.epoch = epoch, .reset_cause = FGFT_RESET_PIN});
    printf("%s\n", strtok(NULL, ""));
}

/* Whether there is something in the line that can fail. */
static bool checks(const char *of) {
    static const char *const words[] = {"exchange ", "elsewhere ", "expect ", "encode ", "receive ", "resync "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strncmp(of, words[i], strlen(words[i])) == 0) return true;
    }
    return false;
}

/* Does what the line says; false if that did not go as expected. */
static bool do_line(void) {
    const char *what = strtok(line, " ");
    if (strcmp(what, "epoch") == 0) {
        epoch = next_number();
    } else if (strcmp(what, "conversation") == 0) {
        begin_conversation();
    } else if (strcmp(what, "exchange") == 0) {
        return exchange(fgft_execute);
    } else if (strcmp(what, "elsewhere") == 0) {
        return exchange(fgft_refuse_busy);
    } else if (strcmp(what, "encode") == 0) {
        return encode();
    } else if (strcmp(what, "receive") == 0) {
        return receive();
    } else if (strcmp(what, "resync") == 0) {
        return resync();
    } else if (strcmp(what, "expect") == 0) {
        uint32_t address = next_number();
        return register_holds(address, next_number());
    } else if (strcmp(what, "poke") == 0) {
        uint32_t address = next_number();
        bus_poke(address, next_number());
    } else if (strcmp(what, "behave") == 0) {
        uint32_t address = next_number();
        bus_behaviour behaviour = next_behaviour();
        uint32_t bits = next_number();
        bus_behave(address, behaviour, bits, next_number());
    } else if (strcmp(what, "clock") == 0) {
        bus_clock_step(next_number());
    } else if (strcmp(what, "pass") == 0) {
        bus_pass(next_number());
    } else if (strcmp(what, "interrupt") == 0) {
        bus_interrupt_after(next_number());
    } else if (strcmp(what, "check-lease") == 0) {
        fgft_check_lease();
    } else if (strcmp(what, "link-lost") == 0) {
        fgft_link_lost();
    } else {
        stop("no such step");
    }
    return true;
}

int main(int count, char **arguments) {
    int passed = 0;
    int failed = 0;
    if (count != 2 || (text = fopen(arguments[1], "r")) == NULL) {
        fprintf(stderr, "usage: vectors FILE\n");
        return EXIT_FAILURE;
    }
    while (fgets(line, sizeof line, text) != NULL) {
        line_number++;
        line[strcspn(line, "\n")] = '\0';
        bool counts = checks(line);
        bool right = do_line();
        if (!right) {
            failed++;
        } else if (counts) {
            passed++;
        }
    }
    fclose(text);
    printf("vectors: %d passed, %d failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
