#ifndef HAUL_TEST_BATCH_H
#define HAUL_TEST_BATCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * Batches for what haul owes to the servers that it asks, and what the test server saw of them.
 *
 * No case relies on being fast. That something has not happened is shown by what would have had to
 * come first: a gate that is shut, a latch, an answer that asks for minutes. Times are lower bounds
 * only, and between moments of which one must follow the other.
 *
 * There is one list, in memory until end_list writes it.
 */

/* ---- the list ---- */

void begin_list(void);
void add(const char *url);

/* `count` URLs of the first origin that differ in their last parameter. */
void add_many(const char *path, int count);

/* Returns the path of its file. */
const char *end_list(void);

/* ---- URLs ---- */

/* Of the test server's other origin, and of one that refuses; refused ones differ by their `i`. */
const char *second_url(const char *path);
const char *refused_url(int i);

/* A gate stays open; each case, being a process, has one of its own: its name and its path. */
const char *gate_name(void);
const char *gate(void);

/* ---- runs ---- */

/* Options as on a command line, words with one blank between; then the path of the list. The report
 * is JSON Lines on standard output. */
struct it_run run(const char *options, const char *path);
struct it_process *start(const char *options, const char *path);

/* The same with more than arguments: `call` without its argv. */
struct it_process *start_call(struct it_call call, const char *options, const char *path);

/* A list of one URL, and its row. */
const json_t *run_one(const char *options, const char *url);

/* ---- rows ---- */

/* Each line that was read has its row, and one only. Returns the rows. */
const json_t *check_rows_read(const struct it_run *done);

/* And all lines were read, which is so unless the run was aborted. */
const json_t *check_rows(const struct it_run *done);

size_t count_verdicts(const json_t *rows, const char *verdict);

void check_attempts(const json_t *row, const char *verdict, json_int_t attempts);

/* ---- what the server saw ---- */

/* When the request of that number came; microseconds of the clock of it_now_ms. */
json_int_t arrival_us(const json_t *log, size_t number);

#endif
