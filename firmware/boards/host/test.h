/* A small runner: each test is a function whose name is a sentence. */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name;
    void (*run)(void);
} test;

typedef struct {
    const char *name;
    const test *tests;
    size_t count;
} suite;

/* Macros, because only they know the text and the place of what they are given. */
#define TEST(function) {#function, function}
#define SUITE(name, tests) {name, tests, sizeof(tests) / sizeof *(tests)}
#define EXPECT(condition) expect(condition, #condition, __FILE__, __LINE__)
#define EXPECT_EQUAL(found, expected) expect_equal(found, expected, #found, __FILE__, __LINE__)

/* A failed expectation is printed and fails the running test, which goes on. */
void expect(bool holds, const char *condition, const char *file, int line);
void expect_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line);

#endif
