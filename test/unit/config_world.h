#ifndef HAUL_TEST_CONFIG_WORLD_H
#define HAUL_TEST_CONFIG_WORLD_H

#include <check.h>
#include <sys/types.h>

#include "cli/options.h"

enum { ARGS_MAX = 16 };

/* A run's command line, environment and configuration file, and what comes of them. */
struct world {
    char directory[32];
    char file[64];
    struct haul_config config;
    struct haul_options_result result;
    struct haul_buf message;
    enum haul_err err;
};

/* Makes its directory; and removes it with the file. */
void world_init(struct world *w);
void world_done(struct world *w);

void write_file(const char *path, const char *text, mode_t mode);

/* "haul --config FILE ARGS", with FILE left out where `file` is NULL; it is the file's text. */
void parse(struct world *w, const char *file, const char *const *environment,
           const char *const *args);

/* Reads a file that is in memory, and nothing else. */
void read_text(struct world *w, const char *text, size_t len);

void check_contains(const struct haul_buf *text, const char *part);

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
