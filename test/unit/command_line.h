#ifndef HAUL_TEST_COMMAND_LINE_H
#define HAUL_TEST_COMMAND_LINE_H

#include <check.h>

#include "cli/options.h"

enum { ARGS_MAX = 16 };

/* A command line in memory that may be written to, as argv is, and what comes of it. */
struct parsed {
    char *argv[ARGS_MAX + 1];
    int argc;
    struct haul_config config;
    struct haul_options_result result;
    struct haul_buf message;
    enum haul_err err;
};

/* Parses "haul ARGS", which NULL ends; to be freed with parsed_done, whatever comes of it. */
void parse(struct parsed *parsed, const char *const *args);
void parsed_done(struct parsed *parsed);

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define PARSE_OK(parsed, ...)                                                                      \
    do {                                                                                           \
        parse(parsed, ARGS(__VA_ARGS__));                                                          \
        ck_assert_msg((parsed)->err == HAUL_OK, "%s", haul_buf_str(&(parsed)->message));           \
        ck_assert_str_eq(haul_buf_str(&(parsed)->message), "");                                    \
    } while (0)

#endif
