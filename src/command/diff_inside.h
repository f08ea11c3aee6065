#ifndef HAUL_COMMAND_DIFF_INSIDE_H
#define HAUL_COMMAND_DIFF_INSIDE_H

#include "command/text_table.h"
#include "history/diff.h"
#include "history/store.h"

/* What the parts of `haul diff` share (diff.c, diff_text.c); nobody else's business. */

/* One of the two runs. */
struct haul_diff_side {
    struct haul_buf name;        /* the journal, or FILE@N; not escaped */
    int64_t started_us;          /* 0: not known */
    int64_t size, count, failed; /* of its pages; set before anything is told */
    int64_t wire;                /* what they take on the wire; -1: not known of any */
};

struct haul_diff {
    const struct haul_config *config;
    struct haul_store *store;
    struct haul_text_table table;
    struct haul_buf title; /* of the run, or what it is of; not escaped */
    uint64_t count[HAUL_CHANGE_COUNT];
    uint64_t changes;
    uint64_t minor; /* others, that are none by --change-min and --ignore-change */
    struct haul_diff_totals gain;
    struct haul_diff_side before, now;
    const char *hole; /* that one of the two has no URL, or NULL */
};

/* Columns of rows, and what stands behind them for people: whether the difference is known. */
enum {
    HAUL_DIFF_GROUP_COLUMNS = 10,
    HAUL_DIFF_CHANGE_COLUMNS = 12,
};

/* Changes, largest first, with these columns: change (enum haul_change), url, before, after, delta,
 * type_before, type_after, reason_before, reason_after, wire_before, wire_after, wire_delta. */
HAUL_MUST_USE enum haul_err haul_diff_prepare_changes(struct haul_diff *d, sqlite3_stmt **query);

/* Groups, the largest difference first: group, count_before, count_after, changes, size_before,
 * size_after, delta, wire_before, wire_after, wire_delta. */
HAUL_MUST_USE enum haul_err haul_diff_prepare_groups(struct haul_diff *d, sqlite3_stmt **query);

/* Appends all of it as text or Markdown to the table's line. */
HAUL_MUST_USE enum haul_err haul_diff_write_text(struct haul_diff *d);

#endif
