#ifndef HAUL_TEST_FAKE_HISTORY_H
#define HAUL_TEST_FAKE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "history/store.h"
#include "summary/summary.h"

/*
 * Runs that never were, in a history of the test's own. What cannot be done fails the case.
 */

/* Checked fixtures: a temporary directory, and its end. */
void fake_begin(void);
void fake_end(void);

/* The history's name in there; there is no such file at first. */
const char *fake_path(void);

/* Removes the file of that name with `suffix`, if it is there. */
void fake_remove(const char *suffix);

/* What a run found at one URL. Of a failed one the reason is http-503. */
struct fake_row {
    const char *url;
    enum haul_outcome outcome;
    int64_t size; /* -1: unknown */
    const char *type, *etag;
};
struct haul_record fake_record(const struct fake_row *row, uint64_t seq);

/* Of three URLs: fetched, failed, fetched without size and type. */
extern const struct fake_row three[3];

/* The steps of a run, or all of them: a complete one. It began at second 1 and took 2. */
struct haul_store *fake_open(void);
void fake_start(struct haul_store *store);
void fake_add(struct haul_store *store, const struct fake_row *row, uint64_t seq);
void fake_finish(struct haul_store *store, bool complete);
void fake_run(struct haul_store *store, const struct fake_row *row, size_t count);

/* A store that is no history, and what a run of either amounts to; `out` is to be freed with
 * haul_summary_done. It has 3 workers and the exit status 75. */
struct haul_store *fake_open_private(void);
void fake_summary(struct haul_store *store, const char *group_by, struct haul_summary *out);

/* The first column of the first row; the text is valid until the next call. */
int64_t fake_number(struct haul_store *store, const char *sql);
const char *fake_text(struct haul_store *store, const char *sql);

#endif
