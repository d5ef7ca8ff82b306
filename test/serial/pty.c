/*
 * A serial port that is made of software: opens a pair of pseudo-terminals, prints the path of the one that programs open, and carries
 * bytes between the other and stdin and stdout. Ends with stdin; then the port hangs up.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

enum { PIECE = 4096, PATH_BYTES = 128 };

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* What the terminal does not take is lost, as on a wire that nobody reads. */
static void put_on_wire(int master, const char *bytes, ssize_t count) {
    while (count > 0) {
        ssize_t written = write(master, bytes, (size_t)count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) return;
        if (written < 0) fail("pty: write to the terminal");
        bytes += written;
        count -= written;
    }
}

static void tell(const char *bytes, ssize_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, (size_t)count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("pty: write to stdout");
        bytes += written;
        count -= written;
    }
}

/* false: there will be no more. */
static bool take(int from, char *piece, ssize_t *count) {
    *count = read(from, piece, PIECE);
    if (*count < 0 && (errno == EINTR || errno == EAGAIN)) *count = 0;
    else if (*count <= 0) return false;
    return true;
}

int main(void) {
    int master;
    int slave; /* stays open: without anybody who has it open, reading the master fails */
    char path[PATH_BYTES];
    struct termios raw;
    if (openpty(&master, &slave, path, NULL, NULL) != 0) fail("pty: openpty");
    if (tcgetattr(slave, &raw) != 0) fail("pty: tcgetattr");
    cfmakeraw(&raw);
    if (tcsetattr(slave, TCSANOW, &raw) != 0) fail("pty: tcsetattr");
    if (fcntl(master, F_SETFL, O_NONBLOCK) != 0) fail("pty: fcntl");
    printf("%s\n", path);
    fflush(stdout);

    struct pollfd ends[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = master, .events = POLLIN}};
    for (;;) {
        char piece[PIECE];
        ssize_t count;
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR) continue;
            fail("pty: poll");
        }
        if (ends[0].revents != 0) {
            if (!take(STDIN_FILENO, piece, &count)) return 0;
            put_on_wire(master, piece, count);
        }
        if (ends[1].revents != 0) {
            if (!take(master, piece, &count)) return 0;
            tell(piece, count);
        }
    }
}
