#ifndef HAUL_TEST_REAL_SITE_H
#define HAUL_TEST_REAL_SITE_H

#include "real_servers.h"

/*
 * The files that all makes of real_servers.h serve, and haul's runs over them: each body must have
 * the size and the SHA-256 of its file, so that nothing is cut, doubled or mixed up.
 */

/* The files have numbers: first small ones (the very first is empty), then large ones, then those
 * below /packed/, which is text that is worth compressing. */
enum {
    SITE_SMALL = 40,
    SITE_LARGE = 4,
    SITE_PACKED = 10,
    SITE_FILES = SITE_SMALL + SITE_LARGE + SITE_PACKED,
    SITE_FIRST_LARGE = SITE_SMALL,
    SITE_FIRST_PACKED = SITE_SMALL + SITE_LARGE
};

/* Unchecked fixtures: it_begin_server, the files and all makes that this system has; their end. */
void site_begin(void);
void site_end(void);

/* Was this make started? If not, that was said, and there is nothing to test. */
bool site_has(enum it_make make);

const char *site_root(void);

/* "/own/7.txt"; its size; its SHA-256 in hexadecimal digits. */
const char *site_path(int number);
long long site_size(int number);
const char *site_sha256(int number);

/* A list of the origin's files (from number `first`, so many), in a file. Returns its name. */
const char *site_list(const char *origin, int first, int count);

/*
 * Runs haul with JSON Lines in the order of the input, the server's authority, one attempt for each
 * URL (--retry 0: what a server may do needs no second one), SHA-256, and `argv`.
 */
struct it_run site_run(const char *const *argv);
#define SITE_RUN(...) site_run(IT_ARGS(__VA_ARGS__))

/* The row is ok, verified, and the body is that of the file. */
void site_check(const json_t *row, int number);

/* The run was for `count` files from `first` on, and all of them are well; returns its rows. */
const json_t *site_check_all(const struct it_run *run, int first, int count);

/* The connections that these rows have made. */
json_int_t site_connections(const json_t *rows);

/* One URL; the only row. `options` ends with NULL. */
const json_t *site_fetch(const char *url, const char *const *options);

#endif
